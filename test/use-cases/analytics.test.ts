/** The four live routes over rows that `tally` wrote, at a given instant. */
import { beforeAll, expect, test } from 'vitest';
import { MemoryTallyStore } from '../../functions/adapters/memory-tally-store.ts';
import { analytics } from '../../functions/analytics/analytics.ts';
import type { Effects } from '../../functions/core/analytics/effects.ts';
import { feedEventsOf } from '../../functions/core/analytics/live-feed.ts';
import { rowsOf } from '../../functions/core/analytics/tally-rows.ts';
import { epochMs } from '../../functions/core/time.ts';
import { type HttpRequest, problem } from '../../functions/runtime/http.ts';

const NOW = epochMs(Date.parse('2026-11-21T09:40:07.000Z'));
const MINUTE = Math.floor(NOW / 60_000);
const DAY = Math.floor(MINUTE / 1_440);

const store = new MemoryTallyStore(() => NOW);
let sequence = 0;

interface Told {
  readonly user: string;
  readonly name: string;
  readonly minutesAgo?: number;
  readonly orders?: number;
  readonly valueMicros?: number;
  readonly sessions?: number;
}

const count = async ({ user, name, minutesAgo = 0, ...told }: Told, shard = 'shardId-1') => {
  const at = epochMs(NOW - minutesAgo * 60_000);
  const event = { at, name, category: undefined, region: 'EMEA', page: undefined };
  const minute = {
    minute: MINUTE - minutesAgo,
    applied: 1,
    duplicate: 0,
    parked: 0,
    ...(told.orders === undefined ? {} : { orders: told.orders }),
    events: [{ ...event, campaign: undefined, valueMicros: told.valueMicros ?? 0, lines: [] }],
  };
  const days = { day: DAY, bounces: 0, durationMs: 0, entries: {}, exits: {} };
  const effects: Effects = {
    minutes: [minute],
    sessions: told.sessions === undefined ? [] : [{ ...days, sessions: told.sessions }],
    lateForSessions: 0,
  };
  sequence += 1;
  const change = { tenant: 'main', user, sequence: String(sequence), at: NOW, effects };
  for (const { key, fold } of rowsOf([change], shard)) {
    const row = await store.load(key);
    const next = fold(row);
    if (next !== undefined) await store.save(key, next, row?.last);
  }
  const events = [...(await store.loadFeed('main', shard)), ...feedEventsOf(change)].slice(-25);
  await store.saveFeed({ tenant: 'main', shardId: shard, asOf: NOW, ttl: NOW, events });
};

const serve = analytics({
  tally: store,
  authorize: async ({ headers, requestId }, allowed) => {
    expect(allowed).toEqual(['server', 'operator']);
    const tenant = headers['x-api-key'];
    if (tenant !== undefined) return { tenant };
    return problem({ status: 401, code: 'no_key', title: 'No key', detail: '' }, requestId);
  },
});

const get = async (path: string, more: Partial<HttpRequest> = {}) => {
  const [route = '', query = ''] = path.split('?');
  const answer = await serve({
    method: 'GET',
    path: route,
    query: new URLSearchParams(query),
    headers: { 'x-api-key': 'main' },
    pathParameters: {},
    body: new Uint8Array(),
    bodyIsBytes: false,
    requestId: 'req-1',
    receivedAtMs: NOW,
    ...more,
  });
  return { ...answer, json: JSON.parse(answer.body) };
};

beforeAll(async () => {
  await count({ user: 'ann', name: '$page', sessions: 3 });
  await count({ user: 'ann', name: 'Product Added', minutesAgo: 1 });
  await count({ user: 'bob', name: 'Product Added', minutesAgo: 2 }, 'shardId-2');
  await count({ user: 'bob', name: 'Order Completed', orders: 1, valueMicros: 2_500_000 });
  await count({ user: 'eve', name: 'Product Viewed', minutesAgo: 14 });
  await count({ user: 'eve', name: 'Product Added', minutesAgo: 29 });
  await count({ user: 'old', name: 'Product Viewed', minutesAgo: 59 });
});

