/** What is in demand at an instant, as `trends.ts` has it: two half-lives, made anew by the minute. */
import { TREND_ITEMS_MAX, type Trends } from '../../functions/core/recommend/trends.ts';
import {
  days,
  type DurationMs,
  type EpochMs,
  floorTo,
  hours,
  minutes,
} from '../../functions/core/time.ts';
import { heaviest } from './heaviest.ts';

const HOT_MS = hours(6);
const POPULAR_MS = days(7);
const REBUILT_MS = minutes(1);

interface Held {
  readonly score: number;
  readonly at: EpochMs;
}

const fading = (halfLife: DurationMs) => {
  const scores = new Map<string, Held>();
  const scoreAt = ({ score, at }: Held, now: EpochMs): number => score * 2 ** ((at - now) / halfLife);
  return {
    add: (item: string, at: EpochMs, weight: number): void => {
      const held = scores.get(item);
      scores.set(item, { at, score: weight + (held === undefined ? 0 : scoreAt(held, at)) });
    },
    top: (now: EpochMs) =>
      heaviest(
        [...scores].map(([item, held]) => [item, scoreAt(held, now)] as const),
        TREND_ITEMS_MAX,
      ),
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
