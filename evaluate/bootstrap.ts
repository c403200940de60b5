/** Intervals of a mean by drawing users again, because questions of one user go together. */
import { seeded } from '../simulate/random.ts';

export const DRAWS = 500;
export const SEED = 20_111_209;
const TAIL = 0.025;

/** Of one user: what its questions add up to. */
export interface UserSum {
  readonly sum: number;
  readonly count: number;
}

export interface Interval {
  readonly low: number;
  readonly high: number;
}

export const meanOf = (users: readonly UserSum[]): number => {
  const count = users.reduce((sum, user) => sum + user.count, 0);
  return count === 0 ? 0 : users.reduce((sum, user) => sum + user.sum, 0) / count;
};

/** The mean of each draw. The same users in the same order are drawn for any two metrics. */
export const drawnMeans = (users: readonly UserSum[], seed = SEED): readonly number[] => {
  const random = seeded(seed);
  return Array.from({ length: DRAWS }, () => {
    let sum = 0;
    let count = 0;
    for (let drawn = 0; drawn < users.length; drawn += 1) {
      const user = users[random.below(users.length)];
      sum += user?.sum ?? 0;
      count += user?.count ?? 0;
    }
    return count === 0 ? 0 : sum / count;
  });
};

/** The middle 95 % of what was drawn. */
export const intervalOf = (drawn: readonly number[]): Interval => {
  const sorted = drawn.toSorted((left, right) => left - right);
  const at = (share: number): number => sorted[Math.round(share * (sorted.length - 1))] ?? 0;
  return { low: at(TAIL), high: at(1 - TAIL) };
};

/** Of the difference of two means over the same users. */
export const intervalOfDifference = (
  left: readonly UserSum[],
  right: readonly UserSum[],
): Interval => {
  const [these, those] = [drawnMeans(left), drawnMeans(right)];
  return intervalOf(these.map((mean, draw) => mean - (those[draw] ?? 0)));
};