test('realtime: minutes of the range, newest first, summed over shards, and the day so far', async () => {
  const { json, headers, statusCode } = await get('/v1/analytics/realtime');
  expect(statusCode).toBe(200);
  expect(headers['cache-control']).toBe('private, no-cache');
  expect(json.minutes.map(({ minute }: { minute: string }) => minute.slice(11, 16))).toEqual([
    '09:40',
    '09:39',
    '09:38',
    '09:26',
  ]);
  expect(json.totals).toMatchObject({ applied: 5, orders: 1, revenue: 2.5, byRegion: { EMEA: 5 } });
  expect(json.totals.users).toEqual({ value: 3, errorPercent: 0 });
  // Users of five minutes; carts of thirty without those who ordered.
  expect(json.active.value).toBe(2);
  expect(json.carts.value).toBe(2);
  expect(json.today).toEqual({ orders: 1, revenue: 2.5, sessions: 3, conversion: 0.3333 });
});

test('realtime of one minute and of sixty; of anything else a sentence', async () => {
  expect((await get('/v1/analytics/realtime?minutes=1')).json.totals.applied).toBe(2);
  expect((await get('/v1/analytics/realtime?minutes=60')).json.totals.applied).toBe(7);
  for (const minutes of ['0', '61', '-1', '1.5', 'x', '', '007']) {
    const { statusCode, json } = await get(`/v1/analytics/realtime?minutes=${minutes}`);
    expect(statusCode, minutes).toBe(400);
    expect(json.code).toBe('bad_minutes');
  }
});

test('003’s counters are of five minutes', async () => {
  const { json } = await get('/api/analytics/real-time');
  expect(json).toMatchObject({ views: 1, carts: 2, purchases: 1, revenue: 2.5, activeUsers: 2 });
});

test('004’s rows over all users say when a minute’s list was cut', async () => {
  const whole = await get('/api/analytics/recent-page-views');
  expect(whole.json).toHaveLength(2);
  expect(whole.json[0]).toMatchObject({ userId: 'ann', page_view_count: 1 });
  expect(whole.headers['tributary-partial']).toBeUndefined();
  for (let n = 0; n < 201; n += 1) {
    await count({ user: `many-${n}`, name: '$page', minutesAgo: 58 }, 'shardId-3');
  }
  expect((await get('/api/analytics/recent-page-views')).headers).not.toHaveProperty(
    'tributary-partial',
  );
  const cut = await get('/api/analytics/recent-page-views?minutes=60');
  expect(cut.headers['tributary-partial']).toBe('true');
  expect(new Set(cut.json.map(({ userId }: { userId: string }) => userId)).size).toBe(201);
});

test('the feed goes on where the cursor stands, shows each event once, and says what it skipped', async () => {
  const first = (await get('/v1/live')).json;
  expect(first.events.length).toBeGreaterThan(5);
  expect(first.skipped).toBe(false);
  const none = (await get(`/v1/live?cursor=${first.cursor}`)).json;
  expect(none.events).toEqual([]);
  await count({ user: 'new', name: 'Product Viewed' });
  const next = (await get(`/v1/live?cursor=${none.cursor}`)).json;
  expect(next.events).toMatchObject([{ userId: 'new', name: 'Product Viewed' }]);
  for (let n = 0; n < 26; n += 1) await count({ user: 'burst', name: 'Product Viewed' });
  const skipped = (await get(`/v1/live?cursor=${next.cursor}`)).json;
  expect(skipped.events).toHaveLength(25);
  expect(skipped.skipped).toBe(true);
  for (const cursor of ['%7B', 'eyJ4IjoxfQ', 'W10', 'x'.repeat(20_001)]) {
    const { statusCode, json } = await get(`/v1/live?cursor=${cursor}`);
    expect([statusCode, json.code]).toEqual([400, 'bad_cursor']);
  }
});

test('another tenant sees nothing of it, and nobody without a key', async () => {
  const other = { headers: { 'x-api-key': 'shop2' } };
  expect((await get('/v1/analytics/realtime', other)).json.totals.applied).toBe(0);
  expect((await get('/v1/live', other)).json.events).toEqual([]);
  for (const path of ['/v1/analytics/realtime', '/api/analytics/real-time', '/v1/live']) {
    expect((await get(path, { headers: {} })).statusCode).toBe(401);
  }
});
