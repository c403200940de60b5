import { comparePositions, type Position } from './position.ts';

/**
 * The highest raw position applied, per raw stream, the stream met last at the end.
 *
 * First copies of a user's records come in raw order, so whatever is at or below the fence has been
 * seen: a redelivery of any size, over any number of reshards.
 */
export type Fences = readonly Position[];

/** A replaced stream has a new name; its predecessor may still be read for a while. */
export const FENCED_STREAMS_MAX = 2;

export const isPassed = (fences: Fences, position: Position): boolean => {
  const fence = fences.find(({ stream }) => stream === position.stream);
  return fence !== undefined && comparePositions(position, fence) <= 0;
};

/** Only for a position that is not passed. */
export const advanced = (fences: Fences, { stream, shard, sequence }: Position): Fences =>
  [...fences.filter((fence) => fence.stream !== stream), { stream, shard, sequence }].slice(
    -FENCED_STREAMS_MAX,
  );
