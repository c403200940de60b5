import fc from 'fast-check';
import { expect, test } from 'vitest';
import { valueAt } from '../../../functions/core/profile/decayed.ts';
import {
  boundInterests,
  categoriesOf,
  decodeInterests,
  encodeInterests,
  type Interests,
  interests,
  interestsOf,
  rankedInterests,
} from '../../../functions/core/profile/interests.ts';
import { type EpochMs, epochMs } from '../../../functions/core/time.ts';
import { config } from '../../../tributary.config.ts';
import { NOW } from '../../support/counted-events.ts';

const weights = new Map(Object.entries(config.interestWeights));
const of = (name: string, at: EpochMs, ...categoryVector: readonly string[]): Interests =>
  interestsOf(
    { name, enrichment: { categoryVector, deviceType: 'UNKNOWN', geoRegion: 'UNKNOWN' } },
    at,
    weights,
  );
const folded = (...each: readonly Interests[]): Interests =>
  each.reduce(
    (sum, one) => decodeInterests(encodeInterests(boundInterests(interests.merge(sum, one)))),
    interests.empty,
  );
const scoreOf = (state: Interests, category: string): number =>
  valueAt(state.scores.get(category)?.score, NOW);

test('each kind of event weighs what the config says, and others nothing', () => {
  const table = [
    ['Product Viewed', 1],
    ['Product Clicked', 2],
    ['Ad Clicked', 2],
    ['Products Searched', 1],
    ['Product Added', 4],
    ['Order Completed', 8],
    ['Ad Viewed', 0],
    ['constructor', 0],
  ] as const;
  for (const [name, weight] of table) {
    expect(scoreOf(of(name, NOW, 'TECH'), 'tech'), name).toBeCloseTo(weight, 12);
  }
});

test('an interest is half as strong seven days later, and only by the user own activity', () => {
  const week = 7 * 86_400_000;
  const old = of('Product Added', epochMs(NOW - week), 'TECH');
  expect(valueAt(old.scores.get('tech')?.score, old.activeAt ?? NOW)).toBe(4);
  const active = folded(old, of('Ad Viewed', NOW));
  expect(active.activeAt).toBe(NOW);
  expect(scoreOf(active, 'tech')).toBeCloseTo(2, 9);
});

test('a category counts once an event, in lower case, at most 64 bytes of it', () => {
  expect(categoriesOf(['TECH', 'tech', '', 'Ünï'])).toEqual(['tech', 'ünï']);
  expect(categoriesOf([`${'x'.repeat(63)}é`])).toEqual(['x'.repeat(63)]);
});

test('the seventeenth category leaves a floor; one that returns carries it as its error', () => {
  const sixteen = Array.from({ length: 16 }, (_, i) => of('Order Completed', NOW, `c${i}`));
  const full = folded(...sixteen, of('Product Viewed', NOW, 'late'));
  expect(full.scores.size).toBe(16);
  expect(full.scores.has('late')).toBe(false);
  expect(valueAt(full.floor, NOW)).toBeCloseTo(1, 3);
  const back = folded(full, of('Order Completed', NOW, 'late'));
  expect(scoreOf(back, 'late')).toBeCloseTo(9, 3);
  expect(valueAt(back.scores.get('late')?.error, NOW)).toBeCloseTo(1, 3);
  expect(valueAt(back.floor, NOW)).toBeCloseTo(8, 3);
});

test('beyond the bound the true score lies between score − error and score', () => {
  const events = fc.array(
    fc.tuple(
      fc.constantFrom('Product Viewed', 'Product Added', 'Order Completed'),
      fc.integer({ min: 0, max: 24 }),
      fc.integer({ min: 0, max: 14 * 86_400_000 }),
    ),
    { maxLength: 120 },
  );
  fc.assert(
    fc.property(events, (all) => {
      const each = all.map(([name, c, ago]) => of(name, epochMs(NOW - ago), `c${c}`));
      const bounded = folded(...each);
      const whole = each.reduce(interests.merge, interests.empty);
      for (const [category, { score, error }] of bounded.scores) {
        const truth = valueAt(whole.scores.get(category)?.score, NOW);
        expect(valueAt(score, NOW)).toBeGreaterThan(truth * (1 - 1e-6));
        expect(valueAt(score, NOW) - valueAt(error, NOW)).toBeLessThan(truth * (1 + 1e-6));
      }
      for (const [category, { score }] of whole.scores) {
        if (bounded.scores.has(category)) continue;
        expect(valueAt(score, NOW)).toBeLessThan(valueAt(bounded.floor, NOW) * (1 + 1e-6));
      }
      expect(bounded.scores.size).toBeLessThanOrEqual(16);
    }),
  );
});

test('equal scores rank by name', () => {
  const state = folded(of('Product Viewed', NOW, 'b', 'a'), of('Product Added', NOW, 'c'));
  expect(rankedInterests(state).map(([category]) => category)).toEqual(['c', 'a', 'b']);
});
