import type { RateLimit } from '../core/tags/config.ts';
import { type HttpResponse, problem } from './http.ts';

const BUCKETS_MAX = 10_000;

interface Bucket {
  readonly tokens: number;
  readonly atMs: number;
}

/**
 * A token bucket per key in this process: the limit of one copy of the function, not of the
 * platform (the stage's throttle is the hard one). Gives the milliseconds to wait, 0 for "go on".
 */
export const tokenBuckets = () => {
  const buckets = new Map<string, Bucket>();
  return (key: string, { perSecond, burst }: RateLimit, nowMs: number): number => {
    const before = buckets.get(key) ?? { tokens: burst, atMs: nowMs };
    // A clock that went back gives nothing and takes nothing.
    const elapsedMs = Math.max(0, nowMs - before.atMs);
    const tokens = Math.min(burst, before.tokens + (elapsedMs * perSecond) / 1_000);
    const atMs = Math.max(nowMs, before.atMs);
    const granted = tokens >= 1;
    buckets.delete(key);
    buckets.set(key, { tokens: granted ? tokens - 1 : tokens, atMs });
    if (buckets.size > BUCKETS_MAX) {
      const [oldest] = buckets.keys();
      if (oldest !== undefined) buckets.delete(oldest);
    }
    return granted ? 0 : Math.ceil(((1 - tokens) * 1_000) / perSecond);
  };
};

/** The demo key's limits are twenty times as wide, so that a laptop can be driven hard. */
export const DEMO_FACTOR = 20;

export const limitFor = (
  {
    kind,
    demo,
  }: { readonly kind: 'write' | 'client' | 'server' | 'operator'; readonly demo: boolean },
  limits: Readonly<Record<'write' | 'client' | 'server' | 'operator', RateLimit>>,
): RateLimit => {
  const { perSecond, burst } = limits[kind];
  const factor = demo ? DEMO_FACTOR : 1;
  return { perSecond: perSecond * factor, burst: burst * factor };
};

export const tooFast = (waitMs: number, requestId: string): HttpResponse =>
  problem(
    {
      status: 429,
      code: 'too_fast',
      title: 'Too many requests',
      detail: 'This key sends more requests a second than its kind may; nothing was taken.',
    },
    requestId,
    { 'retry-after': String(Math.max(1, Math.ceil(waitMs / 1_000))) },
  );
