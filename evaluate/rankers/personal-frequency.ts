/** Baseline: what the user had most, worth half after 60 days. */
import { days } from '../../functions/core/time.ts';
import { weightOf } from '../act.ts';
import type { Ranker } from '../ranker.ts';
import { behind, inDemand } from './in-demand.ts';

const HALF_LIFE_MS = days(60);

export const personalFrequency = (): Ranker => {
  const demand = inDemand();
  const users = new Map<string, Map<string, { readonly weight: number; readonly at: number }>>();
  const decayed = ({ weight, at }: { weight: number; at: number }, now: number): number =>
    weight * 2 ** ((at - now) / HALF_LIFE_MS);
  return {
    name: 'personal frequency',
    prepare:
      ({ user, at, exclude }) =>
      () => {
        const scores = [...(users.get(user) ?? [])].map(([item, had]): [string, number] => [
          item,
          decayed(had, at),
        ]);
        return behind(new Map(scores), demand, exclude);
      },
    learn: (act) => {
      const mine = users.get(act.user) ?? new Map();
      users.set(act.user, mine);
      for (const item of act.items) {
        const before = mine.get(item);
        const weight = weightOf(act) + (before === undefined ? 0 : decayed(before, act.at));
        mine.set(item, { weight, at: act.at });
        demand.count(item);
      }
    },
  };
};
