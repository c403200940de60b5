/**
 * `tally` under the shipped mapping: batches are bisected, cut at what failed, delivered again after
 * a crash, and go on in a child shard. The rows must say what a slow count of the changes says.
 */
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { memoryItemDemand } from '../../functions/adapters/memory-item-demand.ts';
import { MemoryTallyStore } from '../../functions/adapters/memory-tally-store.ts';
import { decodeMinuteSums, totalsOf } from '../../functions/core/analytics/minute-sums.ts';
import { tilesByUser } from '../../functions/core/analytics/page-view-list.ts';
import { decodeSessionSums } from '../../functions/core/analytics/session-sums.ts';
import { estimateOf, unionOf } from '../../functions/core/analytics/sketch.ts';
import type { TallyStore } from '../../functions/ports/tally-store.ts';
import type { TableStreamEvent } from '../../functions/runtime/table-stream-batch.ts';
import { tally } from '../../functions/tally/tally.ts';
import { type Call, ERROR, World } from '../core/engines/mapping-world.ts';

const MINUTE = 29_000_000;
const DAY = Math.floor(MINUTE / 1_440);
const CONTEXT = { getRemainingTimeInMillis: () => 60_000 };
const NAMES = ['$page', 'Product Added', 'Order Completed'] as const;

interface Event {
  readonly name: (typeof NAMES)[number];
  readonly region: 'EMEA' | 'APAC';
  /** Tile of 30 s after the minute's start. */
  readonly tile: number;
  readonly valueMicros: number;
}

interface Minute {
  readonly minute: number;
  readonly duplicate: number;
  readonly parked: number;
  readonly orders: number;
  readonly events: readonly Event[];
}

interface Change {
  readonly user: string;
  readonly minutes: readonly Minute[];
  readonly sessions: number;
}

const events: fc.Arbitrary<Event> = fc.record({
  name: fc.constantFrom(...NAMES),
  region: fc.constantFrom('EMEA', 'APAC'),
  tile: fc.nat(2),
  valueMicros: fc.integer({ min: -5, max: 5 }),
});

const changes: fc.Arbitrary<Change> = fc.record({
  user: fc.constantFrom('ann', 'bob', 'eve'),
  minutes: fc.uniqueArray(
    fc.record({
      minute: fc.nat({ max: 3 }).map((n) => MINUTE + n),
      duplicate: fc.nat(2),
      parked: fc.nat(1),
      orders: fc.integer({ min: -1, max: 1 }),
      events: fc.array(events, { maxLength: 3 }),
    }),
    { minLength: 1, maxLength: 3, selector: ({ minute }) => minute },
  ),
  sessions: fc.integer({ min: -1, max: 2 }),
});

const tileStart = ({ minute }: Minute, { tile }: Event): number => minute * 60_000 + tile * 30_000;

const fxOf = ({ minutes, sessions }: Change): string =>
  JSON.stringify({
    minutes: minutes.map(({ events: mine, ...counts }) => ({ ...counts, applied: mine.length })),
    strings: [...NAMES, 'EMEA', 'APAC'],
    events: minutes.flatMap((minute) =>
      minute.events.map((event) => [
        tileStart(minute, event),
        NAMES.indexOf(event.name),
        -1,
        event.region === 'EMEA' ? 3 : 4,
        -1,
        -1,
        event.valueMicros,
        [],
      ]),
    ),
    before: [],
    sessions: [{ day: DAY, sessions, bounces: 0, durationMs: 1, entries: {}, exits: {} }],
    lateForSessions: 0,
    cut: 0,
  });

const nonZero = (sums: Record<string, number>): Record<string, number> =>
  Object.fromEntries(Object.entries(sums).filter(([, sum]) => sum !== 0));

