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

export const noTags = (tags: readonly FoldedTag[], since: EpochMs): Tags => ({
  states: tags.map((tag) => ({ tag, held: nothing(tag.shape), since })),
  unknown: new Map(),
});

type Shape<K extends TagShape['kind']> = Extract<TagShape, { readonly kind: K }>;

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

const folded = (
  { tag, held, since }: TagState,
  events: readonly CountedEvent[],
  newestArrivedAt: EpochMs,
): TagState => {
  const { shape, definition } = tag;
  const mine = events.filter(({ event }) => matches(definition.events, event));
  if (shape.kind === 'window' && held.kind === 'window') {
    const value = windowTiles.merge(held.value, tileSums(tag, mine, shape.hop));
    return { tag, since, held: { ...held, value: boundWindow(value, shape, newestArrivedAt) } };
  }
  if (shape.kind === 'days' && held.kind === 'days') {
    const value = dayTiles.merge(held.value, daySums(tag, mine, shape));
    const newestDay = utcDayOf(newestArrivedAt);
    return { tag, since, held: { ...held, value: boundDays(value, shape.windowDays, newestDay) } };
  }
  invariant(shape.kind === 'instant' && held.kind === 'instant', 'a tag is kept in its own shape');
  const { merge } = instants[shape.pick];
  const value = mine.reduce<Instant>((at, { timestamp }) => merge(at, timestamp), held.value);
  return { tag, since, held: { ...held, value } };
};

const encodeState = ({ held, since }: TagState): string => {
  const head = packUnsigned(since);
  if (held.kind === 'window') return head + encodeWindow(held.value);
  return head + (held.kind === 'days' ? encodeDays(held.value) : encodeInstant(held.value));
};

const decodeState = (tag: FoldedTag, text: string): TagState => {
  const reader = readPacked(text);
  const since = epochMs(reader.unsigned());
  const rest = reader.rest();
  const { kind } = tag.shape;
  if (kind === 'window') return { tag, since, held: { kind, value: decodeWindow(rest) } };
  if (kind === 'days') return { tag, since, held: { kind, value: decodeDays(rest) } };
  return { tag, since, held: { kind, value: decodeInstant(rest) } };
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
  const { held } = state;
  if (held.kind === 'window') {
    const eighth = Math.ceil(held.value.tiles.size / 8);
    return { ...state, held: { ...held, value: withoutOldestTiles(held.value, eighth) } };
  }
  if (held.kind === 'days')
    return { ...state, held: { ...held, value: withOneTileLess(held.value) } };
  return state;
};

/** Over the bytes, other bundles' tags go first; then the largest tag gives up its oldest tiles. */
const fitted = (tags: Tags): Tags => {
  const states = [...tags.states];
  const sizes = states.map((state) => encodeState(state).length + KNOWN_EXTRA_BYTES);
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
    const size = encodeState(less).length + KNOWN_EXTRA_BYTES;
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
  ...Object.fromEntries(states.map((state) => [state.tag.version, encodeState(state)])),
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
    return { tag, held: nothing(tag.shape), since: epochMs(newestArrivedAt + 1) };
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
