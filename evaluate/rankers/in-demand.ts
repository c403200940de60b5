/** Items by how often they were had, kept in order: what every baseline falls back on. */
import type { Weighted } from '../../functions/core/recommend/lists.ts';
import { RANKED_MAX } from '../metrics.ts';
import { heaviest } from '../world/heaviest.ts';

export interface InDemand {
  readonly count: (item: string) => void;
  /** Most first. */
  readonly top: (exclude: ReadonlySet<string>) => readonly Weighted[];
}

export const inDemand = (): InDemand => {
  const order: { readonly item: string; times: number }[] = [];
  const places = new Map<string, number>();

  /** Swaps with the first of those that had as many before, so that an order of thousands stays cheap. */
  const rise = (from: number): void => {
    const mine = order[from];
    if (mine === undefined) return;
    let low = 0;
    let high = from;
    while (low < high) {
      const middle = (low + high) >> 1;
      if ((order[middle]?.times ?? 0) > mine.times) low = middle + 1;
      else high = middle;
    }
    const other = order[low];
    mine.times += 1;
    if (other === undefined || low === from) return;
    order[low] = mine;
    order[from] = other;
    places.set(mine.item, low);
    places.set(other.item, from);
  };

  return {
    count: (item) => {
      const place = places.get(item) ?? order.push({ item, times: 0 }) - 1;
      places.set(item, place);
      rise(place);
    },
    top: (exclude) => {
      const top: Weighted[] = [];
      for (const { item, times } of order) {
        if (top.length === RANKED_MAX) break;
        if (!exclude.has(item)) top.push([item, times]);
      }
      return top;
    },
  };
};

/** The heaviest of these, and behind them what is in demand: no answer is empty. */
export const behind = (
  scores: ReadonlyMap<string, number>,
  inDemandNow: () => readonly Weighted[],
  exclude: ReadonlySet<string>,
): readonly Weighted[] => {
  const offered = [...scores].filter(([item]) => !exclude.has(item));
  const own = heaviest(offered, RANKED_MAX);
  if (own.length === RANKED_MAX) return own;
  const rest = inDemandNow()
    .filter(([item]) => !scores.has(item) && !exclude.has(item))
    .map(([item, score]): Weighted => [item, -1 / score]);
  return [...own, ...rest].slice(0, RANKED_MAX);
};
