/** One suite for whatever keeps what the stream learns: it adds, and forgets the lightest. */
import fc from 'fast-check';
import { beforeAll, expect, test } from 'vitest';
import { memoryPairDeltas } from '../../functions/adapters/memory-pair-deltas.ts';
import { deltaKeyOf } from '../../functions/adapters/pair-delta-keys.ts';
import { valkeyPairDeltas } from '../../functions/adapters/valkey-pair-deltas.ts';
import {
  DELTA_MEMBERS_KEPT,
  DELTA_MEMBERS_MAX,
  deltaEndsAt,
} from '../../functions/core/recommend/deltas.ts';
import { AMOUNT_UNIT, type LearntDay } from '../../functions/core/recommend/learning.ts';
import { days, epochMs, toUtcDate, utcDayOf } from '../../functions/core/time.ts';
import type { PairDeltas } from '../../functions/ports/pair-deltas.ts';
import { overServer } from '../support/cache-clients.ts';
import { program } from '../support/cache-server.ts';
import { cacheSuite } from '../support/cache-suite.ts';

/** A server ends its keys by its own clock. */
const NOW = epochMs(Date.now());
const dayAgo = (ago: number): string => toUtcDate(utcDayOf(epochMs(NOW - ago * days(1))));
const TODAY = dayAgo(0);
const range = { from: TODAY, now: NOW };
/** Beside lists whose last day was yesterday. */
const SHARE = 2 ** (1 / 30);

let tenants = 0;
const newTenant = (): string => {
  tenants += 1;
  return `tenant-${tenants}`;
};

const learnt = (
  pairs: readonly (readonly [from: string, to: string, units: number])[],
  counts: readonly (readonly [item: string, events: number])[] = [],
  day = TODAY,
): readonly LearntDay[] => [
  {
    day,
    pairs: pairs.map(([from, to, units]) => ({ from, to, amount: units * AMOUNT_UNIT })),
    counts: counts.map(([item, events]) => ({ item, events })),
  },
];

