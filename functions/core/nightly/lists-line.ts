/** A line of UNLOAD: one item, with its neighbours. */
import type { ItemLists, Weighted } from '../recommend/lists.ts';

type Sent = Readonly<Record<string, unknown>>;

export interface ListsLine {
  readonly tenant: string;
  readonly item: string;
  readonly lists: ItemLists;
}

const isText = (value: unknown): value is string => typeof value === 'string' && value !== '';
const isAbsent = (value: unknown): boolean => value === null || value === undefined;

const parsed = (line: string): Sent => {
  try {
    return Object(JSON.parse(line));
  } catch {
    return {};
  }
};

const weightedIn = (value: unknown): Weighted | undefined => {
  const { item, weight }: Sent = Object(value);
  return isText(item) && typeof weight === 'number' ? [item, weight] : undefined;
};

const listIn = (value: unknown): readonly Weighted[] | undefined => {
  if (isAbsent(value)) return [];
  if (!Array.isArray(value)) return undefined;
  const list = value.map(weightedIn).filter((one) => one !== undefined);
  return list.length === value.length ? list : undefined;
};

/** A text says what is wrong with the line. */
export const readListsLine = (line: string): ListsLine | string => {
  const { tenant, item, events, gap_days: gap, ...sent } = parsed(line);
  if (!isText(tenant) || !isText(item)) return 'it names no tenant or no item';
  if (![events, gap].every((each) => isAbsent(each) || typeof each === 'number'))
    return 'it has a number that is none';
  const [pairs, similar] = [listIn(sent.pairs), listIn(sent.similar)];
  if (pairs === undefined || similar === undefined) return 'it has a list that is none';
  return {
    ...{ tenant, item },
    lists: {
      ...{ events: Number(events ?? 0), pairs, similar },
      ...(typeof gap === 'number' && { repurchaseDays: gap }),
    },
  };
};
