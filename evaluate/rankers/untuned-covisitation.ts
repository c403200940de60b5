/** Baseline: directed, distance-decayed co-visitation with the numbers it was first written with. */
import {
  backwardAmount,
  basketAmount,
  forwardAmount,
} from '../../functions/core/recommend/amounts.ts';
import { LEARNING_PRESETS } from '../../functions/core/recommend/learning.ts';
import { weightOf } from '../act.ts';
import type { Ranker } from '../ranker.ts';
import { behind, inDemand } from './in-demand.ts';

const PRESET = LEARNING_PRESETS.commerce;
const HISTORY = 10;
const FADING = 0.6;

/** No half-life, no caps of lists, nothing of personal frequency. */
export const untunedCovisitation = (): Ranker => {
  const demand = inDemand();
  const pairs = new Map<string, Map<string, number>>();
  const times = new Map<string, number>();
  const histories = new Map<string, readonly string[]>();
  const add = (from: string, to: string, amount: number): void => {
    const row = pairs.get(from) ?? new Map<string, number>();
    pairs.set(from, row);
    row.set(to, (row.get(to) ?? 0) + amount);
  };
  return {
    name: 'untuned DCV',
    prepare:
      ({ user, exclude }) =>
      () => {
        const scores = new Map<string, number>();
        for (const [index, from] of (histories.get(user) ?? []).entries()) {
          const share = FADING ** index / Math.sqrt(times.get(from) ?? 1);
          for (const [to, amount] of pairs.get(from) ?? [])
            scores.set(to, (scores.get(to) ?? 0) + share * amount);
        }
        return behind(scores, demand, exclude);
      },
    learn: (act) => {
      const before = histories.get(act.user) ?? [];
      const weight = weightOf(act);
      const basket = new Set(act.items);
      for (const item of act.items) {
        demand.count(item);
        times.set(item, (times.get(item) ?? 0) + 1);
        for (const [index, other] of before.entries()) {
          if (basket.has(other)) continue;
          add(other, item, forwardAmount(PRESET, weight, index + 1));
          add(item, other, backwardAmount(PRESET, weight, index + 1));
        }
        for (const other of act.items)
          if (other !== item) add(other, item, basketAmount(weight, act.items.length));
      }
      const after = [...act.items.toReversed(), ...before.filter((item) => !basket.has(item))];
      histories.set(act.user, after.slice(0, HISTORY));
    },
  };
};
