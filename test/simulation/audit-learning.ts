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
