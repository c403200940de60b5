/** The interleavings that `proof` names, each as a short history in the simulated world. */
import { expect, test } from 'vitest';
import { readTimelineRow } from '../../functions/core/profile/timeline.ts';
import { profileRepository } from '../../functions/runtime/profile-repository.ts';
import { Engine } from '../../localstack/services/dynamodb/engine.ts';
import { globalTable } from '../../localstack/services/dynamodb/global-table.ts';
import { TABLE, tableProperties } from '../support/dynamo.ts';
import { tableEntries } from './cache-model.ts';
import { DAY_MS, history, many, viewed } from './history.ts';
import { Process } from './process.ts';
import { CURSED_DEVICE } from './workload.ts';
import { definitions, START_MS } from './world.ts';

test('1: 500 envelopes of a hot user in a batch, a neighbour’s write fails, the batch again', async () => {
  const world = history();
  const { aggregating, table } = world;
  const records: number[] = [];
  aggregating.function.onInvoke = (payload) => records.push(JSON.parse(payload).Records.length);
  table.failOnce.add('rt main#neighbour');
  aggregating.hold();
  await world.send([viewed('n', { userId: 'neighbour' })]);
  const answers = many(500).map((event) => world.post([event]));
  await world.silence();
  expect((await Promise.all(answers)).every((each) => each.statusCode < 300)).toBe(true);
  aggregating.release();
  await world.silence();
  const [first, ...again] = records;
  expect(again.reduce((sum, count) => sum + count, 0)).toBe(first);
  expect(world.countsOf('u0')).toEqual({ applied: 500, duplicate: 0, parked: 0 });
  expect(world.countsOf('neighbour')).toEqual({ applied: 1, duplicate: 0, parked: 0 });
  await world.audit();
});

test('2: 500 events of a user in a request, the answer lost, resent verbatim, then in halves', async () => {
  const world = history();
  world.faults.plan('put happens, its answer is lost');
  const events = many(500);
  await world.send(events);
  await world.send(events);
  expect(world.countsOf('u0')).toMatchObject({ applied: 500, parked: 0 });
  const small = many(100, {}, 's');
  await world.send(small);
  await world.send(small.slice(0, 50));
  await world.send(small.slice(50));
  expect(world.countsOf('u0').applied).toBe(600);
  await world.audit();
});

test('3: a put acknowledged after the SDK had already retried it', async () => {
  const world = history();
  world.faults.plan('put happens twice');
  await world.send(many(3));
  expect(world.countsOf('u0')).toEqual({ applied: 3, duplicate: 3, parked: 0 });
  await world.audit();
});

test('4: the enricher gives up between two envelopes; its zombie puts the second after the retry did', async () => {
  const world = history();
  world.raw.onLanded = () => {
    world.raw.onLanded = () => undefined;
    world.faults.plan('put is slow', 'function times out and lives on');
  };
  await world.send(many(128));
  const lines = world.enriched
    .records()
    .flatMap(({ record }) => Buffer.from(record.data).toString('utf8').trimEnd().split('\n'));
  expect(lines.length).toBeGreaterThan(128);
  expect(world.countsOf('u0')).toEqual({ applied: 128, duplicate: 0, parked: 0 });
  await world.audit();
});

test('5: a write happened, its answer was lost, the retry saw the condition fail: applied once, duplicate never', async () => {
  const world = history();
  world.faults.plan('save happens twice, the second sees a conflict');
  await world.send(many(10));
  expect(world.countsOf('u0')).toEqual({ applied: 10, duplicate: 0, parked: 0 });
  await world.audit();
});

