/** What is evaluated: it is asked before it learns what was wanted. */
import type { Weighted } from '../functions/core/recommend/lists.ts';
import type { EpochMs } from '../functions/core/time.ts';
import type { Act } from './act.ts';

export interface Question {
  readonly user: string;
  readonly at: EpochMs;
  /** Not to be offered. */
  readonly exclude: ReadonlySet<string>;
}

export interface Ranker {
  readonly name: string;
  /**
   * Gathers what a server would have at hand, and returns what is timed: best first, at most
   * `RANKED_MAX`; of equal score in any order.
   */
  readonly prepare: (question: Question) => () => readonly Weighted[];
  readonly learn: (act: Act) => void;
}
