/** What a user of the running platform sees; one platform for all journeys, each with its own users. */
import { execFileSync } from 'node:child_process';
import { rmSync } from 'node:fs';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { onPath } from '../emulator/on-path.ts';
import { drained, effectTotals, eventually, itemOf, landedEvents } from './asking.ts';
import { newDataDir, type Started, startProcess } from './start-process.ts';

const dataDir = newDataDir();
let platform: Started;

beforeAll(async () => {
  platform = await startProcess({ dataDir });
});
afterAll(async () => {
  platform.child.kill('SIGTERM');
  await platform.ended;
  rmSync(dataDir, { recursive: true, force: true });
});

type Answer = Readonly<Record<string, unknown>>;

const post = async (path: string, body: unknown): Promise<{ status: number; answer: Answer }> => {
  const response = await fetch(`${platform.apiUrl}${path}`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify(body),
  });
  return { status: response.status, answer: Object(await response.json()) };
};
const get = async (path: string): Promise<Answer> =>
  Object(await (await fetch(`${platform.apiUrl}${path}`)).json());
const known = (user: string): Promise<Answer> =>
  eventually(async () => {
    const response = await fetch(`${platform.apiUrl}/v1/profiles/${user}`);
    const answer: unknown = await response.json();
    return response.status === 200 ? Object(answer) : undefined;
  });
const tagValue = (profile: Answer, name: string): unknown => Object(profile.tags)[name]?.value;

test('000’s curl reaches the profile that its document promises', async () => {
  const { status } = await post('/events', {
    userId: 'user123',
    eventType: 'VIEW',
    timestamp: 1714060800000,
    context: { page: 'home', itemId: 'item001', category: 'tech', device: 'mobile', geo: 'de' },
  });
  expect(status).toBe(202);
  const profile = await known('user123');
  expect(profile.interests).toEqual([{ category: 'tech', score: 1, error: 0 }]);
  expect(profile.recentItems).toEqual(['item001']);
  expect(tagValue(profile, 'orders_total')).toBe(0);
  expect(tagValue(profile, 'first_seen')).toBe('2024-04-25T16:00:00.000Z');
  expect(tagValue(profile, 'last_seen')).toBe('2024-04-25T16:00:00.000Z');
  expect(await get('/profile/user123')).toMatchObject({ views_5m: '0', orders_total: '0' });
});

/** 25 events of one user in the last minute, as a good client would send them. */
const batchOf = (user: string, count: number): readonly Answer[] =>
  Array.from({ length: count }, (_, index) => ({
    eventId: `${user}-${index}`,
    userId: user,
    timestamp: Date.now() - 30_000 + index * 50,
    ...(index % 5 === 0
      ? {
          event: 'Order Completed',
          properties: { order_id: `${user}-order-${index}`, revenue: '2.50' },
        }
      : {
          event: 'Product Viewed',
          properties: {
            product_id: `item-${index % 7}`,
            category: index % 2 === 0 ? 'shoes' : 'hats',
          },
        }),
  }));

interface Counted {
  readonly count: number;
  readonly duplicate: number;
}

const expectCountedOnce = async (user: string, { count, duplicate }: Counted): Promise<void> => {
  await drained(platform);
  const profile = await known(user);
  const orders = Math.ceil(count / 5);
  expect(tagValue(profile, 'views_24h')).toBe(count - orders);
  expect(tagValue(profile, 'orders_total')).toBe(orders);
  expect(tagValue(profile, 'ltv_total')).toBe(orders * 2.5);
  expect(Object(profile.sessions)).toMatchObject([{ events: count }]);
  const score = (category: string): number =>
    (profile.interests as { category: string; score: number }[]).find(
      (interest) => interest.category === category,
    )?.score ?? 0;
  const views = batchOf(user, count).filter(({ event }) => event === 'Product Viewed');
  for (const category of ['shoes', 'hats']) {
    const want = views.filter(({ properties }) => Object(properties).category === category).length;
    expect(score(category)).toBeCloseTo(want, 0);
  }
  expect((profile.recentItems as string[]).length).toBe(7);
  expect(await effectTotals(platform, user)).toEqual({
    applied: count,
    duplicate,
    parked: 0,
  });
  const item = await itemOf(platform, user);
  expect(Number(item.dup?.N)).toBe(duplicate);
};