test('6: time to live removes a profile between its read and its write: born anew, counted once', async () => {
  const world = history();
  await world.send(many(3));
  const old = world.table.profiles.get('main#u0');
  const { scheduler, table } = world;
  scheduler.nowMs += 401 * DAY_MS;
  table.onLoaded = (item) => {
    if (item === 'rt main#u0') table.expire('main#u0');
    table.onLoaded = () => undefined;
  };
  const timestamp = new Date(scheduler.nowMs).toISOString();
  await world.send([viewed('late', { timestamp })]);
  expect(world.faults.counts.get('lost race')).toBe(1);
  expect(world.countsOf('u0')).toEqual({ applied: 4, duplicate: 0, parked: 0 });
  expect(world.facetsOf('u0').sessions.kept.map(({ events }) => events)).toEqual([1]);
  const born = table.profiles.get('main#u0');
  expect(born?.version).toBeGreaterThan(old?.version ?? 0);
  expect(born?.since).toBeGreaterThan(START_MS + 400 * DAY_MS);
});

test('7: killed behind the write of the profile, before the timeline row: the row is there', async () => {
  const world = history();
  const { table, timeline, aggregating } = world;
  table.onWritten = (item) => {
    if (item === 'rt main#u0') aggregating.function.kill();
    table.onWritten = () => undefined;
  };
  await world.send(many(3));
  expect(world.countsOf('u0')).toEqual({ applied: 3, duplicate: 0, parked: 0 });
  const rows = [...(timeline.kept.users.get('main#u0')?.values() ?? [])].map(readTimelineRow);
  expect(rows.map(({ lines }) => lines.map(({ effect }) => effect))).toEqual([
    ['unknown', 'unknown', 'unknown'],
  ]);
  await world.audit();
});

test('8: one event of an envelope is parked, then redriven twice with 500 other events between', async () => {
  const world = history();
  const cursed = viewed('cursed', { context: { device: { type: CURSED_DEVICE } } });
  await world.send([viewed('before'), cursed, viewed('after')]);
  expect(world.countsOf('u0')).toEqual({ applied: 2, duplicate: 0, parked: 1 });
  await world.redrive(async () => {
    expect(world.countsOf('u0')).toEqual({ applied: 3, duplicate: 0, parked: 1 });
    await world.send(many(500));
  });
  expect(world.countsOf('u0')).toEqual({ applied: 503, duplicate: 1, parked: 1 });
  await world.audit();
});

test('9: killed after 1 of 3 minute rows; cut anew, the shard rolls, a zombie writes the parent’s row late', async () => {
  const world = history();
  const { scheduler, enriched, rows, tallying, changes, faults } = world;
  const users = ['u0', 'u1', 'u2', 'u3'];
  // Three minutes of arrival in one change of each user: aggregate sees none before the last.
  enriched.awayUntilMs = START_MS + 150_000;
  for (const minute of [0, 1, 2]) {
    const events = users.map((userId) => viewed(`m-${minute}`, { userId }));
    scheduler.after(60_000 * minute, 'client', () => void world.post(events));
  }
  const written: string[] = [];
  rows.onWritten = ({ pk, sk }) => {
    written.push(`${pk} ${sk}`);
    if (written.length > 1) return;
    tallying.function.kill();
    changes.roll();
    faults.plan('row save happens after its caller gave up');
    void world.post(users.map((userId) => viewed('later', { userId })));
  };
  await world.silence();
  expect(new Set(written.map((row) => row.split(' ')[1])).size).toBeGreaterThanOrEqual(2);
  const shards = new Set([...rows.rows.keys()].filter((key) => key.startsWith('m#')));
  expect(shards.size).toBeGreaterThanOrEqual(4);
  for (const user of users)
    expect(world.countsOf(user)).toEqual({ applied: 4, duplicate: 0, parked: 0 });
  await world.audit();
});

test('10: sequence numbers of a table’s stream that grow by a digit inside a shard', async () => {
  const world = history();
  const lengths = new Map<string, Set<number>>();
  world.tallying.function.onInvoke = (payload) => {
    const { shardId, Records } = JSON.parse(payload);
    const seen = lengths.get(shardId) ?? new Set();
    lengths.set(shardId, seen);
    for (const { dynamodb } of Records) seen.add(dynamodb.SequenceNumber.length);
  };
  for (let n = 0; n < 20; n += 1)
    world.scheduler.after(1_000 * n, 'client', () => void world.post([viewed(`e-${n}`)]));
  await world.silence();
  expect(world.countsOf('u0')).toEqual({ applied: 20, duplicate: 0, parked: 0 });
  expect([...lengths.values()].map((seen) => [...seen])).toContainEqual([22, 23]);
  await world.audit();
});

