import type { RawPosition } from '../event/event.ts';

/** Where a raw record stands; a line's key is its position and its place in the record. */
export type Position = Omit<RawPosition, 'index'>;

const SEQUENCE_DIGITS = 56;
const SHARD = /^shardId-\d{12}$/;
const STREAM = /^[0-9a-f]{8}$/;
const SEQUENCE = /^\d{1,56}$/;

export const SHARD_NUMBER_BYTES = 5;
/** 10^56 − 1 is below 2^192. */
export const SEQUENCE_BYTES = 24;
/** Far above the 64 lines of an envelope; two bytes in the dedupe memory. */
export const INDEX_MAX = 65_535;

const padded = (sequence: string): string => sequence.padStart(SEQUENCE_DIGITS, '0');

const compareTexts = (left: string, right: string): number => {
  if (left === right) return 0;
  return left < right ? -1 : 1;
};

/**
 * The order of one stream as one user's records pass through it: a child shard's id is higher than
 * its parents', and inside a shard sequence numbers grow. They have up to 56 digits, so they compare
 * as texts of one length, never as numbers.
 */
export const comparePositions = (left: Position, right: Position): number =>
  compareTexts(left.shard, right.shard) ||
  compareTexts(padded(left.sequence), padded(right.sequence));

export const compareKeys = (left: RawPosition, right: RawPosition): number =>
  comparePositions(left, right) || left.index - right.index;

export const isSamePosition = (left: Position, right: Position): boolean =>
  left.stream === right.stream && comparePositions(left, right) === 0;

/** One text per key, whatever zeros its sequence was written with. */
export const keyText = ({ stream, shard, sequence, index }: RawPosition): string =>
  `${stream}/${shard}/${padded(sequence)}/${index}`;

/** A position that our `enrich` can have written. */
export const isRawPosition = (value: unknown): value is RawPosition => {
  if (typeof value !== 'object' || value === null) return false;
  const { stream, shard, sequence, index } = value as Partial<Record<keyof RawPosition, unknown>>;
  return (
    typeof stream === 'string' &&
    STREAM.test(stream) &&
    typeof shard === 'string' &&
    SHARD.test(shard) &&
    typeof sequence === 'string' &&
    SEQUENCE.test(sequence) &&
    typeof index === 'number' &&
    Number.isInteger(index) &&
    index >= 0 &&
    index <= INDEX_MAX
  );
};
