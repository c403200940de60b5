/** How each shape of a tag is folded, bounded, made smaller and written, in one place each. */
import type { EnrichedEvent } from '../event/event.ts';
import { hash48 } from '../hash.ts';
import { type EpochMs, utcDayOf } from '../time.ts';
import { addAmounts } from './amount.ts';
import type { FoldedTag, TagShape } from './compiled.ts';
import {
  boundDays,
  type DayTiles,
  dayTiles,
  decodeDays,
  encodeDays,
  LIFETIME_DAY,
  withOneTileLess,
} from './day-tiles.ts';
import type { AmountMeasure, DistinctMeasure, PickMeasure, TopMeasure } from './definition.ts';
import {
  boundDistinct,
  type Distinct,
  decodeDistinct,
  distinct,
  encodeDistinct,
  withoutOldest,
} from './distinct.ts';
import { dayTileOf, extremes } from './extremes.ts';
import {
  boundInstants,
  decodeInstants,
  encodeInstants,
  type InstantDays,
  instantDays,
  isSameInstants,
  withOneInstantLess,
} from './instant-days.ts';
import { amountOf, fieldOf, textOf, textsOf, weightOf } from './matching.ts';
import type { CommutativeMonoid } from './monoid.ts';
import { decodeSaid, encodeSaid, SAID_BYTES_MAX, type Said, said, withoutText } from './said.ts';
import { clipUtf8 } from './text-bytes.ts';
import {
  boundTop,
  decodeTop,
  encodeTop,
  noTop,
  scaleOf,
  TOP_KEY_BYTES_MAX,
  type Top,
  topOf,
} from './top.ts';
import {
  boundWindow,
  dayWindow,
  decodeWindow,
  encodeWindow,
  firstTileAt,
  READER_LAG_MAX_MS,
  tilesMaxOf,
  type WindowTiles,
  windowTileOf,
  windowTiles,
  withoutOldestTiles,
} from './window-tiles.ts';

/** An event that counts, as the aggregator hands it over. */
export interface CountedEvent {
  readonly event: EnrichedEvent;
  readonly timestamp: EpochMs;
  readonly arrivedAt: EpochMs;
  /** False where this order was counted before. */
  readonly orderCounts: boolean;
}

/** What each shape keeps. */
export interface Kept {
  readonly window: WindowTiles;
  readonly days: DayTiles;
  readonly extremes: WindowTiles;
  readonly instant: InstantDays;
  readonly said: Said;
  readonly distinct: Distinct;
  readonly top: Top;
}

export type Kind = TagShape['kind'];
export type ShapeOf<K extends Kind> = Extract<TagShape, { readonly kind: K }>;
type Definition = FoldedTag['definition'];

/** Events are the tag's own, in order of arrival; a value that does not change stays the same one. */
export interface Keeper<K extends Kind> {
  readonly empty: Kept[K];
  readonly after: (
    before: Kept[K],
    mine: readonly CountedEvent[],
    tag: { readonly definition: Definition; readonly shape: ShapeOf<K> },
    newestArrivedAt: EpochMs,
  ) => Kept[K];
  /** Of a value that has something to give up; else it stays the same one. */
  readonly smaller: (value: Kept[K], shape: ShapeOf<K>) => Kept[K];
  readonly encode: (value: Kept[K], shape: ShapeOf<K>) => string;
  readonly decode: (text: string, shape: ShapeOf<K>) => Kept[K];
}

const amountsOf = (
  { measure }: Definition,
  mine: readonly CountedEvent[],
): readonly (CountedEvent & { readonly amount: number })[] =>
  mine.flatMap((counted) => {
    const amount = amountOf(measure as AmountMeasure, counted.event, counted.orderCounts);
    return amount === undefined ? [] : [{ ...counted, amount }];
  });

const tilesOf = (
  amounts: readonly { readonly timestamp: EpochMs; readonly amount: number }[],
  { merge, empty }: CommutativeMonoid<WindowTiles>,
  indexOf: (at: EpochMs) => number,
): WindowTiles =>
  amounts.reduce(
    (sum, { timestamp, amount }) =>
      merge(sum, { tiles: new Map([[indexOf(timestamp), amount]]), floor: 0 }),
    empty,
  );

const summedTiles = (
  { measure }: Definition,
  mine: readonly CountedEvent[],
  { hop }: ShapeOf<'window'>,
): WindowTiles => {
  const tiles = new Map<number, number>();
  for (const { event, timestamp, orderCounts } of mine) {
    const amount = amountOf(measure as AmountMeasure, event, orderCounts) ?? 0;
    const index = windowTileOf(timestamp, hop);
    if (amount !== 0) tiles.set(index, addAmounts(tiles.get(index) ?? 0, amount));
  }
  return { tiles, floor: 0 };
};

const window: Keeper<'window'> = {
  empty: windowTiles.empty,
  after: (before, mine, { definition, shape }, newestArrivedAt) => {
    if (mine.length === 0) return boundWindow(before, shape, newestArrivedAt);
    if (shape.merge === 'sum') {
      const sum = windowTiles.merge(before, summedTiles(definition, mine, shape));
      return boundWindow(sum, shape, newestArrivedAt);
    }
    const indexOf = (at: EpochMs): number => windowTileOf(at, shape.hop);
    const monoid = extremes[shape.merge];
    const tiles = tilesOf(amountsOf(definition, mine), monoid, indexOf);
    return boundWindow(monoid.merge(before, tiles), shape, newestArrivedAt);
  },
  smaller: (value) => withoutOldestTiles(value, Math.ceil(value.tiles.size / 8)),
  encode: encodeWindow,
  decode: decodeWindow,
};