test('11: traits, an `off` item and a removal never reach tally', async () => {
  const world = history();
  const items: string[] = [];
  world.tallying.function.onInvoke = (payload) => {
    for (const { eventName, dynamodb } of JSON.parse(payload).Records)
      items.push(`${eventName} ${dynamodb.Keys.sk.S}`);
  };
  await world.send([viewed('i', { type: 'identify', event: undefined, traits: { plan: 'a' } })]);
  world.changes.wrote('main#u0', 'off', { runId: { S: '1' } }, undefined);
  world.table.expire('main#u0');
  await world.silence();
  expect(items).toEqual(['INSERT rt']);
  await world.send([viewed('again')]);
  expect(items).toEqual(['INSERT rt', 'INSERT rt']);
});

test('12: the stream away for 30 minutes: spilled, drained in vain, then drained, some of it twice', async () => {
  const world = history();
  const { scheduler, raw, queue, faults, table, acknowledged } = world;
  raw.awayUntilMs = START_MS + 30 * 60_000;
  const users = ['u0', 'u1', 'u2'];
  for (let minute = 0; minute < 30; minute += 1)
    scheduler.after(60_000 * minute, 'client', () => {
      const events = many(10, { userId: users[minute % 3] }, `m-${minute}`);
      void world.post(events).then(({ statusCode }) => {
        if (statusCode >= 300) return;
        for (const { userId, eventId } of events) acknowledged.add(`${userId}/${eventId}`);
      });
    });
  let waiting = 0;
  scheduler.after(30 * 60_000 - 1_000, 'before recovery', () => {
    waiting = queue.messages.size;
    faults.plan(...Array.from({ length: 5 }, () => 'message is delivered twice' as const));
  });
  let lastAtMs = 0;
  const { onProfile } = table;
  table.onProfile = (...saved) => {
    lastAtMs = scheduler.nowMs;
    onProfile(...saved);
  };
  await world.silence();
  expect(waiting).toBe(30);
  expect(acknowledged.size).toBe(300);
  expect(queue.messages.size).toBe(0);
  expect(faults.counts.get('breaker is open')).toBeGreaterThan(0);
  expect(faults.counts.get('message is delivered twice')).toBe(5);
  for (const user of users) expect(world.countsOf(user)).toMatchObject({ applied: 100, parked: 0 });
  expect(lastAtMs).toBeLessThan(START_MS + 40 * 60_000);
  await world.audit();
});

/** What a process of a serving function is told of a user. */
const served = (world: ReturnType<typeof history>, isSlow = false) => {
  const { scheduler, randoms, faults, cache, table } = world;
  const process = new Process(scheduler, randoms, faults);
  const repository = profileRepository({
    cache: cache.port(process),
    table: tableEntries(table, process, isSlow),
    definitions,
    now: process.now,
    random: () => 0,
    fault: () => undefined,
  });
  return async (user: string): Promise<number | undefined> => {
    const [answer] = await repository.read([{ tenant: 'main', user }]);
    return answer?.version;
  };
};
/** Versions of their copies after so long, all that happens later left to happen. */
const copiesAfter = async (
  world: ReturnType<typeof history>,
  ms: number,
  users: readonly string[],
): Promise<readonly (number | undefined)[]> => {
  const look = Promise.withResolvers<readonly (number | undefined)[]>();
  world.scheduler.after(ms, 'look', () => {
    const origins = users.map((user) => ({ tenant: 'main', user }));
    const reading = world.cache.entries.read(origins);
    look.resolve(reading.then((copies) => copies.map(({ rt }) => rt?.version)));
  });
  await world.silence();
  return look.promise;
};

