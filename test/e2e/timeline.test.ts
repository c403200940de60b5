/** What arrived of a user, and why a tag says what it says, on the running platform. */
import { rmSync } from 'node:fs';
import { afterAll, beforeAll, expect, test } from 'vitest';
import type { ProfileAnswer } from '../../functions/core/profile/answer.ts';
import type { ExplainAnswer } from '../../functions/core/profile/explain-answer.ts';
import type { TimelineAnswer } from '../../functions/core/profile/timeline-answer.ts';
import { drained, eventually } from './asking.ts';
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

interface Answer<T> {
  readonly status: number;
  readonly json: T;
}
type Problem = { readonly code: string };

const ask = async <T = Problem>(path: string, init: RequestInit = {}): Promise<Answer<T>> => {
  const response = await fetch(`${platform.apiUrl}${path}`, init);
  return { status: response.status, json: (await response.json()) as T };
};
const post = (events: unknown): Promise<Answer<Problem>> =>
  ask('/v1/events', {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify(events),
  });

const START = Date.now() - 60_000;
const viewed = (id: string, second: number) => ({
  eventId: id,
  userId: 'ann',
  event: 'Product Viewed',
  timestamp: new Date(START + second * 1_000).toISOString(),
  properties: { product_id: `item-${id}`, category: 'shoes' },
});
const order = {
  eventId: 'order',
  userId: 'ann',
  event: 'Order Completed',
  timestamp: new Date(START + 30_000).toISOString(),
  properties: { order_id: 'o-1', revenue: '12.50', category: 'shoes' },
};

test('events that were sent are in the timeline, and behind the tags that they fed', async () => {
  expect((await ask('/v1/profiles/ann/events')).status).toBe(404);
  expect((await post([viewed('a', 1), viewed('b', 2)])).status).toBe(202);
  await eventually(async () => ((await ask('/v1/profiles/ann')).status === 200 ? true : undefined));
  expect((await post([order])).status).toBe(202);
  expect((await post([viewed('a', 1), viewed('b', 2)])).status).toBe(202);
  await eventually(async () => {
    const { json } = await ask<ExplainAnswer>('/v1/profiles/ann/explain/orders_total');
    return json.total === 1 && !json.cut ? true : undefined;
  });
  await drained(platform);

  const { status, json } = await ask<TimelineAnswer>('/v1/profiles/ann/events');
  expect(status).toBe(200);
  const ids = json.events.map(({ event }) => event.eventId);
  expect(ids).toEqual(['order', 'b', 'a']);
  expect(json.events[0]).toMatchObject({
    effect: 'applied',
    event: {
      name: 'Order Completed',
      commerce: { revenueMicros: 12_500_000 },
      enrichment: { categoryVector: ['SHOES'] },
    },
  });
  const changes = json.changes[String(json.events[0]?.version)];
  expect(changes?.tags).toMatchObject({ ltv_total: { before: 0, after: 12.5 } });
  expect(changes?.interests.shoes?.after).toBeCloseTo(10, 1);

  const first = (await ask<TimelineAnswer>('/v1/profiles/ann/events?limit=1')).json;
  const second = (
    await ask<TimelineAnswer>(`/v1/profiles/ann/events?limit=2&cursor=${first.cursor}`)
  ).json;
  expect([...first.events, ...second.events]).toEqual(json.events);

  const explained = (await ask<ExplainAnswer>('/v1/profiles/ann/explain/views_24h')).json;
  const served = (await ask<ProfileAnswer>('/v1/profiles/ann')).json;
  expect(explained.tag).toEqual(served.tags.views_24h);
  expect(explained).toMatchObject({ total: 2, unit: 1, cut: false, timeline: 'kept' });
  expect(explained.events).toMatchObject([{ eventId: 'b' }, { eventId: 'a' }]);
  expect(explained.events[0]?.moved).toEqual({ before: 0, after: 2 });
  const unknown = await ask('/v1/profiles/ann/explain/nothing');
  expect([unknown.status, unknown.json.code]).toEqual([404, 'unknown_tag']);
});

test('a key that may not read profiles reads no timeline', async () => {
  const answer = await ask('/v1/profiles/ann/events', {
    headers: { 'x-api-key': 'trb_server_nobody' },
  });
  expect([answer.status, answer.json.code]).toEqual([401, 'unknown_key']);
});
