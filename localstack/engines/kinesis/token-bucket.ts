/** A budget that refills with time. It may run into debt: what is taken is not known beforehand. */
export interface TokenBucket {
  tokens: number;
  atMs: number;
  readonly capacity: number;
}

export const fullBucket = (capacity: number): TokenBucket => ({
  tokens: capacity,
  atMs: Number.NEGATIVE_INFINITY,
  capacity,
});

/** Capacity refills in one second, as all of Kinesis's per-shard limits do. */
export const refill = (bucket: TokenBucket, nowMs: number): number => {
  if (nowMs > bucket.atMs) {
    const gained = ((nowMs - bucket.atMs) / 1000) * bucket.capacity;
    bucket.tokens = Math.min(bucket.capacity, bucket.tokens + gained);
  }
  bucket.atMs = nowMs;
  return bucket.tokens;
};
