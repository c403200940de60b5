/** Each closed minute is in each list once, whoever is killed and however many run at once. */
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { memoryItemDemand } from '../../functions/adapters/memory-item-demand.ts';
import { memoryTrends } from '../../functions/adapters/memory-trends.ts';
import { addDemand, newDemandTable } from '../../functions/core/recommend/demand-table.ts';
import { TREND_CATEGORIES_MAX } from '../../functions/core/recommend/trend-scopes.ts';
import { HOT_HALF_LIFE, POPULAR_HALF_LIFE } from '../../functions/core/recommend/trend-state.ts';
import type { Trends } from '../../functions/core/recommend/trends.ts';
import type { DurationMs } from '../../functions/core/time.ts';
import { mergeAllTrends, trendsStep } from '../../functions/minute/merge-all-trends.ts';
import {
  MINUTE_CLOSED_AFTER_MS,
  MINUTES_MAX,
  mergeTrends,
  newestClosedMinute,
} from '../../functions/minute/merge-trends.ts';
import type { TrendsStore } from '../../functions/ports/trends.ts';
import { shelf, shelfItem } from '../support/shelf.ts';

const MINUTE = 29_900_000;
const TENANT = 'main';

interface Asked {
  readonly minute: number;
  readonly item: string;
  readonly region?: string;
  readonly weight?: number;
}

const categoryOf = (item: string): string | undefined => item.split(' ')[1];

/** A clock that the test moves, over rows in memory. */
const made = () => {
  const world = { nowMs: MINUTE * 60_000 };
  const now = (): number => world.nowMs;
  const demand = memoryItemDemand(now);
  const trends = memoryTrends(now);
  let shards = 0;
  const ask = async (...all: readonly Asked[]): Promise<void> => {
    for (const { minute, item, region = 'EMEA', weight = 1 } of all) {
      const table = newDemandTable();
      addDemand(table, { item, region, weight });
      shards += 1;
      const shardId = `shardId-${shards % 3}`;
      await demand.add({ tenant: TENANT, shardId, minute, table });
    }
  };
  /** As if the last whole minute that is closed were this one. */
  const closeThrough = (minute: number): void => {
    world.nowMs = (minute + 1) * 60_000 + MINUTE_CLOSED_AFTER_MS;
  };
  const run = (newest = MINUTE + 10_000) =>
    mergeTrends({ demand, trends, now })({ tenant: TENANT, minute: newest }, categoryOf);
  const read = (...scopes: readonly string[]) => trends.read(TENANT, scopes);
  return { world, now, demand, trends, ask, closeThrough, run, read };
};

const hotIn = (found: ReadonlyMap<string, Trends>, scope: string) => found.get(scope)?.hot;

test('a minute is closed 90 s after its end, and no sooner', () => {
  const end = (MINUTE + 1) * 60_000 + MINUTE_CLOSED_AFTER_MS;
  expect(newestClosedMinute(end)).toBe(MINUTE);
  expect(newestClosedMinute(end - 1)).toBe(MINUTE - 1);
});

test('what was asked for is in the lists of all, of its region and of its category', async () => {
  const { ask, closeThrough, run, read, trends } = made();
  await ask(
    { minute: MINUTE, item: 'lamp HOME', weight: 3 },
    { minute: MINUTE, item: 'lamp HOME', region: 'APAC', weight: 1 },
    { minute: MINUTE, item: 'phone TECH', region: 'UNKNOWN', weight: 5 },
    { minute: MINUTE, item: 'thing', weight: 1 },
    { minute: MINUTE + 1, item: 'later TECH', weight: 9 },
  );
  closeThrough(MINUTE);
  expect(await run()).toEqual({ kind: 'merged', minutes: MINUTES_MAX, scopes: 5 });
  const scopes = ['all', 'region:AMER', 'region:EMEA', 'region:APAC', 'region:UNKNOWN'];
  const found = await read(...scopes, 'category:HOME', 'category:TECH');
  expect([...found.keys()].sort((left, right) => (left < right ? -1 : 1))).toEqual([
    ...['all', 'category:HOME', 'category:TECH', 'region:APAC', 'region:EMEA'],
  ]);
  expect(hotIn(found, 'all')).toEqual([
    ['phone TECH', 5],
    ['lamp HOME', 4],
    ['thing', 1],
  ]);
  expect(hotIn(found, 'region:EMEA')).toEqual([
    ['lamp HOME', 3],
    ['thing', 1],
  ]);
  expect(hotIn(found, 'region:APAC')).toEqual([['lamp HOME', 1]]);
  expect(hotIn(found, 'category:TECH')).toEqual([['phone TECH', 5]]);
  expect((await trends.tick(TENANT))?.through).toBe(MINUTE);
});

