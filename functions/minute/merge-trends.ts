import { newDemandTable } from '../core/recommend/demand-table.ts';
import { emptyTrendList } from '../core/recommend/trend-list.ts';
import { addCategories, scopesIn } from '../core/recommend/trend-scopes.ts';
import {
  type CategoryOf,
  type DemandMinute,
  mergeMinutes,
  newTrendState,
  type ScopeOf,
  type TrendState,
} from '../core/recommend/trend-state.ts';
import type { ItemDemandReader, TenantInDemand } from '../ports/item-demand.ts';
import type { TrendsStore } from '../ports/trends.ts';
import { eachBounded } from '../runtime/each-bounded.ts';

/** What is counted of a minute is written by then: a writer holds it for ten seconds. */
export const MINUTE_CLOSED_AFTER_MS = 90_000;
/** Of one tenant in one run; the next run goes on. */
export const MINUTES_MAX = 60;
/** A row that others write to at once is written again so often. */
export const SAVE_TRIES_MAX = 3;
const READS_AT_ONCE = 8;
const SAVES_AT_ONCE = 16;

export interface MergeTrendsPorts {
  readonly demand: ItemDemandReader;
  readonly trends: TrendsStore;
  readonly now: () => number;
}

/** Raced: another run is at it, and this one has left the tick where it was. */
export interface MergedTrends {
  readonly kind: 'merged' | 'nothing' | 'raced';
  readonly minutes: number;
  readonly scopes: number;
}

export const newestClosedMinute = (nowMs: number): number =>
  Math.floor((nowMs - MINUTE_CLOSED_AFTER_MS) / 60_000) - 1;

/** The catalogue is asked once for each item of a run. */
const askedOnce = (categoryOf: CategoryOf): CategoryOf => {
  const known = new Map<string, string | undefined>();
  return (item) => {
    if (!known.has(item)) known.set(item, categoryOf(item));
    return known.get(item);
  };
};

/**
 * Adds what was asked for in the closed minutes after the tick to the tenant's lists. Each scope's
 * row takes only minutes after its own newest, under a condition, and the tick moves last: so a run
 * that is killed, or two at once, add no minute twice.
 */
export const mergeTrends = ({ demand, trends, now }: MergeTrendsPorts) => {
  /** Those in which something was asked for, in order. */
  const minutesOf = async (
    { tenant, minute: newest }: TenantInDemand,
    { from, to }: { readonly from: number; readonly to: number },
  ): Promise<readonly DemandMinute[]> => {
    const last = Math.min(to, newest);
    const numbers = Array.from(
      { length: Math.max(0, last - from + 1) },
      (_, place) => from + place,
    );
    const tables = new Map<number, DemandMinute>();
    await eachBounded(numbers, READS_AT_ONCE, async (minute) => {
      tables.set(minute, { minute, table: await demand.of(tenant, minute) });
    });
    return numbers
      .map((minute) => tables.get(minute) ?? { minute, table: newDemandTable() })
      .filter(({ table }) => table.items.size > 0);
  };

  const saveScope = async (
    tenant: string,
    loaded: TrendState,
    isThere: boolean,
    work: { readonly minutes: readonly DemandMinute[]; readonly scopeOf: ScopeOf },
  ): Promise<boolean> => {
    let [state, read] = [loaded, isThere ? loaded.through : undefined];
    for (let tries = 1; tries <= SAVE_TRIES_MAX; tries += 1) {
      const next = mergeMinutes(state, work.minutes, work.scopeOf);
      if (next.through === read) return true;
      if ((await trends.save(tenant, next, read)) === 'saved') return true;
      const winner = (await trends.load(tenant, [state.scope])).get(state.scope);
      [state, read] = [winner ?? loaded, winner?.through];
    }
    return false;
  };

  const saveAll = async (
    tenant: string,
    scopes: ReadonlyMap<string, ScopeOf>,
    work: { readonly minutes: readonly DemandMinute[]; readonly from: number },
  ): Promise<boolean> => {
    const { minutes, from } = work;
    const states = await trends.load(tenant, [...scopes.keys()]);
    let isWhole = true;
    await eachBounded([...scopes], SAVES_AT_ONCE, async ([scope, scopeOf]) => {
      const state = states.get(scope) ?? newTrendState(scope, from - 1);
      const isSaved = await saveScope(tenant, state, states.has(scope), { minutes, scopeOf });
      isWhole &&= isSaved;
    });
    return isWhole;
  };

  return async (one: TenantInDemand, categories: CategoryOf): Promise<MergedTrends> => {
    const { tenant } = one;
    const closed = newestClosedMinute(now());
    const tick = await trends.tick(tenant);
    const from = (tick?.through ?? closed - MINUTES_MAX) + 1;
    const to = Math.min(closed, from + MINUTES_MAX - 1);
    if (to < from) return { kind: 'nothing', minutes: 0, scopes: 0 };

    const minutes = await minutesOf(one, { from, to });
    const categoryOf = askedOnce(categories);
    const sums = addCategories(tick?.categories ?? emptyTrendList, minutes, categoryOf);
    const scopes = scopesIn(minutes, sums, categoryOf);
    const said = { minutes: to - from + 1, scopes: scopes.size };
    if (!(await saveAll(tenant, scopes, { minutes, from }))) return { kind: 'raced', ...said };
    const moved = await trends.moveTick(tenant, { through: to, categories: sums }, tick?.through);
    return { kind: moved === 'saved' ? 'merged' : 'raced', ...said };
  };
};
