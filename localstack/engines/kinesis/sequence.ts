/**
 * Sequence numbers of 56 decimal digits, laid out as Kinesis lays out its version 2: the leading
 * hexadecimal 2 fixes the width, the shard's creation second orders a child behind its parents, and
 * the counter orders the records of one shard whatever the clock does. Equal width means that
 * strings compare as numbers do.
 */
export interface ShardOrigin {
  readonly index: number;
  readonly createdS: number;
}

const COUNTER_BITS = 64n;
const SECONDS_BITS = 36n;
const SHARD_BITS = 32n;
const BELOW_COUNTER_BITS = 8n + SECONDS_BITS + SHARD_BITS + 4n;
const COUNTER_MAX = (1n << COUNTER_BITS) - 1n;
const COUNTER_OF_END = (1n << 63n) - 1n;

export const sequenceNumber = (shard: ShardOrigin, counter: bigint, atMs: number): string => {
  const head = (((2n << SECONDS_BITS) | BigInt(shard.createdS)) << 4n) | BigInt(shard.index & 15);
  const seconds = BigInt(Math.max(0, Math.floor(atMs / 1000)));
  const tail = (((seconds << SHARD_BITS) | BigInt(shard.index)) << 4n) | 2n;
  return ((((head << COUNTER_BITS) | counter) << BELOW_COUNTER_BITS) | tail).toString();
};

export const firstSequenceNumber = (shard: ShardOrigin): string =>
  sequenceNumber(shard, 0n, shard.createdS * 1000);

export const lastSequenceNumber = (shard: ShardOrigin, atMs: number): string =>
  sequenceNumber(shard, COUNTER_OF_END, atMs);

export const counterOf = (sequence: string): bigint =>
  (BigInt(sequence) >> BELOW_COUNTER_BITS) & COUNTER_MAX;

export const isSequenceNumber = (text: string): boolean => /^(0|[1-9]\d{0,128})$/.test(text);

/** Before, equal or after; for strings of any width, as a client may send. */
export const compareSequence = (left: string, right: string): number => {
  if (left.length !== right.length) return left.length - right.length;
  if (left === right) return 0;
  return left < right ? -1 : 1;
};
