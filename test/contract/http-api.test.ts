import { Agent, createServer, request as httpRequest, type Server } from 'node:http';
import { type AddressInfo, connect } from 'node:net';
import { setTimeout as after } from 'node:timers/promises';
import { afterEach, expect, test } from 'vitest';
import type { Invocation } from '../../localstack/cloud.ts';
import { createHttpApi } from '../../localstack/services/http-api/http-api.ts';

interface Front {
  readonly url: string;
  readonly port: number;
  /** Every event that reached a function, with the function's ARN. */
  readonly events: readonly { readonly arn: string; readonly event: Record<string, unknown> }[];
}

interface FrontOptions {
  readonly routes?: Readonly<Record<string, string>>;
  readonly stage?: Readonly<Record<string, unknown>>;
  readonly integration?: Readonly<Record<string, unknown>>;
  readonly answer?: (arn: string, event: Record<string, unknown>) => unknown;
  readonly demoKey?: string;
  readonly now?: () => number;
}

const servers: Server[] = [];
afterEach(() => {
  for (const server of servers.splice(0)) {
    server.closeAllConnections();
    server.close();
  }
});

/** An invocation, or what a function returned. */
const isInvocation = (value: unknown): value is Invocation =>
  typeof value === 'object' && value !== null && 'payload' in value;

const front = async (options: FrontOptions = {}): Promise<Front> => {
  const events: { arn: string; event: Record<string, unknown> }[] = [];
  const api = createHttpApi({
    url: 'http://localhost:8080',
    now: options.now ?? Date.now,
    demoKey: () => options.demoKey,
    invoker: {
      invoke: async (arn, payload) => {
        const event: Record<string, unknown> = JSON.parse(payload);
        events.push({ arn, event });
        const result = await options.answer?.(arn, event);
        return isInvocation(result) ? result : { payload: JSON.stringify(result ?? {}) };
      },
    },
  });
  const create = async (type: string, logicalId: string, properties: Record<string, unknown>) => {
    const found = api.resourceTypes.find((one) => one.type === `AWS::ApiGatewayV2::${type}`);
    const created = await found?.create({
      stack: 'test',
      logicalId,
      type,
      physicalName: `test-${logicalId}`,
      metadata: {},
      properties,
    });
    return created?.ref ?? '';
  };
  const ApiId = await create('Api', 'Api', { Name: 'test', ProtocolType: 'HTTP' });
  await create('Stage', 'Stage', {
    ApiId,
    StageName: '$default',
    AutoDeploy: true,
    ...options.stage,
  });
  for (const [RouteKey, arn] of Object.entries(options.routes ?? { $default: 'all' })) {
    const id = await create('Integration', `To-${RouteKey}`, {
      ApiId,
      IntegrationType: 'AWS_PROXY',
      PayloadFormatVersion: '2.0',
      IntegrationUri: arn,
      ...options.integration,
    });
    await create('Route', RouteKey, { ApiId, RouteKey, Target: `integrations/${id}` });
  }
  const server = createServer(api.front).listen(0, '127.0.0.1');
  servers.push(server);
  await new Promise((resolve) => server.once('listening', resolve));
  const { port } = server.address() as AddressInfo;
  return { url: `http://127.0.0.1:${port}`, port, events };
};

test('a function gets the event of payload format 2.0', async () => {
  const { url, port, events } = await front({ routes: { 'GET /v1/profiles/{userId}': 'profile' } });
  await fetch(`${url}/v1/profiles/user%20123?ids=a&ids=b&q=x%20y`, {
    headers: { 'X-Test': 'one', cookie: 'a=1; b=2', 'user-agent': 'tester' },
  });
  expect(events).toHaveLength(1);
  expect(events[0]?.arn).toBe('profile');
  expect(events[0]?.event).toMatchObject({
    version: '2.0',
    routeKey: 'GET /v1/profiles/{userId}',
    rawPath: '/v1/profiles/user 123',
    rawQueryString: 'ids=a&ids=b&q=x%20y',
    queryStringParameters: { ids: 'a,b', q: 'x y' },
    pathParameters: { userId: 'user 123' },
    cookies: ['a=1', 'b=2'],
    headers: {
      host: `127.0.0.1:${port}`,
      'x-test': 'one',
      'x-forwarded-for': '127.0.0.1',
      'x-forwarded-proto': 'http',
    },
    requestContext: {
      accountId: '000000000000',
      http: {
        method: 'GET',
        path: '/v1/profiles/user 123',
        protocol: 'HTTP/1.1',
        sourceIp: '127.0.0.1',
        userAgent: 'tester',
      },
      routeKey: 'GET /v1/profiles/{userId}',
      stage: '$default',
      time: expect.stringMatching(/^\d\d\/[A-Z][a-z]{2}\/\d{4}:\d\d:\d\d:\d\d \+0000$/),
      timeEpoch: expect.any(Number),
    },
    isBase64Encoded: false,
  });
  expect(events[0]?.event).not.toHaveProperty('body');
  expect(events[0]?.event.headers).not.toHaveProperty('cookie');
});