test('13: the cache away for 30 minutes: the feed tells each change at once, and what is served is the table’s', async () => {
  const world = history({ hasCache: true });
  const { scheduler, cache, auditor, table } = world;
  const users = ['u0', 'u1', 'u2'];
  const versionOf = (user: string) => table.profiles.get(`main#${user}`)?.version;
  void world.post(users.map((userId) => viewed('before', { userId })));
  expect(await copiesAfter(world, 5_000, users)).toEqual(users.map(versionOf));
  cache.awayUntilMs = scheduler.nowMs + 30 * 60_000;
  const answers: Promise<number | undefined>[] = [];
  let changes = auditor.tally.changes;
  for (let minute = 0; minute < 30; minute += 1) {
    const user = users[minute % 3] ?? '';
    scheduler.after(60_000 * minute, 'client', () => {
      void world.post([viewed(`m-${minute}`, { userId: user })]);
    });
    scheduler.after(60_000 * minute + 5_000, 'look', () => {
      changes += 1;
      expect(auditor.tally.changes).toBe(changes);
      expect(auditor.updates.users.get(`main#${user}`)?.newest).toBe(versionOf(user));
      answers.push(served(world)(user).then((version) => (version ?? 0) - (versionOf(user) ?? 0)));
    });
  }
  await world.silence();
  expect(await Promise.all(answers)).toEqual(answers.map(() => 0));
  expect(answers.length).toBe(30);
  void world.post(users.map((userId) => viewed('after', { userId })));
  expect(await copiesAfter(world, 5_000, users)).toEqual(users.map(versionOf));
  await world.audit();
});

test('15: a reader fills the cache with a stale read after a newer projection: the newer one stays', async () => {
  const world = history({ hasCache: true });
  const { scheduler, cache, table } = world;
  cache.awayUntilMs = scheduler.nowMs + 1_000;
  await world.send([viewed('first')]);
  const older = table.profiles.get('main#u0')?.version;
  cache.awayUntilMs = 0;
  const reading = served(world, true)('u0');
  // By then the reader has read, and waits for its answer.
  const answer = new Promise<Awaited<ReturnType<typeof world.post>>>((resolve) => {
    scheduler.after(50, 'client', () => resolve(world.post([viewed('second')])));
  });
  const copies = await copiesAfter(world, 100_000, ['u0']);
  expect((await answer).statusCode).toBeLessThan(300);
  const newer = table.profiles.get('main#u0')?.version;
  expect(newer).toBeGreaterThan(older ?? 0);
  expect(await reading).toBe(older);
  expect(copies).toEqual([newer]);
  const again = served(world)('u0');
  await world.silence();
  expect(await again).toBe(newer);
  await world.audit();
});

test('22: 17 categories: the best 16 are kept, and the one that returns states its error', async () => {
  const world = history();
  const of = (category: number, eventId: string) =>
    viewed(eventId, { properties: { product_id: `item-${category}`, category: `CAT${category}` } });
  const often = Array.from({ length: 16 }, (_, n) => [of(n, `a-${n}`), of(n, `b-${n}`)]).flat();
  await world.send([...often, of(16, 'c')]);
  expect(world.facetsOf('u0').interests.scores.has('cat16')).toBe(false);
  await world.send([of(16, 'd'), of(16, 'e')]);
  const { scores } = world.facetsOf('u0').interests;
  expect(scores.size).toBe(16);
  expect(scores.get('cat16')?.error).toBeDefined();
  await world.audit();
  expect(world.faults.counts.get('bound of the interests exceeded')).toBe(1);
});

test('22: 257 tiles of page views: the answer says partial, and is exact from its floor on', async () => {
  const world = history();
  const views = Array.from({ length: 257 }, (_, n) =>
    viewed(`p-${n}`, {
      type: 'page',
      name: 'home',
      timestamp: new Date(START_MS - 30_000 * n).toISOString(),
    }),
  );
  await world.send(views.slice(0, 256));
  await world.audit();
  expect(world.faults.counts.get('bound of the tiles exceeded')).toBeUndefined();
  await world.send(views.slice(256));
  expect(world.facetsOf('u0').pageViews.tiles.size).toBe(256);
  await world.audit();
  expect(world.faults.counts.get('bound of the tiles exceeded')).toBe(1);
});

