import type { MemoryPairDeltas } from '../../functions/adapters/memory-pair-deltas.ts';
import { deltaKeyOf } from '../../functions/adapters/pair-delta-keys.ts';
import { slowPairs, TENANT } from './audit-lists.ts';
import type { UserLedger } from './auditor.ts';

/** In millionths, over all pairs of items and days. */
export interface Drift {
  /** What is learnt too much or too little. */
  readonly drift: number;
  /** What each event once means. */
  readonly mass: number;
}

/** Of a run of seeds: what is repeated or lost between two calls must be next to nothing. */
export const DRIFT_SHARE_MAX = 0.01;
/** Of fewer seeds one unlucky one is much. */
export const DRIFT_SEEDS_MIN = 60;

export const driftShare = ({ drift, mass }: Drift): number => drift / Math.max(1, mass);

export const driftsTooFar = (run: { readonly seeds: number; readonly learning: Drift }): boolean =>
  run.seeds >= DRIFT_SEEDS_MIN && driftShare(run.learning) > DRIFT_SHARE_MAX;

export const driftText = ({ learning }: { readonly learning: Drift }): string =>
  `pairs drift by ${(100 * driftShare(learning)).toFixed(2)} % of their weight`;

/** How far what the stream has learnt is from what distinct events mean, in their order of arrival. */
export const learningDrift = (users: Iterable<UserLedger>, deltas: MemoryPairDeltas): Drift => {
  const wrong = new Map<string, number>();
  const differ = (key: string, other: string, by: number): void => {
    const pair = JSON.stringify([key, other]);
    wrong.set(pair, (wrong.get(pair) ?? 0) + by);
  };
  let mass = 0;
  for (const [pair, amount] of slowPairs(users)) {
    const [day, from, to] = JSON.parse(pair) as [string, string, string];
    differ(deltaKeyOf(TENANT, from, day), to, -amount);
    mass += amount;
  }
  for (const [key, amounts] of deltas.entries())
    for (const [other, amount] of amounts) differ(key, other, amount);
  const drift = [...wrong.values()].reduce((sum, by) => sum + Math.abs(by), 0);
  return { drift, mass };
};
