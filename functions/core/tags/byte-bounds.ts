/** Tags that cannot be kept, however much they give up, are refused before anything is deployed. */
import { OFF_BYTES_MAX, TAGS_BYTES_MAX } from './byte-limits.ts';
import { ConfigRefused } from './check-tags.ts';
import type { FoldedTag, LakeTag, TagShape } from './compiled.ts';

/** `"01234567":"…",` */
const NAMED_BYTES = 14;
/** Packed integers, five bits a character. */
const AMOUNT_BYTES = 11;
const COUNT_BYTES = 8;
const INSTANT_BYTES = 10;
const DAY_BYTES = 4;
const TILE_BYTES = 7;
/** JSON writes the worst character of a byte in six. */
const TEXT_BYTES = 64 * 6;
const EVENT_ID_BYTES = 100 * 6;

/** When a tag has given up all that it may. */
const smallest = (shape: TagShape): number => {
  switch (shape.kind) {
    case 'window':
      return TILE_BYTES;
    case 'days':
      return shape.windowDays === undefined ? 2 + DAY_BYTES + AMOUNT_BYTES : DAY_BYTES;
    case 'extremes':
      return shape.windowDays === undefined ? 2 + AMOUNT_BYTES : DAY_BYTES;
    case 'instant':
      return 1 + DAY_BYTES + 1 + INSTANT_BYTES;
    case 'said':
      return INSTANT_BYTES + 1;
    case 'distinct':
      return TILE_BYTES;
    case 'top':
      return 1 + AMOUNT_BYTES;
  }
};

/** What the nightly says of a user has nothing to give up: it must fit at its largest. */
const largest = ({ definition, windowDays }: LakeTag): number => {
  const { measure, source } = definition;
  if (measure.op === 'top') return TEXT_BYTES;
  if (measure.op === 'timeSince') return INSTANT_BYTES;
  if (measure.op === 'first' || measure.op === 'last') {
    if (measure.field === 'timestamp') return INSTANT_BYTES;
    return INSTANT_BYTES + 2 + EVENT_ID_BYTES + TEXT_BYTES;
  }
  const isCount = measure.op === 'count' || measure.op === 'distinct';
  const tiles = source === 'both' ? (windowDays ?? 1) : 1;
  // The first day in full, of each further one how many days later it is.
  return DAY_BYTES + tiles * (1 + (isCount ? COUNT_BYTES : AMOUNT_BYTES));
};

const sumOf = (bytes: readonly number[]): number =>
  bytes.reduce((sum, each) => sum + NAMED_BYTES + each, 2);

export const checkBytes = (folded: readonly FoldedTag[], lake: readonly LakeTag[]): void => {
  const kept = sumOf(folded.map(({ shape }) => INSTANT_BYTES + smallest(shape)));
  if (kept > TAGS_BYTES_MAX) {
    throw new ConfigRefused(
      `tributary.config.ts has ${folded.length} tags that the stream keeps, of ${kept} bytes at their smallest; a profile holds ${TAGS_BYTES_MAX}.`,
    );
  }
  const filled = sumOf(lake.map(largest));
  if (filled > OFF_BYTES_MAX) {
    throw new ConfigRefused(
      `tributary.config.ts has ${lake.length} tags that the nightly job fills, of up to ${filled} bytes a user; ${OFF_BYTES_MAX} fit: shorten windows in "both", or make tags "batch" or "stream".`,
    );
  }
};
