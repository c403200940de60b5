/** What serves, asked through the same function: `recommend` of the core. */
import { LIMIT_MAX, recommend } from '../../functions/core/recommend/recommend.ts';
import type { RecommendConfig } from '../../functions/core/recommend/settings.ts';
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

export const shipped = ({ name, world, config, teaches, limit = LIMIT_MAX }: Shipped): Ranker => ({
  name,
  rank: ({ user, at, exclude }) => {
    const taste = world.tasteOf(user);
    const learnt = world.learntFor(taste, at);
    const page = recommend({ taste, learnt, asked: { limit, exclude, now: at }, config });
    // What fills a page up has no score, but an order.
    return page.map(({ item, score, position }) => [item, score > 0 ? score : -position]);
  },
  learn: (act) => {
    if (teaches) world.learn(act);
  },
});
