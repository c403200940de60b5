import type { CatalogueItem } from '../core/catalogue/item.ts';
import type { ItemInput } from '../core/catalogue/item-schemas.ts';
import type { EpochMs } from '../core/time.ts';

/** What a tenant offers, item by item. */
export interface CatalogueStore {
  /** In place of what was there; an item keeps the instant at which it was first put. */
  readonly put: (tenant: string, item: ItemInput, now: EpochMs) => Promise<void>;
  readonly find: (tenant: string, id: string) => Promise<CatalogueItem | undefined>;
  /** What is not there is as good as removed. */
  readonly remove: (tenant: string, id: string) => Promise<void>;
}
