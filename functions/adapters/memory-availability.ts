import type { Availability } from '../ports/availability.ts';
import type { CatalogueStore } from '../ports/catalogue-store.ts';

export const memoryAvailability = (store: Pick<CatalogueStore, 'find'>): Availability => ({
  read: async (tenant, items) => {
    const found = new Map<string, boolean>();
    for (const item of items) {
      const kept = await store.find(tenant, item);
      if (kept !== undefined) found.set(item, kept.item.available);
    }
    return found;
  },
});
