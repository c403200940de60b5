/** Turns the definitions of `tributary.config.ts` into what the fold and the readers use, or refuses. */
import { invariant } from '../invariant.ts';
import { type DurationMs, days, minutes, seconds } from '../time.ts';
import type { TributaryConfig } from './config.ts';
import { type TagDefinition, tagVersion } from './definition.ts';
import type { Pick } from './instant.ts';
import type { SegmentRule } from './segment.ts';
import { tilesMaxOf } from './window-tiles.ts';

/** How a tag's intermediates are kept in the profile. */
export type TagShape =
  | {
      readonly kind: 'window';
      readonly length: DurationMs;
      readonly hop: DurationMs;
      readonly tilesMax: number;
    }
  /** Without windowDays: lifetime. */
  | { readonly kind: 'days'; readonly windowDays: number | undefined }
  | { readonly kind: 'instant'; readonly pick: Pick };

export interface FoldedTag {
  readonly definition: TagDefinition;
  readonly version: string;
  readonly shape: TagShape;
}

export interface CompiledTags {
  /** Tags that the stream folds, in the order of the config. */
  readonly folded: readonly FoldedTag[];
  readonly segments: {
    readonly rules: readonly SegmentRule[];
    readonly otherwise: string;
  };
}

export type ConfiguredTags = { readonly [K in 'tags' | 'segments']: TributaryConfig[K] };

/** A sentence for whoever edits `tributary.config.ts`. */
export class ConfigRefused extends Error {
  override readonly name = 'ConfigRefused';
}

const HOPS: readonly DurationMs[] = [seconds(10), seconds(30), minutes(1), minutes(5), minutes(30)];
const WINDOW_TILES_MAX = 96;
const DAY = days(1);
/** Longer windows have whole days as tiles. */
export const SHORT_WINDOW_MAX = days(2);
const FOLDED_WINDOW_MAX = days(120);
/** The part of the profile that keeps tags holds this many of them. */
export const FOLDED_TAGS_MAX = 24;
const NAME = /^[a-z][a-z0-9_]{0,63}$/;
/** The flat route gives the segment under this name. */
const RESERVED_NAME = 'segment_id';

/** How far a window moves at once; undefined where the window is no multiple of it. */
export const hopOf = (length: DurationMs): DurationMs | undefined => {
  const hop =
    length > SHORT_WINDOW_MAX ? DAY : HOPS.find((each) => length / each <= WINDOW_TILES_MAX);
  return hop !== undefined && length > 0 && length % hop === 0 ? hop : undefined;
};

const refuse = (tag: TagDefinition, because: string): never => {
  throw new ConfigRefused(`The tag "${tag.name}" in tributary.config.ts ${because}.`);
};

const shapeOf = (tag: TagDefinition): TagShape => {
  const { measure, period } = tag;
  if (measure.op === 'first') return { kind: 'instant', pick: 'earliest' };
  if (measure.op === 'last' || measure.op === 'timeSince') {
    return { kind: 'instant', pick: 'latest' };
  }
  if (period.kind === 'lifetime') return { kind: 'days', windowDays: undefined };
  const { length } = period;
  if (length > SHORT_WINDOW_MAX) return { kind: 'days', windowDays: length / DAY };
  const hop = hopOf(length) ?? refuse(tag, 'has a window that is no multiple of its hop');
  return { kind: 'window', length, hop, tilesMax: tilesMaxOf({ length, hop }) };
};

const check = (tag: TagDefinition): void => {
  const { measure, period, source, name } = tag;
  if (!NAME.test(name) || name === RESERVED_NAME) {
    refuse(tag, 'needs another name: a lower-case letter, then at most 63 of a-z, 0-9 and _');
  }
  const isInstant = measure.op === 'first' || measure.op === 'last' || measure.op === 'timeSince';
  if (isInstant && period.kind !== 'lifetime') {
    refuse(tag, 'is an instant, and an instant is always over a lifetime');
  }
  if (measure.op === 'top' && source !== 'batch') {
    refuse(tag, 'finds the top category, which the nightly job alone can do');
  }
  if (period.kind === 'lifetime') return;
  if (hopOf(period.length) === undefined) {
    refuse(tag, 'has a window that is no multiple of its hop (10 s up to 30 min, 1 d above 2 d)');
  }
  if (period.length <= SHORT_WINDOW_MAX && source !== 'stream') {
    refuse(tag, 'has a window of at most 2 d, which only the stream can keep');
  }
  if (period.length > FOLDED_WINDOW_MAX && source !== 'batch') {
    refuse(tag, `has a window above ${FOLDED_WINDOW_MAX / DAY} d, which only the nightly can keep`);
  }
};

const checkSegments = ({ tags, segments }: ConfiguredTags): void => {
  const known = new Set(tags.map((tag) => tag.name));
  for (const rule of segments.rules) {
    for (const { tag } of rule.when) {
      if (known.has(tag)) continue;
      throw new ConfigRefused(
        `The segment "${rule.name}" in tributary.config.ts asks for the tag "${tag}", which is not defined.`,
      );
    }
  }
};

export const compileTags = (config: ConfiguredTags): CompiledTags => {
  const names = new Set<string>();
  for (const tag of config.tags) {
    check(tag);
    if (names.has(tag.name)) refuse(tag, 'is defined twice');
    names.add(tag.name);
  }
  checkSegments(config);
  const folded = config.tags
    .filter((tag) => tag.source !== 'batch')
    .map((tag) => ({ definition: tag, version: tagVersion(tag), shape: shapeOf(tag) }));
  if (folded.length > FOLDED_TAGS_MAX) {
    throw new ConfigRefused(
      `tributary.config.ts has ${folded.length} tags that the stream keeps; a profile holds ${FOLDED_TAGS_MAX}.`,
    );
  }
  invariant(new Set(folded.map((tag) => tag.version)).size === folded.length, 'versions collide');
  return { folded, segments: config.segments };
};
