/**
 * What the tags of a profile say at an instant: the stream's tiles and the nightly's, fused.
 *
 * Served = what the nightly counted + what the stream has of days of arrival that are not before
 * the nightly's cut. So an event counts at once, and what the nightly has is counted by it alone.
 * Where it has filled nothing of a version yet, the stream speaks alone.
 */
import { type EpochMs, startOfUtcDay, toRfc3339, utcDayOf } from '../time.ts';
import { addAmounts, MICROS, microsToText } from './amount.ts';
import type { CompiledTags, OfferedTag } from './compiled.ts';
import { type DayTiles, firstDayAt } from './day-tiles.ts';
import { type Measure, previousOf, type TagSource, tagVersion } from './definition.ts';
import { countSince } from './distinct.ts';
import { extremeOf, extremeSince, firstDayTile } from './extremes.ts';
import type { TagState, Tags } from './fold.ts';
import { instants } from './instant.ts';
import { instantSince } from './instant-days.ts';
import type { ShapeOf } from './keepers.ts';
import { unitOf } from './matching.ts';
import type { Off, OffTiles, OffValue } from './off.ts';
import { type Said, said } from './said.ts';
import { bestOf } from './top.ts';
import { firstTileAt, readWindow } from './window-tiles.ts';

export type ServedValue =
  | { readonly type: 'count'; readonly amount: number }
  /** In 1, or in micros. */
  | { readonly type: 'sum'; readonly amount: number; readonly unit: 1 | typeof MICROS }
  | { readonly type: 'instant'; readonly at: EpochMs }
  | { readonly type: 'number'; readonly amount: number; readonly unit: 1 | typeof MICROS }
  | { readonly type: 'string'; readonly text: string };

/** A tag of the config, though there may be nothing to say of it yet. */
export interface ReadTag {
  readonly name: string;
  readonly value: ServedValue | undefined;
  readonly source: TagSource;
  readonly version: string;
  readonly partial: boolean;
  /** UTC day; where the nightly has a part in it. */
  readonly cut?: number;
}

export interface ServedTag extends ReadTag {
  readonly value: ServedValue;
}

/** The stream's part and the nightly's, of one version. */
export interface Parts {
  readonly state: TagState | undefined;
  readonly off: OffValue | undefined;
  /** UTC day; 0 where the nightly has no part. */
  readonly cut: number;
}

const DAY_LENGTH_MS = startOfUtcDay(1) - startOfUtcDay(0);

interface Reading {
  /** Undefined where there is nothing to say yet. */
  readonly value: ServedValue | undefined;
  readonly partial: boolean;
}

/** A number of the measure's own type. */
const numberOf = (measure: Measure, amount: number): ServedValue => {
  if (measure.op === 'count' || measure.op === 'distinct') return { type: 'count', amount };
  const type = measure.op === 'sum' ? 'sum' : 'number';
  return { type, amount, unit: unitOf(measure) };
};

const instantOf = (measure: Measure, at: EpochMs, now: EpochMs): ServedValue => {
  if (measure.op !== 'timeSince') return { type: 'instant', at };
  const amount = Math.max(0, Math.floor((now - at) / DAY_LENGTH_MS));
  return { type: 'number', amount, unit: 1 };
};

/** A text that was given up for its bytes says nothing. */
const sayingOf = (saying: Said): ServedValue | undefined =>
  saying?.text === undefined ? undefined : { type: 'string', text: saying.text };

/** The stream misses events that arrived before `since`: are those all the nightly's? */
const misses = ({ state, off, cut }: Parts, from: number): boolean =>
  state !== undefined && state.since > (off === undefined ? from : startOfUtcDay(cut));

const tilesIn = (off: OffValue | undefined): OffTiles =>
  off?.kind === 'tiles' ? off.tiles : new Map();

const sumSince = (tiles: OffTiles, firstDay: number): number => {
  let sum = 0;
  for (const [day, amount] of tiles) if (day >= firstDay) sum = addAmounts(sum, amount);
  return sum;
};

/** Tiles of arrivals before the cut are the nightly's; a mixed one that counts has some of them. */
export const countedTiles = ({ tiles }: DayTiles, firstDay: number, cut: number) =>
  tiles.filter(({ eventDay, arrivalDay }) => eventDay >= firstDay && arrivalDay >= cut);

