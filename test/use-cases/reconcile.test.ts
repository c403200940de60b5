import { expect, test } from 'vitest';
import { MemoryProfileReader } from '../../functions/adapters/memory-profile-reader.ts';
import { memoryQueryResults } from '../../functions/adapters/memory-query-results.ts';
import { memoryRunStore } from '../../functions/adapters/memory-run-store.ts';
import { difference, percentOf, streamAmount } from '../../functions/core/nightly/drift.ts';
import type { NightPlan } from '../../functions/core/nightly/tasks.ts';
import { compileProfile, foldFacets, noFacets } from '../../functions/core/profile/facets.ts';
import { utcDayOf } from '../../functions/core/time.ts';
import { UnreadableEntry } from '../../functions/ports/profile-entries.ts';
import type { ProfileReader } from '../../functions/ports/profile-reader.ts';
import type { ResultRow } from '../../functions/ports/query-results.ts';
import { reconcile } from '../../functions/reconcile/reconcile.ts';
import { config } from '../../tributary.config.ts';
import { at, counted, NOW } from '../support/counted-events.ts';

const DAY_MS = 86_400_000;
const TODAY = utcDayOf(NOW);
const definitions = compileProfile(config);
const both = definitions.folded.filter(({ definition }) => definition.source === 'both');
const versionOf = (name: string): string =>
  both.find(({ definition }) => definition.name === name)?.version ?? '';
const PLAN = { runId: 'r', attempt: 1, cut: '2026-11-21', today: '2026-11-21' } as NightPlan;
const NEVER = Number.MAX_SAFE_INTEGER;

/** One order a day for so many days, the last one today. */
const ordering = (days: number) =>
  foldFacets(
    noFacets(definitions),
    Array.from({ length: days }, (_, ago) =>
      counted(
        {
          ...{ name: 'Order Completed', at: NOW - (days - 1 - ago) * DAY_MS },
          ...{ orders: 1, revenueMicros: 10_000_000 },
        },
        ago,
      ),
    ),
    definitions,
  );

const row = (user: string, tag: string, amount: number | string): ResultRow => ({
  ...{ tenant: 'main', profile_key: user, version: versionOf(tag), amount: String(amount) },
});

const reconciling = (
  users: readonly string[],
  rows: readonly ResultRow[],
  reader?: ProfileReader,
) => {
  const profiles = new MemoryProfileReader();
  for (const user of users) {
    profiles.put(
      { tenant: 'main', user },
      { version: 1, facets: ordering(5), traits: {}, newestArrivedAt: NOW },
    );
  }
  const measured = new Map<string, number>();
  let nowMs = 0;
  const serve = reconcile({
    runs: memoryRunStore(),
    results: memoryQueryResults(() => rows),
    profiles: reader ?? profiles,
    tags: both,
    now: () => {
      nowMs += 1;
      return nowMs;
    },
    measured: (tag, percent) => measured.set(tag, percent),
  });
  const ask = (stopAtMs = NEVER) => serve({ plan: PLAN, queryExecutionId: 'q' }, stopAtMs);
  return { ask, measured };
};

test('what the stream has before the cut is what the lake has: no drift, today is left out', async () => {
  const rows = ['a', 'b'].flatMap((user) => [
    row(user, 'orders_total', 4),
    row(user, 'orders_30d', 4),
    row(user, 'ltv_total', 40_000_000),
  ]);
  const { ask, measured } = reconciling(['a', 'b'], rows);
  expect(await ask()).toEqual({
    users: 2,
    drift: { orders_30d: 0, orders_total: 0, ltv_total: 0 },
  });
  expect([...measured.keys()]).toEqual(['orders_30d', 'orders_total', 'ltv_total']);
});

test('a copy that slipped, and an event that one of them lacks, do not make up for one another', async () => {
  const rows = [row('a', 'orders_total', 3), row('b', 'orders_total', 5)];
  const { ask } = reconciling(['a', 'b'], rows);
  expect((await ask()).drift).toEqual({ orders_total: 25 });
});

test('a loaded user of whom the lake has nothing is all drift', async () => {
  const { ask } = reconciling(['a'], [row('a', 'orders_total', 0)]);
  expect((await ask()).drift).toEqual({ orders_total: 100 });
});

test('who has no profile any more, and one that cannot be read, are left out', async () => {
  const rows = [
    row('a', 'orders_total', 4),
    row('b', 'orders_total', 9),
    row('c', 'orders_total', 9),
  ];
  const reader = new MemoryProfileReader();
  reader.put(
    { tenant: 'main', user: 'a' },
    { version: 1, facets: ordering(5), traits: {}, newestArrivedAt: NOW },
  );
  const broken: ProfileReader = {
    read: async (origins) => {
      if (origins.some(({ user }) => user === 'c')) throw new UnreadableEntry('broken');
      return reader.read(origins);
    },
  };
  const { ask } = reconciling([], rows, broken);
  expect(await ask()).toEqual({ users: 3, drift: { orders_total: 0 } });
});

test('when the time is over, what was compared is told', async () => {
  const users = Array.from({ length: 130 }, (_, place) => `user-${place}`);
  const rows = users.map((user) => row(user, 'orders_total', 4));
  const { ask } = reconciling(users, rows);
  expect(await ask(2)).toEqual({ users: 100, drift: { orders_total: 0 } });
});

test('days that were merged, or that a floor has cut, cannot be compared', () => {
  const days = { cut: TODAY, today: TODAY };
  const tile = { eventDay: TODAY - 3, arrivalDay: TODAY - 3, amount: 5, mixed: false };
  expect(streamAmount({ tiles: [tile], floorDay: 0 }, undefined, days)).toBe(5n);
  expect(
    streamAmount({ tiles: [{ ...tile, mixed: true }], floorDay: 0 }, undefined, days),
  ).toBeUndefined();
  expect(streamAmount({ tiles: [tile], floorDay: TODAY - 2 }, 30, days)).toBeUndefined();
  expect(streamAmount({ tiles: [tile], floorDay: TODAY - 29 }, 30, days)).toBe(5n);
  const at = (arrivalDay: number) =>
    streamAmount({ tiles: [{ ...tile, arrivalDay }], floorDay: 0 }, undefined, days);
  expect([TODAY - 8, TODAY - 7, TODAY - 1, TODAY].map(at)).toEqual([0n, 5n, 5n, 0n]);
});

test('a share of amounts beyond a double is exact to a millionth of a percent', () => {
  expect(percentOf(difference(9_007_199_254_740_993n, 9_007_199_254_740_992n))).toBe(0);
  expect(percentOf(difference(1_000_100n, 1_000_000n))).toBe(0.01);
  expect(percentOf(difference(-1n, 0n))).toBe(100);
  expect(at('2026-11-21T00:00:00.000Z')).toBe(TODAY * DAY_MS);
});
