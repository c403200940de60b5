/** What `project` learns of items, and that neither updates nor copies wait for it. */
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { memoryEventStream } from '../../functions/adapters/memory-event-stream.ts';
import { memoryLearntVersions } from '../../functions/adapters/memory-learnt-versions.ts';
import { memoryPairDeltas } from '../../functions/adapters/memory-pair-deltas.ts';
import { memoryProfileCache } from '../../functions/adapters/memory-profile-cache.ts';
import { encodeFx } from '../../functions/core/profile/fx.ts';
import { LEARNING_PRESETS } from '../../functions/core/recommend/learning.ts';
import type { EventStream } from '../../functions/ports/event-stream.ts';
import type { LearntVersions } from '../../functions/ports/learnt-versions.ts';
import type { PairDeltas } from '../../functions/ports/pair-deltas.ts';
import { type ProjectCounts, project } from '../../functions/project/project.ts';
import { CACHE_BREAKER, cacheCalls, deltasBehind } from '../../functions/runtime/guarded-cache.ts';
import { counted, NOW } from '../support/counted-events.ts';
import { changeRecord, definitions, storedFacets, type Told } from '../support/profile-changes.ts';

const CONTEXT = { getRemainingTimeInMillis: () => 60_000 };
const FACETS = storedFacets(1);

interface World {
  readonly updates?: EventStream;
  readonly deltas?: PairDeltas | undefined;
  readonly versions?: LearntVersions;
}

const projecting = ({
  updates = memoryEventStream(),
  versions = memoryLearntVersions(() => NOW),
  deltas,
}: World) => {
  const counts: ProjectCounts[] = [];
  const faults: string[] = [];
  const handle = project({
    updates,
    cache: memoryProfileCache(() => NOW),
    learning: deltas && { deltas, versions, preset: LEARNING_PRESETS.commerce },
    definitions,
    now: () => NOW,
    sleep: async () => undefined,
    report: {
      counted: (each) => counts.push(each),
      fault: (message) => faults.push(message),
    },
  });
  return {
    counts,
    faults,
    run: (told: readonly Told[], from = 0) =>
      handle({ Records: told.map((one, place) => changeRecord(one, from + place)) }, CONTEXT),
  };
};

/** A version in which the user viewed an item, after one that was viewed an hour ago. */
const viewed = (user: string, version: number, item: string, before?: string): Told => ({
  user,
  version,
  facets: FACETS,
  fx: encodeFx({
    minutes: [{ minute: Math.floor(NOW / 60_000), applied: 1, duplicate: 0, parked: 0 }],
    events: [counted({ at: NOW, name: 'Product Viewed', productId: item })],
    before: before === undefined ? [] : [{ item: before, arrivedAt: NOW - 3_600_000 }],
    differences: { sessions: [], lateForSessions: 0 },
  }),
});

const eventsOf = async (deltas: PairDeltas, item: string, tenant = 'main'): Promise<number> =>
  (await deltas.read(tenant, [item], { now: NOW })).get(item)?.events ?? 0;

test('every version of a user in the batch teaches, in one call a tenant', async () => {
  const memory = memoryPairDeltas(() => NOW);
  const tenants: string[] = [];
  const deltas: PairDeltas = {
    ...memory,
    add: (tenant, days) => {
      tenants.push(tenant);
      return memory.add(tenant, days);
    },
  };
  const world = projecting({ deltas });
  await world.run([
    viewed('ann', 1, 'tea'),
    viewed('ann', 2, 'cup', 'tea'),
    { ...viewed('bob', 1, 'pot'), tenant: 'other' },
    { user: 'eve', version: 1 },
  ]);
  expect(tenants).toEqual(['main', 'other']);
  expect(await eventsOf(deltas, 'cup')).toBe(1);
  expect(await eventsOf(deltas, 'pot', 'other')).toBe(1);
  const tea = (await deltas.read('main', ['tea'], { now: NOW })).get('tea');
  expect(tea).toEqual({ events: 1, pairs: [['cup', 1]] });
  expect(world.counts).toMatchObject([{ published: 3, learnt: 3, learningSkipped: 0 }]);
});

test('nothing is learnt before it is published and copied, and a page asks nobody', async () => {
  const order: string[] = [];
  const deltas = memoryPairDeltas(() => NOW);
  const told = {
    add: (...given: Parameters<PairDeltas['add']>) => {
      order.push('learn');
      return deltas.add(...given);
    },
    read: deltas.read,
  };
  const stream = memoryEventStream();
  const put: EventStream['put'] = (records) => {
    order.push('publish');
    return stream.put(records);
  };
  const world = projecting({ deltas: told, updates: { put } });
  await world.run([viewed('ann', 1, 'tea')]);
  await world.run([{ user: 'bob', version: 1 }], 1);
  expect(order).toEqual(['publish', 'learn', 'publish']);
});

