/**
 * Expiry: a row per item that has an expiry time, written with the item, and a sweep that is late.
 *
 * AWS removes within days of the expiry time, never on it: readers must judge by the attribute. So
 * the sweep waits a while on purpose.
 */
import type { Item, Level, LevelOperation } from './dynalite.ts';

/** What expired longer ago than this is left alone, as on AWS: more likely wrong than old. */
const TOO_OLD_SECONDS = 5 * 365 * 86_400;
const SECONDS_DIGITS = 12;
export const EXPIRIES_PER_SWEEP_MAX = 500;

const prefixOf = (table: string): string => `expiry~${table}~`;
const secondsText = (seconds: number): string =>
  String(Math.max(0, Math.floor(seconds))).padStart(SECONDS_DIGITS, '0');

/** Epoch seconds in the attribute; only a number expires an item. */
export const expiryOf = (item: Item | undefined, attribute: string): number | undefined => {
  const text = item?.[attribute]?.N;
  const seconds = typeof text === 'string' ? Number(text) : Number.NaN;
  return seconds >= 0 && seconds < 10 ** SECONDS_DIGITS ? seconds : undefined;
};

const rowKey = (table: string, seconds: number, itemKey: string): string =>
  `${prefixOf(table)}${secondsText(seconds)}~${itemKey}`;

export interface ExpiryChange {
  readonly table: string;
  readonly itemKey: string;
  readonly attribute: string;
  readonly keys: Item;
  readonly old?: Item;
  readonly next?: Item;
}

/** The expiry rows that change with an item. */
export const expiryOperations = (change: ExpiryChange): readonly LevelOperation[] => {
  const before = expiryOf(change.old, change.attribute);
  const after = expiryOf(change.next, change.attribute);
  if (before === after) return [];
  const operations: LevelOperation[] = [];
  if (before !== undefined) {
    operations.push({ type: 'del', key: rowKey(change.table, before, change.itemKey) });
  }
  if (after !== undefined) {
    operations.push({
      type: 'put',
      key: rowKey(change.table, after, change.itemKey),
      value: change.keys,
    });
  }
  return operations;
};

/** Keys of items whose time came before the given second. */
export const expiredKeys = async (
  db: Level,
  table: string,
  beforeSeconds: number,
): Promise<readonly Item[]> => {
  const rows = await db
    .iterator({
      gte: `${prefixOf(table)}${secondsText(beforeSeconds - TOO_OLD_SECONDS)}`,
      lt: `${prefixOf(table)}${secondsText(beforeSeconds)}`,
      limit: EXPIRIES_PER_SWEEP_MAX,
    })
    .all();
  return rows.map(([, keys]) => keys as Item);
};

/** All expiry rows of a table: they go when the attribute changes or the table does. */
export const stageNoExpiry = async (
  db: Level,
  table: string,
): Promise<readonly LevelOperation[]> => {
  const prefix = prefixOf(table);
  const keys = await db.keys({ gt: prefix, lt: `${prefix}~` }).all();
  return keys.map((key) => ({ type: 'del', key }));
};
