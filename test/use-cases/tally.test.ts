/** Whatever is delivered again, cut anew, or written late: each applied change counts once. */
import type { DynamoDBRecord } from 'aws-lambda';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { MemoryTallyStore } from '../../functions/adapters/memory-tally-store.ts';
import { decodeMinuteSums, totalsOf } from '../../functions/core/analytics/minute-sums.ts';
import type { TallyStore } from '../../functions/ports/tally-store.ts';
import { tally } from '../../functions/tally/tally.ts';

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

const silent = { counted: () => undefined, fault: () => undefined };

const started = (store: TallyStore) => tally({ store, now: () => 0, report: silent });

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
    now: () => 0,
    report: { ...silent, counted: ({ unreadable }) => told.push(unreadable) },
  });
  const [first, second] = batch(0, 2);
  const broken = { ...first, dynamodb: { ...first?.dynamodb, NewImage: { fx: { S: '{' } } } };
  await handle({ Records: [broken, second ?? {}], shardId: 's' }, CONTEXT);
  expect(told).toEqual([1]);
  expect(counted(store).applied).toBe(1);
});

test('the feed keeps the last 25 in order, is written once a second, and not twice the same', async () => {
  const store = new MemoryTallyStore();
  let nowMs = 10_000;
  const handle = tally({ store, now: () => nowMs, report: silent });
  const shown = (): number | undefined => [...store.feedRows.values()][0]?.events.length;
  await handle({ Records: batch(0, 3), shardId: 's' }, CONTEXT);
  expect(shown()).toBe(3);
  nowMs += 999;
  await handle({ Records: batch(3, 5), shardId: 's' }, CONTEXT);
  expect(shown()).toBe(3);
  nowMs += 1;
  await handle({ Records: [], shardId: 's', isFinalInvokeForWindow: true }, CONTEXT);
  expect(shown()).toBe(5);
  nowMs += 1_000;
  await handle({ Records: batch(0, 40), shardId: 's' }, CONTEXT);
  const ids = [...store.feedRows.values()][0]?.events.map(({ id }) => id) ?? [];
  expect(ids).toHaveLength(25);
  expect(new Set(ids).size).toBe(25);
  expect(ids).toEqual([...new Set(ids)].sort((left, right) => (left < right ? -1 : 1)));
});