test('22: 5 late sessions: the newest 4 are kept, and what comes for the fifth counts late', async () => {
  const world = history();
  const session = (days: number, eventId: string) =>
    viewed(eventId, { timestamp: new Date(START_MS - days * DAY_MS).toISOString() });
  await world.send([1, 2, 3, 4, 5].map((days) => session(days, `s-${days}`)));
  expect(world.facetsOf('u0').sessions.kept.length).toBe(4);
  await world.send([session(5, 'late')]);
  const { lateForSessions } = JSON.parse(world.table.profiles.get('main#u0')?.fx ?? '{}');
  expect(lateForSessions).toBe(1);
  await world.audit();
  expect(world.faults.counts.get('bound of the sessions exceeded')).toBe(1);
});

test('23: events dated 2024, 2030 and now in one envelope', async () => {
  const world = history();
  const years = ['2024-01-01T00:00:00Z', '2030-01-01T00:00:00Z', '2026-11-24T12:00:00Z'];
  await world.send(years.map((timestamp, n) => viewed(`y-${n}`, { timestamp })));
  expect(world.countsOf('u0')).toEqual({ applied: 3, duplicate: 0, parked: 0 });
  const [newest] = world.facetsOf('u0').sessions.kept.toReversed();
  expect(newest?.end).toBeLessThanOrEqual(START_MS + 5 * 60_000 + 1_000);
  await world.audit();
});

test('24: wherever the local platform is killed, an item’s write has its record or neither is there', async () => {
  const engine = await Engine.open({
    clock: { now: () => START_MS },
    region: 'us-east-1',
    accountId: '000000000000',
  });
  await globalTable(engine).create({
    ...{ stack: 'data', logicalId: 'Profiles', type: 'AWS::DynamoDB::GlobalTable' },
    ...{ physicalName: TABLE, properties: tableProperties(), metadata: {} },
  });
  const { db } = engine.store;
  const versions = async (prefix: string, of: (value: never) => unknown): Promise<unknown[]> =>
    (await db.iterator({ gt: prefix, lt: `${prefix}~` }).all()).map(([, value]) =>
      of(value as never),
    );
  const batch = db.batch.bind(db);
  let batches = 0;
  const found: string[] = [];
  Object.assign(db, {
    batch: async (operations: Parameters<typeof batch>[0]) => {
      await batch(operations);
      batches += 1;
      // What a process that was killed here would find when it starts again.
      const items = await versions(
        `item-${TABLE}~`,
        ({ pk, v }) => `${Object(pk).S} ${Object(v).N}`,
      );
      const told = await versions('stream~', (row) => {
        const { NewImage } = (typeof row === 'string' ? JSON.parse(row) : row).body.dynamodb;
        return `${NewImage.pk.S} ${NewImage.v.N}`;
      });
      found.push(...items.filter((item) => !told.includes(item)).map(String));
    },
  });
  const put = (pk: string, v: number) =>
    engine.perform('PutItem', {
      TableName: TABLE,
      Item: { pk: { S: pk }, sk: { S: 'rt' }, v: { N: String(v) }, ttl: { N: '1900000000' } },
    });
  for (const v of [1, 2]) for (const pk of ['a', 'b', 'c']) await put(pk, v);
  await Promise.all(['a', 'b', 'c'].map((pk) => put(pk, 3)));
  expect(batches).toBeGreaterThanOrEqual(7);
  expect(found).toEqual([]);
  await engine.close();
});

test('26: mappings made anew at TRIM_HORIZON after two reshards double nothing', async () => {
  const world = history();
  for (let n = 0; n < 3; n += 1) {
    await world.send(many(60, {}, `r${n}`));
    world.raw.reshard();
    world.enriched.reshard();
    await world.silence();
  }
  world.enriching.restart(true);
  world.aggregating.restart(true);
  await world.silence();
  expect(world.countsOf('u0')).toEqual({ applied: 180, duplicate: 0, parked: 0 });
  await world.audit();
});

