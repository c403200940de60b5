/**
 * What recommendations cost: learning by the event, serving by the request. Numbers of calls are
 * those of the code at its defaults; times are assumptions, said beside them.
 */
import type { PlatformConfig } from '../config.ts';
import { PRICES } from './prices.ts';
import { BYTES_PER_GB, BYTES_PER_KB } from './volume.ts';

export const RECOMMENDING = {
  /** Of all events, those that speak for an item; of them, those that are no repeat. */
  positiveShare: 0.5,
  /** Neighbours of each: forth and back, and the item's own count. */
  incrementsPerEvent: 21,
  /** An increment with its trimming and its end, sent as a script of under a kilobyte. */
  unitsPerIncrement: 1,
  /** Events of a user that one change holds. */
  eventsPerChange: 10,
  /** CPU of `project` for the pairs of a change. */
  learningMs: 0.1,
  /** Rows of demand, in units: one in ten seconds a shard, of 13 KB. */
  demandUnitsPerWrite: 13,
  /** A page: its function's time beside what it waits for, and waiting. */
  servingMs: 12,
  /** Lists of items that no process holds yet, of 8 KB, read as eventually consistent. */
  listsReadPerPage: 2,
  /** Rows asked whether they can still be had, of half a kilobyte, that nobody asked for in 5 s. */
  rowsReadPerPage: 5,
  /** Days of increments of twenty items, and a profile. */
  cacheUnitsPerPage: 40,
} as const;

export interface CostOf {
  readonly what: string;
  readonly usd: number;
}

const gbMs = (memoryMb: number): number => PRICES.gbSecond[0] * (memoryMb / BYTES_PER_KB / 1_000);

/** Of a million events, spread over the day at so many a second. */
export const learningUsd = (
  { functions, cache }: PlatformConfig,
  eventsPerSecond: number,
): readonly CostOf[] => {
  const r = RECOMMENDING;
  const changes = 1e6 / r.eventsPerChange;
  const increments = 1e6 * r.positiveShare * r.incrementsPerEvent * r.unitsPerIncrement;
  const seconds = 1e6 / eventsPerSecond;
  const rows = {
    what: 'rows of demand',
    usd: Math.min(changes, seconds / 10) * r.demandUnitsPerWrite * PRICES.writeUnit,
  };
  if (cache === undefined) return [rows];
  const cpu = changes * r.learningMs * gbMs(functions.project.memoryMb);
  const units = cache.kind === 'serverless' ? (increments + changes) * PRICES.cacheUnit : 0;
  return [
    { what: 'increments and claims in the cache', usd: units },
    { what: '`project`, beside what it does anyway', usd: cpu },
    rows,
  ];
};

/** Of a million pages. */
export const servingUsd = ({ functions, cache }: PlatformConfig): readonly CostOf[] => {
  const r = RECOMMENDING;
  const listUnits = r.listsReadPerPage * 1;
  const rowUnits = r.rowsReadPerPage * 0.5;
  const profileUnits = cache === undefined ? 1.5 : 0;
  const units = cache?.kind === 'serverless' ? r.cacheUnitsPerPage * PRICES.cacheUnit : 0;
  return [
    { what: 'API Gateway', usd: 1e6 * PRICES.apiRequest[0] },
    {
      what: '`personalize`',
      usd: 1e6 * (PRICES.functionCall + r.servingMs * gbMs(functions.personalize.memoryMb)),
    },
    { what: 'reads', usd: 1e6 * (listUnits + rowUnits + profileUnits) * PRICES.readUnit },
    ...(units > 0 ? [{ what: 'cache', usd: 1e6 * units }] : []),
    { what: 'logs', usd: (1e6 * LOG_BYTES * PRICES.logGb) / BYTES_PER_GB },
  ];
};

/** Lambda's own lines, and the access log's. */
const LOG_BYTES = 1_000;
