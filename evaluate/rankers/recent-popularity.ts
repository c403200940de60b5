/** Baseline: what most had lately, worth half after a week. */
import { days } from '../../functions/core/time.ts';
import { RANKED_MAX } from '../metrics.ts';
import type { Ranker } from '../ranker.ts';
import { type Fading, fading } from '../world/demand.ts';

/** More than most users have had of what is in demand, so that enough is left for them. */
const DEMAND_MAX = 500;

export const lately = (): Fading => fading(days(7), DEMAND_MAX);

export const recentPopularity = (): Ranker => {
  const demand = lately();
  return {
    name: 'recent popularity',
    prepare:
      ({ at, exclude }) =>
      () =>
        demand
          .top(at)
          .filter(([item]) => !exclude.has(item))
          .slice(0, RANKED_MAX),
    learn: ({ items, at }) => {
      for (const item of items) demand.add(item, at, 1);
    },
  };
};
