/**
 * The heaviest items by weights that fade, of a bounded number: space-saving over forward-decayed
 * sums (log2 of a sum as seen from a fixed instant), so that what is not touched does not change and
 * nothing overflows. An item's true weight is at least what is counted, and at most that with its
 * error and what was missed of all.
 */
import { DECAY_EPOCH, type Decayed, decayed } from '../profile/decayed.ts';
import type { DurationMs, EpochMs } from '../time.ts';
import type { Weighted } from './lists.ts';
import { TREND_ITEMS_MAX } from './trends.ts';

export interface TrendItem {
  readonly counted: Decayed;
  /** What may have been counted before the item had a place. */
  readonly error: Decayed;
}

export interface TrendList {
  readonly items: ReadonlyMap<string, TrendItem>;
  /** An item without a place has at most this weight, beside `missed`. */
  readonly floor: Decayed;
  /** Of each item, what those who counted may have left out for its bound. */
  readonly missed: Decayed;
}

export const emptyTrendList: TrendList = {
  items: new Map(),
  floor: undefined,
  missed: undefined,
};

const halfLivesAt = (at: EpochMs, halfLife: DurationMs): number => (at - DECAY_EPOCH) / halfLife;

/** A weight of that instant, as lists keep it. */
export const fading = (weight: number, at: EpochMs, halfLife: DurationMs): Decayed =>
  weight > 0 ? Math.log2(weight) + halfLivesAt(at, halfLife) : undefined;

/** What is left of it at this instant. */
export const fadedAt = (sum: Decayed, at: EpochMs, halfLife: DurationMs): number =>
  sum === undefined ? 0 : 2 ** (sum - halfLivesAt(at, halfLife));

const upperBound = ({ counted, error }: TrendItem): number =>
  decayed.merge(counted, error) ?? Number.NEGATIVE_INFINITY;

/** With the heaviest, by what they may weigh at most; of equal weight by id. */
export const heaviestTrends = (list: TrendList, itemsMax: number): TrendList => {
  if (list.items.size <= itemsMax) return list;
  const ordered = [...list.items].sort(
    ([leftId, left], [rightId, right]) =>
      upperBound(right) - upperBound(left) || (leftId < rightId ? -1 : 1),
  );
  const [, first] = ordered[itemsMax] ?? [];
  return {
    items: new Map(ordered.slice(0, itemsMax)),
    // No lower than before: whoever has a place has come in above the floor, and all fade alike.
    floor: first === undefined ? list.floor : upperBound(first),
    missed: list.missed,
  };
};

/** What is asked for at an instant. */
export interface Asking {
  readonly weights: ReadonlyMap<string, number>;
  /** Of any item, at most so much more. */
  readonly missed: number;
  readonly at: EpochMs;
}

export const addToTrends = (
  list: TrendList,
  { weights, missed, at }: Asking,
  halfLife: DurationMs,
): TrendList => {
  const items = new Map(list.items);
  for (const [id, weight] of weights) {
    const known = items.get(id) ?? { counted: undefined, error: list.floor };
    const counted = decayed.merge(known.counted, fading(weight, at, halfLife));
    items.set(id, { counted, error: known.error });
  }
  const sum: TrendList = {
    items,
    floor: list.floor,
    missed: decayed.merge(list.missed, fading(missed, at, halfLife)),
  };
  return heaviestTrends(sum, TREND_ITEMS_MAX);
};

/** Weights that differ by less are equal. */
const SHOWN_DIGITS = 6;

/** By what is certain, as of that instant: who has just got a place does not lead by its error. */
export const shownTrends = (
  { items }: TrendList,
  at: EpochMs,
  halfLife: DurationMs,
): readonly Weighted[] =>
  [...items]
    .map(([id, { counted }]): Weighted => {
      const weight = fadedAt(counted, at, halfLife);
      return [id, Number(weight.toPrecision(SHOWN_DIGITS))];
    })
    .filter(([, weight]) => weight > 0)
    .sort(([leftId, left], [rightId, right]) => right - left || (leftId < rightId ? -1 : 1));