/** By what a row is asked for, one line each: slow, and nothing that `tally` uses. */
const oracle = (all: readonly Change[]): Record<string, number> => {
  const sums: Record<string, number> = {};
  const users = new Map<string, Set<string>>();
  const add = (what: string, count: number): void => {
    sums[what] = (sums[what] ?? 0) + count;
  };
  for (const { user, minutes, sessions } of all) {
    for (const minute of minutes) {
      const of = (what: string): string => `${minute.minute} ${what}`;
      add(of('applied'), minute.events.length);
      add(of('duplicate'), minute.duplicate);
      add(of('parked'), minute.parked);
      add(of('orders'), minute.orders);
      add('orders of the day', minute.orders);
      for (const event of minute.events) {
        add(of('revenue'), event.valueMicros);
        add('revenue of the day', event.valueMicros);
        add(of(`name ${event.name}`), 1);
        add(of(`region ${event.region}`), 1);
        const known = users.get(of('users')) ?? new Set();
        users.set(of('users'), known.add(user));
        if (event.name === '$page') add(`views of ${user} at ${tileStart(minute, event)}`, 1);
      }
    }
    add('sessions of the day', sessions);
    add('duration of the day', 1);
  }
  for (const [what, known] of users) sums[what] = known.size;
  return nonZero(sums);
};

const counted = async (store: MemoryTallyStore): Promise<Record<string, number>> => {
  const sums: Record<string, number> = {};
  const set = (what: string, count: number): void => {
    sums[what] = (sums[what] ?? 0) + count;
  };
  const minutes = [0, 1, 2, 3].map((n) => MINUTE + n);
  const rows = await store.minutes('main', minutes);
  for (const [place, minute] of minutes.entries()) {
    const mine = (rows[place] ?? []).map((row) => decodeMinuteSums(row.sums));
    const totals = totalsOf(mine);
    set(`${minute} applied`, totals.applied);
    set(`${minute} duplicate`, totals.duplicate);
    set(`${minute} parked`, totals.parked);
    set(`${minute} orders`, totals.orders);
    set(`${minute} revenue`, totals.revenueMicros);
    for (const [name, count] of totals.names.byName) set(`${minute} name ${name}`, count);
    for (const [name, count] of totals.regions.byName) set(`${minute} region ${name}`, count);
    set(`${minute} users`, estimateOf(unionOf(mine.map(({ users }) => users))).value);
    for (const [user, tiles] of tilesByUser(mine.map(({ pageViews }) => pageViews))) {
      for (const [tile, count] of tiles) set(`views of ${user} at ${tile * 30_000}`, count);
    }
  }
  for (const row of await store.sessions('main', DAY)) {
    const { orders, revenueMicros, days } = decodeSessionSums(row.sums);
    set('orders of the day', orders);
    set('revenue of the day', revenueMicros);
    set('sessions of the day', days.get(DAY)?.sessions ?? 0);
    set('duration of the day', days.get(DAY)?.durationMs ?? 0);
  }
  return nonZero(sums);
};

/** What befalls a call; of saves, from which one on. */
interface Mishap {
  readonly kind: 'none' | 'save fails' | 'answer of save lost' | 'timeout' | 'killed' | 'crash';
  readonly save: number;
}

const mishaps: fc.Arbitrary<Mishap> = fc.record({
  kind: fc.constantFrom('none', 'save fails', 'answer of save lost', 'timeout', 'killed', 'crash'),
  save: fc.nat(4),
});

const troubled = (store: TallyStore, { kind, save: from }: Mishap): TallyStore => {
  let saves = 0;
  return {
    load: store.load,
    loadFeed: store.loadFeed,
    saveFeed: store.saveFeed,
    save: async (...row) => {
      saves += 1;
      const isHit = saves > from;
      if (isHit && kind === 'save fails') throw new Error('throttled');
      const saved = await store.save(...row);
      if (isHit && kind === 'answer of save lost') throw new Error('timeout');
      return saved;
    },
  };
};

const silent = { counted: () => undefined, demand: () => undefined, fault: () => undefined };
const SHARD = 'shardId-000000000000';
const CHILD = 'shardId-000000000001';