test('a batch of 25 events sent ten times in parallel counts once, and again in halves', async () => {
  const batch = batchOf('ten-times', 25);
  const sent = await Promise.all(Array.from({ length: 10 }, () => post('/v1/events', batch)));
  expect(sent.map(({ status }) => status)).toEqual(Array(10).fill(202));
  await expectCountedOnce('ten-times', { count: 25, duplicate: 9 * 25 });
  await post('/v1/events', batch.slice(0, 12));
  await post('/v1/events', batch.slice(12));
  await expectCountedOnce('ten-times', { count: 25, duplicate: 10 * 25 });
});

test('500 events of one user in one request, ten times in parallel, count once', {
  timeout: 300_000,
}, async () => {
  const batch = batchOf('hot-user', 500);
  // More than the user's shard takes in a second: what it refuses is spilled and drained, and a put
  // or a message that failed in part comes again whole, so more than ten copies may land.
  const sendUntilTaken = async (): Promise<void> => {
    while ((await post('/v1/events', batch)).status !== 202);
  };
  await Promise.all(Array.from({ length: 10 }, sendUntilTaken));
  await drained(platform);
  const landed = await landedEvents(platform, 'hot-user');
  expect(landed).toBeGreaterThanOrEqual(5_000);
  await expectCountedOnce('hot-user', { count: 500, duplicate: landed - 500 });
});

test('a window falls by itself when time passes, with no new event', async () => {
  await post('/events', {
    userId: 'window-user',
    eventType: 'VIEW',
    timestamp: Date.now(),
    context: { itemId: 'item001', category: 'tech' },
  });
  await known('window-user');
  expect(await get('/profile/window-user')).toMatchObject({ views_5m: '1', views_24h: '1' });
  const fiveMinutesAndOneHop = 5 * 60_000 + 10_000;
  const moved = await fetch(`${platform.endpointUrl}/_tributary/clock`, {
    method: 'POST',
    body: JSON.stringify({ offsetMs: fiveMinutesAndOneHop }),
  });
  expect(moved.status).toBe(200);
  expect(await get('/profile/window-user')).toMatchObject({ views_5m: '0', views_24h: '1' });
});

test('page views of a user come in one-minute windows every 30 seconds', async () => {
  const at = Date.now() - 600_000;
  const viewed = at - (at % 30_000);
  const { status } = await post('/api/users/activity', {
    userId: 'user_A',
    sessionId: 's-1',
    timestamp: new Date(viewed).toISOString(),
    eventType: 'PAGE_VIEW',
    pageUrl: 'https://shop.example/home',
  });
  expect(status).toBe(202);
  await known('user_A');
  const rows = await get('/api/analytics/user/user_A/page-views');
  expect(rows).toMatchObject([
    { userId: 'user_A', window_start: new Date(viewed).toISOString(), page_view_count: 1 },
    { userId: 'user_A', window_start: new Date(viewed - 30_000).toISOString(), page_view_count: 1 },
  ]);
});

test('an unchanged profile is not sent twice', async () => {
  const first = await fetch(`${platform.apiUrl}/v1/profiles/user123`);
  const etag = first.headers.get('etag') ?? '';
  expect(etag).not.toBe('');
  await first.arrayBuffer();
  const again = await fetch(`${platform.apiUrl}/v1/profiles/user123`, {
    headers: { 'if-none-match': etag },
  });
  expect(again.status).toBe(304);
});

const awsCli = onPath('aws');

test.skipIf(awsCli === undefined)(
  'the AWS CLI (skipped where `aws` is not on PATH) lists the platform’s own resources',
  { timeout: 60_000 },
  () => {
    const run = (...args: readonly string[]): string =>
      execFileSync(awsCli ?? '', ['--endpoint-url', platform.endpointUrl, ...args], {
        encoding: 'utf8',
        env: {
          ...process.env,
          AWS_ACCESS_KEY_ID: 'test',
          AWS_SECRET_ACCESS_KEY: 'test',
          AWS_DEFAULT_REGION: 'us-east-1',
        },
      });
    expect(run('kinesis', 'list-streams')).toMatch(
      /RawUserEvents.*EnrichedEvents|EnrichedEvents.*RawUserEvents/s,
    );
    const tables: { TableNames: string[] } = JSON.parse(run('dynamodb', 'list-tables'));
    const profiles = tables.TableNames.find((name) => name.includes('Profiles')) ?? '';
    expect(run('dynamodb', 'scan', '--table-name', profiles, '--max-items', '50')).toContain(
      'u#main#',
    );
    expect(run('s3', 'ls')).toMatch(/lake/i);
  },
);
