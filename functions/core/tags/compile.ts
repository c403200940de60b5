/** Turns the definitions of `tributary.config.ts` into what each of their readers uses, or refuses. */
import { invariant } from '../invariant.ts';
import { days } from '../time.ts';
import { checkBytes } from './byte-bounds.ts';
import { type ConfiguredTags, checkTags, hopOf, refuse, SHORT_WINDOW_MAX } from './check-tags.ts';
import type { CompiledTags, TagShape, Versioned } from './compiled.ts';
import { previousOf, spanMs, type TagDefinition, tagVersion } from './definition.ts';
import type { Extreme } from './extremes.ts';
import { dayWindow, tilesMaxOf, type WindowShape } from './window-tiles.ts';

export type { CompiledTags, FoldedTag, LakeTag, OfferedTag, TagShape } from './compiled.ts';

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
