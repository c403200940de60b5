import type { CatalogueItem } from '../core/catalogue/item.ts';
import type { ItemInput } from '../core/catalogue/item-schemas.ts';
import type { EpochMs } from '../core/time.ts';

/**
 * What a tenant offers, item by item. Whatever is written or removed here is told as a change
 * (catalogue-changes.ts) before it is answered: who gets no answer writes again.
 */
export interface CatalogueStore {
  /** Each once, in place of what was there; an item keeps the instant at which it was first put. */
  readonly put: (tenant: string, items: readonly ItemInput[], now: EpochMs) => Promise<void>;
  readonly find: (tenant: string, id: string) => Promise<CatalogueItem | undefined>;
  /** What is not there is as good as removed. */
  readonly remove: (tenant: string, id: string) => Promise<void>;
}

/** An item that an event named, as of that event. */
export interface UnseenItem {
  readonly item: ItemInput;
  readonly at: EpochMs;
}

/** Items that nobody has put: what is there already stays as it is, and is no change. */
export interface UnseenItems {
  /** Each once; answers with how many were put. */
  readonly putUnseen: (tenant: string, items: readonly UnseenItem[]) => Promise<number>;
}
