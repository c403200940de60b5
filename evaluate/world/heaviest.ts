/** The heaviest of many sums, as a list of the night has them. */
import { foremost } from '../../functions/core/recommend/foremost.ts';
import { NEIGHBOURS_MAX, type Weighted } from '../../functions/core/recommend/lists.ts';

/** Heaviest first, of equal weight by id; what is not above 0 is not there. */
export const heaviest = (sums: readonly Weighted[], most = NEIGHBOURS_MAX): readonly Weighted[] => {
  const found = sums.filter(([, weight]) => weight > 0);
  const isBefore = (left: number, right: number): boolean => {
    const [one, other] = [found[left], found[right]];
    if (one === undefined || other === undefined) return false;
    return one[1] === other[1] ? one[0] < other[0] : one[1] > other[1];
  };
  return foremost(found.length, most, isBefore).flatMap((place) => found.slice(place, place + 1));
};
