import type { Change } from '../core/analytics/effects.ts';
import { namedItems } from '../core/catalogue/named-items.ts';
import type { UnseenItems } from '../ports/catalogue-store.ts';
import { ExpiringMap } from '../runtime/expiring-map.ts';

export interface UnseenCounts {
  /** Items that nobody had put. */
  readonly put: number;
  /** For want of time or of an answer: their next event names them again. */
  readonly skipped: number;
}

export interface UnseenPorts {
  readonly catalogue: UnseenItems;
  readonly now: () => number;
  readonly report: {
    readonly unseen: (counts: UnseenCounts) => void;
    readonly fault: (fault: unknown) => void;
  };
}

/** Items of which one process knows that they have a row: about 5 MB of them. */
export const KNOWN = { entriesMax: 50_000, ttlMs: 6 * 3_600_000 };
/** A write for each: of a batch that names more, the rest are put with their next events. */
export const UNSEEN_MAX = 500;

/** Never in the way of what is counted: whatever fails here is told and left to the next event. */
export const unseenItems = ({ catalogue, now, report }: UnseenPorts) => {
  const known = new ExpiringMap<true>(KNOWN);
  const keyOf = (tenant: string, id: string): string => `${tenant}#${id}`;

  const putOf = async (tenant: string, changes: readonly Change[]): Promise<UnseenCounts> => {
    const unknown = namedItems(changes).filter(
      ({ item }) => known.get(keyOf(tenant, item.id), now()) === undefined,
    );
    if (unknown.length === 0) return { put: 0, skipped: 0 };
    const items = unknown.slice(0, UNSEEN_MAX);
    try {
      const put = await catalogue.putUnseen(tenant, items);
      for (const { item } of items) known.set(keyOf(tenant, item.id), true, now());
      return { put, skipped: unknown.length - items.length };
    } catch (fault) {
      report.fault(fault);
      return { put: 0, skipped: unknown.length };
    }
  };

  return async (changes: readonly Change[]): Promise<void> => {
    for (const [tenant, mine] of Map.groupBy(changes, (change) => change.tenant)) {
      report.unseen(await putOf(tenant, mine));
    }
  };
};
