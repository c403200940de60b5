/** What `tally` and its readers may expect of a store: in memory and over DynamoDB alike. */
import { PutItemCommand } from '@aws-sdk/client-dynamodb';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { dynamoTallyReader } from '../../functions/adapters/dynamo-tally-reader.ts';
import { dynamoTallyStore } from '../../functions/adapters/dynamo-tally-store.ts';
import { MemoryTallyStore } from '../../functions/adapters/memory-tally-store.ts';
import { FEED_EVENTS_MAX, type FeedEvent } from '../../functions/core/analytics/live-feed.ts';
import {
  dayPk,
  minutePk,
  paddedSequence,
  type RowKey,
  type TallyRow,
} from '../../functions/core/analytics/tally-rows.ts';
import { epochMs } from '../../functions/core/time.ts';
import type { TallyReader } from '../../functions/ports/tally-reader.ts';
import type { TallyStore } from '../../functions/ports/tally-store.ts';
import { startDynamo, TABLE } from '../support/dynamo.ts';
import { stillClock, temporaryFolder } from '../support/served.ts';

const NOW = Date.parse('2026-11-21T09:40:00.000Z');
const MINUTE = NOW / 60_000;
const DAY = Math.floor(NOW / 86_400_000);
const TTL = NOW / 1_000 + 1_000;

type World = Awaited<ReturnType<typeof startDynamo>>;
let world: World;
const folder = temporaryFolder();

beforeAll(async () => {
  world = await startDynamo({ dataDir: folder.path, clock: stillClock(NOW) });
});
afterAll(async () => {
  await world.stop();
  folder.remove();
});

interface Both {
  readonly store: TallyStore;
  /** At any instant. */
  readonly readerAt: (nowMs: number) => TallyReader;
}

const inMemory = (): Both => {
  let nowMs = NOW;
  const store = new MemoryTallyStore(() => nowMs);
  return {
    store,
    readerAt: (at) => {
      nowMs = at;
      return store;
    },
  };
};

const overDynamo = (): Both => ({
  store: dynamoTallyStore(world.client, TABLE),
  readerAt: (at) => dynamoTallyReader(world.client, TABLE, () => at),
});

let tenants = 0;
const newTenant = (): string => {
  tenants += 1;
  return `tenant-${tenants}`;
};

const minuteKey = (tenant: string, shard = 1, minute = MINUTE): RowKey => ({
  pk: minutePk(tenant, minute),
  sk: `shardId-${shard}`,
});

const rowOf = (last: number | bigint, more: Partial<TallyRow> = {}): TallyRow => ({
  last: paddedSequence(String(last)),
  asOf: epochMs(NOW),
  ttl: TTL,
  sums: `{"ü":"${last}"}`,
  ...more,
});

const feedOf = (from: number, to: number): readonly FeedEvent[] =>
  Array.from({ length: to - from }, (_, place) => ({
    id: `${paddedSequence(String(from + place))}.000`,
    at: epochMs(NOW),
    arrivedAt: epochMs(NOW),
    user: 'ü ann',
    name: 'Product Viewed',
    valueMicros: -1,
  }));

const sortedBySums = (rows: readonly TallyRow[] = []): readonly TallyRow[] =>
  [...rows].sort((left, right) => (left.sums < right.sums ? -1 : 1));

