/** What is in demand in one scope, as it is kept: two lists, which take minutes in order, each once. */
import { invariant } from '../invariant.ts';
import { days, type EpochMs, epochMs, hours } from '../time.ts';
import { countedWeight, DEMAND_REGIONS, type DemandTable } from './demand-table.ts';
import { addToTrends, emptyTrendList, shownTrends, type TrendList } from './trend-list.ts';
import type { TrendScope, Trends } from './trends.ts';

export const HOT_HALF_LIFE = hours(6);
export const POPULAR_HALF_LIFE = days(7);

export interface TrendState {
  readonly scope: TrendScope;
  /** The newest minute that is in it. */
  readonly through: number;
  readonly hot: TrendList;
  readonly popular: TrendList;
}

export const newTrendState = (scope: TrendScope, through: number): TrendState => ({
  scope,
  through,
  hot: emptyTrendList,
  popular: emptyTrendList,
});

/** A minute of demand, in one scope or over all. */
export interface DemandMinute {
  readonly minute: number;
  readonly table: DemandTable;
}

/** What of a table is of one scope: item by item. */
export type ScopeOf = (table: DemandTable) => ReadonlyMap<string, number>;

export const wholeScope: ScopeOf = ({ items }) =>
  new Map([...items].map(([id, item]) => [id, countedWeight(item)]));

export const regionScope = (region: string): ScopeOf => {
  const place = DEMAND_REGIONS.findIndex((name) => String(name) === region);
  return ({ items }) => {
    const weights = [...items].map(([id, item]) => [id, item.weights[place] ?? 0] as const);
    return new Map(weights.filter(([, weight]) => weight > 0));
  };
};

export type CategoryOf = (item: string) => string | undefined;

export const categoryScope =
  (category: string, categoryOf: CategoryOf): ScopeOf =>
  ({ items }) => {
    const mine = [...items].filter(([id]) => categoryOf(id) === category);
    return new Map(mine.map(([id, item]) => [id, countedWeight(item)]));
  };

/** A minute counts as if all of it had been asked for at its end. */
export const endOfMinute = (minute: number): EpochMs => epochMs((minute + 1) * 60_000);

/** Minutes that are in it already are left out: so whoever runs again changes nothing. */
export const mergeMinutes = (
  state: TrendState,
  minutes: readonly DemandMinute[],
  scopeOf: ScopeOf,
): TrendState => {
  let { through, hot, popular } = state;
  for (const { minute, table } of minutes) {
    if (minute <= state.through) continue;
    invariant(minute > through, 'minutes are merged in order, each once');
    through = minute;
    const weights = scopeOf(table);
    const asking = { weights, missed: table.floor, at: endOfMinute(minute) };
    hot = addToTrends(hot, asking, HOT_HALF_LIFE);
    popular = addToTrends(popular, asking, POPULAR_HALF_LIFE);
  }
  return { scope: state.scope, through, hot, popular };
};

export const trendsOf = ({ scope, through, hot, popular }: TrendState): Trends => {
  const at = endOfMinute(through);
  return {
    scope,
    at,
    hot: shownTrends(hot, at, HOT_HALF_LIFE),
    popular: shownTrends(popular, at, POPULAR_HALF_LIFE),
  };
};
