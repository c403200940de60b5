/**
 * The stream's reading of the tags: what a user's events leave in the profile, per tag version.
 *
 * A version that this bundle does not know belongs to another bundle that runs beside it during a
 * deploy: it is kept for a day, and says from when on it missed events.
 */
import type { EnrichedEvent } from '../event/event.ts';
import { invariant } from '../invariant.ts';
import { days, type EpochMs, epochMs, utcDayOf } from '../time.ts';
import { addAmounts } from './amount.ts';
import type { FoldedTag, TagShape } from './compile.ts';
import {
  boundDays,
  type DayTiles,
  dayTiles,
  decodeDays,
  encodeDays,
  LIFETIME_DAY,
  withOneTileLess,
} from './day-tiles.ts';
import { decodeInstant, encodeInstant, type Instant, instants } from './instant.ts';
import { amountOf, matches } from './matching.ts';
import { packUnsigned, readPacked } from './packed-integers.ts';
import {
  boundWindow,
  decodeWindow,
  encodeWindow,
  type WindowTiles,
  windowTileOf,
  windowTiles,
  withoutOldestTiles,
} from './window-tiles.ts';

export type TagValue =
  | { readonly kind: 'window'; readonly value: WindowTiles }
  | { readonly kind: 'days'; readonly value: DayTiles }
  | { readonly kind: 'instant'; readonly value: Instant };

export interface TagState {
  readonly tag: FoldedTag;
  readonly held: TagValue;
  /** Events that arrived before are missing; 0 = the user's first event is in it. */
  readonly since: EpochMs;
  /** As it is stored: written once, where the state is made, for a fold leaves most as they were. */
  readonly text: string;
}

export interface UnknownTag {
  readonly text: string;
  /** The newest arrival when it was first met. */
  readonly metAt: EpochMs;
}

export interface Tags {
  readonly states: readonly TagState[];
  readonly unknown: ReadonlyMap<string, UnknownTag>;
}

/** An event that counts, as the aggregator hands it over. */
export interface CountedEvent {
  readonly event: EnrichedEvent;
  readonly timestamp: EpochMs;
  readonly arrivedAt: EpochMs;
  /** False where this order was counted before. */
  readonly orderCounts: boolean;
}

export const TAGS_BYTES_MAX = 1_536;
const UNKNOWN_KEPT_MS = days(1);

const nothing = (shape: TagShape): TagValue => {
  if (shape.kind === 'window') return { kind: 'window', value: windowTiles.empty };
  if (shape.kind === 'days') return { kind: 'days', value: dayTiles.empty };
  return { kind: 'instant', value: undefined };
};

const encodeValue = (held: TagValue): string => {
  if (held.kind === 'window') return encodeWindow(held.value);
  return held.kind === 'days' ? encodeDays(held.value) : encodeInstant(held.value);
};

const stateOf = (tag: FoldedTag, held: TagValue, since: EpochMs): TagState => ({
  tag,
  held,
  since,
  text: packUnsigned(since) + encodeValue(held),
});

export const noTags = (tags: readonly FoldedTag[], since: EpochMs): Tags => ({
  states: tags.map((tag) => stateOf(tag, nothing(tag.shape), since)),
  unknown: new Map(),
});

type Shape<K extends TagShape['kind']> = Extract<TagShape, { readonly kind: K }>;

const NO_EVENTS: readonly CountedEvent[] = [];

const tileSums = (
  { definition }: FoldedTag,
  events: readonly CountedEvent[],
  hop: Shape<'window'>['hop'],
): WindowTiles => {
  const tiles = new Map<number, number>();
  for (const { event, timestamp, orderCounts } of events) {
    const amount = amountOf(definition, event, orderCounts);
    const index = windowTileOf(timestamp, hop);
    if (amount !== 0) tiles.set(index, addAmounts(tiles.get(index) ?? 0, amount));
  }
  return { tiles, floor: 0 };
};

const daySums = (
  { definition }: FoldedTag,
  events: readonly CountedEvent[],
  { windowDays }: Shape<'days'>,
): DayTiles =>
  events.reduce<DayTiles>((sum, { event, timestamp, arrivedAt, orderCounts }) => {
    const amount = amountOf(definition, event, orderCounts);
    if (amount === 0) return sum;
    const eventDay = windowDays === undefined ? LIFETIME_DAY : utcDayOf(timestamp);
    const tile = { eventDay, arrivalDay: utcDayOf(arrivedAt), amount, mixed: false };
    return dayTiles.merge(sum, { tiles: [tile], floorDay: 0 });
  }, dayTiles.empty);

const valueAfter = (
  { tag, held }: TagState,
  mine: readonly CountedEvent[],
  newestArrivedAt: EpochMs,
): TagValue => {
  const { shape } = tag;
  if (shape.kind === 'window' && held.kind === 'window') {
    const { kind, value: old } = held;
    const sum = mine.length === 0 ? old : windowTiles.merge(old, tileSums(tag, mine, shape.hop));
    const value = boundWindow(sum, shape, newestArrivedAt);
    return value === old ? held : { kind, value };
  }
  if (shape.kind === 'days' && held.kind === 'days') {
    const { kind, value: old } = held;
    const sum = mine.length === 0 ? old : dayTiles.merge(old, daySums(tag, mine, shape));
    const value = boundDays(sum, shape.windowDays, utcDayOf(newestArrivedAt));
    return value === old ? held : { kind, value };
  }
  invariant(shape.kind === 'instant' && held.kind === 'instant', 'a tag is kept in its own shape');
  const { merge } = instants[shape.pick];
  const value = mine.reduce<Instant>((at, { timestamp }) => merge(at, timestamp), held.value);
  return value === held.value ? held : { kind: held.kind, value };
};

