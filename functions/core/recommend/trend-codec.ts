/** A scope's state, and a tenant's tick, as the texts of their rows. */
import { utf8Bytes } from '../event/utf8.ts';
import { invariant } from '../invariant.ts';
import type { Decayed } from '../profile/decayed.ts';
import { heaviestTrends, type TrendItem, type TrendList } from './trend-list.ts';
import type { TrendState } from './trend-state.ts';
import { TREND_ITEMS_MAX } from './trends.ts';

/** Before it is deflated: 200 items of ids as long as a UUID in both lists. */
export const TRENDS_BYTES_MAX = 48 * 1_024;

/** Of a logarithm: a touched weight is off by 4e-8 of itself. */
const DIGITS = 7;

type StoredSum = number | null;
type StoredItem = readonly [item: string, counted: number, error?: number];

interface StoredList {
  readonly i: readonly StoredItem[];
  readonly f: StoredSum;
  readonly m: StoredSum;
}

const storedSum = (sum: Decayed): StoredSum => (sum === undefined ? null : rounded(sum));
const rounded = (sum: number): number => Number(sum.toFixed(DIGITS));
const loadedSum = (stored: unknown): Decayed => {
  if (stored === null) return undefined;
  invariant(typeof stored === 'number' && Number.isFinite(stored), 'a fading sum is a number');
  return stored;
};

const storedItem = ([id, { counted, error }]: readonly [string, TrendItem]): StoredItem => {
  invariant(counted !== undefined, 'an item that has a place was counted');
  return error === undefined ? [id, rounded(counted)] : [id, rounded(counted), rounded(error)];
};

const storedList = ({ items, floor, missed }: TrendList): StoredList => ({
  i: [...items].map(storedItem),
  f: storedSum(floor),
  m: storedSum(missed),
});

const loadedItem = (stored: unknown): readonly [string, TrendItem] => {
  invariant(Array.isArray(stored), 'an item with its sums is a list');
  const [id, counted, error = null]: readonly unknown[] = stored;
  invariant(typeof id === 'string' && counted !== null, 'an item has an id and a sum');
  return [id, { counted: loadedSum(counted), error: loadedSum(error) }];
};

const loadedList = (stored: unknown): TrendList => {
  const { i, f, m }: Readonly<Record<string, unknown>> = Object(stored);
  invariant(Array.isArray(i), 'trends are a list');
  return { items: new Map(i.map(loadedItem)), floor: loadedSum(f), missed: loadedSum(m) };
};

/** The text of the most items for each list that fit. */
const longest = (textOf: (itemsMax: number) => string): string => {
  const whole = textOf(TREND_ITEMS_MAX);
  if (utf8Bytes(whole) <= TRENDS_BYTES_MAX) return whole;
  let fits = 0;
  let tooMany = TREND_ITEMS_MAX;
  while (tooMany - fits > 1) {
    const middle = Math.floor((fits + tooMany) / 2);
    if (utf8Bytes(textOf(middle)) > TRENDS_BYTES_MAX) tooMany = middle;
    else fits = middle;
  }
  return textOf(fits);
};

/** Long ids cost both lists their lightest. */
export const encodeTrendState = ({ through, hot, popular }: TrendState): string =>
  longest((itemsMax) =>
    JSON.stringify({
      t: through,
      h: storedList(heaviestTrends(hot, itemsMax)),
      p: storedList(heaviestTrends(popular, itemsMax)),
    }),
  );

/** Throws on nonsense: what was stored is ours. */
export const decodeTrendState = (scope: string, text: string): TrendState => {
  const { t, h, p }: Readonly<Record<string, unknown>> = Object(JSON.parse(text));
  invariant(typeof t === 'number' && Number.isSafeInteger(t), 'trends name their newest minute');
  return { scope, through: t, hot: loadedList(h), popular: loadedList(p) };
};

/** How far a tenant's trends have come, and which categories are asked for. */
export interface TrendsTick {
  readonly through: number;
  readonly categories: TrendList;
}

export const encodeCategories = (categories: TrendList): string =>
  longest((itemsMax) => JSON.stringify(storedList(heaviestTrends(categories, itemsMax))));

export const decodeCategories = (text: string): TrendList => loadedList(JSON.parse(text));
