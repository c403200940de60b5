/** What an evaluation reads: who did what, in the order of time, and which part of it asks. */
import { POSITIVE_WEIGHTS, type PresetName } from '../functions/core/recommend/learning.ts';
import type { EpochMs } from '../functions/core/time.ts';

/** The event as the platform would get it; an order's lines are items of one act. */
export interface Act {
  readonly user: string;
  readonly at: EpochMs;
  /** One of those that say something for an item. */
  readonly event: string;
  /** Each once, in the order of the lines. */
  readonly items: readonly string[];
}

export const weightOf = ({ event }: Act): number => POSITIVE_WEIGHTS[event] ?? 0;

/** `[from, to)`, by time. */
export interface Part {
  readonly from: EpochMs;
  readonly to: EpochMs;
}

/** Which of the wanted items a ranking has to find. */
export interface Target {
  readonly name: string;
  /** What the user has had already is not offered, and not wanted. */
  readonly newOnly: boolean;
}

export interface DataSet {
  readonly name: string;
  /** Where it is from and under which terms. */
  readonly source: string;
  readonly preset: PresetName;
  /** By time; of one instant in the order of the file. */
  readonly acts: readonly Act[];
  readonly items: number;
  /** What weights are chosen by. */
  readonly validation: Part;
  /** What is read once, at the end. */
  readonly test: Part;
  /** Only who has done something before is asked for. */
  readonly knownOnly: boolean;
  readonly targets: readonly Target[];
  /** Spread so thinly over years that lists of ninety days are almost empty. */
  readonly outlivesLists: boolean;
}

/** Of one file; more is refused, because all of it is held at once. */
export const ROWS_MAX = 5_000_000;

export const inPart = ({ from, to }: Part, at: EpochMs): boolean => at >= from && at < to;

export const itemsOf = (acts: readonly Act[]): number =>
  new Set(acts.flatMap(({ items }) => items)).size;
