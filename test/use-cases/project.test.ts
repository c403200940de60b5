/** What consumers of `user-profile-updates` see, whatever becomes of batches and puts. */
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { memoryEventStream } from '../../functions/adapters/memory-event-stream.ts';
import type { ProfileUpdate } from '../../functions/core/profile/update.ts';
import { epochMs, toRfc3339, toUtcDate } from '../../functions/core/time.ts';
import type { EventStream, StreamRecord } from '../../functions/ports/event-stream.ts';
import { type ProjectCounts, project } from '../../functions/project/project.ts';
import { NOW } from '../support/counted-events.ts';
import {
  changeRecord,
  definitions,
  offOfRun,
  sequenceOf,
  storedFacets,
  type Told,
} from '../support/profile-changes.ts';

const CONTEXT = { getRemainingTimeInMillis: () => 60_000 };

const projecting = (updates: EventStream) => {
  const counts: ProjectCounts[] = [];
  const faults: string[] = [];
  const clock = { ms: NOW as number };
  const handle = project({
    updates,
    definitions,
    now: () => clock.ms,
    sleep: async (ms) => {
      clock.ms += ms;
    },
    report: {
      counted: (each) => counts.push(each),
      fault: (message) => faults.push(message),
    },
  });
  return {
    counts,
    faults,
    clock,
    /** Records keep their place in the shard, so that a batch may be cut out of them again. */
    run: (told: readonly Told[], from = 0) =>
      handle({ Records: told.map((one, place) => changeRecord(one, from + place)) }, CONTEXT),
  };
};

const updateIn = ({ data }: StreamRecord): ProfileUpdate => JSON.parse(data);
const said = (records: readonly StreamRecord[]): readonly string[] =>
  records.map(updateIn).map(({ userId, version }) => `${userId} ${version}`);

test('an update is one line: who, when, which version, and the taste', async () => {
  const stream = memoryEventStream();
  const answer = await projecting(stream).run([{ user: 'ann#1', version: 3 }]);
  expect(answer).toEqual({ batchItemFailures: [] });
  expect(stream.records()).toEqual([{ partitionKey: 'main#ann#1', data: expect.any(String) }]);
  const [record] = stream.records();
  expect(record?.data.indexOf('\n')).toBe((record?.data.length ?? 0) - 1);
  expect(JSON.parse(record?.data ?? '')).toEqual({
    userId: 'ann#1',
    updatedAt: '2026-11-21T09:40:07.000Z',
    part: 'rt',
    version: 3,
    profile: {
      interests: [{ category: 'tech', score: 3, error: 0 }],
      recentItems: ['item-3', 'item-2', 'item-1'],
      activityScore: 0.3,
    },
  });
});

test('of a user’s versions in one batch the latest alone is told', async () => {
  const stream = memoryEventStream();
  await projecting(stream).run([
    { user: 'ann', version: 1 },
    { user: 'bob', version: 4 },
    { user: 'ann', version: 2 },
    { user: 'ann', version: 3 },
  ]);
  expect(said(stream.records())).toEqual(['ann 3', 'bob 4']);
  expect(stream.calls()).toHaveLength(1);
});

test('a put that failed is put again alone, and the rest not at all', async () => {
  const stream = memoryEventStream(
    ({ partitionKey }, call) => partitionKey === 'main#ann' && call < 3,
  );
  const world = projecting(stream);
  const answer = await world.run([
    { user: 'ann', version: 1 },
    { user: 'bob', version: 1 },
  ]);
  expect(answer).toEqual({ batchItemFailures: [] });
  expect(stream.calls().map(said)).toEqual([['ann 1', 'bob 1'], ['ann 1'], ['ann 1']]);
  expect(world.counts).toEqual([
    {
      records: 2,
      unreadable: 0,
      published: 2,
      known: 0,
      unfinished: 0,
      cached: 0,
      cacheSkipped: 0,
      learnt: 0,
      learningSkipped: 0,
      recommended: 0,
      recommendationsSkipped: 0,
    },
  ]);
});

test('what could not be put comes again from its latest version on', async () => {
  const stream = memoryEventStream(({ partitionKey }) => partitionKey === 'main#ann');
  const world = projecting(stream);
  const answer = await world.run([
    { user: 'ann', version: 1 },
    { user: 'ann', version: 2 },
    { user: 'bob', version: 1 },
  ]);
  expect(answer).toEqual({ batchItemFailures: [{ itemIdentifier: sequenceOf(1) }] });
  expect(world.counts).toEqual([
    {
      records: 3,
      unreadable: 0,
      published: 1,
      known: 0,
      unfinished: 1,
      cached: 0,
      cacheSkipped: 0,
      learnt: 0,
      learningSkipped: 0,
      recommended: 0,
      recommendationsSkipped: 0,
    },
  ]);
});

test('a stream that is away fails the batch from its first user on, and is told', async () => {
  const world = projecting({ put: () => Promise.reject(new Error('away')) });
  const answer = await world.run([
    { user: 'ann', version: 1 },
    { user: 'bob', version: 1 },
  ]);
  expect(answer).toEqual({ batchItemFailures: [{ itemIdentifier: sequenceOf(0) }] });
  expect(world.faults).toEqual(['a put of updates failed']);
});

test('a batch cut anew after a failure ends no consumer on an older version', async () => {
  const failing = { ann: true };
  const stream = memoryEventStream(
    ({ partitionKey }) => failing.ann && partitionKey === 'main#ann',
  );
  const world = projecting(stream);
  await world.run([
    { user: 'ann', version: 1 },
    { user: 'bob', version: 1 },
    { user: 'bob', version: 2 },
  ]);
  failing.ann = false;
  // Bisected: the half that comes again ends with bob's older version.
  await world.run([
    { user: 'ann', version: 1 },
    { user: 'bob', version: 1 },
  ]);
  expect(said(stream.records())).toEqual(['bob 2', 'ann 1']);
  expect(world.counts.at(-1)).toMatchObject({ published: 1, known: 1 });
});

