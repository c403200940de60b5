import { expect, test } from 'vitest';
import { memoryEventStream } from '../../functions/adapters/memory-event-stream.ts';
import { memorySpillQueue } from '../../functions/adapters/memory-spill-queue.ts';
import { INGEST_ROUTES } from '../../functions/collect/routes.ts';
import { readSpill } from '../../functions/core/event/spill.ts';
import type { HttpResponse } from '../../functions/runtime/http.ts';
import { collecting, httpRequest, KEYS, NOW_MS } from '../support/collecting.ts';

const view = { userId: 'u', eventType: 'VIEW' };
const bodyOf = (response: HttpResponse) => JSON.parse(response.body) as Record<string, unknown>;

test('a batch of good, bad and twice the same is answered one by one, and only the good travels', async () => {
  const platform = collecting();
  const response = await platform.serve(
    httpRequest({
      sent: [{ ...view, eventId: 'a' }, { eventId: 'b' }, { ...view, eventId: 'a' }, view],
    }),
  );
  expect(response.statusCode).toBe(202);
  expect(bodyOf(response)).toEqual({
    accepted: 2,
    duplicates: 1,
    rejected: 1,
    results: [
      { index: 0, eventId: 'a', status: 'accepted' },
      {
        index: 1,
        eventId: 'b',
        status: 'rejected',
        error: { reason: 'no_user', detail: 'An event needs a `userId` or an `anonymousId`.' },
      },
      { index: 2, eventId: 'a', status: 'duplicate' },
      { index: 3, eventId: 'ours-1', status: 'accepted' },
    ],
  });
  expect(platform.events().map(({ eventId }) => eventId)).toEqual(['a', 'ours-1']);
  expect(Object.fromEntries(platform.counts)).toEqual({
    requests: 1,
    received: 4,
    accepted: 2,
    duplicate: 1,
    rejected: 1,
  });
});

test('what was rejected is kept, one object a request, as it was sent', async () => {
  const platform = collecting();
  await platform.serve(httpRequest({ sent: [{ secret: 1 }, view, { userId: [] }] }));
  expect(platform.kept.size).toBe(1);
  const [[key, kept] = []] = platform.kept;
  expect(key).toContain('request-1');
  expect(kept).toContain('no_user');
  expect(kept).toContain('wrong_type');
});

test('nothing is kept for a key that is not valid', async () => {
  const platform = collecting();
  await platform.serve(httpRequest({ sent: [{}], headers: { 'x-api-key': 'guess' } }));
  await platform.serve(httpRequest({ sent: [{}], headers: { 'x-api-key': KEYS.client } }));
  expect(platform.kept.size).toBe(0);
});

test('beyond a hundred objects a second of a key, what is rejected is only counted', async () => {
  const platform = collecting();
  for (let index = 0; index < 130; index += 1)
    await platform.serve(httpRequest({ sent: [{}, {}], requestId: `r-${index}` }));
  expect(platform.kept.size).toBe(100);
  expect(platform.counts.get('rejectedNotKept')).toBe(60);
});

test('a bucket that fails fails no request', async () => {
  const platform = collecting({ failed: { park: () => Promise.reject(new Error('S3 is away')) } });
  const response = await platform.serve(httpRequest({ sent: [view, {}] }));
  expect(response.statusCode).toBe(202);
  expect(platform.counts.get('rejectedNotKept')).toBe(1);
});

test.each(INGEST_ROUTES.map(({ path, allRejected }) => [path, allRejected] as const))(
  '%s answers 202, or %d where all is rejected, with the same list',
  async (path, allRejected) => {
    const platform = collecting();
    const good = await platform.serve(httpRequest({ path, sent: { ...view, name: 'x' } }));
    expect(good.statusCode).toBe(202);
    const bad = await platform.serve(httpRequest({ path, sent: [{}] }));
    expect(bad.statusCode).toBe(allRejected);
    expect(bodyOf(bad)).toMatchObject({
      status: allRejected,
      accepted: 0,
      rejected: 1,
      results: [{ index: 0 }],
    });
  },
);

test.each(['/api/users/activity', '/api/orders/place'])(
  'an empty body to %s is made up where the tenant simulates, and only there',
  async (path) => {
    const simulating = collecting({ simulating: ['main'] });
    expect((await simulating.serve(httpRequest({ path }))).statusCode).toBe(202);
    expect(simulating.events()).toHaveLength(1);
    const plain = collecting();
    expect((await plain.serve(httpRequest({ path }))).statusCode).toBe(400);
    expect(plain.events()).toHaveLength(0);
    expect((await simulating.serve(httpRequest({ path: '/events' }))).statusCode).toBe(400);
  },
);

