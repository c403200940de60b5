/** The tiles that a reader takes of a tag at an instant, per shape. */
import { type EpochMs, epochMs, startOfUtcDay, utcDayOf } from '../time.ts';
import { type DayTiles, firstDayAt } from './day-tiles.ts';
import type { Distinct } from './distinct.ts';
import type { TagState } from './fold.ts';
import { instants } from './instant.ts';
import { instantSince } from './instant-days.ts';
import type { ShapeOf } from './keepers.ts';
import type { Parts } from './read.ts';
import { said } from './said.ts';
import { rankedTop, scaleOf, type Top, weightAt } from './top.ts';
import {
  firstTileAt,
  TILE_DAY,
  type WindowShape,
  type WindowTiles,
  windowTileOf,
} from './window-tiles.ts';

export interface ReadTile {
  /** Undefined for the tiles of a lifetime. */
  readonly start: EpochMs | undefined;
  /** UTC day; undefined where a tile does not keep it. */
  readonly arrivalDay: number | undefined;
  /** Holds older days of arrival too. */
  readonly mixed: boolean;
  /** Of a top: the value that weighs this much. */
  readonly part?: string;
  /** Whole; of money in micros. */
  readonly amount: number;
}

const DAY_MS = startOfUtcDay(1) - startOfUtcDay(0);

/** What a reader takes of one tag at an instant. */
export interface TilePart {
  readonly kind: 'sliding' | 'days' | 'lifetime' | 'instant';
  readonly lengthMs: number | undefined;
  readonly hopMs: number | undefined;
  /** Start of the first tile that counts. */
  readonly from: EpochMs | undefined;
  readonly tiles: readonly ReadTile[];
  /** Tiles that began earlier have been dropped. */
  readonly floor: EpochMs | undefined;
  /** Whether an event of then lies in one of them. */
  readonly holds: (timestamp: EpochMs) => boolean;
}

const windowPart = (
  { tiles, floor }: { readonly tiles: ReadonlyMap<number, number>; readonly floor: number },
  shape: WindowShape,
  now: EpochMs,
): TilePart => {
  const { hop, length } = shape;
  const first = firstTileAt(now, shape);
  const startOf = (index: number): EpochMs => epochMs(index * hop);
  return {
    kind: 'sliding',
    lengthMs: length,
    hopMs: hop,
    from: startOf(first),
    tiles: [...tiles]
      .filter(([index]) => index >= first)
      .sort(([left], [right]) => left - right)
      .map(([index, amount]) => ({
        start: startOf(index),
        arrivalDay: undefined,
        mixed: false,
        amount,
      })),
    floor: floor > 0 ? startOf(floor) : undefined,
    holds: (timestamp) => windowTileOf(timestamp, hop) >= Math.max(first, floor),
  };
};

const daysPart = (
  { tiles, floorDay }: DayTiles,
  windowDays: number | undefined,
  now: EpochMs,
): TilePart => {
  const isLifetime = windowDays === undefined;
  const first = isLifetime ? 0 : Math.max(0, firstDayAt(utcDayOf(now), windowDays));
  return {
    kind: isLifetime ? 'lifetime' : 'days',
    lengthMs: isLifetime ? undefined : windowDays * DAY_MS,
    hopMs: isLifetime ? undefined : DAY_MS,
    from: isLifetime ? undefined : startOfUtcDay(first),
    tiles: tiles
      .filter(({ eventDay }) => eventDay >= first)
      .map(({ eventDay, arrivalDay, mixed, amount }) => ({
        start: isLifetime ? undefined : startOfUtcDay(eventDay),
        arrivalDay,
        mixed,
        amount,
      })),
    floor: floorDay > 0 ? startOfUtcDay(floorDay) : undefined,
    holds: (timestamp) => isLifetime || utcDayOf(timestamp) >= Math.max(first, floorDay),
  };
};

const asDays = ({ tiles }: WindowTiles): DayTiles['tiles'] =>
  [...tiles]
    .sort(([left], [right]) => left - right)
    .map(([eventDay, amount]) => ({ eventDay, arrivalDay: 0, amount, mixed: false }));

const extremesPart = (
  { tiles, floor }: WindowTiles,
  { windowDays }: ShapeOf<'extremes'>,
  now: EpochMs,
): TilePart => {
  const part = daysPart({ tiles: asDays({ tiles, floor }), floorDay: floor }, windowDays, now);
  return { ...part, tiles: part.tiles.map((tile) => ({ ...tile, arrivalDay: undefined })) };
};

const nothing = { lengthMs: undefined, hopMs: undefined, from: undefined, floor: undefined };

/** A value lies in the newest tile in which it was seen. */
const distinctPart = (state: Distinct, { window }: ShapeOf<'distinct'>, now: EpochMs): TilePart => {
  const counts = new Map<number, number>();
  for (const tile of state.newest.values()) counts.set(tile, (counts.get(tile) ?? 0) + 1);
  const counted = { tiles: counts, floor: state.floor };
  if (window !== undefined && window.hop < TILE_DAY) return windowPart(counted, window, now);
  if (window !== undefined) {
    const { kind, lengthMs, ...part } = windowPart(counted, window, now);
    return { ...part, kind: 'days', lengthMs: window.length + TILE_DAY };
  }
  const part = daysPart({ tiles: asDays(counted), floorDay: 0 }, undefined, now);
  return { ...part, tiles: part.tiles.map((tile) => ({ ...tile, arrivalDay: undefined })) };
};

/** Decayed weights as seen from now. */
const topPart = (state: Top, { halfLifeMs }: ShapeOf<'top'>, now: EpochMs): TilePart => ({
  ...nothing,
  kind: 'lifetime',
  tiles: rankedTop(state, scaleOf(halfLifeMs)).map(([part, { score }]) => ({
    start: undefined,
    arrivalDay: undefined,
    mixed: false,
    part,
    amount: weightAt(score, halfLifeMs, now),
  })),
  holds: () => true,
});

export type NightlyPart = Omit<Parts, 'state'>;

/** The instant of what is served: what arrived before the cut is the nightly's to say. */
const pickedAt = (
  { tag: { shape }, held }: TagState,
  { off, cut }: NightlyPart,
): EpochMs | undefined => {
  if (shape.kind === 'instant' && held.kind === 'instant') {
    const fromOff = off?.kind === 'instant' ? off.at : undefined;
    const mine = instantSince(held.value, cut, shape.pick).at;
    return instants[shape.pick].merge(mine, fromOff);
  }
  if (shape.kind !== 'said' || held.kind !== 'said') return undefined;
  return said[shape.pick].merge(held.value, off?.kind === 'said' ? off.said : undefined)?.at;
};

const pickPart = (state: TagState, nightly: NightlyPart): TilePart => {
  const at = pickedAt(state, nightly);
  return { ...nothing, kind: 'instant', tiles: [], holds: (timestamp) => timestamp === at };
};

export const partOf = (state: TagState, now: EpochMs, nightly: NightlyPart): TilePart => {
  const { held } = state;
  const { shape } = state.tag;
  if (shape.kind === 'window' && held.kind === 'window') return windowPart(held.value, shape, now);
  if (shape.kind === 'days' && held.kind === 'days') {
    return daysPart(held.value, shape.windowDays, now);
  }
  if (shape.kind === 'extremes' && held.kind === 'extremes') {
    return extremesPart(held.value, shape, now);
  }
  if (shape.kind === 'distinct' && held.kind === 'distinct') {
    return distinctPart(held.value, shape, now);
  }
  return shape.kind === 'top' && held.kind === 'top'
    ? topPart(held.value, shape, now)
    : pickPart(state, nightly);
};
