/**
 * What the stream has measured of one tag at an instant, per shape.
 *
 * With a cut, a UTC day, it is what the nightly does not have: of sums the tiles that arrived since,
 * while what may be counted twice without harm stays as it is.
 */
import { type EpochMs, epochMs, startOfUtcDay, utcDayOf } from '../time.ts';
import type { FoldedTag } from './compile.ts';
import { amountSince, type DayTiles, firstDayAt } from './day-tiles.ts';
import { countSince } from './distinct.ts';
import { extremeSince, firstDayTile } from './extremes.ts';
import type { TagState, TagValue } from './fold.ts';
import type { Saying } from './said.ts';
import { bestOf } from './top.ts';
import { firstTileAt, readWindow, TILE_DAY } from './window-tiles.ts';

export type Measured =
  | { readonly kind: 'amount'; readonly amount: number }
  | { readonly kind: 'instant'; readonly at: EpochMs }
  | { readonly kind: 'said'; readonly saying: Saying }
  | { readonly kind: 'text'; readonly text: string };

export interface StateReading {
  /** Undefined where there is nothing to say. */
  readonly measured: Measured | undefined;
  readonly partial: boolean;
}

interface Read {
  readonly measured: Measured | undefined;
  /** Of what is wanted, something was given up for its bound. */
  readonly bounded: boolean;
  /** Start of what is wanted. */
  readonly from: EpochMs;
}

const BEGINNING = epochMs(0);

const amount = (measured: number | undefined): Measured | undefined =>
  measured === undefined ? undefined : { kind: 'amount', amount: measured };

const readDays = (
  value: DayTiles,
  windowDays: number | undefined,
  now: EpochMs,
  cut: number,
): Read => {
  const first = windowDays === undefined ? 0 : Math.max(0, firstDayAt(utcDayOf(now), windowDays));
  const fresh = value.tiles.filter(({ arrivalDay }) => arrivalDay >= cut);
  // A tile that holds days of arrival on both sides of the cut is counted, and may count twice.
  const straddles = cut > 0 && fresh.some(({ mixed, eventDay }) => mixed && eventDay >= first);
  return {
    measured: amount(amountSince({ ...value, tiles: fresh }, first)),
    bounded: value.floorDay > first || straddles,
    from: startOfUtcDay(first),
  };
};

const readShape = ({ shape }: FoldedTag, held: TagValue, now: EpochMs, cut: number): Read => {
  if (shape.kind === 'window' && held.kind === 'window') {
    const { amount: sum, cut: bounded, from } = readWindow(held.value, shape, now);
    if (shape.merge === 'sum') return { measured: amount(sum), bounded, from };
    const found = extremeSince(held.value, firstTileAt(now, shape), shape.merge);
    return { measured: amount(found), bounded, from };
  }
  if (shape.kind === 'days' && held.kind === 'days') {
    return readDays(held.value, shape.windowDays, now, cut);
  }
  if (shape.kind === 'extremes' && held.kind === 'extremes') {
    const first = firstDayTile(now, shape.windowDays);
    const measured = amount(extremeSince(held.value, first, shape.merge));
    return { measured, bounded: held.value.floor > first, from: epochMs(first * TILE_DAY) };
  }
  if (shape.kind === 'distinct' && held.kind === 'distinct') {
    const first = shape.window ? firstTileAt(now, shape.window) : 0;
    const from = epochMs(first * (shape.window?.hop ?? 0));
    const measured = amount(countSince(held.value, first));
    return { measured, bounded: held.value.floor > first, from };
  }
  if (held.kind === 'instant') {
    const measured = held.value === undefined ? undefined : { kind: held.kind, at: held.value };
    return { measured, bounded: false, from: BEGINNING };
  }
  if (held.kind === 'said') {
    const { value: saying } = held;
    const measured = saying?.text === undefined ? undefined : { kind: held.kind, saying };
    return { measured, bounded: false, from: BEGINNING };
  }
  if (shape.kind === 'top' && held.kind === 'top') {
    const text = bestOf(held.value, shape.halfLifeMs);
    const measured = text === undefined ? undefined : { kind: 'text' as const, text };
    return { measured, bounded: held.value.floor !== undefined, from: BEGINNING };
  }
  return { measured: undefined, bounded: true, from: BEGINNING };
};

/** Whatever arrived before the cut is left to the nightly; without one, all is the stream's. */
export const readState = ({ tag, held, since }: TagState, now: EpochMs, cut = 0): StateReading => {
  const { measured, bounded, from } = readShape(tag, held, now, cut);
  const neededFrom = Math.max(from, startOfUtcDay(cut));
  return { measured, partial: bounded || since > neededFrom };
};