test('27: the same ids cut at other boundaries: nothing is lost', async () => {
  const world = history();
  const padded = many(60, { padding: 'x'.repeat(2_000) });
  world.raw.onLanded = () => {
    world.raw.awayUntilMs = world.scheduler.nowMs + 60_000;
  };
  world.faults.plan('spill fails before its effect');
  expect(await world.send(padded)).toBe(503);
  world.raw.onLanded = () => undefined;
  world.raw.awayUntilMs = 0;
  expect(await world.send(many(60))).toBeLessThan(300);
  expect(world.countsOf('u0').applied).toBe(60);
  await world.audit();
});

test('28: killed behind the write of the traits, and behind that of the profile', async () => {
  for (const killedAfter of [1, 2]) {
    const world = history();
    let writes = 0;
    world.table.onWritten = () => {
      writes += 1;
      if (writes === killedAfter) world.aggregating.function.kill();
    };
    await world.send([viewed('i', { type: 'identify', event: undefined, traits: { plan: 'a' } })]);
    expect(writes).toBe(2);
    expect(world.countsOf('u0')).toEqual({ applied: 1, duplicate: 0, parked: 0 });
    await world.audit();
  }
});

test('28: a write that fails between traits and profile, in both orders', async () => {
  for (const item of ['rt main#u0', 'tr main#u0']) {
    const world = history();
    world.table.failOnce.add(item);
    await world.send([viewed('i', { type: 'identify', event: undefined, traits: { plan: 'a' } })]);
    expect(world.countsOf('u0')).toEqual({ applied: 1, duplicate: 0, parked: 0 });
    await world.audit();
  }
});

test('29: an event dated 2024 for a new user does not expire at birth', async () => {
  const world = history();
  await world.send([viewed('old', { timestamp: '2024-01-01T00:00:00Z' })]);
  const ttlS = world.table.profiles.get('main#u0')?.ttl ?? 0;
  expect(ttlS * 1_000).toBeGreaterThan(START_MS + 300 * DAY_MS);
  await world.audit();
});

test('29: an expired profile that still lies there is overwritten, and what it knew it knows', async () => {
  const world = history();
  const events = many(3);
  await world.send(events);
  const old = world.table.profiles.get('main#u0');
  world.scheduler.nowMs += 401 * DAY_MS;
  const timestamp = new Date(world.scheduler.nowMs).toISOString();
  await world.send(events);
  await world.send([viewed('new', { timestamp })]);
  expect(world.countsOf('u0')).toEqual({ applied: 4, duplicate: 3, parked: 0 });
  const { version = 0 } = world.table.profiles.get('main#u0') ?? {};
  expect(version).toBeGreaterThan(Math.max(old?.version ?? 0, START_MS + 400 * DAY_MS));
  expect(world.facetsOf('u0').sessions.kept.map(({ events: inIt }) => inIt)).toEqual([1]);
});

test('30: applied by one version and parked by the next, then redriven twice: once', async () => {
  const world = history();
  world.bug.isOut = false;
  await world.send([viewed('cursed', { context: { device: { type: CURSED_DEVICE } } })]);
  world.bug.isOut = true;
  world.enriching.restart(true);
  await world.silence();
  expect(world.failed.events.size).toBe(1);
  await world.redrive();
  expect(world.countsOf('u0')).toEqual({ applied: 1, duplicate: 2, parked: 0 });
  expect(world.facetsOf('u0').sessions.kept.map(({ events }) => events)).toEqual([1]);
});

test('30: parked by one version and applied by the next, then redriven twice: once', async () => {
  const world = history();
  await world.send([viewed('cursed', { context: { device: { type: CURSED_DEVICE } } })]);
  world.bug.isOut = false;
  world.enriching.restart(true);
  await world.silence();
  expect(world.countsOf('u0')).toEqual({ applied: 0, duplicate: 0, parked: 1 });
  await world.redrive();
  expect(world.countsOf('u0')).toEqual({ applied: 1, duplicate: 1, parked: 1 });
  expect(world.facetsOf('u0').sessions.kept.map(({ events }) => events)).toEqual([1]);
});

test('31: two users with the same eventId both count', async () => {
  const world = history();
  await world.send([viewed('same'), viewed('same', { userId: 'u1' })]);
  expect(world.countsOf('u0').applied).toBe(1);
  expect(world.countsOf('u1').applied).toBe(1);
  await world.audit();
});

