import type { KeyStore, StoredKey } from '../ports/key-store.ts';

export interface MemoryKeyStore extends KeyStore {
  /** How often a key was looked up, so that a test can see the cache. */
  readonly finds: () => number;
}

export const memoryKeyStore = (
  keys: ReadonlyMap<string, StoredKey>,
  simulating: ReadonlySet<string> = new Set(),
): MemoryKeyStore => {
  let finds = 0;
  return {
    find: async (hash) => {
      finds += 1;
      return keys.get(hash);
    },
    simulates: async (tenant) => simulating.has(tenant),
    finds: () => finds,
  };
};
