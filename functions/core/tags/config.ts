import type { RecommendSettings } from '../recommend/settings.ts';
import type { TagDefinition } from './definition.ts';
import type { SegmentRule } from './segment.ts';

/** The shape of `tributary.config.ts`, the one file that a user edits. */
export interface RateLimit {
  readonly perSecond: number;
  readonly burst: number;
}

export interface SegmentsConfig {
  /** In order: the first that holds is the user's. */
  readonly rules: readonly SegmentRule[];
  readonly otherwise: string;
}

export interface TributaryConfig {
  /** `-c size=` on the command line wins; without either it is `standard`. */
  readonly size?: 'starter' | 'standard' | 'scale';
  /** ISO 4217; revenue in another currency is summed only with a rate below. */
  readonly currency: string;
  /** What one unit of another currency is worth in `currency`, as a decimal text. */
  readonly rates: Readonly<Record<string, string>>;
  /** Requests per second of one key in one process, by the key's kind. */
  readonly limits: Readonly<Record<'write' | 'client' | 'server' | 'operator', RateLimit>>;
  /** Origins that browsers may send events from; `*` is every origin. */
  readonly corsOrigins: readonly string[];
  readonly tags: readonly TagDefinition[];
  readonly segments: SegmentsConfig;
  /** What an event of this name adds to the interest in each of its categories. */
  readonly interestWeights: Readonly<Record<string, number>>;
  /** How items are learnt and recommended; the preset `commerce` where nothing is said. */
  readonly recommend?: RecommendSettings;
  /** When the nightly job starts, at this hour of UTC; 3 where nothing is said. */
  readonly nightly?: { readonly hourUtc: number };
}
