/** Whatever is delivered again, cut anew, or written late: each applied change counts once. */
import type { DynamoDBRecord } from 'aws-lambda';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { memoryItemDemand } from '../../functions/adapters/memory-item-demand.ts';
import { MemoryTallyStore } from '../../functions/adapters/memory-tally-store.ts';
import { decodeMinuteSums, totalsOf } from '../../functions/core/analytics/minute-sums.ts';
import type { TallyStore } from '../../functions/ports/tally-store.ts';
import { RECORDS_FULL, tally } from '../../functions/tally/tally.ts';

const CONTEXT = { getRemainingTimeInMillis: () => 60_000 };
const MINUTE = 29_000_000;

interface Made {
  readonly user: string;
  readonly minutes: readonly { readonly minute: number; readonly applied: number }[];
}

const fxOf = ({ minutes }: Made): string => {
  const applied = minutes.reduce((sum, one) => sum + one.applied, 0);
  return JSON.stringify({
    minutes: minutes.map(({ minute, applied: count }) => ({
      minute: MINUTE + minute,
      applied: count,
      duplicate: 1,
      parked: 0,
      ...(count > 1 ? { orders: 1 } : {}),
    })),
    strings: ['$page', 'EMEA'],
    events: Array.from({ length: applied }, () => [
      MINUTE * 60_000,
      0,
      -1,
      1,
      -1,
      -1,
      2_000_000,
      [],
    ]),
    before: [],
    sessions: [
      { day: 20_138, sessions: 1, bounces: 0, durationMs: 5, entries: { '/': 1 }, exits: {} },
    ],
    lateForSessions: 0,
    cut: 0,
  });
};

/** Ten changes cross from 22 to 23 digits. */
const FIRST_SEQUENCE = 10n ** 22n - 5n;

const recordOf = (made: Made, place: number): DynamoDBRecord => ({
  eventName: 'MODIFY',
  dynamodb: {
    Keys: { pk: { S: `u#main#${made.user}` }, sk: { S: 'rt' } },
    NewImage: { fx: { S: fxOf(made) } },
    SequenceNumber: String(FIRST_SEQUENCE + BigInt(place)),
    ApproximateCreationDateTime: 1_740_000_000,
  },
});

const changes = fc.array(
  fc.record({
    user: fc.constantFrom('ann', 'bob', 'eve'),
    minutes: fc.uniqueArray(
      fc.record({ minute: fc.nat({ max: 2 }), applied: fc.nat({ max: 3 }) }),
      { minLength: 1, maxLength: 3, selector: ({ minute }) => minute },
    ),
  }),
  { minLength: 1, maxLength: 12 },
);

const silent = { counted: () => undefined, demand: () => undefined, fault: () => undefined };

const nobodySleeps = () => Promise.reject(new Error('nothing to wait for'));

/** The clock goes on by a second with every call: no feed ever has to wait. */
const started = (store: TallyStore) => {
  let nowMs = 0;
  const now = (): number => {
    nowMs += 1_000;
    return nowMs;
  };
  return tally({ store, demand: memoryItemDemand(), now, sleep: nobodySleeps, report: silent });
};

interface Sums {
  readonly applied: number;
  readonly duplicate: number;
  readonly orders: number;
  readonly pages: number;
  readonly revenueMicros: number;
}

const expected = (made: readonly Made[]): Sums => {
  const minutes = made.flatMap((one) => one.minutes);
  const applied = minutes.reduce((sum, one) => sum + one.applied, 0);
  return {
    applied,
    duplicate: minutes.length,
    orders: minutes.filter((one) => one.applied > 1).length,
    pages: applied,
    revenueMicros: 2_000_000 * applied,
  };
};

const counted = ({ rows }: MemoryTallyStore): Sums => {
  const sums = [...rows]
    .filter(([key]) => key.startsWith('m#'))
    .map(([, row]) => decodeMinuteSums(row.sums));
  const { applied, duplicate, orders, names, revenueMicros } = totalsOf(sums);
  const pages = names.byName.get('$page') ?? 0;
  return { applied, duplicate, orders, pages, revenueMicros };
};

const wanted = (made: readonly Made[]): Sums => expected(made);

test('cut into any batches, each delivered again and again, all counts once', async () => {
  await fc.assert(
    fc.asyncProperty(
      changes,
      fc.array(fc.tuple(fc.nat({ max: 6 }), fc.nat({ max: 12 }), fc.boolean()), { maxLength: 20 }),
      async (made, deliveries) => {
        const store = new MemoryTallyStore();
        const records = made.map(recordOf);
        let handle = started(store);
        let done = 0;
        const deliver = async (from: number, size: number): Promise<void> => {
          const Records = records.slice(from, from + size);
          const answer = await handle({ Records, shardId: 'shardId-1' }, CONTEXT);
          expect(answer).toEqual({ state: {}, batchItemFailures: [] });
          if (from <= done) done = Math.max(done, from + Records.length);
        };
        for (const [back, size, killed] of deliveries) {
          if (killed) handle = started(store);
          await deliver(Math.max(0, done - back), size);
        }
        await deliver(done, records.length);
        expect(counted(store)).toEqual(wanted(made));
      },
    ),
    { numRuns: 300 },
  );
});

