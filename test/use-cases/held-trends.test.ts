/** Who serves waits for one read in ten seconds, and for none that fails. */
import fc from 'fast-check';
import { expect, test } from 'vitest';
import type { Trends } from '../../functions/core/recommend/trends.ts';
import { epochMs } from '../../functions/core/time.ts';
import type { TrendsReader } from '../../functions/ports/trends.ts';
import {
  heldTrends,
  TRENDS_HELD_MAX,
  TRENDS_HELD_MS,
  TRENDS_RETRY_MS,
} from '../../functions/runtime/held-trends.ts';

const trendsAt = (scope: string, at: number): Trends => ({
  scope,
  at: epochMs(at),
  hot: [['lamp', 1]],
  popular: [],
});

/** Reads end when the test says so; the `at` of what is read is the clock's. */
const watched = (absent: readonly string[] = []) => {
  const world = { nowMs: 1_000, isAway: false, isThrowing: false };
  const reads: { readonly tenant: string; readonly scopes: readonly string[] }[] = [];
  const faults: unknown[] = [];
  let atOnce = 0;
  const most = { atOnce: 0 };
  const read: TrendsReader['read'] = async (tenant, scopes) => {
    reads.push({ tenant, scopes });
    atOnce += 1;
    most.atOnce = Math.max(most.atOnce, atOnce);
    await Promise.resolve();
    await Promise.resolve();
    atOnce -= 1;
    if (world.isAway) throw new Error('away');
    return new Map(
      scopes
        .filter((scope) => !absent.includes(scope))
        .map((scope) => [scope, trendsAt(scope, world.nowMs)]),
    );
  };
  const held = heldTrends({
    trends: {
      read: (...asked) => {
        if (world.isThrowing) throw new Error('thrown at once');
        return read(...asked);
      },
    },
    now: () => world.nowMs,
    fault: (_, fault) => faults.push(fault),
  });
  return { world, reads, faults, held, most };
};

test('what was read serves for ten seconds, absent scopes too', async () => {
  const { world, reads, held } = watched(['category:NONE']);
  const asked = ['all', 'category:NONE', 'all'];
  expect([...(await held.of('main', asked)).keys()]).toEqual(['all']);
  world.nowMs += TRENDS_HELD_MS - 1;
  expect((await held.of('main', asked)).get('all')?.at).toBe(1_000);
  expect(reads).toEqual([{ tenant: 'main', scopes: ['all', 'category:NONE'] }]);
  world.nowMs += 1;
  expect((await held.of('main', ['all'])).get('all')?.at).toBe(world.nowMs);
  expect(reads.at(-1)).toEqual({ tenant: 'main', scopes: ['all'] });
  expect((await held.of('other', ['all'])).size).toBe(1);
  expect(reads).toHaveLength(3);
});

test('of a tenant there is one read at a time, and who waited reads only what is missing', async () => {
  const { reads, held, most } = watched();
  const answers = await Promise.all([
    held.of('main', ['all']),
    held.of('main', ['all', 'region:EMEA']),
    held.of('main', ['region:EMEA']),
    held.of('main', ['all']),
  ]);
  expect(answers.map((found) => [...found.keys()])).toEqual([
    ['all'],
    ['all', 'region:EMEA'],
    ['region:EMEA'],
    ['all'],
  ]);
  expect(reads.map(({ scopes }) => scopes)).toEqual([['all'], ['region:EMEA']]);
  expect(most.atOnce).toBe(1);
});

test('while reads fail what is held is served, told once a second, and nobody gets an error', async () => {
  const { world, reads, faults, held } = watched();
  await held.of('main', ['all']);
  world.nowMs += TRENDS_HELD_MS;
  world.isAway = true;
  for (let call = 0; call < 3; call += 1) {
    const found = await held.of('main', ['all', 'region:EMEA']);
    expect([...found]).toEqual([['all', trendsAt('all', 1_000)]]);
  }
  expect([reads.length, faults.length]).toEqual([2, 1]);
  world.nowMs += TRENDS_RETRY_MS;
  world.isThrowing = true;
  expect((await held.of('main', ['all'])).size).toBe(1);
  [world.isAway, world.isThrowing] = [false, false];
  world.nowMs += TRENDS_RETRY_MS;
  expect((await held.of('main', ['all'])).get('all')?.at).toBe(world.nowMs);
});

test('a clock that was set back makes nothing last longer', async () => {
  const { world, reads, held } = watched();
  await held.of('main', ['all']);
  world.nowMs = 0;
  await held.of('main', ['all']);
  expect(reads).toHaveLength(2);
});

test('a process holds a bounded number of scopes: the one read longest ago is read again', async () => {
  const { reads, held } = watched();
  await held.of('main', ['all']);
  for (let n = 0; n < TRENDS_HELD_MAX - 1; n += 1) await held.of('main', [`category:${n}`]);
  await held.of('main', ['all']);
  expect(reads).toHaveLength(TRENDS_HELD_MAX);
  await held.of('main', ['category:more']);
  await held.of('main', ['all']);
  expect(reads).toHaveLength(TRENDS_HELD_MAX + 2);
});

test('whoever asks whatever at once is answered, fresh to ten seconds', async () => {
  const scopes = fc.uniqueArray(fc.constantFrom('all', 'region:EMEA', 'category:A', 'category:B'), {
    minLength: 1,
  });
  const round = fc.tuple(fc.nat(15_000), fc.array(scopes, { minLength: 1, maxLength: 5 }));
  await fc.assert(
    fc.asyncProperty(fc.array(round, { maxLength: 8 }), async (rounds) => {
      const { world, held, most } = watched(['category:B']);
      for (const [pauseMs, asked] of rounds) {
        world.nowMs += pauseMs;
        const answers = await Promise.all(asked.map((each) => held.of('main', each)));
        for (const [place, found] of answers.entries()) {
          const there = (asked[place] ?? []).filter((scope) => scope !== 'category:B');
          expect([...found.keys()]).toEqual(there);
          for (const { at } of found.values())
            expect(world.nowMs - at).toBeLessThan(TRENDS_HELD_MS);
        }
      }
      expect(most.atOnce).toBeLessThanOrEqual(1);
    }),
  );
});
