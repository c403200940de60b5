import type { Change } from '../core/analytics/effects.ts';
import { demandByMinute } from '../core/recommend/demand.ts';
import { type DemandTable, mergeDemand } from '../core/recommend/demand-table.ts';
import type { DemandRow, ItemDemand } from '../ports/item-demand.ts';
import { eachBounded } from '../runtime/each-bounded.ts';

/** How often a process writes what it holds, on average. */
export const DEMAND_EVERY_MS = 10_000;
/** So many writes may come at once: nobody tells a function that what it holds was the last. */
export const DEMAND_WRITES_AT_ONCE = 6;
const AHEAD_MS = (DEMAND_WRITES_AT_ONCE - 1) * DEMAND_EVERY_MS;
/** Rows whose demand one process holds, of up to 1,000 items each. */
export const DEMAND_ROWS_HELD_MAX = 64;
const ROWS_AT_ONCE = 8;
/** Tenants of which one process knows what it announced. */
const ANNOUNCED_MAX = 1_000;

export interface DemandCounts {
  readonly written: number;
  /** Rows that may not have been written: what was in them is not counted again. */
  readonly lost: number;
}

export interface DemandPorts {
  readonly demand: ItemDemand;
  readonly now: () => number;
  readonly report: {
    readonly demand: (counts: DemandCounts) => void;
    readonly fault: (fault: unknown) => void;
  };
}

const rowKeyOf = ({ tenant, shardId, minute }: Omit<DemandRow, 'table'>): string =>
  JSON.stringify([tenant, shardId, minute]);

/**
 * What is asked for, gathered in this process and written every ten seconds, in a quiet minute at
 * once. It is lost with the process, and what is delivered again in part counts again: trends may
 * drift.
 */
export const demandGatherer = ({ demand, now, report }: DemandPorts) => {
  let held = new Map<string, DemandRow>();
  /** Each write pays for ten seconds. */
  let paidUntilMs = 0;
  const announced = new Map<string, number>();

  const minuteOf = (atMs: number): number => Math.floor(atMs / 60_000);

  /** Who merges minutes reads one 90 s after its end: what is told later is of the present one. */
  const openMinute = (arrival: number): number => {
    const present = minuteOf(now());
    return arrival === present || arrival === present - 1 ? arrival : present;
  };

  const hold = (rows: Map<string, DemandRow>, row: DemandRow): void => {
    const key = rowKeyOf(row);
    const known: DemandTable | undefined = rows.get(key)?.table;
    const table = known === undefined ? row.table : mergeDemand(known, row.table);
    rows.set(key, { ...row, table });
  };

  const announce = async (tenant: string): Promise<void> => {
    const minute = minuteOf(now());
    if (announced.get(tenant) === minute) return;
    await demand.announce({ tenant, minute });
    announced.delete(tenant);
    announced.set(tenant, minute);
    const [oldest] = announced.keys();
    if (announced.size > ANNOUNCED_MAX && oldest !== undefined) announced.delete(oldest);
  };

  /** Whatever becomes of it, it is not tried again: it may have been written. */
  const write = async (): Promise<void> => {
    const rows = new Map<string, DemandRow>();
    for (const row of held.values()) hold(rows, { ...row, minute: openMinute(row.minute) });
    held = new Map();
    paidUntilMs = Math.max(paidUntilMs, now()) + DEMAND_EVERY_MS;
    const counts = { written: 0, lost: 0 };
    await eachBounded([...rows.values()], ROWS_AT_ONCE, async (row) => {
      try {
        await announce(row.tenant);
        const end = await demand.add(row);
        counts[end === 'added' ? 'written' : 'lost'] += 1;
      } catch (fault) {
        counts.lost += 1;
        report.fault(fault);
      }
    });
    report.demand(counts);
  };

  const isDue = (): boolean => {
    // A clock that was set back makes nobody wait.
    const aheadMax = AHEAD_MS + DEMAND_EVERY_MS;
    if (paidUntilMs - now() > aheadMax) paidUntilMs = now();
    return paidUntilMs - now() <= AHEAD_MS;
  };

  return {
    gather: async (changes: readonly Change[], shardId: string): Promise<void> => {
      for (const [tenant, mine] of Map.groupBy(changes, (change) => change.tenant)) {
        for (const [minute, table] of demandByMinute(mine)) {
          hold(held, { tenant, shardId, minute: openMinute(minute), table });
          if (held.size >= DEMAND_ROWS_HELD_MAX) await write();
        }
      }
    },
    writeDue: async (): Promise<void> => {
      if (held.size > 0 && isDue()) await write();
    },
    /** For the end of a window, behind which nothing may come. */
    writeAll: async (): Promise<void> => {
      if (held.size > 0) await write();
    },
  };
};
