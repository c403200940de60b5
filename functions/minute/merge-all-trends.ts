import type { CategoryOf } from '../core/recommend/trend-state.ts';
import { eachBounded } from '../runtime/each-bounded.ts';
import type { CatalogueOf } from '../runtime/newest-catalogues.ts';
import { type MergeTrendsPorts, mergeTrends } from './merge-trends.ts';

const TENANTS_AT_ONCE = 4;

export interface MergeAllTrendsPorts extends MergeTrendsPorts {
  readonly fault: (message: string, fault: unknown) => void;
}

export interface TrendsCounts {
  /** With demand in the last days. */
  readonly tenants: number;
  readonly minutes: number;
  readonly scopes: number;
  readonly raced: number;
  readonly failed: number;
  /** Not begun before the deadline: the next run begins elsewhere in the list. */
  readonly left: number;
}

/** One tenant's fault is not another's. */
export const mergeAllTrends = (ports: MergeAllTrendsPorts) => {
  const merge = mergeTrends(ports);
  return async (
    categoriesOf: (tenant: string) => Promise<CategoryOf>,
    deadlineMs: number,
  ): Promise<TrendsCounts> => {
    const found = await ports.demand.tenants();
    const start = Math.floor(ports.now() / 60_000) % Math.max(1, found.length);
    const tenants = [...found.slice(start), ...found.slice(0, start)];
    const counts = { minutes: 0, scopes: 0, raced: 0, failed: 0, left: 0 };
    await eachBounded(tenants, TENANTS_AT_ONCE, async (one) => {
      if (ports.now() >= deadlineMs) {
        counts.left += 1;
        return;
      }
      try {
        const { kind, minutes, scopes } = await merge(one, await categoriesOf(one.tenant));
        counts.minutes += minutes;
        counts.scopes += scopes;
        if (kind === 'raced') counts.raced += 1;
      } catch (fault) {
        counts.failed += 1;
        ports.fault(`trends of ${one.tenant} were not merged`, fault);
      }
    });
    return { tenants: tenants.length, ...counts };
  };
};

export class TrendsNotMerged extends Error {
  override readonly name = 'TrendsNotMerged';
}

export interface TrendsStepPorts extends MergeAllTrendsPorts {
  readonly catalogueOf: CatalogueOf;
  readonly merged: (counts: TrendsCounts) => void;
}

/** As a step of the minute, which fails where a tenant's did. */
export const trendsStep = ({ catalogueOf, merged, ...ports }: TrendsStepPorts) => {
  const mergeAll = mergeAllTrends(ports);
  const categoriesOf = async (tenant: string): Promise<CategoryOf> => {
    const { find } = await catalogueOf(tenant);
    return (item) => find(item)?.categories[0];
  };
  return async (deadlineMs: number): Promise<void> => {
    const counts = await mergeAll(categoriesOf, deadlineMs);
    merged(counts);
    if (counts.failed > 0) throw new TrendsNotMerged(`of ${counts.failed} tenants`);
  };
};
