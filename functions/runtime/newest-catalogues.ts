/** Catalogues as a process holds them: read anew now and then, and never twice at once. */
import { catalogueOf, decodeItem, NO_CATALOGUE } from '../core/catalogue/snapshot.ts';
import type { Catalogue } from '../core/recommend/catalogue.ts';
import type { CatalogueSnapshotsReader } from '../ports/catalogue-snapshots.ts';

export interface NewestCataloguesPorts {
  readonly snapshots: CatalogueSnapshotsReader;
  readonly now: () => number;
  readonly fault: (message: string, fault: unknown) => void;
}

/** Whoever holds a catalogue asks for a newer one after it. */
export const RELOAD_MS = 30_000;
/** Of a process; the one that was asked for longest ago goes. */
export const TENANTS_MAX = 32;

interface Held {
  readonly catalogue: Catalogue;
  readonly loadedMs: number;
}

export type CatalogueOf = (tenant: string) => Promise<Catalogue>;

/** Waits for the first load alone; afterwards what is held is given while a newer one comes. */
export const newestCatalogues = ({ snapshots, now, fault }: NewestCataloguesPorts): CatalogueOf => {
  const held = new Map<string, Held>();
  const loading = new Map<string, Promise<Catalogue>>();

  const hold = (tenant: string, catalogue: Catalogue): Catalogue => {
    held.delete(tenant);
    held.set(tenant, { catalogue, loadedMs: now() });
    const [oldest] = held.keys();
    if (held.size > TENANTS_MAX && oldest !== undefined) held.delete(oldest);
    return catalogue;
  };

  const load = async (tenant: string): Promise<Catalogue> => {
    const pointer = await snapshots.pointer(tenant);
    if (pointer === undefined) return hold(tenant, NO_CATALOGUE);
    const before = held.get(tenant)?.catalogue;
    if (before?.version === pointer.version) return hold(tenant, before);
    const lines = await snapshots.read(tenant, pointer.version);
    // The pointer moved on, and what it named is gone: the next look finds the newer one.
    if (lines === undefined) return before ?? NO_CATALOGUE;
    return hold(tenant, catalogueOf(pointer.version, lines.map(decodeItem)));
  };

  const loadOnce = (tenant: string): Promise<Catalogue> => {
    const running = loading.get(tenant);
    if (running !== undefined) return running;
    const started = load(tenant).finally(() => loading.delete(tenant));
    loading.set(tenant, started);
    return started;
  };

  /** The time of a failed load counts too: nobody asks again before the next turn. */
  const giveUp = (tenant: string, cause: unknown): Catalogue => {
    fault('the catalogue was not read', cause);
    return hold(tenant, held.get(tenant)?.catalogue ?? NO_CATALOGUE);
  };

  return async (tenant) => {
    const have = held.get(tenant);
    if (have !== undefined && now() - have.loadedMs < RELOAD_MS) return have.catalogue;
    const loaded = loadOnce(tenant).catch((cause: unknown) => giveUp(tenant, cause));
    return have === undefined ? loaded : have.catalogue;
  };
};
