/** A table of demand as the text of its row; items that do not fit go, the lightest first. */
import { utf8Bytes } from '../event/utf8.ts';
import { invariant } from '../invariant.ts';
import {
  DEMAND_ITEMS_MAX,
  DEMAND_REGIONS,
  type DemandedItem,
  type DemandTable,
  heaviestOf,
} from './demand-table.ts';

/** 500 items of ids as long as a UUID; a row is paid by the kilobyte. */
export const DEMAND_BYTES_MAX = 32 * 1_024;

/** Id, weights by region, and the error where there is one. */
type StoredItem = readonly [item: string, weights: readonly number[], error?: number];

interface StoredTable {
  readonly f: number;
  readonly i: readonly StoredItem[];
}

const storedItem = ([id, { weights, error }]: readonly [string, DemandedItem]): StoredItem =>
  error === 0 ? [id, weights] : [id, weights, error];

const textOf = ({ items, floor }: DemandTable): string =>
  JSON.stringify({ f: floor, i: [...items].map(storedItem) } satisfies StoredTable);

export const encodeDemand = (table: DemandTable): string => {
  const whole = heaviestOf(table);
  const text = textOf(whole);
  if (utf8Bytes(text) <= DEMAND_BYTES_MAX) return text;
  let fits = 0;
  let tooMany = Math.min(whole.items.size, DEMAND_ITEMS_MAX);
  while (tooMany - fits > 1) {
    const middle = Math.floor((fits + tooMany) / 2);
    if (utf8Bytes(textOf(heaviestOf(whole, middle))) > DEMAND_BYTES_MAX) tooMany = middle;
    else fits = middle;
  }
  return textOf(heaviestOf(whole, fits));
};

const isWeight = (value: unknown): value is number =>
  typeof value === 'number' && Number.isSafeInteger(value) && value >= 0;

const isStoredItem = (value: unknown): value is StoredItem => {
  if (!Array.isArray(value)) return false;
  const [id, weights, error = 0]: readonly unknown[] = value;
  return (
    typeof id === 'string' &&
    Array.isArray(weights) &&
    weights.length === DEMAND_REGIONS.length &&
    weights.every(isWeight) &&
    isWeight(error)
  );
};

/** Throws on nonsense: what was stored is ours. */
export const decodeDemand = (text: string): DemandTable => {
  const { f, i }: Readonly<Record<string, unknown>> = Object(JSON.parse(text));
  invariant(isWeight(f), 'demand has a floor');
  invariant(Array.isArray(i) && i.every(isStoredItem), 'demand is a list of items with weights');
  const stored: readonly StoredItem[] = i;
  return {
    items: new Map(stored.map(([id, weights, error = 0]) => [id, { weights, error }])),
    floor: f,
  };
};