const readDays = (
  parts: Parts,
  held: DayTiles,
  windowDays: number | undefined,
  now: EpochMs,
): { readonly amount: number; readonly partial: boolean } => {
  const first = windowDays === undefined ? 0 : Math.max(0, firstDayAt(utcDayOf(now), windowDays));
  const counted = countedTiles(held, first, parts.cut);
  const amount = counted.reduce((sum, tile) => addAmounts(sum, tile.amount), 0);
  const isMixed = parts.off !== undefined && counted.some(({ mixed }) => mixed);
  const isCut = held.floorDay > first;
  return {
    amount: addAmounts(amount, sumSince(tilesIn(parts.off), first)),
    partial: isCut || isMixed || misses(parts, startOfUtcDay(first)),
  };
};

const readExtremes = (
  parts: Parts,
  state: TagState,
  shape: ShapeOf<'extremes'>,
  now: EpochMs,
): Reading => {
  const { measure } = state.tag.definition;
  const first = firstDayTile(now, shape.windowDays);
  const held = state.held.kind === 'extremes' ? state.held.value : { tiles: new Map(), floor: 0 };
  const fromOff = extremeSince({ tiles: tilesIn(parts.off), floor: 0 }, first, shape.merge);
  const mine = extremeSince(held, first, shape.merge);
  const both = [mine, fromOff].filter((each) => each !== undefined);
  const from = shape.windowDays === undefined ? 0 : startOfUtcDay(first);
  return {
    value: both.length === 0 ? undefined : numberOf(measure, extremeOf[shape.merge](...both)),
    partial: held.floor > first || misses(parts, from),
  };
};

const readShortWindow = (state: TagState, shape: ShapeOf<'window'>, now: EpochMs): Reading => {
  if (state.held.kind !== 'window') return { value: undefined, partial: true };
  const { measure } = state.tag.definition;
  const { amount, cut, from } = readWindow(state.held.value, shape, now);
  const partial = cut || state.since > from;
  if (shape.merge === 'sum') return { value: numberOf(measure, amount), partial };
  const extreme = extremeSince(state.held.value, firstTileAt(now, shape), shape.merge);
  return { value: extreme === undefined ? undefined : numberOf(measure, extreme), partial };
};

const readState = (parts: Parts, state: TagState, now: EpochMs): Reading => {
  const { held, since, tag } = state;
  const { shape, definition } = tag;
  const { measure } = definition;
  const { off } = parts;
  if (shape.kind === 'window') return readShortWindow(state, shape, now);
  if (shape.kind === 'extremes') return readExtremes(parts, state, shape, now);
  if (held.kind === 'days') {
    const windowDays = shape.kind === 'days' ? shape.windowDays : undefined;
    const { amount, partial } = readDays(parts, held.value, windowDays, now);
    return { value: numberOf(measure, amount), partial };
  }
  if (held.kind === 'instant' && shape.kind === 'instant') {
    const fromOff = off?.kind === 'instant' ? off.at : undefined;
    const mine = instantSince(held.value, parts.cut, shape.pick);
    const at = instants[shape.pick].merge(mine.at, fromOff);
    const value = at === undefined ? undefined : instantOf(measure, at, now);
    return { value, partial: (off !== undefined && mine.mixed) || misses(parts, 0) };
  }
  if (held.kind === 'said' && shape.kind === 'said') {
    const saying = said[shape.pick].merge(held.value, off?.kind === 'said' ? off.said : undefined);
    const isGivenUp = saying !== undefined && saying.text === undefined;
    return { value: sayingOf(saying), partial: isGivenUp || misses(parts, 0) };
  }
  if (held.kind === 'distinct' && shape.kind === 'distinct') {
    const first = shape.window === undefined ? 0 : firstTileAt(now, shape.window);
    const from = shape.window === undefined ? 0 : first * shape.window.hop;
    const amount = countSince(held.value, first);
    return { value: numberOf(measure, amount), partial: held.value.floor > first || since > from };
  }
  if (held.kind !== 'top' || shape.kind !== 'top') return { value: undefined, partial: true };
  const best = bestOf(held.value, shape.halfLifeMs);
  const value = best === undefined ? undefined : { type: 'string' as const, text: best };
  return { value, partial: held.value.floor !== undefined || since > 0 };
};

