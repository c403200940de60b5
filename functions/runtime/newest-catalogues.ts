/**
 * Catalogues as serving functions hold them: the newest snapshot of a tenant, asked for at most
 * every half minute, and served while a newer one is on its way.
 */
import { setImmediate as turn } from 'node:timers/promises';
import { catalogueOf, decodeItem, NO_CATALOGUE } from '../core/catalogue/snapshot.ts';
import { invariant } from '../core/invariant.ts';
import type { Catalogue, OfferedItem } from '../core/recommend/catalogue.ts';
import type { CatalogueSnapshotsReader } from '../ports/catalogue-snapshots.ts';

export interface CataloguesPorts {
  readonly snapshots: CatalogueSnapshotsReader;
  readonly now: () => number;
  readonly fault: (message: string, fault: unknown) => void;
}

export const RELOAD_MS = 30_000;
/** A load that failed is tried again sooner, and not with every request. */
export const RETRY_MS = 2_000;
/** Catalogues that one process holds; of more, the one asked for longest ago goes. */
export const TENANTS_MAX = 32;
/** Beside a pointer that moves twice while one reads, its snapshots are gone, or broken. */
const READS_MAX = 3;

/** Lines decoded in one go, about three milliseconds: requests have their turn in between. */
const LINES_AT_ONCE = 500;

interface Held {
  catalogue: Catalogue | undefined;
  dueMs: number;
  loading: Promise<void> | undefined;
}

const decoded = async (lines: readonly string[]): Promise<readonly OfferedItem[]> => {
  const items: OfferedItem[] = [];
  for (let from = 0; from < lines.length; from += LINES_AT_ONCE) {
    if (from > 0) await turn();
    items.push(...lines.slice(from, from + LINES_AT_ONCE).map(decodeItem));
  }
  return items;
};

export type CatalogueOf = (tenant: string) => Promise<Catalogue>;

export const newestCatalogues = ({ snapshots, now, fault }: CataloguesPorts): CatalogueOf => {
  const held = new Map<string, Held>();

  const load = async (tenant: string, known: Catalogue | undefined): Promise<Catalogue> => {
    for (let reads = 0; reads < READS_MAX; reads += 1) {
      const pointer = await snapshots.pointer(tenant);
      if (pointer === undefined) return NO_CATALOGUE;
      if (pointer.version === known?.version) return known;
      const lines = await snapshots.read(tenant, pointer.version);
      if (lines !== undefined) return catalogueOf(pointer.version, await decoded(lines));
    }
    invariant(false, 'a snapshot that is pointed to is there');
  };

  const reload = async (tenant: string, one: Held): Promise<void> => {
    try {
      one.catalogue = await load(tenant, one.catalogue);
      one.dueMs = now() + RELOAD_MS;
    } catch (cause) {
      one.dueMs = now() + RETRY_MS;
      fault('a catalogue was not loaded', cause);
    } finally {
      one.loading = undefined;
    }
  };

  const opened = (tenant: string): Held => {
    const one = held.get(tenant) ?? {
      ...{ catalogue: undefined, dueMs: Number.NEGATIVE_INFINITY },
      loading: undefined,
    };
    held.delete(tenant);
    held.set(tenant, one);
    const [oldest] = held.keys();
    if (held.size > TENANTS_MAX && oldest !== undefined) held.delete(oldest);
    return one;
  };

  /** Only the first one of a process waits; nobody is refused for want of a catalogue. */
  return async (tenant: string): Promise<Catalogue> => {
    const one = opened(tenant);
    if (one.loading === undefined && now() >= one.dueMs) one.loading = reload(tenant, one);
    if (one.catalogue === undefined) await one.loading;
    return one.catalogue ?? NO_CATALOGUE;
  };
};
