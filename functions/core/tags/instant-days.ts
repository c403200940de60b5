/**
 * An earliest or a latest instant, by UTC day of arrival: a copy that slipped past the memory may
 * claim another time than its event, and what arrived before the nightly's cut is the nightly's to
 * say. Of each day only what a later one does not beat is kept: whatever the cut, a reader takes
 * that day or none of the two.
 */
import { type EpochMs, epochMs } from '../time.ts';
import { type Instant, instants, type Pick } from './instant.ts';
import type { CommutativeMonoid } from './monoid.ts';
import { packSigned, packUnsigned, readPacked } from './packed-integers.ts';

export interface InstantTile {
  readonly arrivalDay: number;
  readonly at: EpochMs;
  /** Holds older days of arrival too. */
  readonly mixed: boolean;
}

/** By day of arrival. */
export type InstantDays = readonly InstantTile[];

/** Older days of arrival than this before the newest are one tile. */
const ARRIVAL_DAYS_APART_MAX = 8;

const joined = (left: InstantTile, right: InstantTile, pick: Pick): InstantTile => ({
  arrivalDay: Math.max(left.arrivalDay, right.arrivalDay),
  at: instants[pick].merge(left.at, right.at) ?? left.at,
  mixed: left.mixed || right.mixed || left.arrivalDay !== right.arrivalDay,
});

const front = (tiles: readonly InstantTile[], pick: Pick): InstantDays => {
  const kept: InstantTile[] = [];
  let best: Instant;
  for (const tile of tiles.toSorted((left, right) => right.arrivalDay - left.arrivalDay)) {
    const merged = instants[pick].merge(best, tile.at);
    if (merged === best) continue;
    best = merged;
    kept.push(tile);
  }
  return kept.reverse();
};

const mergedDays = (left: InstantDays, right: InstantDays, pick: Pick): InstantDays => {
  const byDay = new Map<number, InstantTile>();
  for (const tile of [...left, ...right]) {
    const other = byDay.get(tile.arrivalDay);
    byDay.set(tile.arrivalDay, other === undefined ? tile : joined(other, tile, pick));
  }
  return front([...byDay.values()], pick);
};

const merging = (pick: Pick): CommutativeMonoid<InstantDays> => ({
  empty: [],
  merge: (left, right) => mergedDays(left, right, pick),
});

export const instantDays: Readonly<Record<Pick, CommutativeMonoid<InstantDays>>> = {
  earliest: merging('earliest'),
  latest: merging('latest'),
};

/** One tile less, of the oldest two; one alone stays. */
export const withOneInstantLess = (tiles: InstantDays, pick: Pick): InstantDays => {
  const [first, second, ...rest] = tiles;
  if (first === undefined || second === undefined) return tiles;
  return front([joined(first, second, pick), ...rest], pick);
};

export const boundInstants = (
  tiles: InstantDays,
  pick: Pick,
  newestArrivalDay: number,
): InstantDays => {
  const isOld = ({ arrivalDay }: InstantTile): boolean =>
    arrivalDay < newestArrivalDay - ARRIVAL_DAYS_APART_MAX;
  let bounded = tiles;
  while (bounded[1] !== undefined && isOld(bounded[1])) bounded = withOneInstantLess(bounded, pick);
  return bounded;
};

/** What is not changed is not written anew. */
export const isSameInstants = (left: InstantDays, right: InstantDays): boolean =>
  left.length === right.length &&
  left.every((tile, place) => {
    const other = right[place];
    return (
      tile.arrivalDay === other?.arrivalDay && tile.at === other.at && tile.mixed === other.mixed
    );
  });

export interface InstantReading {
  readonly at: Instant;
  /** What counts holds arrivals from before the cut as well. */
  readonly mixed: boolean;
}

/** Of what arrived on this day or later. */
export const instantSince = (tiles: InstantDays, day: number, pick: Pick): InstantReading => {
  const counted = tiles.filter(({ arrivalDay }) => arrivalDay >= day);
  return {
    at: counted.reduce<Instant>((best, { at }) => instants[pick].merge(best, at), undefined),
    mixed: counted.some(({ mixed }) => mixed),
  };
};

/** Before there were days, an instant was one number above 0. */
const DAYS_FOLLOW = 0;
const DAY_MS = 86_400_000;

export const encodeInstants = (tiles: InstantDays): string => {
  let text = packUnsigned(DAYS_FOLLOW);
  let before = 0;
  for (const { arrivalDay, at, mixed } of tiles) {
    text += packUnsigned((arrivalDay - before) * 2 + (mixed ? 1 : 0));
    text += packSigned(at - arrivalDay * DAY_MS);
    before = arrivalDay;
  }
  return text;
};

export const decodeInstants = (text: string): InstantDays => {
  const reader = readPacked(text);
  const first = reader.unsigned();
  if (first !== DAYS_FOLLOW) {
    const at = epochMs(first - 1);
    return [{ arrivalDay: Math.floor(at / DAY_MS), at, mixed: true }];
  }
  const tiles: InstantTile[] = [];
  let arrivalDay = 0;
  while (!reader.ended()) {
    const step = reader.unsigned();
    arrivalDay += Math.floor(step / 2);
    const at = epochMs(reader.signed() + arrivalDay * DAY_MS);
    tiles.push({ arrivalDay, at, mixed: step % 2 === 1 });
  }
  return tiles;
};
