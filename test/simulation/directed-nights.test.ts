/** The interleavings of `proof` that have a night in them. */
import { expect, test } from 'vitest';
import { auditServed, servedTags } from './audit-nights.ts';
import { DAY_MS, history, viewed } from './history.ts';
import { CURSED_DEVICE } from './workload.ts';
import { definitions, START_MS } from './world.ts';

const MIDNIGHT = (Math.floor(START_MS / DAY_MS) + 1) * DAY_MS;
const MINUTE_MS = 60_000;
const HOUR_MS = 60 * MINUTE_MS;

type World = ReturnType<typeof history>;

const ordered = (world: World, eventId: string, more: object = {}) =>
  viewed(eventId, {
    event: 'Order Completed',
    timestamp: new Date(world.scheduler.nowMs).toISOString(),
    properties: { order_id: `o-${eventId}`, total: 10 },
    ...more,
  });

const served = (world: World, name: string, user = 'u0') =>
  servedTags({ ...world, definitions }, `main#${user}`, world.scheduler.nowMs).get(name);

const auditAll = (world: World): void => {
  for (const user of world.auditor.users)
    auditServed({ ...world, definitions }, user, world.scheduler.nowMs);
};

const eventsOf = ({ night }: World) => night.tables.rowsOf('events');

/** Every row of every table, in one order, whichever run wrote it. */
const tablesOf = ({ night: { tables } }: World) => {
  const { tags_loaded: _, ...others } = tables.text();
  const loaded = tables.rowsOf('tags_loaded').map(({ run_id: __, ...row }) => JSON.stringify(row));
  return { ...others, loaded: loaded.toSorted((left, right) => (left < right ? -1 : 1)) };
};

const sendAt = async (world: World, atMs: number, event: (world: World) => object) => {
  await world.at(atMs, () => undefined);
  await world.send([event(world) as ReturnType<typeof viewed>]);
};

test('16: resent at 23:59:59.9 and 00:00:00.1 with another sentAt: one row, counted once at every read', async () => {
  const world = history();
  const timestamp = new Date(MIDNIGHT - MINUTE_MS).toISOString();
  for (const atMs of [MIDNIGHT - 100, MIDNIGHT + 100]) {
    const sentAt = new Date(atMs - 45_000).toISOString();
    await sendAt(world, atMs, () => ordered(world, 'twice', { timestamp, sentAt }));
    expect(served(world, 'orders_total')).toEqual({ value: 1, partial: false });
  }
  for (let nights = 0; nights < 3; nights += 1) {
    await world.nextNight();
    expect(served(world, 'orders_total')).toEqual({ value: 1, partial: false });
    expect(served(world, 'orders_30d')).toEqual({ value: 1, partial: false });
  }
  expect(eventsOf(world).map(({ dup }) => dup)).toEqual(['false', 'true']);
});

test('17: an object 20 h late, as its delivery says: the cut waits for it', async () => {
  const world = history();
  world.lake.enriched.delay(20 * HOUR_MS);
  await world.send([ordered(world, 'late')]);
  await world.at(MIDNIGHT - HOUR_MS, () => undefined);
  await world.send([ordered(world, 'later')]);
  await world.nextNight();
  expect(eventsOf(world).length).toBe(1);
  expect(served(world, 'orders_total')?.value).toBe(2);
  await world.nextNight();
  expect(eventsOf(world).length).toBe(2);
  expect(served(world, 'orders_total')).toEqual({ value: 2, partial: false });
});

test('17: an object 20 h late of which nobody says anything: right after the next night', async () => {
  const world = history();
  await world.send([ordered(world, 'early')]);
  await world.at(MIDNIGHT - 20 * MINUTE_MS, () => undefined);
  world.lake.enriched.delay(20 * HOUR_MS);
  world.lake.enriched.isSilent = true;
  await world.send([ordered(world, 'late')]);
  const { onLoaded } = world.night.runs;
  world.night.runs.onLoaded = () => undefined;
  await world.nextNight();
  expect(eventsOf(world).length).toBe(1);
  world.night.runs.onLoaded = onLoaded;
  await world.nextNight();
  expect(eventsOf(world).length).toBe(2);
  expect(served(world, 'orders_total')).toEqual({ value: 2, partial: false });
});

