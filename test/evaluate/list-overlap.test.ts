import { expect, test } from 'vitest';
import type { Act, DataSet } from '../../evaluate/act.ts';
import { listOverlap } from '../../evaluate/list-overlap.ts';
import { days, epochMs, minutes } from '../../functions/core/time.ts';

const DAY = 20_000;
const at = (day: number, minute: number) => epochMs(days(DAY + day) + minutes(minute));
const bought = (user: string, day: number, minute: number, ...items: readonly string[]): Act => ({
  ...{ user, items, event: 'Order Completed' },
  at: at(day, minute),
});
const part = { from: at(0, 0), to: at(9, 0) };
const dataOf = (...acts: readonly Act[]): DataSet => ({
  ...{ name: 'few', source: '', preset: 'commerce', acts, items: 0, targets: [] },
  ...{ validation: part, test: part, knownOnly: false, outlivesLists: false },
});

test('while no bound is met the list of the morning and the day’s increments are the exact list', () => {
  const data = dataOf(
    bought('a', 0, 1, 'x', 'y'),
    bought('b', 1, 1, 'x', 'z'),
    bought('a', 1, 50, 'z', 'w'),
  );
  const { lists, served, morning } = listOverlap(data, part, 60);
  expect(lists).toBe(5);
  expect(served).toBe(1);
  expect(morning).toBeLessThan(1);
});

test('lines that the stream does not learn are missing in the evening', () => {
  const lines = Array.from({ length: 30 }, (_, place) => `i${String(place).padStart(2, '0')}`);
  const data = dataOf(bought('a', 0, 1, ...lines));
  expect(listOverlap(data, part, 60).served).toBeLessThan(0.7);
  expect(listOverlap(data, part, 20).lists).toBe(0);
});
