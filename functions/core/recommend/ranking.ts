/** What the stages of a recommendation hand to each other. */
import type { EpochMs } from '../time.ts';
import type { Catalogue } from './catalogue.ts';
import type { ArrivedItem } from './learning.ts';
import type { ItemLists, Weighted } from './lists.ts';
import type { Trends } from './trends.ts';

export type Source =
  | 'covisitation'
  | 'similar'
  | 'personal'
  | 'category'
  | 'trending'
  | 'new'
  | 'pinned';

/** What a user has bought: `weight` is decayed over 60 d to `boughtAt`, the last purchase. */
export interface Bought {
  readonly item: string;
  readonly weight: number;
  readonly boughtAt: EpochMs;
}

/** Whom it is for, as of this instant. */
export interface Taste {
  /** Newest first. */
  readonly history: readonly ArrivedItem[];
  readonly bought: readonly Bought[];
  /** Lower case; heaviest first. */
  readonly interests: readonly Weighted[];
  readonly region?: string | undefined;
  readonly userId?: string | undefined;
  readonly anonymousId?: string | undefined;
}

/** Increments since the lists' cut: units, decayed like the lists, to be added to them. */
export interface ItemDelta {
  readonly events: number;
  readonly pairs: readonly Weighted[];
}

/** What is known of items; absent maps' members say that nothing is. */
export interface Learnt {
  readonly lists: ReadonlyMap<string, ItemLists>;
  readonly deltas: ReadonlyMap<string, ItemDelta>;
  readonly trends: ReadonlyMap<string, Trends>;
  readonly catalogue: Catalogue;
}

/** An item that may be recommended, with what speaks for it most. */
export interface Candidate {
  readonly item: string;
  readonly score: number;
  readonly source: Source;
  /** The source's share of the score, before rules. */
  readonly weight: number;
  /** `because_you_viewed:X`, `often_bought_with:X`, `bought_again`, `trending_in:X`, `new_for_you`, … */
  readonly reason: string;
}

export interface Asked {
  readonly limit: number;
  readonly exclude: ReadonlySet<string>;
  readonly now: EpochMs;
}

export interface Recommendation extends Candidate {
  readonly position: number;
  /** Names of the rules that moved it. */
  readonly rules: readonly string[];
}