const tableWorld = (all: readonly Change[], rollsAt: number, batchSize: number): World => {
  const world = new World({
    kind: 'dynamodb',
    batchSize,
    bisect: true,
    reportItemFailures: true,
    tumblingMs: 900_000,
  });
  for (const [place, change] of all.entries()) {
    const sequenceNumber = String(10n ** 22n + BigInt(place));
    if (place === rollsAt) world.addShard(CHILD, [SHARD]);
    world.records.get(place < rollsAt ? SHARD : CHILD)?.push({
      sequenceNumber,
      orderKey: change.user,
      arrivedAtMs: world.nowMs,
      bytes: 100,
      body: {
        eventName: 'MODIFY',
        dynamodb: {
          Keys: { pk: { S: `u#main#${change.user}` }, sk: { S: 'rt' } },
          NewImage: { fx: { S: fxOf(change) } },
          SequenceNumber: sequenceNumber,
          ApproximateCreationDateTime: world.nowMs / 1_000,
        },
      },
    });
  }
  if (rollsAt < all.length) world.close(SHARD);
  return world;
};

/** Runs until nothing is left, with a mishap for each of the first calls. */
const run = async (world: World, store: TallyStore, planned: readonly Mishap[]): Promise<void> => {
  const waiting = [...planned];
  let port = store;
  const through: TallyStore = {
    load: (...given) => port.load(...given),
    save: (...given) => port.save(...given),
    loadFeed: (...given) => port.loadFeed(...given),
    saveFeed: (...given) => port.saveFeed(...given),
  };
  const start = () =>
    tally({
      store: through,
      demand: memoryItemDemand(),
      now: () => world.nowMs,
      sleep: async () => undefined,
      report: silent,
    });
  let handle = start();
  const answer = async (call: Call, { kind, save }: Mishap): Promise<void> => {
    port = troubled(store, { kind, save });
    const answered = await handle(call.event as TableStreamEvent, CONTEXT);
    if (kind === 'killed') handle = start();
    if (kind === 'crash') world.crash();
    else if (kind === 'timeout' || kind === 'killed') world.answer(call.id, ERROR);
    else world.answer(call.id, { payload: JSON.stringify(answered) });
  };
  world.look();
  for (let steps = 0; steps < 5_000; steps += 1) {
    const [call] = world.out.values();
    if (call !== undefined) await answer(call, waiting.shift() ?? { kind: 'none', save: 0 });
    else if (world.engine.idle() && world.wakeAtMs === null) return;
    else {
      world.nowMs = Math.max(world.nowMs + 1, world.wakeAtMs ?? 0);
      world.look();
    }
  }
  expect.fail('the mapping never comes to rest');
};

test('whatever befalls its calls, the rows say what a slow count says: nothing lost, nothing twice', async () => {
  const seen = { bisected: 0, again: 0, finals: 0 };
  await fc.assert(
    fc.asyncProperty(
      fc.array(changes, { minLength: 1, maxLength: 14 }),
      fc.array(mishaps, { maxLength: 12 }),
      fc.nat(14),
      fc.integer({ min: 1, max: 8 }),
      async (all, planned, rollsAt, batchSize) => {
        const store = new MemoryTallyStore();
        const world = tableWorld(all, rollsAt, batchSize);
        await run(world, store, planned);
        const sizes = world.calls.map(({ sequences }) => sequences.length);
        seen.again += sizes.reduce((sum, size) => sum + size, 0) - all.length;
        seen.bisected += sizes.filter((size, n) => size * 2 === sizes[n - 1]).length;
        seen.finals += sizes.filter((size) => size === 0).length;
        expect(await counted(store)).toEqual(oracle(all));
      },
    ),
    { numRuns: 300 },
  );
  expect(Math.min(...Object.values(seen))).toBeGreaterThan(100);
}, 60_000);
