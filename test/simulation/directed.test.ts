/** The interleavings that `proof` names, each as a short history in the simulated world. */
import { setImmediate } from 'node:timers/promises';
import { expect, test } from 'vitest';
import { decodeProfile } from '../../functions/core/profile/codec.ts';
import { auditAtRest } from './audit-at-rest.ts';
import { redriveParked } from './redrive.ts';
import { CURSED_DEVICE } from './workload.ts';
import { createWorld, definitions, START_MS } from './world.ts';

const viewed = (eventId: string, more: object = {}) => ({
  eventId,
  userId: 'u0',
  type: 'track',
  event: 'Product Viewed',
  timestamp: new Date(START_MS).toISOString(),
  properties: { product_id: 'item-1', category: 'TECH' },
  ...more,
});
const many = (count: number, more: object = {}, prefix = 'e') =>
  Array.from({ length: count }, (_, n) => viewed(`${prefix}-${n}`, more));

const history = (seed = 1) => {
  const world = createWorld(seed, 0);
  const acknowledged = new Set<string>();
  const silence = async (): Promise<void> => {
    await setImmediate();
    while (await world.scheduler.step());
    if (world.auditor.violation !== undefined) throw world.auditor.violation;
  };
  const send = async (events: readonly ReturnType<typeof viewed>[]): Promise<number> => {
    const answer = world.post(events);
    await silence();
    const { statusCode } = await answer;
    if (statusCode < 300)
      for (const { userId, eventId } of events) acknowledged.add(`${userId}/${eventId}`);
    return statusCode;
  };
  const audit = (): Promise<void> =>
    auditAtRest({ ...world, definitions, nowMs: world.scheduler.nowMs, acknowledged });
  const countsOf = (user: string) => {
    const { applied, duplicate, parked } = world.auditor.userOf(`main#${user}`);
    return { applied, duplicate, parked };
  };
  const facetsOf = (user: string) => {
    const stored = world.table.profiles.get(`main#${user}`);
    if (stored === undefined) throw new Error(`no profile of ${user}`);
    return decodeProfile(stored, definitions).facets;
  };
  const redrive = () => redriveParked(world, silence);
  return { ...world, send, silence, audit, countsOf, facetsOf, redrive };
};

test('1: 500 envelopes of a hot user in a batch, a neighbour’s write fails, the batch again', async () => {
  const world = history();
  world.table.failOnce.add('rt main#neighbour');
  const answers = many(500).map((event) => world.post([event]));
  const neighbour = world.post([viewed('n', { userId: 'neighbour' })]);
  await world.silence();
  expect((await Promise.all([...answers, neighbour])).every((each) => each.statusCode < 300)).toBe(
    true,
  );
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

test('8: an event is parked, then redriven twice with 500 other events between', async () => {
  const world = history();
  await world.send([viewed('cursed', { context: { device: { type: CURSED_DEVICE } } })]);
  expect(world.countsOf('u0')).toEqual({ applied: 0, duplicate: 0, parked: 1 });
  await world.send(many(500));
  await world.redrive();
  expect(world.countsOf('u0')).toEqual({ applied: 501, duplicate: 1, parked: 1 });
  await world.audit();
});

test('22: 17 categories and 5 late sessions leave what a profile keeps, and it says so', async () => {
  const world = history();
  const categories = Array.from({ length: 17 }, (_, n) =>
    viewed(`c-${n}`, { properties: { product_id: `item-${n}`, category: `CAT${n}` } }),
  );
  const sessions = Array.from({ length: 5 }, (_, n) =>
    viewed(`s-${n}`, { timestamp: new Date(START_MS - (n + 1) * 86_400_000).toISOString() }),
  );
  await world.send([...categories, ...sessions]);
  expect(world.facetsOf('u0').sessions.kept.length).toBe(4);
  expect(world.faults.counts.get('bound of the interests exceeded')).toBeUndefined();
  await world.audit();
  expect(world.faults.counts.get('bound of the interests exceeded')).toBe(1);
  expect(world.faults.counts.get('bound of the sessions exceeded')).toBe(1);
});

test('23: events dated 2024, 2030 and now in one envelope', async () => {
  const world = history();
  const years = ['2024-01-01T00:00:00Z', '2030-01-01T00:00:00Z', '2026-11-24T12:00:00Z'];
  await world.send(years.map((timestamp, n) => viewed(`y-${n}`, { timestamp })));
  expect(world.countsOf('u0')).toEqual({ applied: 3, duplicate: 0, parked: 0 });
  await world.audit();
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
  expect(await world.send(padded)).toBe(503);
  world.raw.onLanded = () => undefined;
  world.raw.awayUntilMs = 0;
  expect(await world.send(many(60))).toBeLessThan(300);
  expect(world.countsOf('u0').applied).toBe(60);
  await world.audit();
});

test('28: killed between traits and profile, in both orders', async () => {
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
  expect(ttlS * 1_000).toBeGreaterThan(START_MS + 300 * 86_400_000);
  await world.audit();
});

test('30: applied by one version and parked by the next, then redriven: once', async () => {
  const world = history();
  world.bug.isOut = false;
  await world.send([viewed('cursed', { context: { device: { type: CURSED_DEVICE } } })]);
  world.bug.isOut = true;
  world.enriching.restart(true);
  await world.silence();
  await world.redrive();
  expect(world.countsOf('u0')).toEqual({ applied: 1, duplicate: 2, parked: 0 });
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
