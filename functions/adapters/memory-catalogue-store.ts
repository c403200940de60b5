import type { CatalogueItem } from '../core/catalogue/item.ts';
import type { CatalogueChanges } from '../ports/catalogue-changes.ts';
import type { CatalogueStore, UnseenItems } from '../ports/catalogue-store.ts';

export interface MemoryCatalogue {
  readonly store: CatalogueStore & UnseenItems;
  readonly changes: CatalogueChanges;
}

export const memoryCatalogue = (): MemoryCatalogue => {
  const rows = new Map<string, CatalogueItem>();
  const marks = new Map<string, Map<string, string>>();
  const tenantMarks = new Map<string, string>();
  let lastMark = 0;
  const keyOf = (tenant: string, id: string): string => JSON.stringify([tenant, id]);
  const changed = (tenant: string, id: string): void => {
    lastMark += 1;
    marks.set(tenant, (marks.get(tenant) ?? new Map()).set(id, String(lastMark)));
    tenantMarks.set(tenant, String(lastMark));
  };
  return {
    store: {
      put: async (tenant, items, now) => {
        for (const item of items) {
          const { createdAt = now } = rows.get(keyOf(tenant, item.id)) ?? {};
          rows.set(keyOf(tenant, item.id), { item, createdAt, updatedAt: now });
          changed(tenant, item.id);
        }
      },
      putUnseen: async (tenant, items) => {
        const unseen = items.filter(({ item }) => !rows.has(keyOf(tenant, item.id)));
        for (const { item, at } of unseen) {
          rows.set(keyOf(tenant, item.id), { item, createdAt: at, updatedAt: at });
          changed(tenant, item.id);
        }
        return unseen.length;
      },
      find: async (tenant, id) => rows.get(keyOf(tenant, id)),
      remove: async (tenant, id) => {
        rows.delete(keyOf(tenant, id));
        changed(tenant, id);
      },
    },
    changes: {
      tenants: async () => [...tenantMarks].map(([tenant, mark]) => ({ tenant, mark })),
      read: async (tenant, itemsMax) => {
        const mine = [...(marks.get(tenant) ?? [])].map(([id, mark]) => ({
          ...{ id, mark },
          found: rows.get(keyOf(tenant, id)),
        }));
        return { items: mine.slice(0, itemsMax), isAll: mine.length <= itemsMax };
      },
      settle: async (tenant, { id, mark }) => {
        if (marks.get(tenant)?.get(id) === mark) marks.get(tenant)?.delete(id);
      },
      settleTenant: async ({ tenant, mark }) => {
        if (tenantMarks.get(tenant) === mark) tenantMarks.delete(tenant);
      },
    },
  };
};

/** For whoever does not ask what has changed. */
export const memoryCatalogueStore = (): MemoryCatalogue['store'] => memoryCatalogue().store;
