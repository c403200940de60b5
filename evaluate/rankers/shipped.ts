/** What serves, asked through the same function: `recommend` of the core. */
import { recommend } from '../../functions/core/recommend/recommend.ts';
import type { RecommendConfig } from '../../functions/core/recommend/settings.ts';
import { RANKED_MAX } from '../metrics.ts';
import type { Ranker } from '../ranker.ts';
import type { World } from '../world/world.ts';

export interface Shipped {
  readonly name: string;
  readonly world: World;
  readonly config: RecommendConfig;
  /** Several rankers may share a world; one of them teaches it. */
  readonly teaches: boolean;
  readonly limit?: number;
}

export const shipped = ({ name, world, config, teaches, limit = RANKED_MAX }: Shipped): Ranker => ({
  name,
  prepare: ({ user, at, exclude }) => {
    const { taste, learnt } = world.knownOf(user, at);
    return () => {
      const page = recommend({ taste, learnt, asked: { limit, exclude, now: at }, config });
      // What fills a page up has no score, but an order.
      return page.map(({ item, score, position }) => [item, score > 0 ? score : -position]);
    };
  },
  learn: (act) => {
    if (teaches) world.learn(act);
  },
});
