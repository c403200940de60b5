/** 001's walk over two days: events, the nightly job, and profiles that fuse stream and lake. */
import { rmSync } from 'node:fs';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { drained, flushed } from './asking.ts';
import { runNightly } from './nightly-run.ts';
import { newDataDir, type Started, startProcess } from './start-process.ts';

const HOUR_MS = 3_600_000;
/** Past the last half hour of a day's window. */
const DAY_MS = 25 * HOUR_MS;
const LAG_FORGOTTEN_MS = HOUR_MS / 3;
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

const answerTo = async (
  path: string,
  body?: string,
): Promise<{ status: number; answer: Answer }> => {
  const response = await fetch(`${platform.apiUrl}${path}`, {
    method: body === undefined ? 'GET' : 'POST',
    headers: { 'content-type': 'application/json' },
    ...(body !== undefined && { body }),
  });
  return { status: response.status, answer: Object(await response.json()) };
};

const shiftClock = async (offsetMs: number): Promise<void> => {
  const response = await fetch(`${platform.endpointUrl}/_tributary/clock`, {
    method: 'POST',
    body: JSON.stringify({ offsetMs }),
  });
  expect(response.status).toBe(200);
};

const ad = (day: number, type: string, more: object = {}): object => ({
  userId: 'user-101',
  adId: `ad-${day}`,
  eventType: type,
  timestamp: Date.now() + day * DAY_MS,
  ...more,
});

const order = (day: number, revenue: number): object => ({
  eventId: `order-${day}`,
  userId: 'user-101',
  event: 'Order Completed',
  timestamp: Date.now() + day * DAY_MS,
  properties: {
    order_id: `o-${day}`,
    revenue,
    // By name, where two weigh the same.
    category: day === 0 ? 'shoes' : 'tents',
  },
});

const send = async (events: readonly object[]): Promise<void> => {
  const { status } = await answerTo('/v1/events', JSON.stringify(events));
  expect(status).toBe(202);
  await drained(platform);
};

test('events of two days, a night between them: what the lake has and what the stream adds', {
  timeout: 120_000,
}, async () => {
  await send([ad(0, 'impression'), ad(0, 'click'), order(0, 400)]);
  const fresh = await answerTo('/v1/profiles/user-101');
  expect(fresh.answer.tags).toMatchObject({
    ltv_total: { value: 400, source: 'both', partial: false },
  });
  expect(Object(fresh.answer.tags).favourite_category).toBeUndefined();

  await flushed(platform);
  await shiftClock(DAY_MS);
  await send([ad(1, 'impression'), ad(1, 'impression'), ad(1, 'click'), order(1, 70.5)]);
  await flushed(platform);
  // The moved clock looks like a day's lag, and the cut asks for the lag of the last 15 minutes.
  await shiftClock(DAY_MS + LAG_FORGOTTEN_MS);
  const run = await runNightly(platform);
  expect(run).toMatchObject({ status: 'succeeded', error: null });

  const { answer } = await answerTo('/v1/profiles/user-101');
  const cut = `${String(run.cut)}T00:00:00.000Z`;
  expect(answer.tags).toMatchObject({
    ltv_total: { value: 470.5, source: 'both', partial: false, cut },
    orders_total: { value: 2, cut, partial: false },
    revenue_30d: { value: 470.5, cut, partial: false },
    favourite_category: {
      value: 'SHOES',
      type: 'string',
      source: 'batch',
      asOf: cut,
      cut,
      partial: false,
    },
  });
  const explained = await answerTo('/v1/profiles/user-101/explain/ltv_total');
  expect(explained.answer).toMatchObject({
    unit: 1_000_000,
    nightly: { runId: run.jobId, cut, total: 400_000_000 },
    total: 70_500_000,
    tiles: [{ arrivalDay: run.cut, amount: 70_500_000 }],
  });
  const favourite = await answerTo('/v1/profiles/user-101/explain/favourite_category');
  expect(favourite.answer).toMatchObject({ tiles: [], nightly: { cut, said: 'SHOES' } });

  const flat = await answerTo('/profile/user-101');
  expect(flat.answer).toMatchObject({
    views_24h: '2',
    clicks_24h: '1',
    ltv_total: '470.5',
    segment_id: 'high_value_user',
  });
});

test('the batch is started without a body, and one at a time', { timeout: 60_000 }, async () => {
  expect((await answerTo('/collect/batch', '{"a":1}')).status).toBe(400);
  const [first, second] = await Promise.all([
    answerTo('/collect/batch', ''),
    answerTo('/collect/batch', ''),
  ]);
  expect([first.status, second.status]).toEqual([202, 202]);
  expect(second.answer.jobId).toBe(first.answer.jobId);
  expect((await answerTo('/collect/batch/none')).status).toBe(404);
});