test('a second run of a minute does nothing', async () => {
  const { ask, closeThrough, run, read } = made();
  await ask({ minute: MINUTE, item: 'lamp HOME' });
  closeThrough(MINUTE);
  await run();
  const before = await read('all', 'category:HOME');
  expect(await run()).toEqual({ kind: 'nothing', minutes: 0, scopes: 0 });
  expect(await read('all', 'category:HOME')).toEqual(before);
});

test('after a silence all minutes are merged in order, at most 60 in one run', async () => {
  const { ask, closeThrough, run, trends, read } = made();
  closeThrough(MINUTE);
  await run();
  const asked = [1, 60, 61, 130].map((minute) => ({ minute: MINUTE + minute, item: 'lamp HOME' }));
  await ask(...asked);
  closeThrough(MINUTE + 130);
  const ends = [];
  for (let runs = 0; runs < 4; runs += 1) {
    const { kind, minutes } = await run();
    ends.push([kind, minutes, ((await trends.tick(TENANT))?.through ?? 0) - MINUTE]);
  }
  expect(ends).toEqual([
    ['merged', 60, 60],
    ['merged', 60, 120],
    ['merged', 10, 130],
    ['nothing', 0, 130],
  ]);
  const weight = hotIn(await read('all'), 'all')?.[0]?.[1] ?? 0;
  const expected = [129, 70, 69, 0].reduce((sum, age) => sum + 2 ** (-age / 360), 0);
  expect(weight).toBeCloseTo(expected, 4);
});

test('minutes that nobody announced are not read, and the tick passes them', async () => {
  const { ask, closeThrough, run, read, trends } = made();
  await ask({ minute: MINUTE, item: 'lamp HOME' }, { minute: MINUTE + 1, item: 'late HOME' });
  closeThrough(MINUTE + 5);
  await run(MINUTE);
  expect(hotIn(await read('all'), 'all')).toEqual([['lamp HOME', 1]]);
  expect((await trends.tick(TENANT))?.through).toBe(MINUTE + 5);
});

test('of more categories than 50 the heaviest have lists', async () => {
  const { ask, closeThrough, run, read } = made();
  const names = Array.from({ length: TREND_CATEGORIES_MAX + 5 }, (_, n) => `C${n}`);
  await ask(...names.map((name, n) => ({ minute: MINUTE, item: `x ${name}`, weight: n + 1 })));
  closeThrough(MINUTE);
  expect((await run()).scopes).toBe(2 + TREND_CATEGORIES_MAX);
  const found = await read(...names.map((name) => `category:${name}`));
  expect(found.size).toBe(TREND_CATEGORIES_MAX);
  expect([found.has('category:C4'), found.has('category:C5')]).toEqual([false, true]);
});

type Mishap = 'none' | 'killed before' | 'killed after' | 'gone stale';

/** The store, as it befalls one run: its calls end in order of these. */
const troubled = (store: TrendsStore, mishaps: readonly Mishap[]): TrendsStore => {
  let calls = 0;
  const through = async <T>(work: () => Promise<T>): Promise<T> => {
    const mishap = mishaps[calls] ?? 'none';
    calls += 1;
    if (mishap === 'killed before') throw new Error('killed');
    const done = await work();
    if (mishap === 'killed after') throw new Error('killed');
    if (mishap === 'gone stale') for (let n = 0; n < 40; n += 1) await Promise.resolve();
    return done;
  };
  return {
    load: (...given) => through(() => store.load(...given)),
    save: (...given) => through(() => store.save(...given)),
    tick: (...given) => through(() => store.tick(...given)),
    moveTick: (...given) => through(() => store.moveTick(...given)),
  };
};

const SCOPES = ['all', 'region:EMEA', 'region:APAC', 'category:HOME', 'category:TECH'];

/** How minutes were cut shows in the instant to which weights are reckoned, and in rounding. */
const nearlySame = (
  expected: Trends,
  told: Trends,
  name: 'hot' | 'popular',
  halfLife: DurationMs,
): void => {
  const weights = new Map(told[name]);
  const faded = 2 ** ((expected.at - told.at) / halfLife);
  expect(weights.size).toBe(expected[name].length);
  for (const [item, weight] of expected[name])
    expect(Math.abs((weights.get(item) ?? 0) / (weight * faded) - 1)).toBeLessThan(1e-4);
};