test('the tenant comes from the key, whatever the event says', async () => {
  const platform = collecting();
  await platform.serve(httpRequest({ sent: { ...view, tenant: 'other' } }));
  const [event] = platform.events();
  expect(event).toMatchObject({ tenant: 'main', extras: { tenant: 'other' } });
  expect(platform.stream.records()[0]?.partitionKey).toBe('main#u');
});

test('a write key in the body is not stored', async () => {
  const platform = collecting();
  for (const sent of [
    { ...view, writeKey: KEYS.write },
    { events: [{ ...view, writeKey: KEYS.write }], writeKey: KEYS.write },
  ])
    expect((await platform.serve(httpRequest({ headers: {}, sent }))).statusCode).toBe(202);
  expect(JSON.stringify(platform.stream.records())).not.toContain(KEYS.write);
});

test('ingest says by which door, key, request and trace an event came', async () => {
  const platform = collecting();
  await platform.serve(
    httpRequest({
      path: '/collect//event/',
      sent: view,
      headers: { 'x-write-key': KEYS.write, traceparent: '00-a-b-01' },
    }),
  );
  expect(platform.events()[0]?.ingest).toMatchObject({
    protocol: '001',
    path: '/collect/event',
    requestId: 'request-1',
    keyId: 'write-id',
    traceparent: '00-a-b-01',
  });
});

test('a throttled record is put again, alone, before the answer', async () => {
  const stream = memoryEventStream(
    ({ partitionKey }, call) => partitionKey === 'main#v' && call < 3,
  );
  const platform = collecting({ stream });
  const response = await platform.serve(
    httpRequest({ sent: [view, { ...view, userId: 'v' }, { ...view, userId: 'w' }] }),
  );
  expect(response.statusCode).toBe(202);
  expect(stream.calls().map((call) => call.map(({ partitionKey }) => partitionKey))).toEqual([
    ['main#u', 'main#v', 'main#w'],
    ['main#v'],
    ['main#v'],
  ]);
});

test('a record that neither stream nor queue takes is a 503 for the whole request', async () => {
  const platform = collecting({
    stream: memoryEventStream(({ partitionKey }) => partitionKey === 'main#v'),
    spill: memorySpillQueue(() => true),
  });
  const response = await platform.serve(httpRequest({ sent: [view, { ...view, userId: 'v' }] }));
  expect(response.statusCode).toBe(503);
  expect(response.headers['retry-after']).toBe('1');
  expect(platform.stream.calls()).toHaveLength(3);
  expect(platform.counts.get('accepted')).toBeUndefined();
});

const away = {
  ...memoryEventStream(),
  put: () => Promise.reject(new Error('no stream')),
};
const queueAway = memorySpillQueue(() => {
  throw new Error('no queue');
});

test('a stream that is away is no concern of the client: the events are spilled', async () => {
  const platform = collecting({ stream: away });
  const response = await platform.serve(httpRequest({ sent: [view, { ...view, userId: 'v' }] }));
  expect(response.statusCode).toBe(202);
  expect(platform.spill.messages().map((body) => readSpill(body)?.[0]?.partitionKey)).toEqual([
    'main#u',
    'main#v',
  ]);
  expect(platform.counts.get('spilled')).toBe(2);
});

test('a stream and a queue that are both away are a 503', async () => {
  const response = await collecting({ stream: away, spill: queueAway }).serve(
    httpRequest({ sent: view }),
  );
  expect(response.statusCode).toBe(503);
});

test('only what is not on the stream is spilled', async () => {
  const platform = collecting({
    stream: memoryEventStream(({ partitionKey }) => partitionKey === 'main#v'),
  });
  const response = await platform.serve(httpRequest({ sent: [view, { ...view, userId: 'v' }] }));
  expect(response.statusCode).toBe(202);
  expect(platform.stream.records().map(({ partitionKey }) => partitionKey)).toEqual(['main#u']);
  expect(platform.spill.messages().map((body) => readSpill(body)?.[0]?.partitionKey)).toEqual([
    'main#v',
  ]);
});

