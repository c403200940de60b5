import {
  admit,
  type Breaker,
  type BreakerSettings,
  closedBreaker,
  settle,
} from '../core/breaker.ts';
import type { EventStream } from '../ports/event-stream.ts';

/** A stream behind the circuit breaker of this process. */
export interface GuardedStream extends EventStream {
  readonly breaker: () => Breaker;
}

export class BreakerOpen extends Error {
  override readonly name = 'BreakerOpen';
}

export const isBreakerOpen = (fault: unknown): boolean => fault instanceof BreakerOpen;

/** A probe takes one put; its client gives up well before the probe counts as lost. */
export const STREAM_BREAKER: BreakerSettings = { failuresMax: 5, openMs: 5_000, probeMs: 10_000 };

/** A call that stored nothing is a failure; one that stored a part shows a stream that is there. */
export const guardedStream = (
  stream: EventStream,
  now: () => number,
  settings: BreakerSettings = STREAM_BREAKER,
): GuardedStream => {
  let breaker = closedBreaker;
  return {
    breaker: () => breaker,
    put: async (records) => {
      const admission = admit(breaker, settings, now());
      breaker = admission.breaker;
      const { ticket } = admission;
      if (ticket === undefined) throw new BreakerOpen('the stream failed lately and is left alone');
      const settled = (ok: boolean): void => {
        breaker = settle(breaker, settings, { ticket, ok, nowMs: now() });
      };
      try {
        const outcomes = await stream.put(records);
        settled(outcomes.includes('stored'));
        return outcomes;
      } catch (fault) {
        settled(false);
        throw fault;
      }
    },
  };
};
