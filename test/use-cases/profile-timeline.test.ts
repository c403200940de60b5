/** What arrived of a user, as it is asked for: in pages, newest first, with what it moved. */
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { readTimelineRow, timelineRows } from '../../functions/core/profile/timeline.ts';
import { TIMELINE_EVENTS_MAX } from '../../functions/profile/query.ts';
import { PAGE_BYTES_MAX } from '../../functions/profile/serve-timeline.ts';
import { writeCursor } from '../../functions/profile/timeline-cursor.ts';
import { NOW, sentEvent } from '../support/enriched-lines.ts';
import { timelinePlatform } from '../support/timeline-platform.ts';

const USER = 'ann';
const one = (id: string, minute: number, more = {}) =>
  sentEvent(id, {
    userId: USER,
    timestamp: `2026-11-24T11:${String(minute).padStart(2, '0')}:00Z`,
    ...more,
  });
const path = (query = '') => `/v1/profiles/${USER}/events${query}`;
const idsIn = (json: { events: readonly { event: { eventId: string } }[] }): readonly string[] =>
  json.events.map(({ event }) => event.eventId);

type Platform = ReturnType<typeof timelinePlatform>;
/** All pages, as a client would ask for them. */
const everyPage = async (platform: Platform, limit: number, start = '') => {
  const pages: (readonly string[])[] = [];
  let query = `?limit=${limit}${start}`;
  for (;;) {
    const { status, json } = await platform.get(path(query));
    expect(status).toBe(200);
    pages.push(idsIn(json));
    if (json.cursor === undefined) return pages;
    query = `?limit=${limit}&cursor=${json.cursor}`;
  }
};

test('the newest envelope comes first, the last sent of it before the others, as it is stored', async () => {
  const platform = timelinePlatform();
  await platform.send([one('a', 10), one('b', 11)]);
  await platform.send([one('c', 20)]);
  const { status, json, headers } = await platform.get(path());
  expect(status).toBe(200);
  expect(headers['cache-control']).toBe('private, no-cache');
  expect(idsIn(json)).toEqual(['c', 'b', 'a']);
  expect(json.userId).toBe(USER);
  expect(json.servedAt).toBe('2026-11-24T12:00:00.000Z');
  expect(json.cursor).toBeUndefined();
  expect(json.events[0]).toMatchObject({
    effect: 'applied',
    version: platform.itemOf(USER).version,
    event: {
      enrichment: { categoryVector: ['TECH'] },
      at: { index: 0 },
      rawName: 'Product Viewed',
    },
  });
});

test('changes say by version what moved from where to where', async () => {
  const platform = timelinePlatform();
  await platform.send([one('a', 10), one('b', 11)]);
  await platform.send([one('c', 20, { properties: { category: 'toys' } })]);
  const { json } = await platform.get(path());
  const [newest, , oldest] = json.events;
  expect(json.changes[newest.version]).toMatchObject({
    tags: { views_24h: { before: 2, after: 3 } },
    interests: { toys: { before: null, after: 1 } },
  });
  expect(json.changes[newest.version].interests).not.toHaveProperty('tech');
  expect(json.changes[oldest.version].tags.first_seen).toEqual({
    before: null,
    after: '2026-11-24T11:10:00.000Z',
  });
});

test('pages meet: whatever the limit, each event comes once and in one order', async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.array(fc.integer({ min: 1, max: 9 }), { minLength: 1, maxLength: 40 }),
      fc.integer({ min: 1, max: 30 }),
      async (sizes, limit) => {
        const platform = timelinePlatform();
        for (const [n, size] of sizes.entries()) {
          await platform.send(
            Array.from({ length: size }, (_, k) => one(`${n}-${k}`, (n * 7 + k) % 60)),
          );
        }
        const pages = await everyPage(platform, limit);
        const [all = []] = await everyPage(platform, TIMELINE_EVENTS_MAX).then((every) => [
          every.flat(),
        ]);
        expect(pages.flat()).toEqual(all);
        expect(new Set(all).size).toBe(sizes.reduce((sum, size) => sum + size, 0));
        for (const page of pages) expect(page.length).toBeLessThanOrEqual(limit);
      },
    ),
    { numRuns: 25 },
  );
});

test('`before` begins below an instant, in RFC 3339 or milliseconds', async () => {
  const platform = timelinePlatform();
  for (const minute of [10, 20, 30]) await platform.send([one(`m${minute}`, minute)]);
  const before = async (at: string) =>
    idsIn((await platform.get(path(`?before=${encodeURIComponent(at)}`))).json);
  expect(await before('2026-11-24T11:20:00Z')).toEqual(['m10']);
  expect(await before('2026-11-24T11:20:00.001Z')).toEqual(['m20', 'm10']);
  expect(await before(String(Date.parse('2026-11-24T11:30:00Z')))).toEqual(['m20', 'm10']);
  const pages = await everyPage(platform, 1, '&before=2026-11-24T11:30:00Z');
  expect(pages.flat()).toEqual(['m20', 'm10']);
});

