/** Baseline: what the user had most, worth half after 60 days; of equals what is in demand. */
import { days } from '../../functions/core/time.ts';
import { weightOf } from '../act.ts';
import type { Ranker } from '../ranker.ts';
import { behind } from './in-demand.ts';
import { lately } from './recent-popularity.ts';

const HALF_LIFE_MS = days(60);
/** So little that it only tells apart what is equal. */
const TIE = 1e-9;

export const personalFrequency = (): Ranker => {
  const demand = lately();
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
          decayed(had, at) + TIE * demand.scoreAt(item, at),
        ]);
        return behind(new Map(scores), () => demand.top(at), exclude);
      },
    learn: (act) => {
      const mine = users.get(act.user) ?? new Map();
      users.set(act.user, mine);
      for (const item of act.items) {
        const before = mine.get(item);
        const weight = weightOf(act) + (before === undefined ? 0 : decayed(before, act.at));
        mine.set(item, { weight, at: act.at });
        demand.add(item, act.at, 1);
      }
    },
  };
};
