/** What the nightly job says of an item's neighbours: one immutable row for each version. */

/** Of each list, and of a day's deltas that a reader takes. */
export const NEIGHBOURS_MAX = 100;

export type Weighted = readonly [item: string, weight: number];

/** Heaviest first; of equal weight by id. */
export interface ItemLists {
  /** Decayed events of the item by the cut, in units (not millionths). */
  readonly events: number;
  /** Co-visitation by the cut, in units. */
  readonly pairs: readonly Weighted[];
  /** ItemKNN: a cosine, shrunk; 0 to 1. */
  readonly similar: readonly Weighted[];
  /** Median of the gaps between purchases of the item by one user, in days, where ≥ 20 are known. */
  readonly repurchaseDays?: number;
}

/** Which version readers take. */
export interface ListsPointer {
  readonly version: string;
  /** Days of arrival before it are in the lists: `YYYY-MM-DD`. */
  readonly cut: string;
}
