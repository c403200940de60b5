/** What the readers of tags use of the definitions in `tributary.config.ts`; `compile.ts` makes it. */
import type { DurationMs } from '../time.ts';
import type { TagDefinition } from './definition.ts';
import type { Extreme } from './extremes.ts';
import type { Pick } from './instant.ts';
import type { SegmentRule } from './segment.ts';
import type { WindowShape } from './window-tiles.ts';

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

export interface Versioned {
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
