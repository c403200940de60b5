import { expect, test } from 'vitest';
import { neverHappened, shortfalls } from './coverage.ts';
import { BOUNDS, BRANCHES, FAULT_KINDS } from './faults.ts';

const met = (seeds: number, less: Readonly<Record<string, number>> = {}) => {
  const all = [...FAULT_KINDS, ...BRANCHES, ...BOUNDS];
  const counts = new Map(all.map((what) => [what as string, less[what] ?? seeds / 10]));
  return { seeds, counts, seedsWith: new Map([...counts].map(([what, n]) => [what, n])) };
};

test('a fault, a branch or a bound that never happened is named', () => {
  expect(neverHappened(met(1_000))).toEqual([]);
  const less = { 'put is slow': 0, 'event spilled': 0, 'bound of the tiles exceeded': 0 };
  expect(neverHappened(met(1_000, less))).toEqual(Object.keys(less));
});

test('a fault below 1,000 times in 10,000 seeds and a bound below 5 % of them are named', () => {
  expect(shortfalls(met(10_000))).toEqual([]);
  expect(shortfalls(met(10_000, { 'put is slow': 999 }))).toEqual([
    'put is slow: 999 times, not 1000',
  ]);
  expect(shortfalls(met(10_000, { 'bound of the tiles exceeded': 499 }))).toEqual([
    'bound of the tiles exceeded: in 499 seeds, not 500',
  ]);
  expect(shortfalls(met(999, { 'put is slow': 0 }))).toEqual([]);
});
