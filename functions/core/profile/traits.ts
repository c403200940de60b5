/**
 * Traits: per name the last writer by (event time, eventId). They lie in an item of their own that
 * is written before the profile, and writing them again changes nothing.
 */
import type { EnrichedEvent } from '../event/event.ts';
import { utf8Bytes } from '../event/utf8.ts';
import { invariant } from '../invariant.ts';
import { jsonBytes } from '../tags/text-bytes.ts';
import { type EpochMs, epochMs } from '../time.ts';

export const TRAITS_MAX = 100;
export const TRAITS_BYTES_MAX = 8 * 1_024;
export const TRAIT_NAME_BYTES_MAX = 64;
export const TRAIT_VALUE_BYTES_MAX = 1_024;

export type TraitScalar = string | number | boolean | null;

export interface Trait {
  readonly value: TraitScalar;
  readonly at: EpochMs;
  readonly eventId: string;
}

export interface Traits {
  readonly byName: ReadonlyMap<string, Trait>;
  /** Names and values that did not fit, over the item's life. */
  readonly dropped: number;
}

export const noTraits: Traits = { byName: new Map(), dropped: 0 };

const isLater = (left: Trait, right: Trait): boolean =>
  left.at === right.at ? left.eventId > right.eventId : left.at > right.at;

/** Scalars as they are, what is none as its JSON text. */
const scalarOf = (value: unknown): TraitScalar =>
  typeof value === 'string' ||
  typeof value === 'number' ||
  typeof value === 'boolean' ||
  value === null
    ? value
    : JSON.stringify(value);

const bytesOf = ([name, trait]: readonly [string, Trait]): number =>
  jsonBytes(name) + utf8Bytes(JSON.stringify(trait.value)) + jsonBytes(trait.eventId) + 20;

/** `{"dropped":…,"traits":[…]}` around them. */
const FRAME_BYTES = 42;

/**
 * Over its bounds the oldest goes, and with it all that are older. No floor is kept: a trait that
 * was dropped and is told again enters if it fits by then.
 */
const bounded = (byName: ReadonlyMap<string, Trait>): Map<string, Trait> => {
  let bytes = FRAME_BYTES;
  const newestFirst = [...byName].sort(([, left], [, right]) => (isLater(left, right) ? -1 : 1));
  const cut = newestFirst.findIndex((entry, index) => {
    bytes += bytesOf(entry);
    return index >= TRAITS_MAX || bytes > TRAITS_BYTES_MAX;
  });
  return new Map(cut === -1 ? newestFirst : newestFirst.slice(0, cut));
};

export const mergeTraits = (left: Traits, right: Traits): Traits => {
  const merged = new Map(left.byName);
  for (const [name, trait] of right.byName) {
    const held = merged.get(name);
    if (held === undefined || isLater(trait, held)) merged.set(name, trait);
  }
  const byName = bounded(merged);
  return { byName, dropped: left.dropped + right.dropped + merged.size - byName.size };
};

/** What an identify event says of its user. */
export const traitsOf = (event: EnrichedEvent, at: EpochMs): Traits => {
  if (event.kind !== 'identify') return noTraits;
  const inContext = event.context.traits;
  const given =
    Object.keys(event.traits).length > 0 || typeof inContext !== 'object' || inContext === null
      ? event.traits
      : inContext;
  const entries = Object.entries(given).map(([name, value]) => [name, scalarOf(value)] as const);
  const kept = entries.filter(
    ([name, value]) =>
      utf8Bytes(name) <= TRAIT_NAME_BYTES_MAX &&
      utf8Bytes(JSON.stringify(value)) <= TRAIT_VALUE_BYTES_MAX,
  );
  const byName = new Map(
    kept.map(([name, value]) => [name, { value, at, eventId: event.eventId }]),
  );
  return { byName: bounded(byName), dropped: entries.length - kept.length };
};

const hasChanged = (before: Traits, after: Traits): boolean =>
  after.byName.size !== before.byName.size ||
  [...after.byName].some(([name, trait]) => {
    const held = before.byName.get(name);
    return held === undefined || isLater(trait, held);
  });

/** Undefined where nothing that was told is new. */
export const withTold = (before: Traits, told: readonly Traits[]): Traits | undefined => {
  const after = told.reduce(mergeTraits, before);
  return hasChanged(before, after) ? after : undefined;
};

type StoredTrait = readonly [name: string, value: TraitScalar, at: number, eventId: string];

export const encodeTraits = ({ byName, dropped }: Traits): string =>
  JSON.stringify({
    dropped,
    traits: [...byName].map(
      ([name, { value, at, eventId }]): StoredTrait => [name, value, at, eventId],
    ),
  });

export const decodeTraits = (text: string): Traits => {
  const stored: { readonly dropped: number; readonly traits: readonly StoredTrait[] } =
    JSON.parse(text);
  invariant(Array.isArray(stored.traits), 'stored traits are a list');
  return {
    dropped: stored.dropped,
    byName: new Map(
      stored.traits.map(([name, value, at, eventId]) => [
        name,
        { value, at: epochMs(at), eventId },
      ]),
    ),
  };
};
