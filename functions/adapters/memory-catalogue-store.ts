import type { CatalogueItem } from '../core/catalogue/item.ts';
import type { CatalogueStore } from '../ports/catalogue-store.ts';

export const memoryCatalogueStore = (): CatalogueStore => {
  const rows = new Map<string, CatalogueItem>();
  const keyOf = (tenant: string, id: string): string => JSON.stringify([tenant, id]);
  return {
    put: async (tenant, item, now) => {
      const { createdAt = now } = rows.get(keyOf(tenant, item.id)) ?? {};
      rows.set(keyOf(tenant, item.id), { item, createdAt, updatedAt: now });
    },
    find: async (tenant, id) => rows.get(keyOf(tenant, id)),
    remove: async (tenant, id) => {
      rows.delete(keyOf(tenant, id));
    },
  };
};
