import {
  admit,
  type Breaker,
  type BreakerSettings,
  closedBreaker,
  settle,
} from '../core/breaker.ts';
import type { ProfileCache } from '../ports/profile-cache.ts';
import { BreakerOpen } from './guarded-stream.ts';
import { within } from './within.ts';

/** A cache behind the circuit breaker of this process: it costs at most so long, and not each time. */
export interface GuardedCache extends ProfileCache {
  readonly breaker: () => Breaker;
}

export const CACHE_BREAKER: BreakerSettings = { failuresMax: 3, openMs: 2_000, probeMs: 5_000 };

/** A reader goes on to the table, which answers in little more. */
export const READ_CACHE = { timeoutMs: 100 };
/** A batch of `project` has the next one behind it. */
export const WRITE_CACHE = { timeoutMs: 2_000 };

export const guardedCache = (
  cache: ProfileCache,
  { now, timeoutMs }: { readonly now: () => number; readonly timeoutMs: number },
  settings: BreakerSettings = CACHE_BREAKER,
): GuardedCache => {
  let breaker = closedBreaker;
  const guarded = async <T>(call: () => Promise<T>): Promise<T> => {
    const admission = admit(breaker, settings, now());
    breaker = admission.breaker;
    const { ticket } = admission;
    if (ticket === undefined) throw new BreakerOpen('the cache failed lately and is left alone');
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
  };
  return {
    breaker: () => breaker,
    read: (origins) => guarded(() => cache.read(origins)),
    write: (changes) => guarded(() => cache.write(changes)),
  };
};
