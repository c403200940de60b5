/**
 * What is learnt from, as it stands in `fx`: packed, because every write of a profile pays for it. An
 * item is its place among the strings, an instant the milliseconds since the one before.
 */
import type { PositiveEvent } from '../recommend/learning.ts';
import type { CountedEvent } from '../tags/fold.ts';
import { packSigned, packUnsigned, readPacked } from '../tags/packed-integers.ts';
import { type Positives, positiveOf } from './positives.ts';

type PlaceOf = (item: string) => number;
/** Of an order, or the one of a product: most events speak for exactly what they name there. */
type Lines = readonly (readonly [item: number, ...unknown[]])[];
type Minutes = readonly { readonly minute: number }[];

export const MINUTE_MS = 60_000;

const startOf = (minutes: Minutes): number => (minutes[0]?.minute ?? 0) * MINUTE_MS;

/** Newest first; the first instant is since the start of the first minute. */
export const packBefore = (before: Positives, minutes: Minutes, placeOf: PlaceOf): string =>
  before
    .map(({ item, arrivedAt }, n) => {
      const step = arrivedAt - (before[n - 1]?.arrivedAt ?? startOf(minutes));
      return packUnsigned(placeOf(item)) + packSigned(step);
    })
    .join('');

/** For one event after the other, from the same start. */
export const positivesPacker = (minutes: Minutes, placeOf: PlaceOf) => {
  let before = startOf(minutes);
  /** Nothing for an event that says nothing. */
  return (counted: CountedEvent, lines: Lines): readonly [] | readonly [string] => {
    const positive = positiveOf(counted);
    if (positive === undefined) return [];
    const { weight, arrivedAt, items } = positive;
    const said = packUnsigned(weight) + packSigned(arrivedAt - before);
    before = arrivedAt;
    const places = items.map(placeOf);
    const isSaid = places.length === lines.length && places.every((at, n) => at === lines[n]?.[0]);
    return [said + (isSaid ? '' : places.map(packUnsigned).join(''))];
  };
};

/** Throws on what no bundle of ours has packed. */
export const readBefore = (
  before: string,
  minutes: Minutes,
  strings: readonly string[],
): Positives => {
  const reader = readPacked(before);
  const list: { item: string; arrivedAt: number }[] = [];
  let arrivedAt = startOf(minutes);
  while (!reader.ended()) {
    const item = strings[reader.unsigned()] ?? '';
    arrivedAt += reader.signed();
    list.push({ item, arrivedAt });
  }
  return list;
};

/** Those of all events that said something, in order of arrival. */
export const readPositives = (
  packed: readonly (readonly [positive: string, lines: Lines])[],
  minutes: Minutes,
  strings: readonly string[],
): readonly PositiveEvent[] => {
  let arrivedAt = startOf(minutes);
  return packed.map(([text, lines]) => {
    const reader = readPacked(text);
    const weight = reader.unsigned();
    arrivedAt += reader.signed();
    const places = reader.ended() ? lines.map(([item]) => item) : [];
    while (!reader.ended()) places.push(reader.unsigned());
    return { arrivedAt, weight, items: places.map((place) => strings[place] ?? '') };
  });
};
