import fc from 'fast-check';
import { expect, test } from 'vitest';
import { barsPicture } from '../../evaluate/bars.ts';
import {
  DRAWS,
  drawnMeans,
  intervalOf,
  intervalOfDifference,
  meanOf,
} from '../../evaluate/bootstrap.ts';
import { CUTOFF, foundIn, midRanks, RANKED_MAX } from '../../evaluate/metrics.ts';
import { giniOf, shown } from '../../evaluate/variety.ts';
import type { Weighted } from '../../functions/core/recommend/lists.ts';

/** Few scores, so that ties are frequent and long. */
const rankings = fc
  .array(fc.integer({ min: 0, max: 6 }), { minLength: 1, maxLength: 80 })
  .map((scores) =>
    scores
      .map((score, index): Weighted => [`i${index}`, score])
      .sort((left, right) => right[1] - left[1]),
  );
const wanted = fc.uniqueArray(fc.integer({ min: 0, max: 90 }), { minLength: 1, maxLength: 30 });

const slowRank = (ranked: readonly Weighted[], item: string): number | undefined => {
  const score = ranked.find(([id]) => id === item)?.[1];
  if (score === undefined) return undefined;
  const above = ranked.filter(([, other]) => other > score).length;
  const alike = ranked.filter(([, other]) => other === score).length;
  return above + (alike + 1) / 2;
};

test('items of equal score share the middle of their places', () => {
  expect([
    ...midRanks([
      ['a', 3],
      ['b', 2],
      ['c', 2],
      ['d', 1],
    ]),
  ]).toEqual([
    ['a', 1],
    ['b', 2.5],
    ['c', 2.5],
    ['d', 4],
  ]);
  fc.assert(
    fc.property(rankings, (ranked) => {
      const ranks = midRanks(ranked);
      for (const [item] of ranked) expect(ranks.get(item)).toBe(slowRank(ranked, item));
    }),
  );
});

test('hits and gains are what the definition says of the whole catalogue', () => {
  fc.assert(
    fc.property(rankings, wanted, (ranked, numbers) => {
      const items = numbers.map((number) => `i${number}`);
      const ranks = items.flatMap((item) => slowRank(ranked, item) ?? []);
      const first = ranks.filter((rank) => rank <= CUTOFF);
      const ideal = items.slice(0, CUTOFF).map((_, index) => 1 / Math.log2(index + 2));
      const sum = (values: readonly number[]) => values.reduce((all, value) => all + value, 0);
      const { hit, ndcg } = foundIn(ranked, new Set(items));
      expect(hit).toBe(first.length > 0 ? 1 : 0);
      expect(ndcg).toBeCloseTo(sum(first.map((rank) => 1 / Math.log2(rank + 1))) / sum(ideal), 12);
      expect(ndcg).toBeLessThanOrEqual(1 + 1e-12);
    }),
  );
});

test('a ranking that is cut to its length finds what the whole one finds', () => {
  fc.assert(
    fc.property(rankings, wanted, (ranked, numbers) => {
      const items = new Set(numbers.map((number) => `i${number}`));
      expect(foundIn(ranked.slice(0, RANKED_MAX), items)).toEqual(foundIn(ranked, items));
    }),
  );
});

const users = fc.array(
  fc.record({ sum: fc.integer({ min: 0, max: 5 }), count: fc.integer({ min: 5, max: 9 }) }),
  { minLength: 1, maxLength: 30 },
);

test('the same users are drawn for the same seed, and others for another', () => {
  const some = Array.from({ length: 40 }, (_, index) => ({ sum: index % 3, count: 3 }));
  expect(drawnMeans(some)).toEqual(drawnMeans(some));
  expect(drawnMeans(some, 1)).not.toEqual(drawnMeans(some, 2));
  expect(drawnMeans(some)).toHaveLength(DRAWS);
});

test('an interval lies within what users have, and of no difference it is nothing', () => {
  fc.assert(
    fc.property(users, (some) => {
      const { low, high } = intervalOf(drawnMeans(some));
      const each = some.map(({ sum, count }) => sum / count);
      expect(low).toBeGreaterThanOrEqual(Math.min(...each) - 1e-12);
      expect(high).toBeLessThanOrEqual(Math.max(...each) + 1e-12);
      expect(low).toBeLessThanOrEqual(high);
      expect(intervalOfDifference(some, some)).toEqual({ low: 0, high: 0 });
    }),
    { numRuns: 20 },
  );
});

test('the interval of a share is as wide as its standard error says', () => {
  const some = Array.from({ length: 400 }, (_, index) => ({
    sum: index % 4 === 0 ? 1 : 0,
    count: 1,
  }));
  const { low, high } = intervalOf(drawnMeans(some));
  expect(meanOf(some)).toBe(0.25);
  const standardError = Math.sqrt((0.25 * 0.75) / 400);
  expect(high - low).toBeGreaterThan(3.3 * standardError);
  expect(high - low).toBeLessThan(4.5 * standardError);
});

test('Gini is half the mean difference of any two, by the mean', () => {
  fc.assert(
    fc.property(fc.array(fc.nat(20), { minLength: 1, maxLength: 30 }), (counts) => {
      const total = counts.reduce((all, count) => all + count, 0);
      const differences = counts.flatMap((one) => counts.map((other) => Math.abs(one - other)));
      const sum = differences.reduce((all, each) => all + each, 0);
      const slow = total === 0 ? 0 : sum / (2 * counts.length * total);
      expect(giniOf(counts)).toBeCloseTo(slow, 12);
    }),
  );
});

test('coverage is of the catalogue, novelty of how rarely an item was had', () => {
  const page = shown(
    40,
    new Map([
      ['a', 23],
      ['b', 0],
    ]),
  );
  page.add(['a', 'b', ...Array.from({ length: 18 }, (_, index) => `c${index}`)]);
  page.add(['a']);
  const { coverage10, coverage20, novelty } = page.variety();
  expect(coverage10).toBe(10 / 40);
  expect(coverage20).toBe(20 / 40);
  const [known, unknown] = [-Math.log2(24 / 63), -Math.log2(1 / 63)];
  expect(novelty).toBeCloseTo((2 * known + 9 * unknown) / 11, 12);
});

test('a picture has a bar for each ranking, longest for the greatest', () => {
  const picture = barsPicture([
    {
      title: 'HR@10 <all>',
      bars: [
        { label: 'a', ours: true, estimate: { mean: 0.5, low: 0.4, high: 0.6 } },
        { label: 'b', ours: false, estimate: { mean: 0.25, low: 0.2, high: 0.3 } },
      ],
    },
  ]);
  const widths = [...picture.matchAll(/<rect x="240"[^>]*? width="([\d.]+)"/g)].map((match) =>
    Number(match[1]),
  );
  expect(widths).toHaveLength(2);
  expect(widths[0]).toBeCloseTo(2 * (widths[1] ?? 0), 0);
  expect(picture).toContain('HR@10 &lt;all&gt;');
});