test('18: stopped between the last loaded file and mark loaded: the next run leaves what one would', async () => {
  const whole = history();
  const stopped = history();
  const { machine } = stopped.night;
  machine.onTask = ({ step, input }) => {
    if (step !== 'mark-loaded') return;
    machine.onTask = () => undefined;
    machine.stop(input);
  };
  for (const world of [whole, stopped]) {
    await world.send([ordered(world, 'a'), ordered(world, 'b', { userId: 'u1' })]);
    await world.nextNight();
  }
  expect([...machine.runs.values()].map(({ step }) => step)).toEqual(['mark-loaded', 'finish']);
  expect(tablesOf(stopped)).toEqual(tablesOf(whole));
  expect([...stopped.table.offs.keys()]).toEqual([...whole.table.offs.keys()]);
  auditAll(stopped);
});

test('19: two triggers at once are one run', async () => {
  const world = history();
  await world.send([ordered(world, 'a')]);
  await world.at(MIDNIGHT + 2 * HOUR_MS, () => {
    world.night.trigger();
    world.night.trigger();
  });
  expect([...world.night.machine.runs.values()].map(({ step }) => step)).toEqual(['finish']);
  auditAll(world);
});

test('19: a trigger whose holder died: what it wanted is begun in its place', async () => {
  const world = history();
  await world.send([ordered(world, 'a')]);
  world.nightFaults.plan('start of a run fails before its effect');
  await world.at(MIDNIGHT + 2 * HOUR_MS, () => world.night.trigger());
  const flight = await world.night.runs.kept.flight();
  expect(flight).toBeUndefined();
  expect([...world.night.machine.runs.values()].map(({ step }) => step)).toEqual(['finish']);
});

test('19: a holder whose execution was stopped is taken over', async () => {
  const world = history();
  await world.send([ordered(world, 'a')]);
  const { machine } = world.night;
  machine.onTask = ({ input }) => {
    machine.onTask = () => undefined;
    machine.stop(input);
  };
  await world.nextNight();
  expect(machine.runs.size).toBe(2);
  expect(served(world, 'orders_total')).toEqual({ value: 1, partial: false });
  expect(world.table.offs.size).toBe(1);
});

test('20: a user falls out of orders_30d with no new event', async () => {
  const world = history();
  await world.send([ordered(world, 'a')]);
  for (let nights = 0; nights < 3; nights += 1) await world.nextNight();
  expect(served(world, 'orders_30d')).toEqual({ value: 1, partial: false });
  await world.at(START_MS + 29 * DAY_MS, () => undefined);
  expect(served(world, 'orders_30d')).toEqual({ value: 1, partial: false });
  await world.at(START_MS + 30 * DAY_MS, () => undefined);
  expect(served(world, 'orders_30d')).toEqual({ value: 0, partial: false });
  await world.nextNight();
  expect(served(world, 'orders_30d')).toEqual({ value: 0, partial: false });
  expect(served(world, 'orders_total')).toEqual({ value: 1, partial: false });
});

test('21: a recomputed day that a user has left', async () => {
  const world = history();
  await world.send([ordered(world, 'first', { userId: 'u1' })]);
  await world.at(MIDNIGHT - 10 * MINUTE_MS, () => undefined);
  const timestamp = new Date(world.scheduler.nowMs).toISOString();
  world.lake.enriched.delay(10 * HOUR_MS);
  world.lake.enriched.isSilent = true;
  await world.send([ordered(world, 'copy', { timestamp })]);
  await world.at(MIDNIGHT + MINUTE_MS, () => undefined);
  await world.send([ordered(world, 'copy', { timestamp })]);
  world.night.runs.onLoaded = () => undefined;
  await world.nextNight();
  const daysOfCopy = () => {
    const rows = world.night.tables.rowsOf('user_day');
    return new Set(rows.filter((row) => row.profile_key === 'u0').map((row) => row.arrival_day));
  };
  expect(daysOfCopy()).toEqual(new Set(['2026-11-25']));
  await world.nextNight();
  expect(daysOfCopy()).toEqual(new Set(['2026-11-24']));
  auditAll(world);
  expect(served(world, 'orders_total')).toEqual({ value: 1, partial: false });
});