describe.each([
  ['in memory', inMemory],
  ['over DynamoDB', overDynamo],
])('the tally store %s', (_, make) => {
  test('has no row before one is saved, and gives back exactly what was', async () => {
    const { store } = make();
    const key = minuteKey(newTenant());
    expect(await store.load(key)).toBeUndefined();
    expect(await store.save(key, rowOf(10n ** 39n), undefined)).toEqual({ kind: 'saved' });
    expect(await store.load(key)).toEqual(rowOf(10n ** 39n));
  });

  test('takes a write under the `last` that was read, and the next under the new one', async () => {
    const { store } = make();
    const key = minuteKey(newTenant());
    await store.save(key, rowOf(1), undefined);
    expect(await store.save(key, rowOf(2), rowOf(1).last)).toEqual({ kind: 'saved' });
    expect(await store.save(key, rowOf(3), rowOf(2).last)).toEqual({ kind: 'saved' });
    expect(await store.load(key)).toEqual(rowOf(3));
  });

  test('refuses a write under another `last`, older or newer, and names the winner', async () => {
    const { store } = make();
    const key = minuteKey(newTenant());
    await store.save(key, rowOf(1), undefined);
    await store.save(key, rowOf(5), rowOf(1).last);
    for (const read of [undefined, rowOf(1).last, rowOf(9).last]) {
      const saved = await store.save(key, rowOf(7), read);
      expect(saved).toEqual({ kind: 'conflict', winner: rowOf(5) });
    }
    expect(await store.load(key)).toEqual(rowOf(5));
  });

  test('refuses a write under a `last` where the row is gone, and names nobody', async () => {
    const { store } = make();
    const saved = await store.save(minuteKey(newTenant()), rowOf(2), rowOf(1).last);
    expect(saved).toEqual({ kind: 'conflict', winner: undefined });
  });

  test('saves exactly one of ten writers at once under one `last`', async () => {
    const { store } = make();
    const key = minuteKey(newTenant());
    await store.save(key, rowOf(1), undefined);
    const all = await Promise.all(
      Array.from({ length: 10 }, (__, n) => store.save(key, rowOf(n + 2), rowOf(1).last)),
    );
    expect(all.filter(({ kind }) => kind === 'saved')).toHaveLength(1);
  });

  test('answers minutes in the order asked, each with the rows of all its shards', async () => {
    const { store, readerAt } = make();
    const [tenant, other] = [newTenant(), newTenant()];
    await store.save(minuteKey(tenant, 1), rowOf(1), undefined);
    await store.save(minuteKey(tenant, 2), rowOf(2), undefined);
    await store.save(minuteKey(tenant, 1, MINUTE - 1), rowOf(3), undefined);
    await store.save(minuteKey(other, 1), rowOf(4), undefined);
    const asked = [MINUTE - 1, MINUTE, MINUTE + 1, MINUTE];
    const minutes = await readerAt(NOW).minutes(tenant, asked);
    const two = [rowOf(1), rowOf(2)];
    expect(minutes.map(sortedBySums)).toEqual([[rowOf(3)], two, [], two]);
  });

  test('answers a minute of more rows than one page of a query holds', async () => {
    const { store, readerAt } = make();
    const tenant = newTenant();
    const big = 'x'.repeat(300_000);
    for (let shard = 0; shard < 5; shard += 1) {
      await store.save(minuteKey(tenant, shard), rowOf(shard, { sums: big }), undefined);
    }
    expect((await readerAt(NOW).minutes(tenant, [MINUTE]))[0]).toHaveLength(5);
  });

  test('a minute’s counters are not what other rows of the minute hold', async () => {
    const { store, readerAt } = make();
    const tenant = newTenant();
    await store.save({ pk: minutePk(tenant, MINUTE), sk: 'items#1' }, rowOf(1), undefined);
    expect(await readerAt(NOW).minutes(tenant, [MINUTE])).toEqual([[]]);
  });

  test('of a day’s rows those of sessions are read, and of one day', async () => {
    const { store, readerAt } = make();
    const tenant = newTenant();
    await store.save({ pk: dayPk(tenant, DAY), sk: 'sessions#s1' }, rowOf(1), undefined);
    await store.save({ pk: dayPk(tenant, DAY), sk: 'sessions#s2' }, rowOf(2), undefined);
    await store.save({ pk: dayPk(tenant, DAY), sk: 'funnels#s1' }, rowOf(3), undefined);
    await store.save({ pk: dayPk(tenant, DAY - 1), sk: 'sessions#s1' }, rowOf(4), undefined);
    expect(sortedBySums(await readerAt(NOW).sessions(tenant, DAY))).toEqual([rowOf(1), rowOf(2)]);
  });

  test('a row past its time is absent to readers from its very second on', async () => {
    const { store, readerAt } = make();
    const tenant = newTenant();
    await store.save(minuteKey(tenant), rowOf(1), undefined);
    await store.save({ pk: dayPk(tenant, DAY), sk: 'sessions#s' }, rowOf(1), undefined);
    const feed = { tenant, shardId: 's', asOf: epochMs(NOW), ttl: TTL, events: feedOf(0, 1) };
    await store.saveFeed(feed);
    const seenAt = async (nowMs: number) => {
      const reader = readerAt(nowMs);
      const [minute = []] = await reader.minutes(tenant, [MINUTE]);
      const [sessions, feeds] = [await reader.sessions(tenant, DAY), await reader.feeds(tenant)];
      return [minute.length, sessions.length, feeds.length];
    };
    expect(await seenAt(TTL * 1_000 - 1)).toEqual([1, 1, 1]);
    expect(await seenAt(TTL * 1_000)).toEqual([0, 0, 0]);
  });

  test('a feed comes back per shard, and an older one never replaces a newer', async () => {
    const { store, readerAt } = make();
    const tenant = newTenant();
    expect(await store.loadFeed(tenant, 's1')).toEqual([]);
    const feed = (from: number, to: number, asOf: number, shardId = 's1') => ({
      ...{ tenant, shardId, ttl: TTL, asOf: epochMs(asOf), events: feedOf(from, to) },
    });
    await store.saveFeed(feed(0, FEED_EVENTS_MAX, NOW));
    await store.saveFeed(feed(7, 8, NOW, 's2'));
    await store.saveFeed(feed(2, 10, NOW + 5));
    expect(await store.loadFeed(tenant, 's1')).toEqual(feedOf(0, FEED_EVENTS_MAX));
    await store.saveFeed(feed(3, FEED_EVENTS_MAX + 3, NOW + 9));
    const feeds = await readerAt(NOW).feeds(tenant);
    expect([...feeds].sort((left, right) => (left.shardId < right.shardId ? -1 : 1))).toEqual([
      { shardId: 's1', asOf: NOW + 9, events: feedOf(3, FEED_EVENTS_MAX + 3) },
      { shardId: 's2', asOf: NOW, events: feedOf(7, 8) },
    ]);
  });
});

test('a damaged row fails the read, and is never an absent one', async () => {
  const { store, readerAt } = overDynamo();
  const tenant = newTenant();
  const { pk, sk } = minuteKey(tenant);
  const Item = { pk: { S: pk }, sk: { S: sk }, ttl: { N: String(TTL) }, p: { S: '{}' } };
  await world.client.send(new PutItemCommand({ TableName: TABLE, Item }));
  await expect(store.load({ pk, sk })).rejects.toThrow('attribute last');
  await expect(store.save({ pk, sk }, rowOf(1), undefined)).rejects.toThrow('attribute last');
  await expect(readerAt(NOW).minutes(tenant, [MINUTE])).rejects.toThrow('attribute last');
});

test('a store that is away throws, and is no conflict', async () => {
  const store = dynamoTallyStore(world.client, 'no-such-table');
  const key = minuteKey(newTenant());
  await expect(store.load(key)).rejects.toThrow();
  await expect(store.save(key, rowOf(1), undefined)).rejects.toThrow();
  await expect(
    store.saveFeed({ tenant: 't', shardId: 's', asOf: epochMs(NOW), ttl: TTL, events: [] }),
  ).rejects.toThrow();
});
