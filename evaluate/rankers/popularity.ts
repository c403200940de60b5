/** Baseline: what most had, ever. */
import type { Ranker } from '../ranker.ts';
import { inDemand } from './in-demand.ts';

export const popularity = (): Ranker => {
  const demand = inDemand();
  return {
    name: 'popularity',
    prepare:
      ({ exclude }) =>
      () =>
        demand.top(exclude),
    learn: ({ items }) => {
      for (const item of items) demand.count(item);
    },
  };
};
