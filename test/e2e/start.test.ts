import { execFileSync } from 'node:child_process';
import { existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { afterAll, expect, test } from 'vitest';
import {
  copiesOf,
  lives,
  newDataDir,
  refusedStart,
  type Started,
  startProcess,
} from './start-process.ts';

const folders: string[] = [];
const running: Started[] = [];
const dataDirOf = (): string => {
  const folder = newDataDir();
  folders.push(folder);
  return folder;
};
const started = async (options: Parameters<typeof startProcess>[0]): Promise<Started> => {
  const one = await startProcess(options);
  running.push(one);
  return one;
};
afterAll(async () => {
  for (const { child, ended } of running) {
    child.kill('SIGKILL');
    await ended;
  }
  for (const folder of folders) rmSync(folder, { recursive: true, force: true });
});

test('it starts, answers, and Ctrl-C ends every process', async () => {
  const platform = await started({ dataDir: dataDirOf() });
  const health = await fetch(`${platform.apiUrl}/healthz`);
  expect([health.status, await health.json()]).toEqual([200, { status: 'ok' }]);
  const copies = await copiesOf(platform);
  expect(copies.length).toBeGreaterThan(0);
  platform.child.kill('SIGINT');
  expect(await platform.ended).toBe(0);
  expect(copies.filter(lives)).toEqual([]);
  expect(existsSync(join(platform.dataDir, 'owner.pid'))).toBe(false);
});

test('kill -9 leaves no function behind, and the next start finds its key again', async () => {
  const dataDir = dataDirOf();
  const first = await started({ dataDir });
  await fetch(`${first.apiUrl}/healthz`);
  const copies = await copiesOf(first);
  expect(copies.filter(lives)).toEqual(copies);
  first.child.kill('SIGKILL');
  await first.ended;
  await expect.poll(() => copies.filter(lives), { timeout: 5_000 }).toEqual([]);
  const second = await started({ dataDir });
  expect(second.demoKey).toBe(first.demoKey);
  second.child.kill('SIGTERM');
  expect(await second.ended).toBe(0);
});

test('a child that outlived its parent is ended by its recorded id', async () => {
  const dataDir = dataDirOf();
  const first = await started({ dataDir });
  await fetch(`${first.apiUrl}/healthz`);
  const [copy = 0] = await copiesOf(first);
  // Stopped, it cannot end by itself when its parent goes.
  process.kill(copy, 'SIGSTOP');
  first.child.kill('SIGKILL');
  await first.ended;
  expect(lives(copy)).toBe(true);
  const second = await started({ dataDir });
  // Killed already; whoever inherited it collects it a moment later.
  await expect.poll(() => lives(copy), { timeout: 5_000 }).toBe(false);
  second.child.kill('SIGTERM');
  await second.ended;
});

test('--reset forgets the state, and only a folder of ours', async () => {
  const dataDir = dataDirOf();
  const first = await started({ dataDir });
  first.child.kill('SIGTERM');
  await first.ended;
  const second = await started({ dataDir, args: ['--reset'] });
  expect(second.demoKey).not.toBe(first.demoKey);
  second.child.kill('SIGTERM');
  await second.ended;
  writeFileSync(join(dataDir, 'thesis.txt'), 'the only copy');
  expect(await refusedStart({ dataDir, args: ['--reset'] })).toContain('thesis.txt');
  expect(readFileSync(join(dataDir, 'thesis.txt'), 'utf8')).toBe('the only copy');
});

test('--keys demands a key, and the printed one is it', async () => {
  const platform = await started({ dataDir: dataDirOf(), args: ['--keys'] });
  const post = (headers: Record<string, string>) =>
    fetch(`${platform.apiUrl}/events`, {
      method: 'POST',
      headers: { 'content-type': 'application/json', ...headers },
      body: '{"userId":"u","eventType":"VIEW"}',
    });
  expect((await post({})).status).toBe(401);
  expect((await post({ authorization: `Bearer ${platform.demoKey}` })).status).toBe(202);
  platform.child.kill('SIGTERM');
  await platform.ended;
});

test('a folder that is in use is left alone', async () => {
  const platform = await started({ dataDir: dataDirOf() });
  const said = await refusedStart({ dataDir: platform.dataDir });
  expect(said).toContain(`in use by process ${platform.pid}`);
  expect(said).toContain('--data <folder>');
  platform.child.kill('SIGTERM');
  await platform.ended;
});

test('a taken port is said, with what to do', async () => {
  const server = createServer().listen(0, '127.0.0.1');
  await new Promise((resolve) => server.once('listening', resolve));
  const port = String((server.address() as AddressInfo).port);
  const dataDir = dataDirOf();
  expect(await refusedStart({ dataDir, args: ['--port', port] })).toContain(
    `port ${port} is taken: end what uses it, or choose another with --port <port>`,
  );
  expect(await refusedStart({ dataDir, args: ['--endpoint-port', port] })).toContain(
    'choose another with --endpoint-port <port>',
  );
  server.close();
});

test('an AWS endpoint elsewhere is refused', async () => {
  const said = await refusedStart({
    dataDir: dataDirOf(),
    environment: { AWS_ENDPOINT_URL_S3: 'https://s3.eu-central-1.amazonaws.com' },
  });
  expect(said).toContain('AWS_ENDPOINT_URL_S3');
  expect(said).toContain('unset');
});

test('an old Node is told what to do', () => {
  const script = readFileSync(
    join(import.meta.dirname, '../../localstack/launch/node-check.mjs'),
    'utf8',
  );
  const folder = dataDirOf();
  const old = `Object.defineProperty(process.versions, 'node', { value: '20.19.0' });`;
  mkdirSync(join(folder, 'localstack/launch'), { recursive: true });
  const path = join(folder, 'localstack/launch/check.mjs');
  writeFileSync(path, script.replace('const MAJOR_MIN', `${old}\nconst MAJOR_MIN`));
  const run = (): string => {
    try {
      return execFileSync(process.execPath, [path], { encoding: 'utf8', stdio: 'pipe' });
    } catch (fault) {
      return String(Object(fault).stderr);
    }
  };
  expect(run()).toContain('Node 20.19.0 runs this, and Node 24 is needed');
  expect(run()).toContain('without --ignore-scripts');
});

test('an unknown flag shows the flags', async () => {
  const said = await refusedStart({ dataDir: dataDirOf(), args: ['--prot', '1'] });
  expect(said).toContain("Unknown option '--prot'");
  expect(said).toContain('--endpoint-port <n>');
});

test('a moved clock reaches services and functions', async () => {
  const offsetMs = 86_400_000;
  const platform = await started({
    dataDir: dataDirOf(),
    environment: { TRIBUTARY_CLOCK_OFFSET_MS: String(offsetMs) },
  });
  const health = Object(await (await fetch(`${platform.endpointUrl}/_tributary/health`)).json());
  expect(health.offsetMs).toBe(offsetMs);
  platform.child.kill('SIGTERM');
  await platform.ended;
});
