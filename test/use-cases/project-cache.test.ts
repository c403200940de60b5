/** What becomes of the cache's copies, and that the stream of updates never waits for them. */
import { expect, test } from 'vitest';
import { memoryEventStream } from '../../functions/adapters/memory-event-stream.ts';
import { memoryProfileCache } from '../../functions/adapters/memory-profile-cache.ts';
import type { Origin } from '../../functions/core/event/event.ts';
import type { EventStream } from '../../functions/ports/event-stream.ts';
import type { ProfileCache } from '../../functions/ports/profile-cache.ts';
import { storedOffOf } from '../../functions/ports/profile-entries.ts';
import { type ProjectCounts, project } from '../../functions/project/project.ts';
import { guardedCache } from '../../functions/runtime/guarded-cache.ts';
import { NOW } from '../support/counted-events.ts';
import {
  changeRecord,
  definitions,
  offOfRun,
  storedFacets,
  type Told,
} from '../support/profile-changes.ts';

const CONTEXT = { getRemainingTimeInMillis: () => 60_000 };
const of = (user: string): Origin => ({ tenant: 'main', user });

const projecting = (cache: ProfileCache, updates: EventStream = memoryEventStream()) => {
  const counts: ProjectCounts[] = [];
  const faults: string[] = [];
  const handle = project({
    updates,
    cache,
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

const memory = () =>
  memoryProfileCache(
    () => NOW,
    () => 0,
  );

test('the latest version of each user and the latest traits are copied', async () => {
  const cache = memory();
  const world = projecting(cache);
  await world.run([
    { user: 'ann', version: 1 },
    { user: 'ann', version: 2 },
    { user: 'bob', version: 1 },
    { user: 'ann', sk: 'tr', version: 7, facets: '{"dropped":0,"traits":[]}' },
    { user: 'ann', sk: 'off', version: 1 },
  ]);
  const [ann, bob] = await cache.read([of('ann'), of('bob')]);
  expect(ann).toMatchObject({
    rt: { version: 2, since: NOW - 5_000, at: NOW, stored: storedFacets(2) },
    tr: { version: 7, stored: '{"dropped":0,"traits":[]}' },
  });
  expect(ann?.off && storedOffOf(ann.off)).toEqual(offOfRun(1));
  expect(bob).toMatchObject({ rt: { version: 1 } });
  expect(world.counts).toMatchObject([{ published: 3, cached: 4, cacheSkipped: 0 }]);
});

test('nothing is copied before it is published', async () => {
  const order: string[] = [];
  const stream = memoryEventStream();
  const cache = memory();
  const world = projecting(
    {
      ...cache,
      write: (changes) => {
        order.push('cache');
        return cache.write(changes);
      },
    },
    {
      put: (records) => {
        order.push('stream');
        return stream.put(records);
      },
    },
  );
  await world.run([{ user: 'ann', version: 1 }]);
  expect(order).toEqual(['stream', 'cache']);
});

test('what was not published is not copied: it comes again', async () => {
  const cache = memory();
  const stream = memoryEventStream(({ partitionKey }) => partitionKey === 'main#ann');
  await projecting(cache, stream).run([
    { user: 'ann', version: 1 },
    { user: 'bob', version: 1 },
  ]);
  const [ann, bob] = await cache.read([of('ann'), of('bob')]);
  expect(ann).toEqual({});
  expect(bob).toMatchObject({ rt: { version: 1 } });
  const nightly = memoryEventStream(({ data }) => data.includes('"off"'));
  await projecting(cache, nightly).run([
    { user: 'cem', version: 1 },
    { user: 'cem', sk: 'off', version: 1 },
  ]);
  const [cem] = await cache.read([of('cem')]);
  expect([cem?.rt?.version, cem?.off]).toEqual([1, undefined]);
});

test('a removed item has no copy any more', async () => {
  const cache = memory();
  const world = projecting(cache);
  await world.run([
    { user: 'ann', version: 1 },
    { user: 'ann', sk: 'tr' },
    { user: 'bob', version: 1 },
  ]);
  await world.run(
    [
      { user: 'ann', removed: true },
      { user: 'ann', sk: 'tr', removed: true },
      { user: 'bob', version: 2 },
      { user: 'bob', removed: true },
    ],
    3,
  );
  expect(await cache.read([of('ann'), of('bob')])).toEqual([{}, {}]);
});

test('an item that cannot be read has no copy', async () => {
  const cache = memory();
  const world = projecting(cache);
  await world.run([{ user: 'ann', version: 1 }]);
  await world.run([{ user: 'ann', version: 2, facets: '{"a":' }], 1);
  expect(await cache.read([of('ann')])).toEqual([{}]);
});

test('a batch that comes again puts no older copy over a newer one', async () => {
  const cache = memory();
  const world = projecting(cache);
  const told: readonly Told[] = [1, 2, 3].map((version) => ({ user: 'ann', version }));
  await world.run(told);
  await world.run(told.slice(0, 1));
  expect(await cache.read([of('ann')])).toMatchObject([{ rt: { version: 3 } }]);
});

test('directed 13: the cache is away for half an hour, and the feed of changes goes on', async () => {
  const stream = memoryEventStream();
  const clock = { ms: NOW as number };
  let calls = 0;
  const away = () => {
    calls += 1;
    return Promise.reject(new Error('away'));
  };
  const cache = guardedCache(
    { read: away, write: away },
    { now: () => clock.ms, timeoutMs: 2_000 },
  );
  const world = projecting(cache, stream);
  const batches = 30 * 60;
  for (let batch = 1; batch <= batches; batch += 1) {
    const user = `user-${batch % 7}`;
    const answer = await world.run([{ user, version: batch, facets: storedFacets(1) }], batch);
    expect(answer).toEqual({ batchItemFailures: [] });
    clock.ms += 1_000;
  }
  expect(stream.records()).toHaveLength(batches);
  expect(world.counts.every(({ cached, cacheSkipped }) => cached === 0 && cacheSkipped === 1)).toBe(
    true,
  );
  // Not each batch waits for a cache that is away: one in two seconds asks whether it is back.
  expect(calls).toBeLessThanOrEqual(batches / 2 + 3);
});

test('a cache that does not answer is given up, counted, and in nobody’s way', async () => {
  const stream = memoryEventStream();
  const silent = new Promise<never>(() => undefined);
  const cache = guardedCache(
    { read: () => silent, write: () => silent },
    { now: () => NOW, timeoutMs: 10 },
  );
  const world = projecting(cache, stream);
  for (let batch = 1; batch <= 5; batch += 1) await world.run([{ user: 'ann', version: batch }]);
  expect(stream.records()).toHaveLength(5);
  expect(world.counts.map(({ cacheSkipped }) => cacheSkipped)).toEqual([1, 1, 1, 1, 1]);
  // The breaker opened after the third.
  expect(world.faults).toHaveLength(3);
});

test('what an older run wrote replaces no newer copy, and a removed one leaves none', async () => {
  const cache = memory();
  const world = projecting(cache);
  const runIn = async () => (await cache.read([of('ann')]))[0]?.off;
  await world.run([
    { user: 'ann', sk: 'off', version: 1 },
    { user: 'ann', sk: 'off', version: 3 },
  ]);
  await world.run([{ user: 'ann', sk: 'off', version: 2 }], 10);
  const held = await runIn();
  expect(held && storedOffOf(held)).toEqual(offOfRun(3));
  await world.run([{ user: 'ann', sk: 'off', removed: true }], 20);
  expect(await runIn()).toBeUndefined();
});