test('25: enrich hours behind at the cut: what waits is neither lost nor counted twice', async () => {
  const world = history();
  await world.send([ordered(world, 'a')]);
  await world.at(MIDNIGHT - 2 * HOUR_MS, () => undefined);
  world.enriching.hold();
  await world.send([ordered(world, 'waits')]);
  await world.nextNight();
  expect(served(world, 'orders_total')).toEqual({ value: 1, partial: false });
  world.enriching.release();
  await world.silence();
  expect(served(world, 'orders_total')).toEqual({ value: 2, partial: false });
  auditAll(world);
  for (let nights = 0; nights < 2; nights += 1) {
    await world.nextNight();
    expect(served(world, 'orders_total')).toEqual({ value: 2, partial: false });
  }
});

test('25: spilled before the cut and drained after it', async () => {
  const world = history();
  await world.send([ordered(world, 'a')]);
  await world.at(MIDNIGHT - MINUTE_MS, () => undefined);
  world.raw.awayUntilMs = MIDNIGHT + 10 * MINUTE_MS;
  await world.send([ordered(world, 'spilled')]);
  expect(world.scheduler.nowMs).toBeGreaterThan(MIDNIGHT);
  for (let nights = 0; nights < 2; nights += 1) {
    expect(served(world, 'orders_total')).toEqual({ value: 2, partial: false });
    await world.nextNight();
    auditAll(world);
  }
});

test('25: parked, and redriven days later', async () => {
  const world = history();
  const cursed = { context: { device: { type: CURSED_DEVICE } } };
  await world.send([ordered(world, 'a'), ordered(world, 'parked', cursed)]);
  for (let nights = 0; nights < 3; nights += 1) await world.nextNight();
  expect(served(world, 'orders_total')).toEqual({ value: 1, partial: false });
  await world.redrive();
  for (let nights = 0; nights < 3; nights += 1) {
    expect(served(world, 'orders_total')).toEqual({ value: 2, partial: false });
    await world.nextNight();
    auditAll(world);
  }
});

test('25: two copies around the cut, the second of which is delivered before the first', async () => {
  const world = history();
  const timestamp = new Date(MIDNIGHT - 2 * MINUTE_MS).toISOString();
  world.lake.enriched.delay(5 * HOUR_MS);
  await sendAt(world, MIDNIGHT - 100, () => ordered(world, 'copy', { timestamp }));
  await sendAt(world, MIDNIGHT + 2 * MINUTE_MS, () => ordered(world, 'copy', { timestamp }));
  for (let nights = 0; nights < 3; nights += 1) {
    await world.nextNight();
    expect(served(world, 'orders_total')).toEqual({ value: 1, partial: false });
    auditAll(world);
  }
});

test('25: an old off, and a user idle for nine days: right, or partial until the night', async () => {
  const world = history();
  await world.send([ordered(world, 'a')]);
  await world.nextNight();
  await world.send([ordered(world, 'b')]);
  await world.at(world.scheduler.nowMs + 9 * DAY_MS, () => undefined);
  await world.send([ordered(world, 'c')]);
  const { value, partial } = served(world, 'orders_total') ?? {};
  expect(partial === true || value === 3).toBe(true);
  await world.nextNight();
  expect(served(world, 'orders_total')).toEqual({ value: 3, partial: false });
  auditAll(world);
});