test('killed after any number of rows, then cut anew, all counts once', async () => {
  await fc.assert(
    fc.asyncProperty(
      changes,
      fc.array(fc.tuple(fc.nat({ max: 4 }), fc.integer({ min: 1, max: 12 })), { maxLength: 10 }),
      async (made, cuts) => {
        const store = new MemoryTallyStore();
        const records = made.map(recordOf);
        for (const [savesLeft, size] of cuts) {
          let left = savesLeft;
          const dying: TallyStore = {
            load: store.load,
            loadFeed: store.loadFeed,
            saveFeed: store.saveFeed,
            save: async (...row) => {
              left -= 1;
              if (left < 0) throw new Error('killed');
              return store.save(...row);
            },
          };
          await started(dying)({ Records: records.slice(0, size), shardId: 'shardId-1' }, CONTEXT);
        }
        const answer = await started(store)({ Records: records, shardId: 'shardId-1' }, CONTEXT);
        expect(answer.batchItemFailures).toEqual([]);
        expect(counted(store)).toEqual(wanted(made));
      },
    ),
    { numRuns: 300 },
  );
});

const batch = (from: number, to: number): DynamoDBRecord[] =>
  Array.from({ length: to - from }, (_, place) =>
    recordOf({ user: 'ann', minutes: [{ minute: 0, applied: 1 }] }, from + place),
  );

test('a zombie that read before the retry wrote changes nothing', async () => {
  const store = new MemoryTallyStore();
  let wake = (): void => undefined;
  const woken = new Promise<void>((resolve) => {
    wake = resolve;
  });
  const asleep: TallyStore = {
    load: store.load,
    loadFeed: store.loadFeed,
    saveFeed: store.saveFeed,
    save: async (...row) => {
      await woken;
      return store.save(...row);
    },
  };
  await started(store)({ Records: batch(0, 2), shardId: 'parent' }, CONTEXT);
  const zombie = started(asleep)({ Records: batch(2, 8), shardId: 'parent' }, CONTEXT);
  await started(store)({ Records: batch(2, 5), shardId: 'parent' }, CONTEXT);
  await started(store)({ Records: batch(5, 10), shardId: 'parent' }, CONTEXT);
  // The shard has rolled meanwhile: the child has a row of its own.
  await started(store)({ Records: batch(10, 12), shardId: 'child' }, CONTEXT);
  wake();
  await zombie;
  expect(counted(store).applied).toBe(12);
  expect([...store.rows.keys()].filter((key) => key.startsWith('m#'))).toHaveLength(2);
});

test('of a batch whose rows failed the lowest change is named', async () => {
  const store = new MemoryTallyStore();
  const failing: TallyStore = {
    load: store.load,
    loadFeed: store.loadFeed,
    saveFeed: store.saveFeed,
    save: async (key, row, read) => {
      if (key.pk.endsWith(String(MINUTE + 1))) throw new Error('throttled');
      return store.save(key, row, read);
    },
  };
  const Records = [
    recordOf({ user: 'ann', minutes: [{ minute: 0, applied: 1 }] }, 0),
    recordOf({ user: 'ann', minutes: [{ minute: 1, applied: 1 }] }, 1),
    recordOf({ user: 'bob', minutes: [{ minute: 1, applied: 1 }] }, 2),
  ];
  const answer = await started(failing)({ Records, shardId: 's' }, CONTEXT);
  expect(answer.batchItemFailures).toEqual([
    { itemIdentifier: Records[1]?.dynamodb?.SequenceNumber },
  ]);
});

test('the empty call at a window’s end never fails; a call without a shard throws', async () => {
  const store = new MemoryTallyStore();
  const broken: TallyStore = { ...store, saveFeed: () => Promise.reject(new Error('away')) };
  const final = { Records: [], shardId: 's', isFinalInvokeForWindow: true };
  const handle = started({ ...broken, load: store.load, save: store.save });
  expect(await handle(final, CONTEXT)).toEqual({ state: {}, batchItemFailures: [] });
  await expect(handle({ Records: [] }, CONTEXT)).rejects.toThrow('names its shard');
});

