/**
 * The template, deployed with the CDK CLI to an emulator that is not ours: both stacks complete and
 * 000's curl reaches a profile. It proves the template, never the delivery semantics.
 */
import { type ChildProcess, execFileSync, spawn } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { request } from 'node:http';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { onPath } from './on-path.ts';

const ministack = onPath('ministack');
const folder = mkdtempSync(join(tmpdir(), 'tributary-ministack-'));
let port = 0;
let server: ChildProcess | undefined;

const freePort = (): Promise<number> =>
  new Promise((resolve, reject) => {
    const probe = createServer();
    probe.once('error', reject);
    probe.listen(0, '127.0.0.1', () => {
      const address = probe.address();
      probe.close(() => resolve(typeof address === 'object' && address ? address.port : 0));
    });
  });

const within = async <T>(ms: number, attempt: () => Promise<T | undefined>): Promise<T> => {
  const deadline = Date.now() + ms;
  for (;;) {
    const value = await attempt().catch(() => undefined);
    if (value !== undefined) return value;
    if (Date.now() > deadline) throw new Error(`not within ${ms} ms`);
    await new Promise((resolve) => setTimeout(resolve, 250));
  }
};

const environment = (): NodeJS.ProcessEnv => ({
  ...process.env,
  AWS_ENDPOINT_URL: `http://127.0.0.1:${port}`,
  AWS_ACCESS_KEY_ID: 'test',
  AWS_SECRET_ACCESS_KEY: 'test',
  AWS_REGION: 'us-east-1',
});

beforeAll(async () => {
  if (ministack === undefined) return;
  port = await freePort();
  server = spawn(ministack, [], {
    cwd: folder,
    stdio: 'ignore',
    env: {
      ...process.env,
      BIND_HOST: '127.0.0.1',
      GATEWAY_PORT: String(port),
      IOT_MTLS_ENABLED: '0',
      LAMBDA_EXECUTOR: 'local',
      STATE_DIR: folder,
    },
  });
  await within(30_000, async () => (await fetch(`http://127.0.0.1:${port}/`)).status);
});

afterAll(() => {
  server?.kill('SIGKILL');
  rmSync(folder, { recursive: true, force: true });
});

interface Answer {
  readonly status: number;
  readonly body: string;
}

/** The API is addressed by its id in the host name, which only a plain request lets us set. */
const call = (apiId: string, key: string, method: string, path: string, body?: string) =>
  new Promise<Answer>((resolve, reject) => {
    const sent = request(
      {
        host: '127.0.0.1',
        port,
        method,
        path,
        headers: {
          host: `${apiId}.execute-api.localhost:${port}`,
          'x-api-key': key,
          ...(body === undefined ? {} : { 'content-type': 'application/json' }),
        },
      },
      (response) => {
        const chunks: Buffer[] = [];
        response.on('data', (chunk: Buffer) => chunks.push(chunk));
        response.on('end', () =>
          resolve({ status: response.statusCode ?? 0, body: Buffer.concat(chunks).toString() }),
        );
      },
    );
    sent.on('error', reject);
    sent.end(body);
  });

test.skipIf(ministack === undefined)(
  'MiniStack (skipped where `ministack` is not on PATH): both stacks complete and 000’s curl reaches a profile',
  { timeout: 240_000 },
  async () => {
    const printed = execFileSync(process.execPath, ['bin/deploy-emulator.ts'], {
      env: environment(),
      encoding: 'utf8',
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    const outputsFile = /^Deployed\. Outputs: (.+)$/m.exec(printed)?.[1] ?? '';
    const outputs = JSON.parse(readFileSync(outputsFile, 'utf8')) as Record<
      string,
      Record<string, string>
    >;
    expect(Object.keys(outputs)).toContain('tributary-dev-platform');
    const apiId = outputs['tributary-dev-platform']?.ApiId ?? '';
    const key =
      /trb_operator_[0-9A-Za-z]{32}/.exec(
        execFileSync(process.execPath, ['bin/keys.ts', 'create', '--kind', 'operator'], {
          env: environment(),
          encoding: 'utf8',
        }),
      )?.[0] ?? '';
    expect(key).not.toBe('');

    const event = JSON.stringify({
      userId: 'user123',
      eventType: 'VIEW',
      timestamp: 1714060800000,
      context: { page: 'home', itemId: 'item001', category: 'tech', device: 'mobile', geo: 'de' },
    });
    const accepted = await within(30_000, async () => {
      const answer = await call(apiId, key, 'POST', '/events', event);
      return answer.status < 500 ? answer : undefined;
    });
    expect(accepted).toMatchObject({ status: 202 });
    const profile = await within(30_000, async () => {
      const answer = await call(apiId, key, 'GET', '/v1/profiles/user123');
      return answer.status === 200 ? JSON.parse(answer.body) : undefined;
    });
    expect(profile).toMatchObject({ userId: 'user123', recentItems: ['item001'] });
  },
);
