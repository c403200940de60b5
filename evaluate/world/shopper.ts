/** What a profile keeps of a user for recommendations: the last positive items, and what was bought. */
import {
  type ArrivedItem,
  BASKET_LINES_LIVE_MAX,
  HISTORY_MAX,
} from '../../functions/core/recommend/learning.ts';
import type { Bought } from '../../functions/core/recommend/ranking.ts';
import { days } from '../../functions/core/time.ts';
import type { Act } from '../act.ts';

export const BOUGHT_MAX = 16;
const HALF_LIFE_MS = days(60);

export interface Shopper {
  readonly history: readonly ArrivedItem[];
  readonly bought: readonly Bought[];
}

export const NOBODY: Shopper = { history: [], bought: [] };

const rankOf = ({ weight, boughtAt }: Bought): number =>
  Math.log2(weight) + boughtAt / HALF_LIFE_MS;

const boughtAfter = (before: readonly Bought[], { at, items }: Act): readonly Bought[] => {
  const held = new Map(before.map((one) => [one.item, one]));
  for (const item of items) {
    const old = held.get(item);
    const left = old === undefined ? 0 : old.weight * 2 ** ((old.boughtAt - at) / HALF_LIFE_MS);
    held.set(item, { item, weight: left + 1, boughtAt: at });
  }
  return [...held.values()]
    .sort((left, right) => rankOf(right) - rankOf(left) || (left.item < right.item ? -1 : 1))
    .slice(0, BOUGHT_MAX);
};

export const historyAfter = (
  before: readonly ArrivedItem[],
  { at, items }: Act,
): readonly ArrivedItem[] => {
  const basket = new Set(items);
  const newest = items.toReversed().map((item) => ({ item, arrivedAt: at }));
  return [...newest, ...before.filter(({ item }) => !basket.has(item))].slice(0, HISTORY_MAX);
};

export const firstLines = (act: Act, most: number): Act => ({
  ...act,
  items: act.items.slice(0, most),
});

export const shopperAfter = ({ history, bought }: Shopper, act: Act): Shopper => {
  const live = firstLines(act, BASKET_LINES_LIVE_MAX);
  return {
    history: historyAfter(history, live),
    bought: act.event === 'Order Completed' ? boughtAfter(bought, live) : bought,
  };
};
