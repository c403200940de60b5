/** Items that events name exist at once, and never hold up what is counted. */
import type { DynamoDBRecord } from 'aws-lambda';
import { expect, test } from 'vitest';
import { memoryCatalogue } from '../../functions/adapters/memory-catalogue-store.ts';
import { memoryItemDemand } from '../../functions/adapters/memory-item-demand.ts';
import { MemoryTallyStore } from '../../functions/adapters/memory-tally-store.ts';
import type { Change } from '../../functions/core/analytics/effects.ts';
import { epochMs } from '../../functions/core/time.ts';
import { tally } from '../../functions/tally/tally.ts';
import {
  KNOWN,
  UNSEEN_MAX,
  type UnseenCounts,
  unseenItems,
} from '../../functions/tally/unseen-items.ts';

const changeOf = (tenant: string, ...ids: readonly string[]): Change => ({
  ...{ tenant, user: 'u', sequence: '1', at: epochMs(0) },
  effects: {
    ...{ sessions: [], lateForSessions: 0 },
    minutes: [
      {
        ...{ minute: 5, applied: ids.length, duplicate: 0, parked: 0 },
        events: ids.map((item) => ({
          ...{ at: epochMs(0), name: 'Product Viewed', category: undefined, region: undefined },
          ...{ page: undefined, campaign: undefined, valueMicros: 0 },
          lines: [{ item, priceMicros: 0 }],
        })),
      },
    ],
  },
});

const newWorld = () => {
  const { store, changes } = memoryCatalogue();
  const asked: (readonly string[])[] = [];
  const counts: UnseenCounts[] = [];
  const faults: unknown[] = [];
  const world = { nowMs: 1_000, isBroken: false };
  const put = unseenItems({
    catalogue: {
      putUnseen: async (tenant, items) => {
        asked.push(items.map(({ item }) => item.id));
        if (world.isBroken) throw new Error('away');
        return store.putUnseen(tenant, items);
      },
    },
    now: () => world.nowMs,
    report: { unseen: (count) => counts.push(count), fault: (fault) => faults.push(fault) },
  });
  return { store, changes, asked, counts, faults, world, put };
};

test('an item is put with its first event, and asked about no more by this process', async () => {
  const { store, asked, counts, put, changes } = newWorld();
  await put([changeOf('main', 'a', 'b'), changeOf('main', 'a')]);
  await put([changeOf('main', 'b', 'c')]);
  expect(asked).toEqual([['a', 'b'], ['c']]);
  expect(counts).toEqual([
    { put: 2, skipped: 0 },
    { put: 1, skipped: 0 },
  ]);
  expect(await store.find('main', 'a')).toMatchObject({ createdAt: 300_000 });
  expect((await changes.tenants()).map(({ tenant }) => tenant)).toEqual(['main']);
  await put([changeOf('other', 'a')]);
  expect(asked.at(-1)).toEqual(['a']);
});

test('what could not be put is told, and put with the next event', async () => {
  const { store, asked, counts, faults, world, put } = newWorld();
  world.isBroken = true;
  await put([changeOf('main', 'a')]);
  expect([counts, faults.length]).toEqual([[{ put: 0, skipped: 1 }], 1]);
  world.isBroken = false;
  await put([changeOf('main', 'a')]);
  expect(asked.length).toBe(2);
  expect(await store.find('main', 'a')).toBeDefined();
});

test('a batch puts so many, and the rest come with their next events', async () => {
  const { counts, put } = newWorld();
  const ids = Array.from({ length: UNSEEN_MAX + 3 }, (_, n) => `n${n}`);
  for (let times = 0; times < 2; times += 1) await put([changeOf('main', ...ids)]);
  expect(counts).toEqual([
    { put: UNSEEN_MAX, skipped: 3 },
    { put: 3, skipped: 0 },
  ]);
});

test('a process forgets what it knows after some hours, and beyond so many', async () => {
  const { asked, world, put } = newWorld();
  await put([changeOf('main', 'a')]);
  world.nowMs += KNOWN.ttlMs - 1;
  await put([changeOf('main', 'a')]);
  expect(asked.length).toBe(1);
  world.nowMs += 1;
  await put([changeOf('main', 'a')]);
  expect(asked.length).toBe(2);
  for (let n = 0; n < KNOWN.entriesMax; n += UNSEEN_MAX) {
    const ids = Array.from({ length: UNSEEN_MAX }, (_, place) => `n${n + place}`);
    await put([changeOf('main', ...ids)]);
  }
  const before = asked.length;
  await put([changeOf('main', 'a')]);
  expect(asked.length).toBe(before + 1);
});

test('tally hands on what it has read, once all rows are written', async () => {
  const store = new MemoryTallyStore();
  const seen: string[] = [];
  const handle = tally({
    store,
    demand: memoryItemDemand(),
    beside: async (changes) => {
      expect([...store.rows.keys()].some((key) => key.startsWith('m#'))).toBe(true);
      for (const { effects } of changes)
        for (const { events } of effects.minutes)
          for (const { lines } of events) seen.push(...lines.map(({ item }) => item));
    },
    now: () => 1_000_000,
    sleep: async () => undefined,
    report: { counted: () => undefined, demand: () => undefined, fault: () => undefined },
  });
  const fx = {
    minutes: [{ minute: 16, applied: 1, duplicate: 0, parked: 0 }],
    strings: ['Product Viewed', 'lamp'],
    events: [[960_000, 0, -1, -1, -1, -1, 0, [[1, 1, 0]]]],
    ...{ before: [], sessions: [], lateForSessions: 0, cut: 0 },
  };
  const record: DynamoDBRecord = {
    eventName: 'INSERT',
    dynamodb: {
      Keys: { pk: { S: 'u#main#ann' }, sk: { S: 'rt' } },
      NewImage: { fx: { S: JSON.stringify(fx) } },
      SequenceNumber: '1',
      ApproximateCreationDateTime: 1_000,
    },
  };
  await handle(
    { Records: [record], shardId: 'shardId-1' },
    { getRemainingTimeInMillis: () => 60_000 },
  );
  expect(seen).toEqual(['lamp']);
});