test('an open breaker spills without another try, and /readyz shows it', async () => {
  let puts = 0;
  const stream = {
    ...memoryEventStream(),
    put: () => {
      puts += 1;
      return Promise.reject(new Error('no stream'));
    },
  };
  let sleeps = 0;
  const platform = collecting({
    stream,
    sleep: async () => {
      sleeps += 1;
    },
  });
  const breaker = async () =>
    JSON.parse((await platform.serve(httpRequest({ method: 'GET', path: '/readyz' }))).body)
      .breaker;
  expect(await breaker()).toBe('closed');
  for (let requests = 0; requests < 10; requests += 1)
    expect((await platform.serve(httpRequest({ sent: view }))).statusCode).toBe(202);
  expect(puts).toBe(5);
  expect(platform.spill.messages()).toHaveLength(10);
  expect(await breaker()).toBe('open');
  sleeps = 0;
  expect((await platform.serve(httpRequest({ sent: view }))).statusCode).toBe(202);
  expect(sleeps).toBe(0);
});

test('over its limit a key is told how many whole seconds to wait; another key is not', async () => {
  const platform = collecting({
    limits: {
      write: { perSecond: 1, burst: 1 },
      client: { perSecond: 1, burst: 1 },
      server: { perSecond: 1, burst: 1 },
      operator: { perSecond: 0.4, burst: 2 },
    },
  });
  const send = (key: string, receivedAtMs = NOW_MS) =>
    platform.serve(httpRequest({ sent: view, headers: { 'x-api-key': key }, receivedAtMs }));
  expect((await send(KEYS.operator)).statusCode).toBe(202);
  expect((await send(KEYS.operator)).statusCode).toBe(202);
  const refused = await send(KEYS.operator);
  expect([refused.statusCode, refused.headers['retry-after']]).toEqual([429, '3']);
  expect((await send(KEYS.server)).statusCode).toBe(202);
  expect((await send(KEYS.operator, NOW_MS + 2_499)).statusCode).toBe(429);
  expect((await send(KEYS.operator, NOW_MS + 2_500)).statusCode).toBe(202);
});

test('a preflight and an answer name the origin that asked, if it may', async () => {
  const platform = collecting({ corsOrigins: ['https://shop.example'] });
  const ask = (origin: string) =>
    platform.serve(httpRequest({ method: 'OPTIONS', path: '/events', headers: { origin } }));
  const { statusCode, headers } = await ask('https://shop.example');
  expect(statusCode).toBe(204);
  expect(headers).toMatchObject({
    'access-control-allow-origin': 'https://shop.example',
    'access-control-allow-methods': 'POST, OPTIONS',
    'access-control-expose-headers': 'ETag, Retry-After',
  });
  expect(headers['access-control-allow-headers']).toContain('x-write-key');
  expect((await ask('https://evil.example')).headers).not.toHaveProperty(
    'access-control-allow-origin',
  );
});

test('a wrong method is told the right ones', async () => {
  const { statusCode, headers } = await collecting().serve(
    httpRequest({ method: 'DELETE', path: '/collect' }),
  );
  expect([statusCode, headers.allow]).toEqual([405, 'POST, OPTIONS']);
});

test.each(['/healthz', '/readyz', '/openapi.json', '/schemas/event/1.json', '/docs'])(
  '%s needs no key',
  async (path) => {
    const response = await collecting().serve(httpRequest({ method: 'GET', path, headers: {} }));
    expect(response.statusCode).toBe(200);
  },
);

test('the docs page asks for nothing from elsewhere', async () => {
  const { body } = await collecting().serve(httpRequest({ method: 'GET', path: '/docs' }));
  expect(body).not.toMatch(/https?:|<script|<link|@import|url\(/);
});

interface Operation {
  readonly operationId: string;
  readonly responses: Readonly<Record<string, unknown>>;
}

test('the OpenAPI document is whole: each route that works, each reference, each id once', async () => {
  const { body } = await collecting().serve(httpRequest({ method: 'GET', path: '/openapi.json' }));
  const document = JSON.parse(body) as {
    readonly openapi: string;
    readonly paths: Readonly<Record<string, Readonly<Record<string, Operation>>>>;
    readonly components: { readonly schemas: Readonly<Record<string, unknown>> };
  };
  expect(document.openapi).toBe('3.1.0');
  expect(Object.keys(document.paths)).toEqual(
    expect.arrayContaining(INGEST_ROUTES.map(({ path }) => path)),
  );
  expect(document.paths).toHaveProperty('/collect/batch');
  const operations = Object.values(document.paths).flatMap((path) => Object.values(path));
  expect(new Set(operations.map(({ operationId }) => operationId)).size).toBe(operations.length);
  for (const [, name] of body.matchAll(/"#\/components\/schemas\/(\w+)"/g))
    expect(document.components.schemas).toHaveProperty(name ?? '');
});
