/**
 * The stream's reading of the tags: what a user's events leave in the profile, per tag version.
 *
 * A version that this bundle does not know belongs to another bundle that runs beside it during a
 * deploy: it is kept for a day, and says from when on it missed events.
 */
import { invariant } from '../invariant.ts';
import { days, type EpochMs, epochMs } from '../time.ts';
import { TAGS_BYTES_MAX } from './byte-limits.ts';
import type { FoldedTag } from './compiled.ts';
import {
  type CountedEvent,
  type Keeper,
  type Kept,
  type Kind,
  keepers,
  type ShapeOf,
} from './keepers.ts';
import { matches } from './matching.ts';
import { packUnsigned, readPacked } from './packed-integers.ts';
import { jsonBytes } from './text-bytes.ts';

export type { CountedEvent } from './keepers.ts';

export type TagValue = {
  readonly [K in Kind]: { readonly kind: K; readonly value: Kept[K] };
}[Kind];

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

const UNKNOWN_KEPT_MS = days(1);

/** A shape, its keeper and what it keeps, whose kinds are the same one. */
interface Held<K extends Kind> {
  readonly shape: ShapeOf<K>;
  readonly keeper: Keeper<K>;
  readonly value: Kept[K];
}

/** The one place that trusts a state to be of its shape's kind: there its own keeper made it. */
const heldOf = ({ shape }: FoldedTag, held?: TagValue): Held<Kind> => {
  const keeper = keepers[shape.kind];
  invariant(held === undefined || held.kind === shape.kind, 'a tag is kept in its own shape');
  return { shape, keeper, value: held ? held.value : keeper.empty } as unknown as Held<Kind>;
};

const taggedValue = (kind: Kind, value: Kept[Kind]): TagValue => ({ kind, value }) as TagValue;

const stateOf = (tag: FoldedTag, held: TagValue, since: EpochMs): TagState => {
  const { keeper, shape, value } = heldOf(tag, held);
  return { tag, held, since, text: packUnsigned(since) + keeper.encode(value, shape) };
};

const emptyState = (tag: FoldedTag, since: EpochMs): TagState =>
  stateOf(tag, taggedValue(tag.shape.kind, keepers[tag.shape.kind].empty), since);

export const noTags = (tags: readonly FoldedTag[], since: EpochMs): Tags => ({
  states: tags.map((tag) => emptyState(tag, since)),
  unknown: new Map(),
});

const NO_EVENTS: readonly CountedEvent[] = [];

const folded = (
  state: TagState,
  events: readonly CountedEvent[],
  newestArrivedAt: EpochMs,
): TagState => {
  const { tag, since } = state;
  const filter = tag.definition.events;
  const some = events.some(({ event }) => matches(filter, event));
  const mine = some ? events.filter(({ event }) => matches(filter, event)) : NO_EVENTS;
  const { keeper, shape, value } = heldOf(tag, state.held);
  const { definition } = tag;
  const after = keeper.after(value, mine, { definition, shape }, newestArrivedAt);
  return after === value ? state : stateOf(tag, taggedValue(shape.kind, after), since);
};

const decodeState = (tag: FoldedTag, text: string): TagState => {
  const reader = readPacked(text);
  const since = epochMs(reader.unsigned());
  const { keeper, shape } = heldOf(tag);
  return { tag, since, text, held: taggedValue(shape.kind, keeper.decode(reader.rest(), shape)) };
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
  const { keeper, shape, value } = heldOf(state.tag, state.held);
  const less = keeper.smaller(value, shape);
  return less === value ? state : stateOf(state.tag, taggedValue(shape.kind, less), state.since);
};

/** Inside quotes; only texts of users have what must be escaped. */
const bytesOf = ({ tag: { shape }, text }: TagState): number =>
  KNOWN_EXTRA_BYTES +
  (shape.kind === 'said' || shape.kind === 'top' ? jsonBytes(text) - 2 : text.length);

/** Over the bytes, other bundles' tags go first; then the largest tag gives up its oldest tiles. */
const fitted = (tags: Tags): Tags => {
  const states = [...tags.states];
  const sizes = states.map(bytesOf);
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
    const size = bytesOf(less);
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
    return emptyState(tag, epochMs(newestArrivedAt + 1));
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
