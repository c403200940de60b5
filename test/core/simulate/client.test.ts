import { expect, test } from 'vitest';
import { sendRequest } from '../../../simulate/client.ts';
import { newCrowd, type ShopperEvent } from '../../../simulate/crowd.ts';
import { seeded } from '../../../simulate/random.ts';
import { bodyOf, packRequests, REQUEST_EVENTS_MAX } from '../../../simulate/requests.ts';
import { percentile } from '../../../simulate/summary.ts';
import type { Reply } from '../../../simulate/transport.ts';

const events = (count: number): readonly ShopperEvent[] => {
  const crowd = newCrowd({ seed: 5, users: 20, runId: 'run', prefix: '' });
  return Array.from({ length: count }, (_, n) => crowd.next(1_795_513_200_000 + n));
};

test('packing keeps every event once, the order of each user, one door and the limit', () => {
  const all = events(2_000);
  const requests = packRequests(all);
  const packed = requests.flatMap((request) => request.events);
  for (const user of new Set(all.map(({ fact }) => fact.user))) {
    const of = (list: readonly ShopperEvent[]) => list.filter(({ fact }) => fact.user === user);
    expect(of(packed)).toEqual(of(all));
  }
  expect(packed).toHaveLength(all.length);
  for (const request of requests) {
    expect(new Set(request.events.map(({ path }) => path))).toEqual(new Set([request.path]));
    expect(request.events.length).toBeLessThanOrEqual(REQUEST_EVENTS_MAX);
  }
  expect(requests.length).toBeLessThan(all.length / 5);
});

test('one event travels as an object, more as a list', () => {
  const [first, second] = events(2);
  if (first === undefined || second === undefined) throw new Error('two events');
  expect(JSON.parse(bodyOf({ path: '/x', events: [first] }))).toEqual(first.body);
  expect(JSON.parse(bodyOf({ path: '/x', events: [first, second] }))).toEqual([
    first.body,
    second.body,
  ]);
});

const send = async (replies: readonly (Reply | Error)[], count = 2) => {
  const pausesMs: number[] = [];
  const bodies: (string | undefined)[] = [];
  const delivery = await sendRequest(
    {
      now: () => 0,
      random: seeded(1),
      sleep: (ms) => {
        pausesMs.push(ms);
        return Promise.resolve();
      },
      transport: ({ body }) => {
        const reply = replies[Math.min(bodies.length, replies.length - 1)];
        bodies.push(body);
        return reply instanceof Error || reply === undefined
          ? Promise.reject(reply)
          : Promise.resolve(reply);
      },
    },
    { path: '/v1/events', events: events(count) },
  );
  return { delivery, pausesMs, bodies };
};
const taken: Reply = { status: 202, body: '{"results":[{"index":0,"status":"accepted"}]}' };

test('Retry-After is waited for, and the same bytes are sent again', async () => {
  const { delivery, pausesMs, bodies } = await send([
    { status: 429, body: 'slow down', retryAfterSeconds: 3 },
    new Error('connection reset'),
    { status: 503, body: 'later' },
    taken,
  ]);
  expect(pausesMs[0]).toBe(3_000);
  expect(pausesMs).toHaveLength(3);
  expect(new Set(bodies).size).toBe(1);
  expect(delivery).toMatchObject({ retries: 3, uncertain: [], rejected: [] });
  expect(delivery.acknowledged).toHaveLength(2);
});

test('a refusal is final: of one event or of the whole request', async () => {
  const partly = await send([
    {
      status: 202,
      body: '{"results":[{"index":0,"status":"accepted"},{"index":1,"status":"rejected"}]}',
    },
  ]);
  expect(partly.delivery.acknowledged).toHaveLength(1);
  expect(partly.delivery.rejected).toHaveLength(1);
  const whole = await send([{ status: 401, body: 'no key' }]);
  expect(whole.bodies).toHaveLength(1);
  expect(whole.delivery).toMatchObject({ acknowledged: [], complaint: '401 no key' });
  expect(whole.delivery.rejected).toHaveLength(2);
});

test('patience ends, and then nobody knows what arrived', async () => {
  const { delivery, bodies } = await send([new Error('connection refused')]);
  expect(bodies).toHaveLength(12);
  expect(delivery.uncertain).toHaveLength(2);
  expect(delivery.complaint).toBe('connection refused');
});

test('a percentile is a value that was measured', () => {
  expect(percentile([5, 1, 4, 2, 3], 50)).toBe(3);
  expect(percentile([5, 1, 4, 2, 3], 99)).toBe(5);
  expect(percentile([], 50)).toBe(0);
});