test('a repeated header arrives once, its values joined by a comma', async () => {
  const { port, events } = await front();
  const socket = connect(port, '127.0.0.1');
  socket.write('GET / HTTP/1.1\r\nHost: a\r\nX-Many: 1\r\nx-many: 2\r\nConnection: close\r\n\r\n');
  await new Promise((resolve) => socket.once('data', resolve));
  socket.destroy();
  expect(events[0]?.event.headers).toMatchObject({ 'x-many': '1,2' });
});

const bodies: readonly (readonly [type: string | undefined, isBase64: boolean])[] = [
  ['application/json', false],
  ['application/json; charset=utf-8', false],
  ['Application/JSON', false],
  ['application/xml', false],
  ['application/javascript', false],
  ['text/plain', false],
  ['text/csv;charset=utf-8', false],
  ['application/x-www-form-urlencoded', true],
  ['application/problem+json', true],
  ['application/x-ndjson', true],
  ['multipart/form-data; boundary=x', true],
  ['application/octet-stream', true],
  [undefined, true],
];

test.each(bodies)('a body of type %s is base64: %s', async (type, isBase64) => {
  const { url, events } = await front();
  const body = Buffer.from('{"ü":1}');
  await fetch(url, {
    method: 'POST',
    body,
    headers: type === undefined ? {} : { 'content-type': type },
  });
  expect(events[0]?.event).toMatchObject({
    isBase64Encoded: isBase64,
    body: body.toString(isBase64 ? 'base64' : 'utf8'),
  });
});

test('Content-Encoding changes nothing: gzip under a JSON type arrives broken, as on AWS', async () => {
  const { url, events } = await front();
  const body = Buffer.from([0x1f, 0x8b, 0xff, 0xfe]);
  const headers = { 'content-type': 'application/json', 'content-encoding': 'gzip' };
  await fetch(url, { method: 'POST', body, headers });
  expect(events[0]?.event).toMatchObject({ isBase64Encoded: false, body: body.toString('utf8') });
});

const routes = {
  'ANY /v1/profiles': 'any',
  'GET /v1/profiles': 'list',
  'GET /v1/profiles/{userId}': 'one',
  'GET /v1/profiles/me': 'exact',
  'ANY /v1/{proxy+}': 'below',
  'GET /v1/{name}': 'named',
  'OPTIONS /{proxy+}': 'options',
  $default: 'default',
};

test.each([
  ['GET', '/v1/profiles', 'list'],
  ['GET', '/v1/profiles/u', 'one'],
  ['GET', '/v1/profiles/me', 'exact'],
  ['GET', '/v1/other', 'named'],
  ['POST', '/v1/profiles', 'any'],
  ['POST', '/v1/', 'default'],
  ['POST', '/v1/profiles/u', 'below'],
  ['GET', '/v1/profiles/u/events', 'below'],
  ['GET', '/v1/profiles/', 'below'],
  ['OPTIONS', '/anything/else', 'options'],
  ['OPTIONS', '/v1/x', 'below'],
  ['POST', '/events', 'default'],
  ['GET', '/', 'default'],
])('%s %s is taken by the route %s', async (method, path, arn) => {
  const { url, events } = await front({ routes });
  await fetch(url + path, { method });
  expect(events.map((one) => one.arn)).toEqual([arn]);
});