const folded = (
  state: TagState,
  events: readonly CountedEvent[],
  newestArrivedAt: EpochMs,
): TagState => {
  const { tag, since } = state;
  const filter = tag.definition.events;
  const some = events.some(({ event }) => matches(filter, event));
  const mine = some ? events.filter(({ event }) => matches(filter, event)) : NO_EVENTS;
  const held = valueAfter(state, mine, newestArrivedAt);
  return held === state.held ? state : stateOf(tag, held, since);
};

const decodeState = (tag: FoldedTag, text: string): TagState => {
  const reader = readPacked(text);
  const since = epochMs(reader.unsigned());
  const rest = reader.rest();
  const { kind } = tag.shape;
  if (kind === 'window') return { tag, since, text, held: { kind, value: decodeWindow(rest) } };
  if (kind === 'days') return { tag, since, text, held: { kind, value: decodeDays(rest) } };
  return { tag, since, text, held: { kind, value: decodeInstant(rest) } };
};

/** Another bundle's tag misses what this one folds, which its own `since` must say. */
const missed = (
  unknown: Tags['unknown'],
  events: readonly CountedEvent[],
  newestArrivedAt: EpochMs,
): Tags['unknown'] => {
  if (events.length === 0) return unknown;
  const kept = [...unknown].filter(([, { metAt }]) => newestArrivedAt <= metAt + UNKNOWN_KEPT_MS);
  return new Map(
    kept.map(([version, { text, metAt }]) => {
      const reader = readPacked(text);
      reader.unsigned();
      return [version, { metAt, text: packUnsigned(newestArrivedAt + 1) + reader.rest() }];
    }),
  );
};

/** `"01234567":"…",` for a known tag; an unknown one is an array with the instant it was met. */
const KNOWN_EXTRA_BYTES = 14;
const UNKNOWN_EXTRA_BYTES = 31;

const smaller = (state: TagState): TagState => {
  const { tag, held, since } = state;
  if (held.kind === 'window') {
    const eighth = Math.ceil(held.value.tiles.size / 8);
    return stateOf(tag, { ...held, value: withoutOldestTiles(held.value, eighth) }, since);
  }
  if (held.kind === 'days')
    return stateOf(tag, { ...held, value: withOneTileLess(held.value) }, since);
  return state;
};

/** Over the bytes, other bundles' tags go first; then the largest tag gives up its oldest tiles. */
const fitted = (tags: Tags): Tags => {
  const states = [...tags.states];
  const sizes = states.map(({ text }) => text.length + KNOWN_EXTRA_BYTES);
  let bytes = sizes.reduce((sum, size) => sum + size, 0);
  const unknownBytes = [...tags.unknown.values()].reduce(
    (sum, { text }) => sum + text.length + UNKNOWN_EXTRA_BYTES,
    0,
  );
  const unknown = bytes + unknownBytes > TAGS_BYTES_MAX ? new Map() : tags.unknown;
  while (bytes > TAGS_BYTES_MAX) {
    const at = sizes.indexOf(Math.max(...sizes));
    const state = states[at];
    invariant(state !== undefined, 'there is a largest tag');
    const less = smaller(state);
    const size = less.text.length + KNOWN_EXTRA_BYTES;
    invariant(size < (sizes[at] ?? 0), 'the tags of one profile fit into their bytes');
    bytes += size - (sizes[at] ?? 0);
    states[at] = less;
    sizes[at] = size;
  }
  return { states, unknown };
};

export const foldTags = (
  tags: Tags,
  events: readonly CountedEvent[],
  newestArrivedAt: EpochMs,
): Tags =>
  fitted({
    states: tags.states.map((state) => folded(state, events, newestArrivedAt)),
    unknown: missed(tags.unknown, events, newestArrivedAt),
  });

export type StoredTags = Readonly<Record<string, string | readonly [string, number]>>;

export const encodeTags = ({ states, unknown }: Tags): StoredTags => ({
  ...Object.fromEntries(states.map(({ tag, text }) => [tag.version, text])),
  ...Object.fromEntries([...unknown].map(([version, { text, metAt }]) => [version, [text, metAt]])),
});

/** A version that the item does not hold starts empty, and knows nothing that arrived so far. */
export const decodeTags = (
  stored: StoredTags,
  known: readonly FoldedTag[],
  newestArrivedAt: EpochMs,
): Tags => {
  const textOf = (value: StoredTags[string] | undefined): string | undefined =>
    typeof value === 'object' ? value[0] : value;
  const states = known.map((tag) => {
    const text = textOf(stored[tag.version]);
    if (text !== undefined) return decodeState(tag, text);
    return stateOf(tag, nothing(tag.shape), epochMs(newestArrivedAt + 1));
  });
  const versions = new Set(known.map((tag) => tag.version));
  const unknown = Object.entries(stored).filter(([version]) => !versions.has(version));
  return {
    states,
    unknown: new Map(
      unknown.map(([version, value]) => [
        version,
        typeof value === 'object'
          ? { text: value[0], metAt: epochMs(value[1]) }
          : { text: value, metAt: newestArrivedAt },
      ]),
    ),
  };
};
