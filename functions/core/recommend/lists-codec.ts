/** An item's lists as the text of its row: as many neighbours as fit, the heaviest first. */
import { utf8Bytes } from '../event/utf8.ts';
import { invariant } from '../invariant.ts';
import { type ItemLists, NEIGHBOURS_MAX, type Weighted } from './lists.ts';

export const LISTS_BYTES_MAX = 8 * 1_024;
/** Of a weight: its error is a thousandth of what the next rank differs by. */
const WEIGHT_DIGITS = 6;

/** Short, because a table's row is paid by the kilobyte. */
interface StoredLists {
  readonly e: number;
  readonly p?: readonly Weighted[];
  readonly s?: readonly Weighted[];
  readonly r?: number;
}

const rounded = (weight: number): number => Number(weight.toPrecision(WEIGHT_DIGITS));
const shortened = (list: readonly Weighted[]): readonly Weighted[] =>
  list.slice(0, NEIGHBOURS_MAX).map(([item, weight]) => [item, rounded(weight)]);

const textOf = ({ events, pairs, similar, repurchaseDays }: ItemLists): string => {
  const stored: StoredLists = {
    e: rounded(events),
    ...(pairs.length > 0 && { p: pairs }),
    ...(similar.length > 0 && { s: similar }),
    ...(repurchaseDays !== undefined && { r: rounded(repurchaseDays) }),
  };
  return JSON.stringify(stored);
};

const firstOf = (lists: ItemLists, count: number): ItemLists => ({
  ...lists,
  pairs: lists.pairs.slice(0, count),
  similar: lists.similar.slice(0, count),
});

/** Long ids cost both lists their lightest, rank by rank. */
export const encodeLists = (lists: ItemLists): string => {
  const whole = {
    ...lists,
    pairs: shortened(lists.pairs),
    similar: shortened(lists.similar),
  };
  let fits = 0;
  let tooMany = NEIGHBOURS_MAX + 1;
  while (tooMany - fits > 1) {
    const middle = Math.floor((fits + tooMany) / 2);
    if (utf8Bytes(textOf(firstOf(whole, middle))) > LISTS_BYTES_MAX) tooMany = middle;
    else fits = middle;
  }
  return textOf(firstOf(whole, fits));
};

const isWeighted = (value: unknown): value is Weighted =>
  Array.isArray(value) && typeof value[0] === 'string' && Number.isFinite(value[1]);

const listIn = (value: unknown): readonly Weighted[] => {
  const list = value ?? [];
  invariant(Array.isArray(list) && list.every(isWeighted), 'a list has ids with weights');
  return list;
};

export const decodeLists = (text: string): ItemLists => {
  const { e, p, s, r }: Readonly<Record<string, unknown>> = Object(JSON.parse(text));
  invariant(typeof e === 'number', 'an item has a number of events');
  invariant(r === undefined || typeof r === 'number', 'a gap is a number of days');
  return {
    events: e,
    pairs: listIn(p),
    similar: listIn(s),
    ...(r !== undefined && { repurchaseDays: r }),
  };
};
