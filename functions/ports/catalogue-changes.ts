import type { CatalogueItem } from '../core/catalogue/item.ts';

/** Of one change: the next change of the same thing has another. */
export type ChangeMark = string;

export interface ChangedTenant {
  readonly tenant: string;
  readonly mark: ChangeMark;
}

export interface ChangedItem {
  readonly id: string;
  readonly mark: ChangeMark;
  /** At least as new as the change; undefined where it is gone. */
  readonly found: CatalogueItem | undefined;
}

/**
 * What has changed in the catalogue and is in no snapshot yet. A change stays until it is settled,
 * and one that came after the mark was read is not settled by it.
 */
export interface CatalogueChanges {
  readonly tenants: () => Promise<readonly ChangedTenant[]>;
  /** Some of them, where there are more than so many, or where the store does not answer for all. */
  readonly read: (
    tenant: string,
    itemsMax: number,
  ) => Promise<{ readonly items: readonly ChangedItem[]; readonly isAll: boolean }>;
  readonly settle: (tenant: string, change: Pick<ChangedItem, 'id' | 'mark'>) => Promise<void>;
  /** Once nothing of the tenant was left to read. */
  readonly settleTenant: (tenant: ChangedTenant) => Promise<void>;
}