test('a removed item is not an update; one that is made anew is', async () => {
  const stream = memoryEventStream();
  const world = projecting(stream);
  await world.run([
    { user: 'ann', version: 5 },
    { user: 'ann', removed: true },
  ]);
  await world.run([{ user: 'bob', removed: true }], 2);
  await world.run(
    [
      { user: 'ann', removed: true },
      { user: 'ann', version: 9 },
    ],
    3,
  );
  expect(said(stream.records())).toEqual(['ann 5', 'ann 9']);
});

test('traits and other rows are no updates', async () => {
  const stream = memoryEventStream();
  await projecting(stream).run([
    { user: 'ann', sk: 'tr' },
    { user: 'ann', sk: 'xx' },
  ]);
  expect(stream.calls()).toEqual([]);
});

test('an item that cannot be read is counted and holds nobody up', async () => {
  const stream = memoryEventStream();
  const world = projecting(stream);
  const answer = await world.run([
    { user: 'ann', facets: '{"a":' },
    { user: 'bob', version: 2 },
  ]);
  expect(answer).toEqual({ batchItemFailures: [] });
  expect(said(stream.records())).toEqual(['bob 2']);
  expect(world.counts).toEqual([
    {
      records: 2,
      unreadable: 1,
      published: 1,
      known: 0,
      unfinished: 0,
      cached: 0,
      cacheSkipped: 0,
      learnt: 0,
      learningSkipped: 0,
      recommended: 0,
      recommendationsSkipped: 0,
    },
  ]);
});

test('nothing is put in the last part of a call', async () => {
  const stream = memoryEventStream();
  const handle = project({
    updates: stream,
    definitions,
    now: () => NOW,
    sleep: async () => undefined,
    report: { counted: () => undefined, fault: () => undefined },
  });
  const Records = [changeRecord({ user: 'ann' }, 0)];
  const answer = await handle({ Records }, { getRemainingTimeInMillis: () => 0 });
  expect(stream.calls()).toEqual([]);
  expect(answer).toEqual({ batchItemFailures: [{ itemIdentifier: sequenceOf(0) }] });
});

const stored = [1, 2, 3, 4, 5, 6, 7, 8].map(storedFacets);

test('whatever fails and is delivered again, each user ends on the latest version, never going back', async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.array(fc.constantFrom('ann', 'bob', 'eve'), { minLength: 1, maxLength: 8 }),
      fc.array(fc.tuple(fc.integer({ min: 1, max: 8 }), fc.nat({ max: 6 })), { maxLength: 12 }),
      async (users, cuts) => {
        const told = users.map((user, place): Told => {
          const version = 1 + users.slice(0, place).filter((other) => other === user).length;
          return { user, version, facets: stored[version - 1] ?? '' };
        });
        let fails = 0;
        const stream = memoryEventStream(() => {
          fails -= 1;
          return fails >= 0;
        });
        const world = projecting(stream);
        let done = 0;
        const deliver = async (size: number): Promise<void> => {
          const batch = told.slice(done, done + size);
          const { batchItemFailures } = await world.run(batch, done);
          const [first] = batchItemFailures;
          const place = batch.findIndex((_, at) => sequenceOf(done + at) === first?.itemIdentifier);
          done += first === undefined ? batch.length : place;
        };
        for (const [size, failing] of cuts) {
          fails = 3 * failing;
          await deliver(size);
        }
        fails = 0;
        while (done < told.length) await deliver(told.length);
        for (const user of new Set(users)) {
          const versions = stream
            .records()
            .map(updateIn)
            .filter(({ userId }) => userId === user)
            .map(({ version }) => version);
          expect(versions).toEqual([...versions].sort((left, right) => left - right));
          expect(versions.at(-1)).toBe(users.filter((other) => other === user).length);
        }
      },
    ),
    { numRuns: 200 },
  );
});

test('what the nightly job wrote is told beside what events did, once a user and batch', async () => {
  const stream = memoryEventStream();
  const world = projecting(stream);
  const told: readonly Told[] = [
    { user: 'ann', version: 1 },
    { user: 'ann', sk: 'off', version: 1 },
    { user: 'ann', sk: 'off', version: 2 },
  ];
  expect(await world.run(told)).toEqual({ batchItemFailures: [] });
  const lines = stream.records().map(({ data }) => JSON.parse(data));
  expect(lines).toMatchObject([{ part: 'rt', version: 1 }, {}]);
  const { runId, cut } = offOfRun(2);
  expect(lines[1]).toEqual({
    userId: 'ann',
    updatedAt: toRfc3339(epochMs(Math.floor(NOW / 1_000) * 1_000)),
    part: 'off',
    version: runId,
    cut: toUtcDate(cut),
  });
  // At most one record of a user in a call.
  expect(stream.calls().map((call) => call.length)).toEqual([1, 1]);
  await world.run(told);
  expect(stream.records()).toHaveLength(2);
  expect(world.counts.at(-1)).toMatchObject({ published: 0, known: 2 });
});

test('an update of the nightly that could not be put comes again', async () => {
  const stream = memoryEventStream(({ data }) => data.includes('"off"'));
  const answer = await projecting(stream).run([
    { user: 'ann', version: 1 },
    { user: 'ann', sk: 'off', version: 1 },
  ]);
  expect(answer).toEqual({ batchItemFailures: [{ itemIdentifier: sequenceOf(1) }] });
});
