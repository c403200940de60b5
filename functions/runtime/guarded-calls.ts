import {
  admit,
  type Breaker,
  type BreakerSettings,
  closedBreaker,
  settle,
} from '../core/breaker.ts';
import { BreakerOpen } from './guarded-stream.ts';
import { within } from './within.ts';

export interface GuardedCalls {
  readonly breaker: () => Breaker;
  readonly call: <T>(call: () => Promise<T>) => Promise<T>;
}

/** Calls to one thing behind one circuit breaker: it costs at most so long, and not each time. */
export const guardedCalls = (
  what: string,
  { now, timeoutMs }: { readonly now: () => number; readonly timeoutMs: number },
  settings: BreakerSettings,
): GuardedCalls => {
  let breaker = closedBreaker;
  return {
    breaker: () => breaker,
    call: async (call) => {
      const admission = admit(breaker, settings, now());
      breaker = admission.breaker;
      const { ticket } = admission;
      if (ticket === undefined) throw new BreakerOpen(`${what} failed lately and is left alone`);
      const settled = (ok: boolean): void => {
        breaker = settle(breaker, settings, { ticket, ok, nowMs: now() });
      };
      try {
        const answer = await within(timeoutMs, call());
        settled(true);
        return answer;
      } catch (fault) {
        settled(false);
        throw fault;
      }
    },
  };
};