test('a batch that comes again to the same process teaches nothing twice', async () => {
  const deltas = memoryPairDeltas(() => NOW);
  const world = projecting({ deltas });
  const batch = [viewed('ann', 1, 'tea'), viewed('ann', 2, 'tea')];
  await world.run(batch);
  await world.run(batch);
  await world.run(batch.slice(0, 1));
  expect(await eventsOf(deltas, 'tea')).toBe(2);
  expect(world.counts.map(({ learnt }) => learnt)).toEqual([2, 0, 0]);
});

test('a batch that another process has learnt teaches nothing, and is not skipped', async () => {
  const deltas = memoryPairDeltas(() => NOW);
  const versions = memoryLearntVersions(() => NOW);
  const first = projecting({ deltas, versions });
  const other = projecting({ deltas, versions });
  await first.run([viewed('ann', 1, 'tea'), viewed('bob', 1, 'tea'), viewed('ann', 2, 'tea')]);
  await other.run([viewed('ann', 1, 'tea'), viewed('bob', 1, 'tea')]);
  expect(other.counts).toMatchObject([{ published: 2, learnt: 0, learningSkipped: 0 }]);
  await other.run([viewed('ann', 2, 'tea'), viewed('ann', 3, 'tea')], 2);
  expect(other.counts.at(-1)).toMatchObject({ learnt: 1 });
  expect(await eventsOf(deltas, 'tea')).toBe(4);
});

test('each version is learnt once, whoever could not be told at first', async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.array(fc.constantFrom('ann', 'bob', 'eve'), { minLength: 1, maxLength: 8 }),
      fc.array(fc.nat({ max: 9 }), { maxLength: 6 }),
      async (users, failing) => {
        const told = users.map((user, place) => {
          const version = 1 + users.slice(0, place).filter((other) => other === user).length;
          return viewed(user, version, `item-${user}`);
        });
        let fails = 0;
        const deltas = memoryPairDeltas(() => NOW);
        const world = projecting({
          deltas,
          updates: memoryEventStream(() => {
            fails -= 1;
            return fails >= 0;
          }),
        });
        let done = 0;
        for (const tries of [...failing.map((many) => 3 * many), 0]) {
          fails = tries;
          const { batchItemFailures } = await world.run(told.slice(done), done);
          const [first] = batchItemFailures;
          const again = told.findIndex(
            (one, place) =>
              place >= done &&
              changeRecord(one, place).dynamodb?.SequenceNumber === first?.itemIdentifier,
          );
          done = first === undefined ? told.length : again;
          if (done === told.length) break;
        }
        for (const user of new Set(users))
          expect(await eventsOf(deltas, `item-${user}`)).toBe(
            users.filter((other) => other === user).length,
          );
      },
    ),
    { numRuns: 200 },
  );
});

test('deltas that are away are skipped and counted, in nobody’s way, and soon not asked', async () => {
  const stream = memoryEventStream();
  let calls = 0;
  const away = (): Promise<never> => {
    calls += 1;
    return Promise.reject(new Error('away'));
  };
  const times = { now: () => NOW, timeoutMs: 10 };
  const deltas = deltasBehind(cacheCalls(times), { add: away, read: away });
  const world = projecting({ updates: stream, deltas });
  for (let batch = 1; batch <= 6; batch += 1) await world.run([viewed('ann', batch, 'tea')], batch);
  expect(stream.records()).toHaveLength(6);
  expect(world.counts.map(({ learningSkipped }) => learningSkipped)).toEqual([1, 1, 1, 1, 1, 1]);
  expect(calls).toBe(CACHE_BREAKER.failuresMax);
  expect(world.faults).toHaveLength(CACHE_BREAKER.failuresMax);
});

test('without a cache nothing is learnt live, and nothing is said to be skipped', async () => {
  const world = projecting({});
  await world.run([viewed('ann', 1, 'tea')]);
  expect(world.counts).toMatchObject([{ learnt: 0, learningSkipped: 0 }]);
});

test('effects that nobody of ours wrote teach nothing and hold nobody up', async () => {
  const deltas = memoryPairDeltas(() => NOW);
  const world = projecting({ deltas });
  const broken = viewed('ann', 1, 'tea', 'cup').fx?.replace(/"before":"[^"]*"/, '"before":"?"');
  const told = [
    { ...viewed('ann', 1, 'tea'), fx: broken ?? '' },
    { user: 'bob', fx: '{' },
  ];
  expect(await world.run(told)).toEqual({ batchItemFailures: [] });
  expect(world.counts).toMatchObject([{ published: 2, learnt: 0, learningSkipped: 1 }]);
  expect(world.faults).toEqual(['pairs were not learnt']);
});
