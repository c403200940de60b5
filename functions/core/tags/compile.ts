/** Turns the definitions of `tributary.config.ts` into what each of their readers uses, or refuses. */
import { invariant } from '../invariant.ts';
import { type DurationMs, days } from '../time.ts';
import { checkBytes } from './byte-bounds.ts';
import { type ConfiguredTags, checkTags, hopOf, refuse, SHORT_WINDOW_MAX } from './check-tags.ts';
import { previousOf, spanMs, type TagDefinition, tagVersion } from './definition.ts';
import type { Extreme } from './extremes.ts';
import type { Pick } from './instant.ts';
import type { SegmentRule } from './segment.ts';
import { dayWindow, tilesMaxOf, type WindowShape } from './window-tiles.ts';

/** How a tag's intermediates are kept in the profile. Without windowDays: lifetime. */
export type TagShape =
  | {
      readonly kind: 'window';
      readonly merge: 'sum' | Extreme;
      readonly length: DurationMs;
      readonly hop: DurationMs;
      readonly tilesMax: number;
    }
  | { readonly kind: 'days'; readonly windowDays: number | undefined }
  | {
      readonly kind: 'extremes';
      readonly merge: Extreme;
      readonly windowDays: number | undefined;
    }
  | { readonly kind: 'instant'; readonly pick: Pick }
  /** What a field said at that instant. */
  | { readonly kind: 'said'; readonly pick: Pick }
  /** Without a window: lifetime. */
  | {
      readonly kind: 'distinct';
      readonly window: WindowShape | undefined;
    }
  | { readonly kind: 'top'; readonly halfLifeMs: DurationMs | undefined };

interface Versioned {
  readonly definition: TagDefinition;
  readonly version: string;
}

export interface FoldedTag extends Versioned {
  readonly shape: TagShape;
}

/** What the nightly job computes. */
export interface LakeTag extends Versioned {
  /** Undefined: lifetime. */
  readonly windowDays: number | undefined;
}

/** A tag of the config as it is served: until a run has filled it, by what it meant before. */
export interface OfferedTag extends Versioned {
  readonly previous: Versioned | undefined;
}

export interface CompiledTags {
  /** Versions that the stream folds, earlier meanings included, in the order of the config. */
  readonly folded: readonly FoldedTag[];
  /** Versions that the nightly job fills, earlier meanings included. */
  readonly lake: readonly LakeTag[];
  readonly offered: readonly OfferedTag[];
  readonly segments: {
    readonly rules: readonly SegmentRule[];
    readonly otherwise: string;
  };
}

const DAY = days(1);

const windowDaysOf = ({ period }: TagDefinition): number | undefined =>
  period.kind === 'lifetime' ? undefined : period.length / DAY;

const windowOf = (tag: TagDefinition): WindowShape | undefined => {
  if (tag.period.kind === 'lifetime') return undefined;
  const { length } = tag.period;
  if (length > SHORT_WINDOW_MAX) return dayWindow(length / DAY);
  return {
    length,
    hop: hopOf(length) ?? refuse(tag, 'has a window that is no multiple of its hop'),
  };
};

const isShort = ({ period }: TagDefinition): boolean =>
  period.kind === 'over' && period.length <= SHORT_WINDOW_MAX;

const amountShape = (tag: TagDefinition, merge: 'sum' | Extreme): TagShape => {
  const window = windowOf(tag);
  if (window !== undefined && isShort(tag)) {
    return { kind: 'window', merge, ...window, tilesMax: tilesMaxOf(window) };
  }
  const windowDays = windowDaysOf(tag);
  return merge === 'sum' ? { kind: 'days', windowDays } : { kind: 'extremes', merge, windowDays };
};

const shapeOf = (tag: TagDefinition): TagShape => {
  const { measure } = tag;
  switch (measure.op) {
    case 'count':
    case 'sum':
      return amountShape(tag, 'sum');
    case 'min':
    case 'max':
      return amountShape(tag, measure.op);
    case 'timeSince':
      return { kind: 'instant', pick: 'latest' };
    case 'first':
    case 'last':
      return {
        kind: measure.field === 'timestamp' ? 'instant' : 'said',
        pick: measure.op === 'first' ? 'earliest' : 'latest',
      };
    case 'distinct':
      return { kind: 'distinct', window: windowOf(tag) };
    case 'top': {
      const { halfLife } = measure as { readonly halfLife?: Parameters<typeof spanMs>[0] };
      return { kind: 'top', halfLifeMs: halfLife && spanMs(halfLife) };
    }
  }
};

const versioned = (definition: TagDefinition): Versioned => ({
  definition,
  version: tagVersion(definition),
});

/** What a tag means and what it meant before. */
const meaningsOf = (tag: TagDefinition): readonly TagDefinition[] => {
  const previous = previousOf(tag);
  return previous === undefined ? [tag] : [tag, previous];
};

export const compileTags = (config: ConfiguredTags): CompiledTags => {
  checkTags(config);
  const folded = config.tags
    .filter((tag) => tag.source !== 'batch')
    .flatMap(meaningsOf)
    .map((tag) => ({ ...versioned(tag), shape: shapeOf(tag) }));
  const lake = config.tags
    .filter((tag) => tag.source !== 'stream')
    .flatMap(meaningsOf)
    .map((tag) => ({ ...versioned(tag), windowDays: windowDaysOf(tag) }));
  checkBytes(folded, lake);
  const offered = config.tags.map((tag) => {
    const previous = previousOf(tag);
    return { ...versioned(tag), previous: previous && versioned(previous) };
  });
  const all = offered.flatMap(({ version, previous }) => [
    version,
    ...(previous ? [previous.version] : []),
  ]);
  invariant(new Set(all).size === all.length, 'versions collide');
  return { folded, lake, offered, segments: config.segments };
};