test('however runs are killed, race and are cut, the lists are those of one run that is not', async () => {
  const asked = fc.record({
    minute: fc.nat(20).map((n) => MINUTE + n),
    item: fc.constantFrom('lamp HOME', 'phone TECH', 'thing', 'shade HOME'),
    region: fc.constantFrom('EMEA', 'APAC', 'UNKNOWN'),
    weight: fc.constantFrom(1, 3, 5),
  });
  const mishaps = fc.array(
    fc.constantFrom<Mishap>('none', 'none', 'killed before', 'killed after', 'gone stale'),
    { maxLength: 12 },
  );
  // The second of two may be of a later minute.
  const both = fc.tuple(
    fc.record({ later: fc.nat(9), mishaps }),
    fc.record({ later: fc.nat(9), mishaps }),
  );
  const runs = fc.array(both, { maxLength: 8 });
  await fc.assert(
    fc.asyncProperty(fc.array(asked, { maxLength: 30 }), runs, async (all, befalls) => {
      const calm = made();
      const wild = made();
      for (const { ask, closeThrough, run } of [calm, wild]) {
        closeThrough(MINUTE - 1);
        await run();
        await ask(...all);
      }
      let closed = MINUTE - 1;
      for (const two of befalls) {
        const running = two.map(({ later, mishaps: befalling }) => {
          closed = Math.min(MINUTE + 20, closed + later);
          const nowMs = (closed + 1) * 60_000 + MINUTE_CLOSED_AFTER_MS;
          const trends = troubled(wild.trends, befalling);
          const ports = { demand: wild.demand, trends, now: () => nowMs };
          return mergeTrends(ports)({ tenant: TENANT, minute: MINUTE + 20 }, categoryOf);
        });
        await Promise.allSettled(running);
      }
      for (const { closeThrough, run } of [calm, wild]) {
        closeThrough(MINUTE + 20);
        await run();
      }
      const [expected, told] = [await calm.read(...SCOPES), await wild.read(...SCOPES)];
      expect(new Set(told.keys())).toEqual(new Set(expected.keys()));
      for (const [scope, trends] of expected) {
        const same = told.get(scope) ?? { scope, at: trends.at, hot: [], popular: [] };
        nearlySame(trends, same, 'hot', HOT_HALF_LIFE);
        nearlySame(trends, same, 'popular', POPULAR_HALF_LIFE);
      }
    }),
    { numRuns: 300 },
  );
});

test('a tenant’s fault is not another’s, and what is not begun in time begins first in a later run', async () => {
  const { demand, trends, now, world, closeThrough } = made();
  const faults: string[] = [];
  const tenants = ['a', 'b', 'c'];
  for (const tenant of tenants) {
    const table = newDemandTable();
    addDemand(table, { item: 'lamp HOME', region: 'EMEA', weight: 1 });
    await demand.announce({ tenant, minute: MINUTE });
    await demand.add({ tenant, shardId: 's', minute: MINUTE, table });
  }
  closeThrough(MINUTE);
  const broken: TrendsStore = {
    ...trends,
    tick: async (tenant) => {
      if (tenant === 'b') throw new Error('throttled');
      return trends.tick(tenant);
    },
  };
  const ports = { demand, now, fault: (message: string) => faults.push(message) };
  const mergeAll = mergeAllTrends({ ...ports, trends: broken });
  const late = await mergeAll(async () => categoryOf, world.nowMs);
  expect([late.tenants, late.left]).toEqual([3, 3]);
  const counts = await mergeAll(async () => categoryOf, world.nowMs + 1);
  expect(counts).toEqual({
    ...{ tenants: 3, minutes: 120, scopes: 6, raced: 0, failed: 1, left: 0 },
  });
  expect(faults).toEqual(['trends of b were not merged']);
  expect([...(await trends.read('c', ['all'])).keys()]).toEqual(['all']);
  expect((await trends.read('b', ['all'])).size).toBe(0);
});

test('a step of the minute takes categories from the catalogue, and fails where a tenant’s did', async () => {
  const { demand, trends, now, world, closeThrough } = made();
  const table = newDemandTable();
  addDemand(table, { item: 'lamp', region: 'EMEA', weight: 1 });
  await demand.announce({ tenant: 'a', minute: MINUTE });
  await demand.add({ tenant: 'a', shardId: 's', minute: MINUTE, table });
  closeThrough(MINUTE);
  const told: unknown[] = [];
  const ports = { demand, trends, now, fault: () => undefined, merged: told.push.bind(told) };
  const catalogue = shelf(shelfItem('lamp', { categories: ['HOME', 'LIGHT'] }));
  const broken = trendsStep({ ...ports, catalogueOf: () => Promise.reject(new Error('away')) });
  await expect(broken(world.nowMs + 1)).rejects.toThrow('of 1 tenants');
  await trendsStep({ ...ports, catalogueOf: async () => catalogue })(world.nowMs + 1);
  expect([...(await trends.read('a', ['category:HOME', 'category:LIGHT'])).keys()]).toEqual([
    'category:HOME',
  ]);
  expect(told).toMatchObject([{ failed: 1 }, { failed: 0, tenants: 1 }]);
});