const dayKeeper: Keeper<'days'> = {
  empty: dayTiles.empty,
  after: (before, mine, { definition, shape: { windowDays } }, newestArrivedAt) => {
    const added = amountsOf(definition, mine).filter(({ amount }) => amount !== 0);
    const sum = added.reduce((all, { timestamp, arrivedAt, amount }) => {
      const eventDay = windowDays === undefined ? LIFETIME_DAY : utcDayOf(timestamp);
      const tile = { eventDay, arrivalDay: utcDayOf(arrivedAt), amount, mixed: false };
      return dayTiles.merge(all, { tiles: [tile], floorDay: 0 });
    }, dayTiles.empty);
    const merged = added.length === 0 ? before : dayTiles.merge(before, sum);
    return boundDays(merged, windowDays, utcDayOf(newestArrivedAt));
  },
  smaller: withOneTileLess,
  encode: encodeDays,
  decode: decodeDays,
};

const extremeDays: Keeper<'extremes'> = {
  empty: windowTiles.empty,
  after: (before, mine, { definition, shape: { merge, windowDays } }, newestArrivedAt) => {
    const monoid = extremes[merge];
    const tiles = tilesOf(amountsOf(definition, mine), monoid, (at) => dayTileOf(at, windowDays));
    const merged = tiles.tiles.size === 0 ? before : monoid.merge(before, tiles);
    if (windowDays === undefined) return merged;
    const shape = dayWindow(windowDays);
    return boundWindow(merged, { ...shape, tilesMax: tilesMaxOf(shape) }, newestArrivedAt);
  },
  smaller: (value, { windowDays }) =>
    windowDays === undefined ? value : withoutOldestTiles(value, 1),
  encode: encodeWindow,
  decode: decodeWindow,
};

const instant: Keeper<'instant'> = {
  empty: [],
  after: (before, mine, { shape: { pick } }, newestArrivedAt) => {
    const { merge, empty } = instantDays[pick];
    const added = mine.reduce((all, { timestamp: at, arrivedAt }) => {
      const tile = { arrivalDay: utcDayOf(arrivedAt), at, mixed: false };
      return merge(all, [tile]);
    }, empty);
    const merged = added.length === 0 ? before : merge(before, added);
    const bounded = boundInstants(merged, pick, utcDayOf(newestArrivedAt));
    return isSameInstants(before, bounded) ? before : bounded;
  },
  smaller: (value, { pick }) => withOneInstantLess(value, pick),
  encode: encodeInstants,
  decode: decodeInstants,
};

const sayings: Keeper<'said'> = {
  empty: undefined,
  after: (before, mine, { definition, shape }) => {
    const { field } = definition.measure as PickMeasure & { readonly field: string };
    return mine.reduce<Said>((held, { event, timestamp }) => {
      const text = textOf(fieldOf(event, field));
      if (text === undefined) return held;
      const saying = { at: timestamp, tie: event.eventId, text: clipUtf8(text, SAID_BYTES_MAX) };
      return said[shape.pick].merge(held, saying);
    }, before);
  },
  smaller: withoutText,
  encode: encodeSaid,
  decode: decodeSaid,
};

const distinctTile = (at: EpochMs, shape: ShapeOf<'distinct'>): number =>
  shape.window === undefined ? 0 : windowTileOf(at, shape.window.hop);

const distincts: Keeper<'distinct'> = {
  empty: distinct.empty,
  after: (before, mine, { definition, shape }, newestArrivedAt) => {
    const { field } = definition.measure as DistinctMeasure;
    const newest = new Map<number, number>();
    for (const { event, timestamp } of mine) {
      const tile = distinctTile(timestamp, shape);
      for (const text of textsOf(fieldOf(event, field))) {
        const hash = hash48(text);
        newest.set(hash, Math.max(tile, newest.get(hash) ?? tile));
      }
    }
    const merged = newest.size === 0 ? before : distinct.merge(before, { newest, floor: 0 });
    const readerAt = newestArrivedAt - READER_LAG_MAX_MS;
    return boundDistinct(merged, shape.window ? firstTileAt(readerAt, shape.window) : 0);
  },
  smaller: (value) => withoutOldest(value, Math.ceil(value.newest.size / 8)),
  encode: encodeDistinct,
  decode: decodeDistinct,
};

const tops: Keeper<'top'> = {
  empty: noTop,
  after: (before, mine, { definition, shape }) => {
    const measure = definition.measure as TopMeasure;
    const scale = scaleOf(shape.halfLifeMs);
    const { merge } = topOf(scale);
    const sum = mine.reduce((all, { event, timestamp }) => {
      const weight = weightOf(measure, event);
      const keys = weight === undefined ? [] : textsOf(fieldOf(event, measure.field));
      if (weight === undefined || keys.length === 0) return all;
      const score = scale.once(weight, timestamp);
      const entries = new Set(keys.map((key) => clipUtf8(key, TOP_KEY_BYTES_MAX)));
      const scores = new Map([...entries].map((key) => [key, { score, error: undefined }]));
      return merge(all, { scores, floor: undefined });
    }, noTop);
    return sum === noTop ? before : boundTop(merge(before, sum), scale);
  },
  smaller: (value, { halfLifeMs }) =>
    boundTop(value, scaleOf(halfLifeMs), Math.max(0, value.scores.size - 1)),
  encode: (value, { halfLifeMs }) => encodeTop(value, scaleOf(halfLifeMs)),
  decode: (text, { halfLifeMs }) => decodeTop(text, scaleOf(halfLifeMs)),
};

export const keepers: { readonly [K in Kind]: Keeper<K> } = {
  window,
  days: dayKeeper,
  extremes: extremeDays,
  instant,
  said: sayings,
  distinct: distincts,
  top: tops,
};
