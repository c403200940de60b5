/**
 * The tags of the item `off`: what the nightly job counted of a user, over all that arrived before
 * its cut. A version that the run filled is named even where the user has nothing of it; one that
 * is not named has not been filled, and the stream speaks alone.
 */

import { utf8Bytes } from '../event/utf8.ts';
import { invariant } from '../invariant.ts';
import { epochMs, fromRfc3339, utcDayOf } from '../time.ts';
import { addAmounts } from './amount.ts';
import { OFF_BYTES_MAX } from './byte-limits.ts';
import type { LakeTag } from './compiled.ts';
import { extremeOf } from './extremes.ts';
import { decodeInstant, encodeInstant, type Instant } from './instant.ts';
import type { LakeRow } from './lake-row.ts';
import { packSigned, packUnsigned, readPacked } from './packed-integers.ts';
import { decodeSaid, encodeSaid, SAID_BYTES_MAX, type Said } from './said.ts';
import { clipUtf8 } from './text-bytes.ts';

/** By event day; 0 for a lifetime. Of a batch tag one, with its value. */
export type OffTiles = ReadonlyMap<number, number>;

export type OffValue =
  | { readonly kind: 'tiles'; readonly tiles: OffTiles }
  | { readonly kind: 'instant'; readonly at: Instant }
  | { readonly kind: 'said'; readonly said: Said }
  | { readonly kind: 'top'; readonly key: string | undefined };

/** By tag version. */
export type OffTags = ReadonlyMap<string, OffValue>;

export interface Off {
  readonly runId: string;
  /** UTC day: all that arrived before it is in here. */
  readonly cut: number;
  readonly tags: OffTags;
}

const LIFETIME_DAY = 0;

type OffKind = OffValue['kind'];

const kindOf = ({ definition: { measure } }: LakeTag): OffKind => {
  if (measure.op === 'top') return 'top';
  if (measure.op === 'timeSince') return 'instant';
  if (measure.op !== 'first' && measure.op !== 'last') return 'tiles';
  return measure.field === 'timestamp' ? 'instant' : 'said';
};

const dayOf = (text: string): number => {
  const at = text === '' ? epochMs(LIFETIME_DAY) : fromRfc3339(text);
  invariant(at !== undefined, 'an event day is a day');
  return utcDayOf(at);
};

const tilesOf = (rows: readonly LakeRow[], { definition: { measure } }: LakeTag): OffTiles => {
  const merge = measure.op === 'min' || measure.op === 'max' ? extremeOf[measure.op] : addAmounts;
  const tiles = new Map<number, number>();
  for (const { eventDay, amount } of rows) {
    if (amount === null) continue;
    const day = dayOf(eventDay);
    const held = tiles.get(day);
    tiles.set(day, held === undefined ? amount : merge(held, amount));
  }
  return tiles;
};

const valueOfRows = (tag: LakeTag, rows: readonly LakeRow[]): OffValue => {
  const kind = kindOf(tag);
  const [row] = rows;
  if (kind === 'tiles') return { kind, tiles: tilesOf(rows, tag) };
  // The job gives the best first.
  if (kind === 'top') return { kind, key: row && clipUtf8(row.part, SAID_BYTES_MAX) };
  const at = row?.instant ?? undefined;
  if (kind === 'instant') return { kind, at: at === undefined ? undefined : epochMs(at) };
  if (at === undefined) return { kind, said: undefined };
  const text = clipUtf8(row?.text ?? '', SAID_BYTES_MAX);
  return { kind, said: { at: epochMs(at), tie: row?.tie ?? '', text } };
};

/** Rows of versions that this bundle does not know are another bundle's. */
export const offFromRows = (
  rows: readonly LakeRow[],
  versions: readonly string[],
  tags: readonly LakeTag[],
): OffTags =>
  new Map(
    tags
      .filter(({ version }) => versions.includes(version))
      .map((tag) => [
        tag.version,
        valueOfRows(
          tag,
          rows.filter(({ version }) => version === tag.version),
        ),
      ]),
  );

const encodeTiles = (tiles: OffTiles): string => {
  let text = '';
  let before = 0;
  for (const [day, amount] of [...tiles].sort(([left], [right]) => left - right)) {
    text += packUnsigned(day - before) + packSigned(amount);
    before = day;
  }
  return text;
};

const decodeTiles = (text: string): OffTiles => {
  const reader = readPacked(text);
  const tiles = new Map<number, number>();
  let day = 0;
  while (!reader.ended()) {
    day += reader.unsigned();
    tiles.set(day, reader.signed());
  }
  return tiles;
};

/** Before a key, which may be empty itself. */
const HELD_KEY = '=';

const encodeValue = (value: OffValue): string => {
  if (value.kind === 'tiles') return encodeTiles(value.tiles);
  if (value.kind === 'instant') return encodeInstant(value.at);
  if (value.kind === 'said') return encodeSaid(value.said);
  return value.key === undefined ? '' : HELD_KEY + value.key;
};

const decodeValue = (kind: OffKind, text: string): OffValue => {
  if (kind === 'tiles') return { kind, tiles: decodeTiles(text) };
  if (kind === 'instant') return { kind, at: decodeInstant(text) };
  if (kind === 'said') return { kind, said: decodeSaid(text) };
  return { kind, key: text === '' ? undefined : text.slice(HELD_KEY.length) };
};

/** Compact JSON. */
export const encodeOff = (tags: OffTags): string => {
  const texts = [...tags].map(([version, value]) => [version, encodeValue(value)]);
  const text = JSON.stringify(Object.fromEntries(texts));
  invariant(utf8Bytes(text) <= OFF_BYTES_MAX, 'what the nightly says of a user fits');
  return text;
};

/** Throws InvariantViolation on nonsense: what was stored is ours. */
export const decodeOff = (text: string, tags: readonly LakeTag[]): OffTags => {
  let stored: unknown;
  try {
    stored = JSON.parse(text);
  } catch {
    stored = undefined;
  }
  invariant(typeof stored === 'object' && stored !== null, 'the nightly says JSON');
  const texts = stored as Readonly<Record<string, string>>;
  return new Map(
    tags.flatMap((tag) => {
      const value = Object.hasOwn(texts, tag.version) ? texts[tag.version] : undefined;
      return value === undefined ? [] : [[tag.version, decodeValue(kindOf(tag), value)] as const];
    }),
  );
};
