/**
 * Both lists of a user's own items as text: as many as fit. Most ids stand in the recent items too,
 * so an item is a place among them; only what they lack is written out.
 */
import { invariant } from '../invariant.ts';
import type { Bought } from '../recommend/ranking.ts';
import {
  type PackedReader,
  packSigned,
  packUnsigned,
  readPacked,
} from '../tags/packed-integers.ts';
import { jsonBytes } from '../tags/text-bytes.ts';
import { epochMs } from '../time.ts';
import { BOUGHT_STEP, WEIGHT_PARTS } from './bought.ts';
import type { Positives } from './positives.ts';
import { newestItems, type RecentItems } from './recent-items.ts';

export const POSITIVES_BYTES_MAX = 216;
export const BOUGHT_BYTES_MAX = 184;
/** Brackets and quotes around the numbers. */
const FRAME_BYTES = 4;
const COMMA_BYTES = 1;

export interface PersonalItems {
  readonly positives: Positives;
  readonly bought: readonly Bought[];
}

/** What the profile has anyway. */
export interface Beside {
  readonly items: RecentItems;
  /** The user's newest arrival. */
  readonly newest: number;
}

/** Numbers, then the ids that were written nowhere before. */
export type StoredList = readonly [numbers: string, ...ids: string[]];

/** Ids by their places; a new one gets the next. */
const placesAfter = (ids: readonly string[]) => {
  const places = new Map(ids.map((id, place) => [id, place]));
  const added: string[] = [];
  return {
    added,
    placeOf: (id: string): number => {
      const place = places.get(id) ?? places.size;
      if (place === places.size) {
        places.set(id, place);
        added.push(id);
      }
      return place;
    },
  };
};

interface Listed {
  readonly item: string;
  readonly numbers: (place: number) => string;
}

/** The first so many of the list, and what they are written as. */
const firstThatFit = (
  ids: readonly string[],
  list: readonly Listed[],
  bytesMax: number,
): readonly [many: number, stored: StoredList] => {
  const { added, placeOf } = placesAfter(ids);
  let text = '';
  let bytes = FRAME_BYTES;
  for (const [many, { item, numbers }] of list.entries()) {
    const known = added.length;
    const more = numbers(placeOf(item));
    const isNew = added.length > known;
    bytes += more.length + (isNew ? jsonBytes(item) + COMMA_BYTES : 0);
    if (bytes > bytesMax) return [many, [text, ...added.slice(0, known)]];
    text += more;
  }
  return [list.length, [text, ...added]];
};

/** What each is away from the one before, and the first from the user's newest arrival. */
const steps = (instants: readonly number[], from: number): readonly number[] =>
  instants.map((instant, place) => instant - (instants[place - 1] ?? from));

const inSteps = (at: number): number => Math.floor(at / BOUGHT_STEP);

const listedPositives = (positives: Positives, newest: number): readonly Listed[] => {
  const gaps = steps(
    positives.map(({ arrivedAt }) => arrivedAt),
    newest,
  );
  return positives.map(({ item }, n) => ({
    item,
    numbers: (place) => packUnsigned(place) + packSigned(gaps[n] ?? 0),
  }));
};

/** The last purchase alone weighs 1. */
const listedBought = (bought: readonly Bought[], newest: number): readonly Listed[] => {
  const gaps = steps(
    bought.map(({ boughtAt }) => boughtAt / BOUGHT_STEP),
    inSteps(newest),
  );
  return bought.map(({ item, weight }, n) => ({
    item,
    numbers: (place) =>
      packUnsigned(place) + packUnsigned((weight - 1) * WEIGHT_PARTS) + packSigned(gaps[n] ?? 0),
  }));
};

const recentIds = (items: RecentItems): readonly string[] => newestItems(items).map(([id]) => id);

const fitted = ({ positives, bought }: PersonalItems, { items, newest }: Beside) => {
  const recent = recentIds(items);
  const [manyPositives, h] = firstThatFit(
    recent,
    listedPositives(positives, newest),
    POSITIVES_BYTES_MAX,
  );
  const before = [...recent, ...h.slice(1)];
  const [manyBought, b] = firstThatFit(before, listedBought(bought, newest), BOUGHT_BYTES_MAX);
  return { manyPositives, manyBought, h, b };
};

/** Of both the first that fit; what falls out of one is gone. */
export const boundPersonal = (personal: PersonalItems, beside: Beside): PersonalItems => {
  const { positives, bought } = personal;
  if (positives.length === 0 && bought.length === 0) return personal;
  const { manyPositives, manyBought } = fitted(personal, beside);
  return {
    positives: manyPositives < positives.length ? positives.slice(0, manyPositives) : positives,
    bought: manyBought < bought.length ? bought.slice(0, manyBought) : bought,
  };
};

export interface StoredPersonal {
  readonly h?: StoredList;
  readonly b?: StoredList;
}

/** Of lists that were bounded beside these. */
export const encodePersonal = (personal: PersonalItems, beside: Beside): StoredPersonal => {
  const { manyPositives, manyBought, h, b } = fitted(personal, beside);
  invariant(manyPositives === personal.positives.length, 'positive items fit into their bytes');
  invariant(manyBought === personal.bought.length, 'bought items fit into their bytes');
  return { ...(manyPositives > 0 && { h }), ...(manyBought > 0 && { b }) };
};

const readList = <T>(
  ids: readonly string[],
  [numbers, ...own]: StoredList,
  read: (item: string, reader: PackedReader) => T,
): readonly T[] => {
  const all = [...ids, ...own];
  const reader = readPacked(numbers);
  const list: T[] = [];
  while (!reader.ended()) {
    const item = all[reader.unsigned()];
    invariant(item !== undefined, 'an item of a list has its id');
    list.push(read(item, reader));
  }
  return list;
};

/** An item of state that was written before there were such lists has none. */
export const decodePersonal = (
  { h = [''], b = [''] }: StoredPersonal,
  { items, newest }: Beside,
): PersonalItems => {
  const recent = recentIds(items);
  let arrivedAt = newest;
  const positives = readList(recent, h, (item, reader) => {
    arrivedAt += reader.signed();
    return { item, arrivedAt };
  });
  let step = inSteps(newest);
  const bought = readList([...recent, ...h.slice(1)], b, (item, reader) => {
    const weight = 1 + reader.unsigned() / WEIGHT_PARTS;
    step += reader.signed();
    return { item, weight, boughtAt: epochMs(step * BOUGHT_STEP) };
  });
  return { positives, bought };
};
