import { expect, test } from 'vitest';
import type { ProfileAnswer } from '../../functions/core/profile/answer.ts';
import type { OracleFact } from '../../functions/core/profile/oracle.ts';
import { days, epochMs } from '../../functions/core/time.ts';
import { interestFaults } from './stated-bounds.ts';
import { START_MS } from './world.ts';

/** How long ago an event is that now weighs so much. */
const ageMsOf = (share: number): number => -Math.log2(share) * days(7);

const viewed = (category: string, eventId: string, ageMs = 0): OracleFact => ({
  eventId,
  kind: 'track',
  name: 'Product Viewed',
  user: 'u',
  timestamp: epochMs(Math.round(START_MS - ageMs)),
  arrivedAt: epochMs(START_MS),
  categories: [category],
  productIds: [],
  orders: 0,
  revenueMicros: 0,
  traits: {},
});

const others = Array.from({ length: 15 }, (_, n) => `other-${n}`);
const facts = [
  ...Array.from({ length: 7 }, (_, n) => viewed('tech', `e-${n}`)),
  viewed('tech', 'older', ageMsOf(0.999_62)),
  ...others.map((category) => viewed(category, category)),
];
const faultsOf = (score: number, error: number): readonly string[] => {
  const interests = [
    { category: 'tech', score, error },
    ...others.map((category) => ({ category, score: 1, error: 0 })),
  ];
  const servedAt = new Date(START_MS).toISOString();
  return interestFaults(facts, { interests, servedAt } as unknown as ProfileAnswer);
};

test('a score rounded up and its error rounded down still hold what the user did', () => {
  // 7.99962 over a floor of 2.09549, as 4 digits tell them.
  expect(faultsOf(10.1, 2.095)).toEqual([]);
});

test('a score that its error does not account for is a fault, above and below', () => {
  expect(faultsOf(10.12, 2.095)).toHaveLength(1);
  expect(faultsOf(7.98, 0)).toHaveLength(1);
  expect(faultsOf(8, 0)).toEqual([]);
});
