import { expect, test } from 'vitest';
import { judge } from '../../../functions/core/nightly/guard.ts';
import { itemsOf } from '../../../functions/core/nightly/load-items.ts';
import type { LoadedRun, Night, RunSizes } from '../../../functions/core/nightly/run.ts';
import type { NightPlan } from '../../../functions/core/nightly/tasks.ts';

const night = (more: Partial<Night> = {}): Night => ({
  rows: 1_000,
  users: 10_000,
  totals: { a: '1000', b: '-500' },
  allUsers: false,
  ...more,
});

const after = (nights: readonly Night[]): LoadedRun => ({
  ...{ runId: '1', cut: '2026-11-23', filled: ['a'], firstDay: '2026-11-01' },
  nights,
});

const verdict = (
  sizes: Partial<RunSizes>,
  loaded = after(Array(7).fill(night())),
  allUsers = false,
) => {
  const { allUsers: _, ...before } = night();
  return judge({ sizes: { ...before, ...sizes }, loaded, allUsers }, (version) => version);
};

test('three times the rows of a usual night pass, more do not', () => {
  expect(verdict({ rows: 3_000 }).verdict).toBe('load');
  expect(verdict({ rows: 3_001 })).toEqual({
    verdict: 'refuse',
    because: '3001 users would be loaded; the median of the last 7 nights is 1000.',
  });
  expect(verdict({ rows: 3_001 }, after(Array(6).fill(night()))).verdict).toBe('load');
});

test('a backfill loads everybody, and is no measure for a night', () => {
  expect(verdict({ rows: 10_000 }, undefined, true).verdict).toBe('load');
  const nights = [...Array(7).fill(night()), night({ rows: 10_000, allUsers: true })];
  expect(verdict({ rows: 3_001 }, after(nights)).verdict).toBe('refuse');
});

test('a total may fall by a fifth, whatever its sign', () => {
  expect(verdict({ totals: { a: '800', b: '-400' } }).verdict).toBe('load');
  expect(verdict({ totals: { a: '799', b: '-500' } }).verdict).toBe('refuse');
  expect(verdict({ totals: { a: '1000', b: '-399' } }).verdict).toBe('refuse');
  // Its tag was taken out of the config.
  expect(verdict({ totals: { a: '1000' } }).verdict).toBe('load');
  const huge = after([night({ totals: { a: '9007199254740993000' } })]);
  expect(verdict({ totals: { a: '7205759403792794400' } }, huge).verdict).toBe('load');
  expect(verdict({ totals: { a: '7205759403792794399' } }, huge).verdict).toBe('refuse');
});

test('one user of a hundred may be lost', () => {
  expect(verdict({ users: 9_900 }).verdict).toBe('load');
  expect(verdict({ users: 9_899 }).verdict).toBe('refuse');
});

test('the first run, and a platform with a handful of users, are not judged', () => {
  const sizes = { rows: 9, users: 0, totals: {} };
  const name = (version: string) => version;
  expect(judge({ sizes, loaded: undefined, allUsers: true }, name).verdict).toBe('load');
  expect(verdict({ users: 1, totals: { a: '0' } }, after([night({ users: 99 })])).verdict).toBe(
    'load',
  );
});

test('objects are dealt out evenly, each once, into items that fit into a machine', () => {
  for (const objects of [0, 1, 7, 999, 1_000, 1_001, 2_500, 100_000]) {
    const items = itemsOf(12, objects);
    expect(items.length).toBe(Math.min(objects, 1_000));
    expect(items.reduce((sum, { from, to }) => sum + to - from, 0)).toBe(objects);
    items.forEach((item, place) => {
      expect(item.from).toBe(items[place - 1]?.to ?? 0);
      expect(item.to).toBeGreaterThan(item.from);
      expect(JSON.stringify(item).length).toBeLessThanOrEqual(100);
    });
    expect(JSON.stringify(items).length).toBeLessThan(256 * 1_024);
  }
  expect(() => itemsOf(1, 100_001)).toThrow();
});

test('twenty years of days and a full plan fit into the state of a machine', () => {
  const day = '2026-11-24';
  const plan: NightPlan = {
    ...{ runId: '1795500000000-ab12', attempt: 12, cut: day, watermark: day, today: day },
    firstDay: day,
    days: Array(95).fill(day),
    learnDays: Array(121).fill(day),
    totals: Array(7_305).fill(day),
    backfill: Array(82).fill({ from: day, to: day }),
    versions: Array(100).fill('01234567'),
    newVersions: Array(100).fill('01234567'),
    allUsers: true,
    tend: Array(12).fill({ kind: 'optimize', table: 'tags_loaded' }),
  };
  const items = itemsOf(12, 100_000);
  const loaded = Array(1_000).fill({ rows: 1_000_000, newer: 1_000_000 });
  expect(JSON.stringify({ plan, items, loaded }).length).toBeLessThan(256 * 1_024);
});
