/** Makes a new snapshot of each catalogue that has changed since its last one. */
import { withChanges } from '../core/catalogue/snapshot.ts';
import { invariant } from '../core/invariant.ts';
import type { CatalogueChanges, ChangedItem, ChangedTenant } from '../ports/catalogue-changes.ts';
import type { CatalogueSnapshots } from '../ports/catalogue-snapshots.ts';
import { eachBounded } from '../runtime/each-bounded.ts';

export interface SnapshotCounts {
  /** Items that a new snapshot says anew. */
  readonly changed: number;
  /** Items, the oldest, for which it had no room. */
  readonly dropped: number;
}

export interface SnapshotPorts {
  readonly changes: CatalogueChanges;
  readonly snapshots: CatalogueSnapshots;
  readonly now: () => number;
  readonly report: {
    readonly made: (counts: SnapshotCounts) => void;
    readonly fault: (fault: unknown) => void;
  };
}

/** Of a tenant in one call: settled at the thousand writes a second that one partition takes. */
export const CHANGES_MAX = 10_000;
const SETTLES_AT_ONCE = 32;
const MINUTE_MS = 60_000;

/** Each minute another one is the first: who is slow every time keeps nobody waiting for ever. */
const inTurn = (tenants: readonly ChangedTenant[], nowMs: number): readonly ChangedTenant[] => {
  const first = tenants.length === 0 ? 0 : Math.floor(nowMs / MINUTE_MS) % tenants.length;
  return [...tenants.slice(first), ...tenants.slice(0, first)];
};

interface Before {
  readonly version?: string;
  readonly previous?: string | undefined;
  readonly lines: readonly string[];
}

/** Undefined where another call has moved on meanwhile. */
const newestSnapshot = async (
  { snapshots }: SnapshotPorts,
  tenant: string,
): Promise<Before | undefined> => {
  const pointer = await snapshots.pointer(tenant);
  if (pointer === undefined) return { lines: [] };
  const lines = await snapshots.read(tenant, pointer.version);
  if (lines !== undefined) return { ...pointer, lines };
  const now = await snapshots.pointer(tenant);
  invariant(now?.version !== pointer.version, 'the snapshot that is pointed to is there');
  return undefined;
};

/** Unless another call had laid the same changes over the same snapshot, and the next one went on from it. */
const removeUnused = async (
  { snapshots }: SnapshotPorts,
  tenant: string,
  version: string,
): Promise<void> => {
  const pointer = await snapshots.pointer(tenant);
  if (pointer?.previous !== version) await snapshots.remove(tenant, version);
};

/** A name never says something else, so whoever was killed here writes the same object again. */
const layOver = async (
  ports: SnapshotPorts,
  tenant: string,
  { version, previous, lines }: Before,
  changed: readonly ChangedItem[],
): Promise<'moved' | 'lost'> => {
  const { snapshots, report } = ports;
  const after = withChanges({ version: version ?? '', lines }, changed);
  await snapshots.write(tenant, after.version, after.lines);
  // Nobody has pointed to it for a minute. Behind the move, one that is killed would leave it.
  if (previous !== undefined) await snapshots.remove(tenant, previous);
  const moved = await snapshots.pointTo(tenant, after.version, version);
  if (moved === 'lost') await removeUnused(ports, tenant, after.version);
  else report.made({ changed: changed.length, dropped: after.dropped });
  return moved;
};

/**
 * The snapshot is read before the changes: one that is newer than they are would be laid back by
 * them. A change that looks like none is laid over it all the same, since another call may be about
 * to take it back. Whoever loses leaves everything to the next minute.
 */
const renew = async (
  ports: SnapshotPorts,
  changed: ChangedTenant,
  deadlineMs: number,
): Promise<void> => {
  const { changes, now } = ports;
  const { tenant } = changed;
  const before = await newestSnapshot(ports, tenant);
  if (before === undefined) return;
  const { items, isAll } = await changes.read(tenant, CHANGES_MAX);
  if (items.length > 0 && (await layOver(ports, tenant, before, items)) === 'lost') return;
  let unsettled = 0;
  await eachBounded(items, SETTLES_AT_ONCE, async (item) => {
    if (now() > deadlineMs) unsettled += 1;
    else await changes.settle(tenant, item);
  });
  if (isAll && unsettled === 0) await changes.settleTenant(changed);
};

/** One tenant's failure is told and keeps no other waiting; the step fails at the end. */
export const snapshotCatalogues =
  (ports: SnapshotPorts) =>
  async (deadlineMs: number): Promise<void> => {
    let failed = 0;
    for (const changed of inTurn(await ports.changes.tenants(), ports.now())) {
      if (ports.now() > deadlineMs) break;
      try {
        await renew(ports, changed, deadlineMs);
      } catch (fault) {
        ports.report.fault(fault);
        failed += 1;
      }
    }
    if (failed > 0) throw new Error(`${failed} catalogues have no new snapshot`);
  };