cacheSuite(
  'what is learnt',
  { inMemory: () => memoryPairDeltas(() => NOW), over: valkeyPairDeltas },
  (port) => {
    let deltas: PairDeltas;
    beforeAll(() => {
      deltas = port();
    });

    test('an item that nothing was learnt of is not among the answers', async () => {
      expect(await deltas.read(newTenant(), ['a'], range)).toEqual(new Map());
      expect(await deltas.read(newTenant(), [], range)).toEqual(new Map());
    });

    test('adds what it is given, each time that it is given', async () => {
      const tenant = newTenant();
      const one = learnt(
        [
          ['a', 'b', 2],
          ['a', 'c', 5],
          ['b', 'a', 1],
        ],
        [['a', 3]],
      );
      await deltas.add(tenant, one);
      await deltas.add(tenant, one);
      const found = await deltas.read(tenant, ['b', 'a', 'x'], range);
      expect([...found.keys()]).toEqual(['b', 'a']);
      const { events, pairs } = found.get('a') ?? { events: 0, pairs: [] };
      expect(events).toBeCloseTo(6 * SHARE, 9);
      expect(pairs.map(([item]) => item)).toEqual(['c', 'b']);
      expect(pairs[0]?.[1]).toBeCloseTo(10 * SHARE, 9);
      expect(found.get('b')?.events).toBe(0);
      expect(await deltas.read(newTenant(), ['a'], range)).toEqual(new Map());
    });

    test('days before the cut are not read, and days are summed', async () => {
      const tenant = newTenant();
      for (const ago of [0, 1, 2])
        await deltas.add(tenant, learnt([['a', 'b', 10 ** ago]], [], dayAgo(ago)));
      const since = async (from: string | undefined): Promise<number> =>
        (await deltas.read(tenant, ['a'], { from, now: NOW })).get('a')?.pairs[0]?.[1] ?? 0;
      expect(await since(dayAgo(0))).toBeCloseTo(SHARE, 9);
      expect(await since(dayAgo(1))).toBeCloseTo(2 ** (2 / 30) + 10 * SHARE, 9);
      expect(await since(undefined)).toBeCloseTo(1 + 10 * 2 ** (-1 / 30) + 100 * 2 ** (-2 / 30), 9);
    });

    test('a day that ended more than 72 hours ago is gone at once', async () => {
      const tenant = newTenant();
      await deltas.add(tenant, learnt([['a', 'b', 1]], [], dayAgo(4)));
      expect(await deltas.read(tenant, ['a'], { now: epochMs(NOW - days(3)) })).toEqual(new Map());
    });

    test('ids may hold any characters, and none has the neighbours of another', async () => {
      const tenant = newTenant();
      const ids = ['a', '{a', 'a}', '{a}', '}{', 'a#b', 'a b', `a}:${TODAY}`, 'ü', '\n', '"', '-1'];
      await deltas.add(
        tenant,
        learnt(ids.map((id, n) => [id, ids[(n + 1) % ids.length] ?? '', n + 1])),
      );
      const found = await deltas.read(tenant, ids, range);
      for (const [n, id] of ids.entries())
        expect(found.get(id)?.pairs.map(([item]) => item)).toEqual([ids[(n + 1) % ids.length]]);
    });

    test('over 128 the lightest go, so that 112 are left, and own events stay', async () => {
      const tenant = newTenant();
      const grown = async (count: number): Promise<void> => {
        for (let n = 0; n < count; n += 1)
          await deltas.add(tenant, learnt([['a', `i${n}`, n + 2]], n === 0 ? [['a', 1]] : []));
      };
      await grown(DELTA_MEMBERS_MAX - 1);
      const full = await deltas.read(tenant, ['a'], range);
      await deltas.add(tenant, learnt([['a', 'light', 1]]));
      await deltas.add(tenant, learnt([['a', 'light', 500]]));
      const after = await deltas.read(tenant, ['a'], range);
      expect(after.get('a')?.events).toBeCloseTo(SHARE, 9);
      expect(after.get('a')?.pairs[0]?.[0]).toBe('light');
      // The trimmed ones are the lightest: what a reader takes of the rest is as it was.
      expect(after.get('a')?.pairs.slice(1)).toEqual(full.get('a')?.pairs.slice(0, 99));
    });

    test('of equal weight the same ones go everywhere', async () => {
      const tenant = newTenant();
      const many = Array.from({ length: DELTA_MEMBERS_MAX + 1 }, (_, n) => `ü${n}`);
      await deltas.add(tenant, learnt(many.map((id) => ['a', id, 1])));
      const left = new Set(
        many
          .toSorted((left, right) => (left < right ? -1 : 1))
          .slice(many.length - DELTA_MEMBERS_KEPT),
      );
      const { pairs } = (await deltas.read(tenant, ['a'], range)).get('a') ?? { pairs: [] };
      expect(pairs).toHaveLength(100);
      expect(pairs.every(([id]) => left.has(id))).toBe(true);
    });

    test('is the memory’s, whatever is added in whatever order', async () => {
      const id = fc.integer({ min: 0, max: 9 }).map((n) => `i${n}`);
      const added = fc.array(
        fc.record({ from: id, to: id, amount: fc.integer({ min: 1, max: 9_000_000 }) }),
        { maxLength: 30 },
      );
      await fc.assert(
        fc.asyncProperty(added, async (pairs) => {
          const tenant = newTenant();
          const memory = memoryPairDeltas(() => NOW);
          for (const each of pairs) {
            const one = [{ day: TODAY, pairs: [each], counts: [{ item: each.from, events: 1 }] }];
            await Promise.all([deltas.add(tenant, one), memory.add(tenant, one)]);
          }
          const all = Array.from({ length: 10 }, (_, n) => `i${n}`);
          expect(await deltas.read(tenant, all, range)).toEqual(
            await memory.read(tenant, all, range),
          );
        }),
        { numRuns: 20 },
      );
    });
  },
);

test.skipIf(program === undefined)('a key ends 72 hours after its day', async () => {
  const world = overServer(false);
  await world.start();
  try {
    await valkeyPairDeltas(world.client()).add('main', learnt([['a', 'b', 1]], [['a', 1]]));
    const at = Number(await world.call('PEXPIRETIME', deltaKeyOf('main', 'a', TODAY)));
    expect(at).toBe(deltaEndsAt(TODAY));
    expect(await world.call('ZRANGE', deltaKeyOf('main', 'a', TODAY), '0', '-1')).toEqual([
      '',
      'b',
    ]);
  } finally {
    await world.stop();
  }
});
