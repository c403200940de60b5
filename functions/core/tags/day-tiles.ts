/**
 * Sums that stream and nightly share: tiles by (UTC day of the event, UTC day of arrival), with one
 * event day for a lifetime tag.
 *
 * The nightly holds everything that arrived before its cut, a UTC midnight; tiles of earlier
 * arrival days are then left out and nothing counts twice. So tiles may be merged along the day of
 * arrival only towards the NEWER day, and a merged tile says that it is mixed: it is left out
 * exactly or counted as partial, never wrong in silence.
 */
import { invariant } from '../invariant.ts';
import { addAmounts } from './amount.ts';
import type { CommutativeMonoid } from './monoid.ts';
import { packSigned, packUnsigned, readPacked } from './packed-integers.ts';

export const DAY_TILES_MAX = 40;
/** Arrival days older than this before the newest collapse into one tile per event day. */
export const ARRIVAL_DAYS_APART_MAX = 8;
/** The event day of all tiles of a lifetime tag. */
export const LIFETIME_DAY = 0;

export interface DayTile {
  readonly eventDay: number;
  readonly arrivalDay: number;
  readonly amount: number;
  /** Holds more than one arrival day. */
  readonly mixed: boolean;
}

export interface DayTiles {
  /** By event day, then arrival day. */
  readonly tiles: readonly DayTile[];
  /** The earliest event day that is still complete. */
  readonly floorDay: number;
}

const byDays = (left: DayTile, right: DayTile): number =>
  left.eventDay - right.eventDay || left.arrivalDay - right.arrivalDay;

export const dayTiles: CommutativeMonoid<DayTiles> = {
  empty: { tiles: [], floorDay: 0 },
  merge: (left, right) => {
    const floorDay = Math.max(left.floorDay, right.floorDay);
    const merged = new Map<string, DayTile>();
    for (const tile of [...left.tiles, ...right.tiles]) {
      if (tile.eventDay < floorDay) continue;
      const key = `${tile.eventDay}/${tile.arrivalDay}`;
      const other = merged.get(key);
      merged.set(key, other === undefined ? tile : joined(other, tile));
    }
    return { tiles: [...merged.values()].sort(byDays), floorDay };
  },
};

/** One tile out of two of an event day; it keeps the newer arrival day. */
const joined = (left: DayTile, right: DayTile): DayTile => ({
  eventDay: left.eventDay,
  arrivalDay: Math.max(left.arrivalDay, right.arrivalDay),
  amount: addAmounts(left.amount, right.amount),
  mixed: left.mixed || right.mixed || left.arrivalDay !== right.arrivalDay,
});

const withFloor = (state: DayTiles, floorDay: number): DayTiles =>
  floorDay <= state.floorDay
    ? state
    : { tiles: state.tiles.filter((tile) => tile.eventDay >= floorDay), floorDay };

const collapsed = (state: DayTiles, newestArrivalDay: number): DayTiles => {
  const old = (tile: DayTile): boolean =>
    tile.arrivalDay < newestArrivalDay - ARRIVAL_DAYS_APART_MAX;
  if (!state.tiles.some(old)) return state;
  const perDay = new Map<number, DayTile>();
  for (const tile of state.tiles.filter(old)) {
    const other = perDay.get(tile.eventDay);
    perDay.set(tile.eventDay, other === undefined ? tile : joined(other, tile));
  }
  const tiles = [...state.tiles.filter((tile) => !old(tile)), ...perDay.values()].sort(byDays);
  return { tiles, floorDay: state.floorDay };
};

/** One tile less: two arrival days of the oldest day that has two merge, else the oldest day goes. */
export const withOneTileLess = (state: DayTiles): DayTiles => {
  const { tiles, floorDay } = state;
  const at = tiles.findIndex((tile, index) => tiles[index + 1]?.eventDay === tile.eventDay);
  const [first, second] = [tiles[at], tiles[at + 1]];
  if (first !== undefined && second !== undefined) {
    return { tiles: tiles.toSpliced(at, 2, joined(first, second)), floorDay };
  }
  const oldest = tiles[0];
  // A lifetime tag has one event day, which never goes: its one tile is as small as it gets.
  if (oldest === undefined || oldest.eventDay === LIFETIME_DAY) return state;
  return withFloor(state, oldest.eventDay + 1);
};

export const boundDays = (
  state: DayTiles,
  windowDays: number | undefined,
  newestArrivalDay: number,
): DayTiles => {
  // One day more than a reader at the newest arrival wants, for a reader whose clock is behind.
  const floorDay = windowDays === undefined ? 0 : newestArrivalDay - windowDays;
  let bounded = collapsed(withFloor(state, floorDay), newestArrivalDay);
  while (bounded.tiles.length > DAY_TILES_MAX) bounded = withOneTileLess(bounded);
  return bounded;
};

/** Today and the days before it: 30 days are today and the 29 before. */
export const firstDayAt = (today: number, windowDays: number): number => today - windowDays + 1;

export const amountSince = ({ tiles }: DayTiles, firstDay: number): number =>
  tiles.reduce((sum, tile) => (tile.eventDay < firstDay ? sum : addAmounts(sum, tile.amount)), 0);

export const encodeDays = ({ tiles, floorDay }: DayTiles): string => {
  let text = packUnsigned(floorDay);
  let before = floorDay;
  for (const { eventDay, arrivalDay, amount, mixed } of tiles) {
    const arrival = packSigned((arrivalDay - eventDay) * 2 + (mixed ? 1 : 0));
    text += packUnsigned(eventDay - before) + arrival + packSigned(amount);
    before = eventDay;
  }
  return text;
};

export const decodeDays = (text: string): DayTiles => {
  const reader = readPacked(text);
  const floorDay = reader.unsigned();
  const tiles: DayTile[] = [];
  let eventDay = floorDay;
  while (!reader.ended()) {
    eventDay += reader.unsigned();
    const arrival = reader.signed();
    const mixed = arrival % 2 !== 0;
    const arrivalDay = eventDay + Math.floor(arrival / 2);
    invariant(tiles.length < DAY_TILES_MAX, 'more day tiles than the bound');
    tiles.push({ eventDay, arrivalDay, amount: reader.signed(), mixed });
  }
  return { tiles, floorDay };
};