test('what no route takes is 404 in the gateway’s words', async () => {
  const { url } = await front({ routes: { 'GET /a': 'a' } });
  const response = await fetch(`${url}/b`);
  expect([response.status, await response.text()]).toEqual([404, '{"message":"Not Found"}']);
});

test('a result with a status decides status, headers, cookies and bytes', async () => {
  const { url } = await front({
    answer: () => ({
      statusCode: 201,
      headers: { ETag: '"x"', 'Content-Type': 'image/png', 'content-length': '999' },
      cookies: ['a=1; Secure', 'b=2'],
      body: Buffer.from([0, 255, 1]).toString('base64'),
      isBase64Encoded: true,
    }),
  });
  const response = await fetch(url);
  expect(response.status).toBe(201);
  expect(response.headers.get('etag')).toBe('"x"');
  expect(response.headers.get('content-type')).toBe('image/png');
  expect(response.headers.getSetCookie()).toEqual(['a=1; Secure', 'b=2']);
  expect([...new Uint8Array(await response.arrayBuffer())]).toEqual([0, 255, 1]);
});

test('a result without a status is the body', async () => {
  const { url } = await front({ answer: () => ({ hello: 'you' }) });
  const response = await fetch(url);
  expect([response.status, response.headers.get('content-type')]).toEqual([
    200,
    'application/json',
  ]);
  expect(await response.json()).toEqual({ hello: 'you' });
});

test.each([
  [{ payload: '{"errorMessage":"x"}', error: 'unhandled' }, 500, 'Internal Server Error'],
  [{ payload: '{"statusCode":"no"}' }, 500, 'Internal Server Error'],
  [{ payload: 'not json' }, 500, 'Internal Server Error'],
  [{ payload: '{}', error: 'throttled' }, 503, 'Service Unavailable'],
])('a function that answers %j is %i', async (invocation, status, message) => {
  const { url } = await front({ answer: () => invocation });
  const response = await fetch(url);
  expect([response.status, await response.json()]).toEqual([status, { message }]);
});

test('a function slower than its integration is 503', async () => {
  const { url } = await front({
    integration: { TimeoutInMillis: 60 },
    answer: () => new Promise((resolve) => setTimeout(() => resolve({}), 1_000)),
  });
  const response = await fetch(url);
  expect([response.status, await response.json()]).toEqual([
    503,
    { message: 'Service Unavailable' },
  ]);
});

test('a stage throttles by a token bucket, in the gateway’s words', async () => {
  let nowMs = 1_000_000;
  const { url } = await front({
    now: () => nowMs,
    stage: { DefaultRouteSettings: { ThrottlingBurstLimit: 3, ThrottlingRateLimit: 2 } },
  });
  const statuses = async (count: number) => {
    const all: number[] = [];
    for (let at = 0; at < count; at += 1) all.push((await fetch(url)).status);
    return all;
  };
  expect(await statuses(4)).toEqual([200, 200, 200, 429]);
  nowMs += 1_000;
  expect(await statuses(3)).toEqual([200, 200, 429]);
  // However long nobody comes, no more than the burst is saved up.
  nowMs += 60_000;
  expect(await statuses(4)).toEqual([200, 200, 200, 429]);
  expect(await (await fetch(url)).text()).toBe('{"message":"Too Many Requests"}');
});

test('a route with limits of its own is throttled by them', async () => {
  const { url } = await front({
    now: () => 0,
    routes: { 'GET /a': 'a', 'GET /b': 'b' },
    stage: {
      RouteSettings: { 'GET /a': { ThrottlingBurstLimit: 1, ThrottlingRateLimit: 1 } },
    },
  });
  const status = async (path: string) => (await fetch(url + path)).status;
  expect([await status('/a'), await status('/a'), await status('/b')]).toEqual([200, 429, 200]);
});

test('10 MB pass, and a byte more is 413 before a function sees it', async () => {
  const { url, events } = await front();
  const most = 10 * 1024 * 1024;
  const status = async (bytes: number) => {
    const response = await fetch(url, {
      method: 'POST',
      body: Buffer.alloc(bytes, 'x'),
      headers: { 'content-type': 'text/plain' },
    });
    return [response.status, await response.text()];
  };
  expect(await status(most)).toEqual([200, '{}']);
  expect(await status(most + 1)).toEqual([413, '{"message":"Request Entity Too Large"}']);
  expect(events).toHaveLength(1);
});

