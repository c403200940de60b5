/** How well a ranking finds what was wanted, over the whole catalogue and not a sample of it. */
import type { Weighted } from '../functions/core/recommend/lists.ts';

/** Of a ranking, how many a metric looks at. */
export const CUTOFF = 10;
/** A ranking's length: a tie that is cut here has its middle beyond the cut-off all the same. */
export const RANKED_MAX = 2 * CUTOFF;

export interface Found {
  /** 1 where any of the wanted is among the first. */
  readonly hit: number;
  readonly ndcg: number;
}

/** Items of equal score share the middle of their places: no order of theirs was earned. */
export const midRanks = (ranked: readonly Weighted[]): ReadonlyMap<string, number> => {
  const ranks = new Map<string, number>();
  let begin = 0;
  while (begin < ranked.length) {
    let end = begin + 1;
    while (end < ranked.length && ranked[end]?.[1] === ranked[begin]?.[1]) end += 1;
    for (const [item] of ranked.slice(begin, end)) ranks.set(item, (begin + 1 + end) / 2);
    begin = end;
  }
  return ranks;
};

const gainAt = (rank: number): number => 1 / Math.log2(1 + rank);

const idealGain = (wanted: number): number => {
  let gain = 0;
  for (let rank = 1; rank <= Math.min(wanted, CUTOFF); rank += 1) gain += gainAt(rank);
  return gain;
};

/** Where nothing is wanted there is nothing to find, and no question to ask. */
export const foundIn = (ranked: readonly Weighted[], wanted: ReadonlySet<string>): Found => {
  const ranks = midRanks(ranked);
  let hit = 0;
  let gain = 0;
  for (const item of wanted) {
    const rank = ranks.get(item);
    if (rank === undefined || rank > CUTOFF) continue;
    hit = 1;
    gain += gainAt(rank);
  }
  return { hit, ndcg: gain / idealGain(wanted.size) };
};
