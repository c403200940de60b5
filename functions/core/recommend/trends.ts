/** What is in demand, in one scope. */
import type { EpochMs } from '../time.ts';
import type { Weighted } from './lists.ts';

export const TREND_ITEMS_MAX = 200;

/** `all`, `category:<UPPER CASE>`, `region:<AMER|EMEA|APAC>`. */
export type TrendScope = string;

export const ALL: TrendScope = 'all';
export const categoryScopeName = (category: string): TrendScope => `category:${category}`;
export const regionScopeName = (region: string): TrendScope => `region:${region}`;
/** As a person reads it. */
export const placeIn = (scope: TrendScope): string => scope.slice(scope.indexOf(':') + 1);

export interface Trends {
  readonly scope: TrendScope;
  /** To which the decay of the scores is reckoned. */
  readonly at: EpochMs;
  /** Half-life 6 h; heaviest first. */
  readonly hot: readonly Weighted[];
  /** Half-life 7 d. */
  readonly popular: readonly Weighted[];
}
