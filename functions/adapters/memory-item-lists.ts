import type { ItemLists, ListsPointer } from '../core/recommend/lists.ts';
import { decodeLists, encodeLists } from '../core/recommend/lists-codec.ts';
import type { ItemListsStore } from '../ports/item-lists.ts';

/** Rows as the codec leaves them, so that what a row has no room for is missing here too. */
export const memoryItemLists = (): ItemListsStore => {
  const rows = new Map<string, string>();
  const pointers = new Map<string, ListsPointer>();
  const keyOf = (...parts: readonly string[]): string => JSON.stringify(parts);
  return {
    pointer: async (tenant) => pointers.get(tenant),
    read: async (tenant, version, items) => {
      const found = new Map<string, ItemLists>();
      for (const item of items) {
        const text = rows.get(keyOf(tenant, version, item));
        if (text !== undefined) found.set(item, decodeLists(text));
      }
      return found;
    },
    put: async ({ tenant, item, version, lists }) => {
      rows.set(keyOf(tenant, version, item), encodeLists(lists));
    },
    pointTo: async (tenant, pointer) => {
      const old = pointers.get(tenant);
      if (old && (old.cut > pointer.cut || old.version > pointer.version)) return 'newer';
      pointers.set(tenant, pointer);
      return 'pointed';
    },
  };
};