/** The nightly alone: the value as of its cut. */
const readOff = (off: OffValue, measure: Measure, now: EpochMs): ServedValue | undefined => {
  if (off.kind === 'instant')
    return off.at === undefined ? undefined : instantOf(measure, off.at, now);
  if (off.kind === 'said') return sayingOf(off.said);
  if (off.kind === 'top')
    return off.key === undefined ? undefined : { type: 'string', text: off.key };
  const [amount] = off.tiles.values();
  if (amount !== undefined) return numberOf(measure, amount);
  return measure.op === 'min' || measure.op === 'max' ? undefined : numberOf(measure, 0);
};

/** Until the nightly has filled what a tag means now, it is served by what it meant before. */
export const versionServed = (
  { definition, version, previous }: OfferedTag,
  off: Off | undefined,
): { readonly definition: OfferedTag['definition']; readonly version: string } =>
  previous === undefined || off?.tags.has(version) === true ? { definition, version } : previous;

export const partsOf = (tags: Tags, off: Off | undefined, version: string): Parts => {
  const value = off?.tags.get(version);
  return {
    state: tags.states.find(({ tag }) => tag.version === version),
    off: value,
    cut: value === undefined ? 0 : (off?.cut ?? 0),
  };
};

/** What no run has filled may be anything: it is not said, and what rests on it is partial. */
const readParts = (parts: Parts, measure: Measure, now: EpochMs): Reading => {
  if (parts.state !== undefined) return readState(parts, parts.state, now);
  if (parts.off === undefined) return { value: undefined, partial: true };
  return { value: readOff(parts.off, measure, now), partial: false };
};

export const readAllTags = (
  tags: Tags,
  off: Off | undefined,
  offered: CompiledTags['offered'],
  now: EpochMs,
): readonly ReadTag[] =>
  offered.map((tag) => {
    const { definition, version } = versionServed(tag, off);
    const parts = partsOf(tags, off, version);
    const { name, source, measure } = definition;
    const reading = readParts(parts, measure, now);
    return { name, source, version, ...reading, ...(parts.off && { cut: parts.cut }) };
  });

const isServed = (tag: ReadTag): tag is ServedTag => tag.value !== undefined;

export const servedOf = (tags: readonly ReadTag[]): readonly ServedTag[] => tags.filter(isServed);

export const readTags = (...asked: Parameters<typeof readAllTags>): readonly ServedTag[] =>
  servedOf(readAllTags(...asked));

/** What the stream alone says; of a tag that was changed, by what it meant before. */
export const readStream = ({ states }: Pick<Tags, 'states'>, now: EpochMs): readonly ServedTag[] =>
  states.flatMap((state) => {
    const { definition, version } = state.tag;
    const previous = previousOf(definition);
    const earlier = previous && tagVersion(previous);
    if (states.some(({ tag }) => tag.version === earlier)) return [];
    const { value, partial } = readState({ state, off: undefined, cut: 0 }, state, now);
    const { name, source } = definition;
    return value === undefined ? [] : [{ name, source, version, value, partial }];
  });

/** In the tag's own unit, for conditions: money in whole units, instants in epoch ms. */
export const comparableOf = (value: ServedValue): number | string => {
  if (value.type === 'string') return value.text;
  if (value.type === 'instant') return value.at;
  return value.type === 'count' ? value.amount : value.amount / value.unit;
};

export type ShownValue = number | string;

/** As answers show it: instants as RFC 3339, numbers and texts as they are. */
export const shownValue = (value: ServedValue): ShownValue =>
  value.type === 'instant' ? toRfc3339(value.at) : comparableOf(value);

/** The shortest decimal; a text as it is. */
export const flatText = (value: ServedValue): string => {
  if (value.type === 'string') return value.text;
  if (value.type === 'instant') return toRfc3339(value.at);
  const isMoney = value.type !== 'count' && value.unit === MICROS;
  return isMoney ? microsToText(value.amount) : String(value.amount);
};
