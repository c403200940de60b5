/**
 * What a tag's value is made of: the tiles that a reader sums at this instant, and which events can
 * lie in them. The value itself is read by `read.ts`; the two agree, or a test says so.
 */
import { type EpochMs, epochMs, startOfUtcDay, utcDayOf } from '../time.ts';
import type { MICROS } from './amount.ts';
import { type DayTiles, firstDayAt } from './day-tiles.ts';
import type { AmountMeasure, Measure } from './definition.ts';
import type { CountedEvent, TagState } from './fold.ts';
import type { ShapeOf } from './keepers.ts';
import { amountOf, matches, unitOf } from './matching.ts';
import { firstTileAt, type WindowTiles, windowTileOf } from './window-tiles.ts';

export interface ReadTile {
  /** Undefined for the tiles of a lifetime. */
  readonly start: EpochMs | undefined;
  /** UTC day; undefined where a tile does not keep it. */
  readonly arrivalDay: number | undefined;
  /** Holds older days of arrival too. */
  readonly mixed: boolean;
  /** Whole; of money in micros. */
  readonly amount: number;
}

export interface TagTiles {
  readonly kind: 'sliding' | 'days' | 'lifetime' | 'instant';
  readonly lengthMs: number | undefined;
  readonly hopMs: number | undefined;
  /** Start of the first tile that counts. */
  readonly from: EpochMs | undefined;
  readonly tiles: readonly ReadTile[];
  /** The value is the sum of the amounts divided by this. */
  readonly unit: 1 | typeof MICROS;
  /** Tiles that began earlier have been dropped. */
  readonly floor: EpochMs | undefined;
  /** Events that arrived earlier are missing. */
  readonly since: EpochMs | undefined;
  /** Of counts: no event takes anything off. */
  readonly growsOnly: boolean;
  /** What an event adds to these tiles; 0 for one that lies in none. */
  readonly amountOf: (counted: CountedEvent) => number;
}

const DAY_MS = startOfUtcDay(1) - startOfUtcDay(0);

type Part = Pick<TagTiles, 'kind' | 'lengthMs' | 'hopMs' | 'from' | 'tiles' | 'floor'> & {
  readonly holds: (timestamp: EpochMs) => boolean;
};

const windowPart = (
  { tiles, floor }: { readonly tiles: ReadonlyMap<number, number>; readonly floor: number },
  shape: Extract<TagState['tag']['shape'], { kind: 'window' }>,
  now: EpochMs,
): Part => {
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
): Part => {
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

const extremesPart = (
  { tiles, floor }: WindowTiles,
  { windowDays }: ShapeOf<'extremes'>,
  now: EpochMs,
): Part => {
  const asDays = [...tiles].map(([eventDay, amount]) => ({
    eventDay,
    arrivalDay: 0,
    amount,
    mixed: false,
  }));
  const part = daysPart({ tiles: asDays, floorDay: floor }, windowDays, now);
  return { ...part, tiles: part.tiles.map((tile) => ({ ...tile, arrivalDay: undefined })) };
};

const partOf = ({ tag: { shape }, held }: TagState, now: EpochMs): Part => {
  if (shape.kind === 'window' && held.kind === 'window') return windowPart(held.value, shape, now);
  if (shape.kind === 'days' && held.kind === 'days') {
    return daysPart(held.value, shape.windowDays, now);
  }
  if (shape.kind === 'extremes' && held.kind === 'extremes')
    return extremesPart(held.value, shape, now);
  const nothing = { lengthMs: undefined, hopMs: undefined, from: undefined, floor: undefined };
  const at =
    held.kind === 'instant' ? held.value : held.kind === 'said' ? held.value?.at : undefined;
  const isAny = held.kind === 'distinct' || held.kind === 'top';
  return {
    ...nothing,
    kind: 'instant',
    tiles: [],
    holds: (timestamp) => isAny || timestamp === at,
  };
};

const isAmount = (measure: Measure): measure is AmountMeasure =>
  measure.op === 'count' || measure.op === 'sum' || measure.op === 'min' || measure.op === 'max';

export const explainTag = (state: TagState, now: EpochMs): TagTiles => {
  const { definition } = state.tag;
  const { measure } = definition;
  const { holds, ...part } = partOf(state, now);
  return {
    ...part,
    unit: unitOf(measure),
    since: state.since > 0 ? state.since : undefined,
    growsOnly: measure.op === 'count',
    amountOf: ({ event, timestamp, arrivedAt, orderCounts }) => {
      if (arrivedAt < state.since || !holds(timestamp)) return 0;
      if (!matches(definition.events, event)) return 0;
      if (!isAmount(measure)) return 1;
      return amountOf(measure, event, orderCounts) ?? 0;
    },
  };
};