test('32: an event that bridges two sessions makes them one', async () => {
  const world = history();
  const at = (minute: number) => new Date(START_MS - 3_600_000 + minute * 60_000).toISOString();
  await world.send([viewed('a', { timestamp: at(0) }), viewed('b', { timestamp: at(50) })]);
  expect(world.facetsOf('u0').sessions.kept.length).toBe(2);
  await world.send([viewed('c', { timestamp: at(25) })]);
  expect(world.facetsOf('u0').sessions.kept.length).toBe(1);
  await world.audit();
});

test('a record that is poison, and one that meets a bug, delay their neighbours by no 5 seconds', async () => {
  const world = history();
  const { table, raw, scheduler } = world;
  const savedAtMs = new Map<string, number>();
  const { onProfile } = table;
  table.onProfile = (...saved) => {
    savedAtMs.set(saved[0], scheduler.nowMs);
    onProfile(...saved);
  };
  const poison = { partitionKey: 'main#u0', data: '{"not":"an event"\n' };
  raw.put([poison, { partitionKey: 'nobody', data: 'not JSON' }]);
  const cursed = viewed('cursed', { context: { device: { type: CURSED_DEVICE } } });
  const neighbours = Array.from({ length: 20 }, (_, n) => `n${n}`);
  await world.send([cursed, ...neighbours.map((userId) => viewed('e', { userId }))]);
  raw.put([poison]);
  await world.silence();
  const delays = neighbours.map((user) => (savedAtMs.get(`main#${user}`) ?? Infinity) - START_MS);
  expect(Math.max(...delays)).toBeLessThan(5_000);
  expect(world.countsOf('u0')).toEqual({ applied: 0, duplicate: 0, parked: 3 });
  await world.audit();
});

/** Two versions of a user in one batch of `project`, whose first call ends badly behind its put. */
const projectedTwice = async (end: 'killed' | 'into the void') => {
  const world = history();
  const { projecting, updates, auditor, faults } = world;
  const { onLanded } = updates;
  const told: number[] = [];
  updates.onLanded = (record, shardId) => {
    told.push(JSON.parse(Buffer.from(record.data).toString('utf8')).version);
    if (told.length === 1 && end === 'killed') projecting.function.kill();
    onLanded(record, shardId);
  };
  projecting.hold();
  await world.send([viewed('first')]);
  const older = world.table.profiles.get('main#u0')?.version;
  await world.send([viewed('second')]);
  const newer = world.table.profiles.get('main#u0')?.version;
  if (end === 'into the void') faults.plan('function answers into the void');
  projecting.release();
  await world.silence();
  await world.audit();
  return { told, older, newer, held: auditor.updates.users.get('main#u0')?.newest };
};

test('project is killed behind its put, and its batch cut anew: who keeps the newest version goes not back', async () => {
  const { told, older, newer, held } = await projectedTwice('killed');
  expect(told).toEqual([newer, older, newer]);
  expect(held).toBe(newer);
});

test('project answers into the void, and its batch is cut anew: it tells no older version again', async () => {
  const { told, newer, held } = await projectedTwice('into the void');
  expect(told).toEqual([newer]);
  expect(held).toBe(newer);
});

test('user-profile-updates away for 30 minutes: in the end it tells the last version of everyone', async () => {
  const world = history();
  const { scheduler, updates, auditor, table, tallying } = world;
  updates.awayUntilMs = START_MS + 30 * 60_000;
  for (let minute = 0; minute < 20; minute += 1)
    scheduler.after(60_000 * minute, 'client', () => {
      void world.post([viewed(`m-${minute}`, { userId: `u${minute % 3}` })]);
    });
  scheduler.after(29 * 60_000, 'look', () => {
    expect(auditor.tally.changes).toBe(20);
    expect(tallying.idle()).toBe(true);
  });
  await world.silence();
  const held = [...auditor.updates.users].map(([key, { newest }]) => [key, newest]);
  expect(held).toEqual([...table.profiles].map(([key, { version }]) => [key, version]));
  await world.audit();
});