test('who sends on after a 413 is read to the end of its body, though it wants the connection closed', async () => {
  const { port } = await front();
  const socket = connect(port, '127.0.0.1');
  let answer = '';
  const ended = new Promise<string>((resolve) => {
    socket.on('error', (error) => resolve(`reset: ${error.message}`));
    socket.on('close', () => resolve('closed'));
  });
  socket.on('data', (chunk) => {
    answer += chunk;
  });
  socket.write(
    'POST / HTTP/1.1\r\nhost: a\r\nconnection: close\r\ntransfer-encoding: chunked\r\n\r\n',
  );
  const megabyte = Buffer.alloc(1024 * 1024);
  const sendOne = async (): Promise<void> => {
    for (const part of ['100000\r\n', megabyte, '\r\n']) socket.write(part);
    await after(20);
  };
  for (let sent = 0; sent < 11; sent += 1) await sendOne();
  await expect.poll(() => answer).toContain('Request Entity Too Large');
  for (let more = 0; more < 5; more += 1) await sendOne();
  expect(socket.destroyed).toBe(false);
  socket.write('0\r\n\r\n');
  expect(await ended).toBe('closed');
});

test('413 comes while the client still sends, and nothing is reset', async () => {
  const { port } = await front();
  const agent = new Agent();
  const outcome = await new Promise<string>((resolve) => {
    const sent = httpRequest({ port, host: '127.0.0.1', method: 'POST', agent }, (response) => {
      let body = '';
      response.on('data', (chunk) => {
        body += chunk;
      });
      response.on('end', () => resolve(`${response.statusCode} ${body} after ${chunks} chunks`));
    });
    let chunks = 0;
    sent.on('error', (error) => resolve(`reset: ${error.message}`));
    const chunk = Buffer.alloc(1024 * 1024);
    // Chunked, so that only counting shows that it is too large; the client sends all of it.
    const more = (): void => {
      chunks += 1;
      if (chunks > 14) sent.end();
      else sent.write(chunk, () => setTimeout(more, 5));
    };
    more();
  });
  agent.destroy();
  expect(outcome).toMatch(/^413 \{"message":"Request Entity Too Large"\} after 1[1-4] chunks$/);
});

const withKey = 'trb_operator_demo';

test('the front adds the demo key to a request that carries none', async () => {
  const { url, events } = await front({ demoKey: withKey });
  await fetch(url);
  expect(events[0]?.event.headers).toMatchObject({ authorization: `Bearer ${withKey}` });
});

test.each([
  ['authorization', 'Basic abc'],
  ['x-api-key', 'trb_client_x'],
  ['x-write-key', 'trb_write_x'],
])('a request with %s keeps its own key', async (name, value) => {
  const { url, events } = await front({ demoKey: withKey });
  await fetch(url, { headers: { [name]: value } });
  expect(events[0]?.event.headers).toMatchObject({ [name]: value });
  expect(JSON.stringify(events)).not.toContain(withKey);
});

test('a write key in the body counts as a key', async () => {
  const { url, events } = await front({ demoKey: withKey });
  await fetch(url, { method: 'POST', body: JSON.stringify({ writeKey: 'w', events: [] }) });
  expect(JSON.stringify(events)).not.toContain(withKey);
});

test.each([
  [{ AutoDeploy: false }, 'AutoDeploy must be true'],
  [{ StageName: 'v1' }, 'StageName must be $default'],
])('a stage with %j is refused', async (stage, sentence) => {
  await expect(front({ stage })).rejects.toThrow(sentence);
});

test.each([
  [{ PayloadFormatVersion: '1.0' }, 'PayloadFormatVersion must be 2.0'],
  [{ IntegrationType: 'HTTP_PROXY' }, 'IntegrationType must be AWS_PROXY'],
  [{ TimeoutInMillis: 30_001 }, 'TimeoutInMillis 30001'],
])('an integration with %j is refused', async (integration, sentence) => {
  await expect(front({ integration })).rejects.toThrow(sentence);
});
