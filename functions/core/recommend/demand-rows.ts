/** Where demand is kept: beside the minute's counters, and a row that says whose demand there is. */
import { MINUTE_ROWS_KEPT_SECONDS, minutePk, type RowKey } from '../analytics/tally-rows.ts';

export const ITEMS_PREFIX = 'items#';

export const demandKey = (tenant: string, minute: number, shardId: string): RowKey => ({
  pk: minutePk(tenant, minute),
  sk: `${ITEMS_PREFIX}${shardId}`,
});

export const TENANTS_PK = 'dem#';

/** Of rows and of what announces them: epoch seconds. */
export const demandTtl = (minute: number): number => (minute + 1) * 60 + MINUTE_ROWS_KEPT_SECONDS;

/** A row that others write to at once is written again so often, then given up. */
export const ADD_TRIES_MAX = 3;
/** Tenants whose demand one run asks about; of more, it is a fault. */
export const TENANTS_IN_DEMAND_MAX = 1_000;
