/** What is in demand at an instant, as `trends.ts` has it: two half-lives, made anew by the minute. */
import type { Weighted } from '../../functions/core/recommend/lists.ts';
import { TREND_ITEMS_MAX, type Trends } from '../../functions/core/recommend/trends.ts';
import {
  type DurationMs,
  days,
  type EpochMs,
  floorTo,
  hours,
  minutes,
} from '../../functions/core/time.ts';
import { heaviest } from './heaviest.ts';

const HOT_MS = hours(6);
const POPULAR_MS = days(7);
const REBUILT_MS = minutes(1);

export interface Fading {
  readonly add: (item: string, at: EpochMs, weight: number) => void;
  readonly top: (now: EpochMs) => readonly Weighted[];
  readonly scoreAt: (item: string, now: EpochMs) => number;
}

/**
 * A score is kept as its logarithm, as if seen from 1970: what fades at one pace keeps its order. So
 * the last place of the list only rises, and what is below it need not be looked at.
 */
export const fading = (halfLife: DurationMs, most = TREND_ITEMS_MAX): Fading => {
  const ranks = new Map<string, number>();
  let lastPlace = Number.NEGATIVE_INFINITY;
  return {
    add: (item, at, weight) => {
      const age = at / halfLife;
      const before = 2 ** ((ranks.get(item) ?? Number.NEGATIVE_INFINITY) - age);
      ranks.set(item, Math.log2(before + weight) + age);
    },
    top: (now) => {
      const found: Weighted[] = [];
      for (const [item, rank] of ranks) {
        if (rank >= lastPlace) found.push([item, 2 ** (rank - now / halfLife)]);
      }
      const top = heaviest(found, most);
      const last = top[most - 1];
      if (last !== undefined) lastPlace = ranks.get(last[0]) ?? lastPlace;
      return top;
    },
    scoreAt: (item, now) => 2 ** ((ranks.get(item) ?? Number.NEGATIVE_INFINITY) - now / halfLife),
  };
};

export interface Demand {
  readonly add: (item: string, at: EpochMs, weight: number) => void;
  readonly trends: (now: EpochMs) => Trends;
}

export const demand = (): Demand => {
  const [hot, popular] = [fading(HOT_MS), fading(POPULAR_MS)];
  let held: Trends | undefined;
  return {
    add: (item, at, weight) => {
      hot.add(item, at, weight);
      popular.add(item, at, weight);
    },
    trends: (now) => {
      const at = floorTo(now, REBUILT_MS);
      if (held?.at !== at) held = { scope: 'all', at, hot: hot.top(at), popular: popular.top(at) };
      return held;
    },
  };
};
