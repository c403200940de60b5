import { readFileSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { type LambdaHarness, lambdaHarness } from './lambda-functions.ts';

let harness: LambdaHarness;

beforeAll(async () => {
  harness = await lambdaHarness();
});
afterAll(() => harness.close());

const answer = async (name: string, event: unknown = {}): Promise<unknown> => {
  const { payload, error } = await harness.invoker.invoke(name, JSON.stringify(event));
  return { ...JSON.parse(payload), ...(error === undefined ? {} : { error }) };
};

test('a function gets the event, and Lambda gets what it returns', async () => {
  const name = await harness.create('echo', 'export const handler = async (event) => ({ event });');
  expect(await answer(name, { a: 1 })).toEqual({ event: { a: 1 } });
});

test('a function is found by its ARN, as mappings and routes name it', async () => {
  await harness.create('by-arn', 'export const handler = () => ({ ok: true });');
  const arn = 'arn:aws:lambda:us-east-1:000000000000:function:test-by-arn';
  expect(await answer(arn)).toEqual({ ok: true });
});

test('a copy is kept for the next call, and calls at once get copies of their own', async () => {
  const name = await harness.create(
    'copies',
    'let calls = 0; export const handler = async ({ waitMs }) => { await new Promise((r) => setTimeout(r, waitMs)); return { pid: process.pid, calls: ++calls }; };',
  );
  const first = await answer(name, { waitMs: 0 });
  expect(await answer(name, { waitMs: 0 })).toEqual({ ...Object(first), calls: 2 });
  const both = await Promise.all([answer(name, { waitMs: 500 }), answer(name, { waitMs: 500 })]);
  expect(new Set(both.map((one) => Object(one).pid)).size).toBe(2);
});

test('a copy serves one call at a time', async () => {
  const name = await harness.create(
    'alone',
    'let inside = 0; export const handler = async () => { inside += 1; const now = inside; await new Promise((r) => setTimeout(r, 20)); inside -= 1; return { now }; };',
  );
  // Warm, so that calls come while others are being served.
  await answer(name);
  const waves = Array.from({ length: 30 }, async (_, at) => {
    await new Promise((resolve) => setTimeout(resolve, at * 7));
    return Promise.all([answer(name), answer(name)]);
  });
  const all = (await Promise.all(waves)).flat();
  expect(all).toEqual(Array.from({ length: 60 }, () => ({ now: 1 })));
});

test('what a handler throws comes back in the shape of the Node runtime', async () => {
  const name = await harness.create(
    'throws',
    "export const handler = async () => { throw new RangeError('too far'); };",
  );
  expect(await answer(name)).toEqual({
    error: 'unhandled',
    errorType: 'RangeError',
    errorMessage: 'too far',
    trace: expect.arrayContaining(['RangeError: too far']),
  });
});

test('a bundle that does not load answers each call with why, and the next call tries anew', async () => {
  const name = await harness.create(
    'broken',
    "throw new Error('no table'); export const handler = 1;",
  );
  const expected = { error: 'unhandled', errorType: 'Error', errorMessage: 'no table' };
  expect(await answer(name)).toMatchObject(expected);
  expect(await answer(name)).toMatchObject(expected);
});

test('a handler that is not exported is an error that names it', async () => {
  const name = await harness.create('unnamed', 'export const other = 1;');
  expect(await answer(name)).toMatchObject({
    error: 'unhandled',
    errorMessage: 'index.handler is undefined or not exported',
  });
});

test('a call over its time is ended with its process, and the next one starts anew', async () => {
  const name = await harness.create(
    'slow',
    'export const handler = ({ loop }) => { while (loop) { /* no timer can end this */ } return { pid: process.pid }; };',
    { Timeout: 1 },
  );
  const before = await answer(name, {});
  expect(await answer(name, { loop: true })).toMatchObject({
    error: 'unhandled',
    errorType: 'Sandbox.Timedout',
    errorMessage: expect.stringContaining('Task timed out after 1.00 seconds'),
  });
  const after = await answer(name, {});
  expect(after).not.toEqual(before);
  expect(() => process.kill(Object(before).pid, 0)).toThrow();
});

test('a process that dies in a call fails that call alone', async () => {
  const name = await harness.create(
    'dies',
    'export const handler = ({ die }) => { if (die) process.exit(3); return { ok: true }; };',
  );
  expect(await answer(name, { die: true })).toMatchObject({
    error: 'unhandled',
    errorType: 'Runtime.ExitError',
    errorMessage: expect.stringContaining('exit status 3'),
  });
  expect(await answer(name)).toEqual({ ok: true });
});

test('memory is bounded by MemorySize', async () => {
  const name = await harness.create(
    'hungry',
    'export const handler = () => { const all = []; for (let at = 0; at < 500; at += 1) all.push(new Array(131_072).fill(0.5)); return { megabytes: all.length }; };',
    { MemorySize: 128, Timeout: 60 },
  );
  expect(await answer(name)).toMatchObject({ errorType: 'Runtime.ExitError' });
});

test('a reservation throttles what is above it, without running it', async () => {
  const name = await harness.create(
    'reserved',
    'export const handler = async () => { await new Promise((r) => setTimeout(r, 300)); return { ran: true }; };',
    { ReservedConcurrentExecutions: 1 },
  );
  const both = await Promise.all([answer(name), answer(name)]);
  expect(both).toEqual([{ ran: true }, expect.objectContaining({ error: 'throttled' })]);
});

test('the environment is the template’s and Lambda’s, and nothing of the shell', async () => {
  process.env.AWS_PROFILE = 'somebody';
  const name = await harness.create('environment', 'export const handler = () => process.env;', {
    Environment: { Variables: { RECORDS_TABLE: 'records' } },
    MemorySize: 256,
  });
  const environment = await answer(name);
  delete process.env.AWS_PROFILE;
  expect(environment).toMatchObject({
    RECORDS_TABLE: 'records',
    AWS_ENDPOINT_URL: 'http://127.0.0.1:4566',
    AWS_REGION: 'us-east-1',
    AWS_ACCESS_KEY_ID: 'test-environment',
    AWS_CONFIG_FILE: '/dev/null',
    AWS_SHARED_CREDENTIALS_FILE: '/dev/null',
    AWS_LAMBDA_FUNCTION_NAME: 'test-environment',
    AWS_LAMBDA_FUNCTION_MEMORY_SIZE: '256',
    AWS_EXECUTION_ENV: 'AWS_Lambda_nodejs24.x',
    TZ: ':UTC',
  });
  expect(environment).not.toHaveProperty('AWS_PROFILE');
  expect(environment).not.toHaveProperty('HOME');
});

test('the context has the members of the Node runtime', async () => {
  const name = await harness.create(
    'context',
    'export const handler = (event, context) => ({ ...context, left: context.getRemainingTimeInMillis() });',
    { Timeout: 7 },
  );
  const context = Object(await answer(name));
  expect(context).toMatchObject({
    functionName: 'test-context',
    functionVersion: '$LATEST',
    memoryLimitInMB: '128',
    invokedFunctionArn: 'arn:aws:lambda:us-east-1:000000000000:function:test-context',
    awsRequestId: expect.stringMatching(/^[0-9a-f-]{36}$/),
  });
  expect(context.left).toBeGreaterThan(5_000);
  expect(context.left).toBeLessThanOrEqual(7_000);
});

test('6 MB is the most that goes in and comes out', async () => {
  const name = await harness.create(
    'large',
    "export const handler = ({ bytes }) => ({ text: 'x'.repeat(bytes ?? 0) });",
    { Timeout: 20 },
  );
  const most = 6 * 1024 * 1024;
  expect(await answer(name, { bytes: most - 100 })).not.toHaveProperty('error');
  expect(await answer(name, { bytes: most })).toMatchObject({
    errorType: 'Function.ResponseSizeTooLarge',
  });
  expect(await answer(name, { text: 'x'.repeat(most) })).toMatchObject({
    errorType: 'RequestTooLargeException',
  });
});

test('a moved clock moves Date in the functions, now and back', async () => {
  const name = await harness.create(
    'clock',
    'export const handler = () => ({ now: Date.now(), made: new Date().getTime(), given: new Date(5).getTime(), isDate: new Date() instanceof Date });',
  );
  const hourMs = 3_600_000;
  harness.shiftTo(hourMs);
  const moved = Object(await answer(name));
  harness.shiftTo(0);
  const back = Object(await answer(name));
  expect(moved.now - Date.now()).toBeGreaterThan(hourMs - 60_000);
  expect(Math.abs(moved.made - moved.now)).toBeLessThan(1_000);
  expect(moved).toMatchObject({ given: 5, isDate: true });
  expect(Math.abs(back.now - Date.now())).toBeLessThan(60_000);
});

test('what a function prints is in its log', async () => {
  const name = await harness.create(
    'prints',
    "console.log('hello from inside'); export const handler = () => ({});",
  );
  await answer(name);
  await expect
    .poll(() => readFileSync(join(harness.dataDir, 'logs', 'prints.log'), 'utf8'))
    .toContain('hello from inside');
});

test('closing leaves no process behind', async () => {
  const own = await lambdaHarness();
  await own.create('left', 'export const handler = () => ({ pid: process.pid });');
  const { payload } = await own.invoker.invoke('test-left', '{}');
  await own.close();
  expect(() => process.kill(JSON.parse(payload).pid, 0)).toThrow();
});

test('the API invokes, lists and describes', async () => {
  await harness.create('by-api', 'export const handler = (event) => ({ got: event });', {
    Description: 'says what it got',
    Timeout: 9,
  });
  const server = createServer(harness.lambda.handle).listen(0, '127.0.0.1');
  await new Promise((resolve) => server.once('listening', resolve));
  const base = `http://127.0.0.1:${(server.address() as AddressInfo).port}/2015-03-31/functions`;
  const invoked = await fetch(`${base}/test-by-api/invocations`, {
    method: 'POST',
    body: '{"a":1}',
  });
  expect([invoked.status, await invoked.json()]).toEqual([200, { got: { a: 1 } }]);
  const listed = Object(await (await fetch(`${base}/`)).json());
  expect(listed.Functions).toContainEqual(
    expect.objectContaining({
      FunctionName: 'test-by-api',
      Architectures: ['arm64'],
      Description: 'says what it got',
      Timeout: 9,
    }),
  );
  const unknown = await fetch(`${base}/nobody/invocations`, { method: 'POST', body: '{}' });
  expect([unknown.status, unknown.headers.get('x-amzn-errortype')]).toEqual([
    404,
    'ResourceNotFoundException',
  ]);
  const later = await fetch(`${base}/test-by-api/invocations`, {
    method: 'POST',
    body: '{}',
    headers: { 'x-amz-invocation-type': 'Event' },
  });
  expect(later.status).toBe(400);
  server.close();
});
