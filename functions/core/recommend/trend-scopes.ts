/** Which scopes a tenant has: all, the regions, and the categories that are asked for most. */
import { DEMAND_REGIONS } from './demand-table.ts';
import { addToTrends, shownTrends, type TrendList } from './trend-list.ts';
import {
  type CategoryOf,
  categoryScope,
  type DemandMinute,
  endOfMinute,
  POPULAR_HALF_LIFE,
  regionScope,
  type ScopeOf,
  wholeScope,
} from './trend-state.ts';
import { ALL, categoryScopeName, regionScopeName, type TrendScope } from './trends.ts';

export const TREND_CATEGORIES_MAX = 50;

const REGIONS = DEMAND_REGIONS.filter((region) => region !== 'UNKNOWN');

/** What is asked for in each category, decayed like what is popular. */
export const addCategories = (
  categories: TrendList,
  minutes: readonly DemandMinute[],
  categoryOf: CategoryOf,
): TrendList => {
  let sums = categories;
  for (const { minute, table } of minutes) {
    const weights = new Map<string, number>();
    for (const [item, weight] of wholeScope(table)) {
      const category = categoryOf(item);
      if (category !== undefined) weights.set(category, (weights.get(category) ?? 0) + weight);
    }
    const asking = { weights, missed: table.floor, at: endOfMinute(minute) };
    sums = addToTrends(sums, asking, POPULAR_HALF_LIFE);
  }
  return sums;
};

/** The scopes of which something was asked for in these minutes; others fade without being written. */
export const scopesIn = (
  minutes: readonly DemandMinute[],
  categories: TrendList,
  categoryOf: CategoryOf,
): ReadonlyMap<TrendScope, ScopeOf> => {
  const newest = minutes.at(-1);
  if (newest === undefined) return new Map();
  const heaviest = shownTrends(categories, endOfMinute(newest.minute), POPULAR_HALF_LIFE)
    .slice(0, TREND_CATEGORIES_MAX)
    .map(([category]) => category);
  const scopes: readonly (readonly [TrendScope, ScopeOf])[] = [
    [ALL, wholeScope],
    ...REGIONS.map((region) => [regionScopeName(region), regionScope(region)] as const),
    ...heaviest.map(
      (category) => [categoryScopeName(category), categoryScope(category, categoryOf)] as const,
    ),
  ];
  return new Map(
    scopes.filter(([, scopeOf]) => minutes.some(({ table }) => scopeOf(table).size > 0)),
  );
};
