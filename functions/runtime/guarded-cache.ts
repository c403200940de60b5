import type { Breaker, BreakerSettings } from '../core/breaker.ts';
import type { LearntVersions } from '../ports/learnt-versions.ts';
import type { PairDeltas } from '../ports/pair-deltas.ts';
import type { ProfileCache } from '../ports/profile-cache.ts';
import type { TopItems } from '../ports/top-items.ts';
import { type GuardedCalls, guardedCalls } from './guarded-calls.ts';

/** A cache behind the circuit breaker of this process. */
export interface GuardedCache extends ProfileCache {
  readonly breaker: () => Breaker;
}

export const CACHE_BREAKER: BreakerSettings = { failuresMax: 3, openMs: 2_000, probeMs: 5_000 };

/** A reader goes on to the table, which answers in little more. */
export const READ_CACHE = { timeoutMs: 100 };
/** A batch of `project` has the next one behind it. */
export const WRITE_CACHE = { timeoutMs: 2_000 };

export interface CacheTimes {
  readonly now: () => number;
  readonly timeoutMs: number;
}

export const cacheCalls = (times: CacheTimes, settings = CACHE_BREAKER): GuardedCalls =>
  guardedCalls('the cache', times, settings);

export const cacheBehind = (
  { breaker, call }: GuardedCalls,
  cache: ProfileCache,
): GuardedCache => ({
  breaker,
  read: (origins) => call(() => cache.read(origins)),
  write: (changes) => call(() => cache.write(changes)),
});

/** On the same server as the cache, so that one breaker knows of both. */
export const deltasBehind = ({ call }: GuardedCalls, deltas: PairDeltas): PairDeltas => ({
  add: (tenant, days) => call(() => deltas.add(tenant, days)),
  read: (tenant, items, range) => call(() => deltas.read(tenant, items, range)),
});

export const versionsBehind = (
  { call }: GuardedCalls,
  { claim }: LearntVersions,
): LearntVersions => ({
  claim: (tenant, newest) => call(() => claim(tenant, newest)),
});

export const topsBehind = ({ call }: GuardedCalls, tops: TopItems): TopItems => ({
  claim: (tenant, users) => call(() => tops.claim(tenant, users)),
  put: (tenant, user, items) => call(() => tops.put(tenant, user, items)),
});

export const guardedCache = (
  cache: ProfileCache,
  times: CacheTimes,
  settings: BreakerSettings = CACHE_BREAKER,
): GuardedCache => cacheBehind(cacheCalls(times, settings), cache);
