/** The heaviest of many sums, as a list of the night has them. */
import { NEIGHBOURS_MAX, type Weighted } from '../../functions/core/recommend/lists.ts';

const isBefore = (left: Weighted, right: Weighted): number =>
  right[1] - left[1] || (left[0] < right[0] ? -1 : 1);

/** Heaviest first, of equal weight by id; what is not above 0 is not there. */
export const heaviest = (sums: Iterable<Weighted>, most = NEIGHBOURS_MAX): readonly Weighted[] =>
  [...sums]
    .filter(([, weight]) => weight > 0)
    .sort(isBefore)
    .slice(0, most);
