/** The table of docs/api.md against the running platform: nothing is lost, nothing is half-applied. */
import { execFileSync } from 'node:child_process';
import { rmSync } from 'node:fs';
import { gunzipSync } from 'node:zlib';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { answerCases, keyHeaders } from '../support/answers.ts';
import { drained, effectTotals } from './asking.ts';
import { newDataDir, type Started, startProcess } from './start-process.ts';

const dataDir = newDataDir();
let platform: Started;
let keys: { operator: string; client: string };
/** Events that a 202 promised, by user; every one must come out of the other end. */
const promised = new Map<string, number>();

beforeAll(async () => {
  platform = await startProcess({ dataDir, args: ['--keys'] });
  const client = execFileSync(process.execPath, ['bin/keys.ts', 'create', '--kind', 'client'], {
    encoding: 'utf8',
    stdio: ['ignore', 'pipe', 'ignore'],
    env: {
      ...process.env,
      AWS_ENDPOINT_URL: platform.endpointUrl,
      AWS_ACCESS_KEY_ID: 'test',
      AWS_SECRET_ACCESS_KEY: 'test',
      AWS_REGION: 'us-east-1',
    },
  });
  keys = { operator: platform.demoKey, client: client.trim() };
});
afterAll(async () => {
  platform.child.kill('SIGTERM');
  await platform.ended;
  rmSync(dataDir, { recursive: true, force: true });
});

const cases = answerCases();

const textOf = (body: Uint8Array): string =>
  (body[0] === 0x1f ? gunzipSync(body) : Buffer.from(body)).toString('utf8').replace(/^\uFEFF/, '');

test.each(cases.map((one) => [one.name, one] as const))('%s', async (_, one) => {
  const request = one.request(keys.operator);
  const response = await fetch(`${platform.apiUrl}${request.path}`, {
    method: request.method,
    headers: {
      ...(request.contentType === '' ? {} : { 'content-type': request.contentType }),
      ...keyHeaders(request, keys),
    },
    ...(request.method === 'GET' || request.method === 'OPTIONS'
      ? {}
      : { body: Buffer.from(request.body) }),
  });
  const text = await response.text();
  expect(response.status).toBe(one.status);
  if (one.code !== '' && !one.gatewayMayAnswer) expect(text).toContain(`"${one.code}"`);
  if (one.events === undefined) return;
  const answer: {
    readonly accepted: number;
    readonly duplicates: number;
    readonly rejected: number;
    readonly results: readonly { readonly index: number; readonly status: string }[];
  } = JSON.parse(text);
  expect(answer).toMatchObject(one.events);
  if (response.status !== 202) return;
  const sent: unknown = JSON.parse(textOf(request.body));
  const events: readonly unknown[] = Array.isArray(sent) ? sent : (Object(sent).events ?? [sent]);
  for (const { index, status } of answer.results) {
    if (status !== 'accepted') continue;
    const user = String(Object(events[index]).userId);
    promised.set(user, (promised.get(user) ?? 0) + 1);
  }
});

test('after all of it the process lives, and every event that was accepted has arrived once', async () => {
  expect((await fetch(`${platform.apiUrl}/healthz`)).status).toBe(200);
  await drained(platform);
  expect(promised.size).toBeGreaterThan(0);
  for (const [user, accepted] of promised) {
    const { applied, duplicate, parked } = await effectTotals(platform, user);
    expect(`${user} ${applied + duplicate + parked}`).toBe(`${user} ${accepted}`);
  }
});