test('an answer stays below 4 MB, whatever an event weighs', async () => {
  const platform = timelinePlatform();
  const heavy = 'x'.repeat(30_000);
  for (let n = 0; n < 190; n += 1) {
    await platform.send([one(`h${n}`, n % 60, { properties: { heavy } })]);
  }
  const { json } = await platform.get(path('?limit=200'));
  expect(JSON.stringify(json.events).length).toBeLessThan(PAGE_BYTES_MAX + 100_000);
  expect(json.events.length).toBeLessThan(190);
  expect((await everyPage(platform, 200)).flat()).toHaveLength(190);
});

test('a copy says that it is one, and a redelivery that it does not know', async () => {
  let fails = true;
  const platform = timelinePlatform({
    timeline: (memory) => ({
      putIfAbsent: async (origin, row) => {
        if (!fails) return memory.putIfAbsent(origin, row);
        fails = false;
        throw new Error('killed');
      },
    }),
  });
  await platform.send([one('a', 10)]);
  await platform.send([one('b', 20), one('a', 10)]);
  const { json } = await platform.get(path());
  expect(json.events.map(({ effect }: { effect: string }) => effect)).toEqual([
    'duplicate',
    'applied',
    'unknown',
  ]);
});

test('rows past their time are gone from the answer', async () => {
  const platform = timelinePlatform();
  await platform.send([one('a', 10)]);
  platform.clock.ms = NOW + 30 * 86_400_000 - 1;
  expect(idsIn((await platform.get(path())).json)).toEqual(['a']);
  platform.clock.ms += 1;
  const { status, json } = await platform.get(path());
  expect([status, json.events]).toEqual([200, []]);
});

test('what cannot be read is 400 with what to do; who is unknown is 404', async () => {
  const platform = timelinePlatform();
  await platform.send([one('a', 10)]);
  const forged = (value: unknown) => Buffer.from(JSON.stringify(value)).toString('base64url');
  const table = [
    [path('?limit=0'), 400, 'bad_limit'],
    [path('?limit=201'), 400, 'bad_limit'],
    [path('?limit=1.5'), 400, 'bad_limit'],
    [path('?limit='), 400, 'bad_limit'],
    [path('?before=yesterday'), 400, 'bad_instant'],
    [path('?cursor='), 400, 'bad_cursor'],
    [path('?cursor=x'), 400, 'bad_cursor'],
    [path(`?cursor=${forged(['k'])}`), 400, 'bad_cursor'],
    [path(`?cursor=${forged(['', 1])}`), 400, 'bad_cursor'],
    [path(`?cursor=${forged(['k', -2])}`), 400, 'bad_cursor'],
    [path(`?cursor=${forged(['k', 0.5])}`), 400, 'bad_cursor'],
    [path(`?cursor=${'A'.repeat(401)}`), 400, 'bad_cursor'],
    [
      path(`?cursor=${writeCursor({ key: 'k', linesGiven: 1 })}&before=2026-01-01`),
      400,
      'cursor_and_before',
    ],
    [`/v1/profiles/${'x'.repeat(129)}/events`, 400, 'id_too_long'],
    ['/v1/profiles/nobody/events', 404, 'unknown_user'],
  ] as const;
  for (const [asked, status, code] of table) {
    const answer = await platform.get(asked);
    expect([answer.status, answer.json.code], asked).toEqual([status, code]);
    expect(answer.json.detail).toMatch(/[.`]$/);
  }
});

test('a size without a timeline says so, and still serves profiles', async () => {
  const platform = timelinePlatform({ isOff: true });
  await platform.send([one('a', 10)]);
  expect(await platform.get(path())).toMatchObject({ status: 404, json: { code: 'no_timeline' } });
  expect((await platform.get(`/v1/profiles/${USER}`)).status).toBe(200);
});

test('a user whose id ends like the route is a user', async () => {
  const platform = timelinePlatform();
  await platform.send([one('a', 10, { userId: 'x/events' })]);
  const answer = await platform.get('/v1/profiles/x%2Fevents');
  expect([answer.status, answer.json.userId]).toEqual([200, 'x/events']);
});

test('an envelope beyond the bytes of a row is cut, and the answer counts what is left out', () => {
  const line = (n: number) => ({
    kind: 'event' as const,
    at: { stream: '00000000', shard: 'shardId-000000000000', sequence: '1', index: n },
    arrivedAt: NOW as never,
    timestamp: NOW as never,
    idHash: n,
    batch: { batchId: '0'.repeat(16), part: 0 },
    event: { receivedAt: '2026-11-24T12:00:00.000Z' } as never,
    text: JSON.stringify({ n, text: 'ü'.repeat(30_000) }),
  });
  const lines = Array.from({ length: 10 }, (_, n) => line(n));
  const [first] = lines;
  if (first === undefined) throw new Error('ten lines');
  const [row] = timelineRows([{ position: first.at, lines }], { taken: 1, verdicts: [] });
  if (row === undefined) throw new Error('an envelope is a row');
  expect(row.text.length).toBeLessThan(400 * 1_024);
  const read = readTimelineRow(row);
  expect([read.lines.length, read.cut]).toEqual([4, 6]);
});