test('25: a profile is right at each step of a load', async () => {
  const world = history();
  const users = Array.from({ length: 8 }, (_, n) => `u${n}`);
  await world.send(users.map((userId) => ordered(world, 'a', { userId })));
  await world.nextNight();
  await world.send(users.map((userId) => ordered(world, 'b', { userId })));
  await world.at(MIDNIGHT + DAY_MS + HOUR_MS, () => undefined);
  await world.send(users.map((userId) => ordered(world, 'c', { userId })));
  let steps = 0;
  world.table.onWritten = (item) => {
    if (!item.startsWith('off ')) return;
    steps += 1;
    for (const user of users)
      expect(served(world, 'orders_total', user)).toEqual({ value: 3, partial: false });
  };
  await world.nextNight();
  expect(steps).toBe(users.length);
});

test('26: mappings made anew at TRIM_HORIZON: the lake has each line once by its key', async () => {
  const world = history();
  await world.send([ordered(world, 'a')]);
  world.raw.reshard();
  await world.nextNight();
  const before = eventsOf(world);
  world.enriching.restart(true);
  world.aggregating.restart(true);
  await world.silence();
  const objects = world.lake.enriched.everything().length;
  expect(objects).toBeGreaterThan(1);
  await world.nextNight();
  expect(eventsOf(world)).toEqual(before);
  expect(served(world, 'orders_total')).toEqual({ value: 1, partial: false });
});

test('30: a line and the stub of it, whichever lands first: the lake has the line', async () => {
  for (const isOutFirst of [true, false]) {
    const world = history();
    world.bug.isOut = isOutFirst;
    await world.send([ordered(world, 'e', { context: { device: { type: CURSED_DEVICE } } })]);
    world.bug.isOut = !isOutFirst;
    world.enriching.restart(true);
    await world.silence();
    const rows = () => eventsOf(world).map(({ stub }) => stub);
    world.night.runs.onLoaded = () => undefined;
    await world.nextNight();
    expect(rows()).toEqual(['false']);
    await world.redrive();
    for (let nights = 0; nights < 2; nights += 1) await world.nextNight();
    expect(rows()).toEqual(['false', 'false', 'false']);
    expect(served(world, 'orders_total')).toEqual({ value: 1, partial: false });
  }
});

test('31: in the lake, too, two users with the same eventId both count', async () => {
  const world = history();
  await world.send([ordered(world, 'same'), ordered(world, 'same', { userId: 'u1' })]);
  for (let nights = 0; nights < 2; nights += 1) await world.nextNight();
  for (const user of ['u0', 'u1'])
    expect(served(world, 'orders_total', user)).toEqual({ value: 1, partial: false });
  expect(eventsOf(world).map(({ dup }) => dup)).toEqual(['false', 'false']);
});

test('an order told again by a copy, and once more when the first is a month ago, counts again', async () => {
  const world = history();
  const order = { properties: { order_id: 'same', total: 10 } };
  await world.send([ordered(world, 'first', order)]);
  await world.nextNight();
  await world.at(START_MS + 20 * DAY_MS, () => undefined);
  await world.send([ordered(world, 'first', order)]);
  await world.nextNight();
  await world.at(START_MS + 40 * DAY_MS, () => undefined);
  await world.send([ordered(world, 'other', order)]);
  for (let nights = 0; nights < 2; nights += 1) await world.nextNight();
  const told = eventsOf(world).map(({ event_id: id, dup, again }) => [id, dup, again]);
  expect(told).toEqual([
    ['first', 'false', 'false'],
    ['first', 'true', 'false'],
    ['other', 'false', 'false'],
  ]);
  expect(served(world, 'orders_total')).toEqual({ value: 2, partial: false });
  auditAll(world);
});

