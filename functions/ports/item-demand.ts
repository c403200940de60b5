import type { DemandTable } from '../core/recommend/demand-table.ts';

/** Of a tenant's minute, by what one shard's reader saw. */
export interface DemandRow {
  readonly tenant: string;
  readonly shardId: string;
  /** Whole minutes since 1970. */
  readonly minute: number;
  readonly table: DemandTable;
}

export interface TenantInDemand {
  readonly tenant: string;
  /** The newest minute of which there may be rows. */
  readonly minute: number;
}

/** Rows of demand, which writers add to: several may add to one row, and nothing is counted twice. */
export interface ItemDemand {
  /** Says that there is demand of this minute, before its first row is; an older one changes nothing. */
  readonly announce: (one: TenantInDemand) => Promise<void>;
  /** Lost where others were faster, again and again; a fault may have added it or not. */
  readonly add: (row: DemandRow) => Promise<'added' | 'lost'>;
}

export interface ItemDemandReader {
  /** Those that were announced in the last days. */
  readonly tenants: () => Promise<readonly TenantInDemand[]>;
  /** All shards' of the minute. */
  readonly of: (tenant: string, minute: number) => Promise<DemandTable>;
}
