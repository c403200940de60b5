import { createHash } from 'node:crypto';

/** A partition key's place on the ring of 2^128, as Kinesis computes it. */
export const HASH_KEY_MAX = (1n << 128n) - 1n;

export const hashKeyOf = (partitionKey: string): bigint =>
  BigInt(`0x${createHash('md5').update(partitionKey, 'utf8').digest('hex')}`);

export interface HashRange {
  readonly start: bigint;
  readonly end: bigint;
}

/** The ring cut into equal parts, as CreateStream and UNIFORM_SCALING do. */
export const uniformRanges = (count: number): readonly HashRange[] =>
  Array.from({ length: count }, (_, index) => ({
    start: boundary(index, count),
    end: boundary(index + 1, count) - 1n,
  }));

const boundary = (index: number, count: number): bigint =>
  ((HASH_KEY_MAX + 1n) * BigInt(index)) / BigInt(count);