test('a run that failed had brought the totals further: the next one’s cut does not go back', async () => {
  const world = history();
  await world.send([ordered(world, 'a')]);
  await world.nextNight();
  await world.send([ordered(world, 'b')]);
  for (let nights = 0; nights < 2; nights += 1) await world.nextNight();
  const { machine } = world.night;
  // Stopped behind its totals; then the delivery stands still, and the lags with it.
  machine.onTask = ({ step, input }) => {
    if (step !== 'tags') return;
    machine.onTask = () => undefined;
    machine.stop(input);
    world.lake.enriched.standsStillMs = 30 * HOUR_MS;
  };
  await world.nextNight();
  world.lake.enriched.standsStillMs = 0;
  expect(served(world, 'orders_total')).toEqual({ value: 2, partial: false });
  auditAll(world);
});

test('a copy that slips past the ring is served wrong by just that copy, and right after the night', async () => {
  const world = history();
  const first = ordered(world, 'slips');
  await world.send([first]);
  // More events, requests and orders than the memory of a user holds.
  for (let n = 0; n < 33; n += 1)
    await world.send([
      ...Array.from({ length: 4 }, (_, m) => viewed(`v-${n}-${m}`)),
      ordered(world, `o-${n}`),
    ]);
  expect(served(world, 'orders_total')).toEqual({ value: 34, partial: false });
  await world.send([first]);
  expect(served(world, 'orders_total')).toEqual({ value: 35, partial: false });
  expect(served(world, 'ltv_total')).toEqual({ value: 350_000_000, partial: false });
  await world.nextNight();
  expect(served(world, 'orders_total')).toEqual({ value: 34, partial: false });
  expect(served(world, 'ltv_total')).toEqual({ value: 340_000_000, partial: false });
  auditAll(world);
});

test('fresh users, and no night ever: every answer is right or says partial', async () => {
  const world = history();
  for (let day = 0; day < 12; day += 1) {
    await world.send([
      ordered(world, `a-${day}`),
      ordered(world, `b-${day}`, { userId: `u${day + 1}` }),
    ]);
    auditAll(world);
    expect(world.table.offs.size).toBe(0);
    expect(served(world, 'orders_total')).toEqual({ value: day + 1, partial: false });
    await world.at(world.scheduler.nowMs + DAY_MS, () => undefined);
  }
});

test('14: a load of many users during traffic: live updates are no later, and the load keeps its pace', async () => {
  const world = history();
  const users = Array.from({ length: 1_200 }, (_, n) => `l${n}`);
  for (let from = 0; from < users.length; from += 400)
    await world.send(users.slice(from, from + 400).map((userId) => viewed('first', { userId })));
  const { scheduler, table, updates } = world;
  const savedAtMs: number[] = [];
  const sentAtMs = new Map<string, number>();
  const delaysMs: number[] = [];
  table.onWritten = (item) => {
    if (!item.startsWith('off ')) return;
    savedAtMs.push(scheduler.nowMs);
    // Somebody does something every now and then, as long as the load goes on.
    if (savedAtMs.length % 20 !== 0) return;
    const userId = `live-${savedAtMs.length}`;
    sentAtMs.set(`main#${userId}`, scheduler.nowMs);
    void world.post([viewed('live', { userId })]);
  };
  const { onLanded } = updates;
  updates.onLanded = (record, shardId) => {
    const sent = sentAtMs.get(record.partitionKey);
    if (sent !== undefined) delaysMs.push(scheduler.nowMs - sent);
    onLanded(record, shardId);
  };
  await world.nextNight();
  expect(savedAtMs.length).toBe(users.length);
  expect(delaysMs.length).toBeGreaterThanOrEqual(60);
  const p99 = delaysMs.toSorted((left, right) => left - right)[Math.floor(0.99 * delaysMs.length)];
  expect(p99).toBeLessThan(2_000);
  // Four copies of the function, each at its pace, which is of chunks of 50.
  const inASecond = (atMs: number) =>
    savedAtMs.filter((each) => each >= atMs && each < atMs + 1_000).length;
  expect(Math.max(...savedAtMs.map(inASecond))).toBeLessThanOrEqual(4 * 2 * 50);
  auditAll(world);
});