test('effects that cannot be read are told and hold up nobody', async () => {
  const store = new MemoryTallyStore();
  const told: number[] = [];
  const handle = tally({
    store,
    demand: memoryItemDemand(),
    now: () => 0,
    sleep: nobodySleeps,
    report: { ...silent, counted: ({ unreadable }) => told.push(unreadable) },
  });
  const [first, second] = batch(0, 2);
  const broken = { ...first, dynamodb: { ...first?.dynamodb, NewImage: { fx: { S: '{' } } } };
  await handle({ Records: [broken, second ?? {}], shardId: 's' }, CONTEXT);
  expect(told).toEqual([1]);
  expect(counted(store).applied).toBe(1);
});

/** A clock that only sleeping and the test move; when the feed was written. */
const watched = () => {
  const store = new MemoryTallyStore();
  const world = { nowMs: 10_000, slept: 0 };
  const writtenAt: number[] = [];
  const noting: TallyStore = {
    load: store.load,
    save: store.save,
    loadFeed: store.loadFeed,
    saveFeed: async (row) => {
      writtenAt.push(world.nowMs);
      await store.saveFeed(row);
    },
  };
  const handle = tally({
    store: noting,
    demand: memoryItemDemand(),
    now: () => world.nowMs,
    sleep: async (ms) => {
      world.nowMs += ms;
      world.slept += ms;
    },
    report: silent,
  });
  const shown = (): readonly string[] =>
    [...store.feedRows.values()][0]?.events.map(({ id }) => id) ?? [];
  return { world, writtenAt, handle, shown };
};

test('the feed keeps the last 25 in order, and shows none twice', async () => {
  const { world, handle, shown } = watched();
  await handle({ Records: batch(0, 3), shardId: 's' }, CONTEXT);
  expect(shown()).toHaveLength(3);
  world.nowMs += 1_000;
  await handle({ Records: batch(0, 40), shardId: 's' }, CONTEXT);
  expect(shown()).toHaveLength(25);
  expect(shown()).toEqual([...new Set(shown())].sort((a, b) => (a < b ? -1 : 1)));
  expect(shown().at(-1)).toContain(String(FIRST_SEQUENCE + 39n));
});

test('a burst that ends within a second of the last write is shown before its call ends', async () => {
  const { world, writtenAt, handle, shown } = watched();
  await handle({ Records: batch(0, 3), shardId: 's' }, CONTEXT);
  world.nowMs += 300;
  await handle({ Records: batch(3, 5), shardId: 's' }, CONTEXT);
  expect(shown()).toHaveLength(5);
  expect(writtenAt).toEqual([10_000, 11_000]);
  expect(world.slept).toBe(700);
});

test('behind a full batch nobody waits: the next one shows it, or the end of the window', async () => {
  const { world, writtenAt, handle, shown } = watched();
  await handle({ Records: batch(0, 3), shardId: 's' }, CONTEXT);
  world.nowMs += 300;
  await handle({ Records: batch(3, 3 + RECORDS_FULL), shardId: 's' }, CONTEXT);
  expect(world.slept).toBe(0);
  await handle({ Records: [], shardId: 's', isFinalInvokeForWindow: true }, CONTEXT);
  expect(writtenAt).toEqual([10_000, 11_000]);
  expect(shown().at(-1)).toContain(String(FIRST_SEQUENCE + 2n + BigInt(RECORDS_FULL)));
});

test('however calls come, a feed is written at most once a second and lags by no more', async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.array(fc.tuple(fc.nat({ max: 1_500 }), fc.integer({ min: 1, max: 4 })), {
        minLength: 1,
        maxLength: 12,
      }),
      async (calls) => {
        const { world, writtenAt, handle, shown } = watched();
        let done = 0;
        for (const [pauseMs, size] of calls) {
          world.nowMs += pauseMs;
          const startedAtMs = world.nowMs;
          await handle({ Records: batch(done, done + size), shardId: 's' }, CONTEXT);
          done += size;
          expect(shown().at(-1)).toContain(String(FIRST_SEQUENCE + BigInt(done - 1)));
          expect(world.nowMs - startedAtMs).toBeLessThanOrEqual(1_000);
        }
        const pauses = writtenAt.slice(1).map((at, place) => at - (writtenAt[place] ?? 0));
        expect(Math.min(1_000, ...pauses)).toBe(1_000);
      },
    ),
  );
});

test('near the end of a call nobody waits, and a clock that was set back blocks no feed', async () => {
  const { world, handle, shown } = watched();
  await handle({ Records: batch(0, 1), shardId: 's' }, CONTEXT);
  await handle({ Records: batch(1, 2), shardId: 's' }, { getRemainingTimeInMillis: () => 1_400 });
  expect(world.slept).toBe(0);
  expect(shown()).toHaveLength(1);
  world.nowMs = 0;
  await handle({ Records: batch(2, 3), shardId: 's' }, CONTEXT);
  expect(shown()).toHaveLength(3);
  expect(world.slept).toBe(0);
});
