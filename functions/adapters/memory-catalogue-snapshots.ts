import type { CataloguePointer, CatalogueSnapshots } from '../ports/catalogue-snapshots.ts';
import { snapshotKey } from './catalogue-snapshot-keys.ts';

export interface MemorySnapshots extends CatalogueSnapshots {
  /** Of what was written and not removed. */
  readonly keys: () => readonly string[];
}

export const memoryCatalogueSnapshots = (): MemorySnapshots => {
  const pointers = new Map<string, CataloguePointer>();
  const objects = new Map<string, readonly string[]>();
  return {
    pointer: async (tenant) => pointers.get(tenant),
    read: async (tenant, version) => objects.get(snapshotKey(tenant, version)),
    write: async (tenant, version, lines) => {
      objects.set(snapshotKey(tenant, version), lines);
    },
    pointTo: async (tenant, version, expected) => {
      const now = pointers.get(tenant)?.version;
      if (now !== expected && now !== version) return 'lost';
      pointers.set(tenant, { version, previous: expected });
      return 'moved';
    },
    remove: async (tenant, version) => {
      objects.delete(snapshotKey(tenant, version));
    },
    keys: () => [...objects.keys()],
  };
};
