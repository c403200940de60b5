import { spawn } from 'node:child_process';
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, expect, test } from 'vitest';
import { hashOf } from '../../localstack/launch/files-hash.ts';
import { flagsOf } from '../../localstack/launch/flags.ts';
import { shortNames } from '../../localstack/launch/function-names.ts';
import { takeLock } from '../../localstack/launch/lock.ts';
import { createMetrics } from '../../localstack/launch/metrics.ts';
import {
  adviceFor,
  isLoopback,
  refuseForeignEndpoints,
  refuseFullDisk,
  refuseOldNode,
} from '../../localstack/launch/preflight.ts';
import { forgetState } from '../../localstack/launch/reset.ts';
import { openLog } from '../../localstack/services/lambda/log-file.ts';

const folders: string[] = [];
const folder = (): string => {
  const path = mkdtempSync(join(tmpdir(), 'tributary-launch-'));
  folders.push(path);
  return path;
};
afterEach(() => {
  for (const path of folders.splice(0)) rmSync(path, { recursive: true, force: true });
});

test('a hash of inputs changes with a byte, a name and an option, and with nothing else', () => {
  const root = folder();
  mkdirSync(join(root, 'lib'));
  writeFileSync(join(root, 'lib/b.ts'), 'b');
  writeFileSync(join(root, 'lib/a.ts'), 'a');
  const first = hashOf(root, ['lib', 'absent'], 'x');
  expect(hashOf(root, ['lib', 'absent'], 'x')).toBe(first);
  expect(hashOf(root, ['lib', 'absent'], 'y')).not.toBe(first);
  writeFileSync(join(root, 'lib/a.ts'), 'c');
  const changed = hashOf(root, ['lib', 'absent'], 'x');
  expect(changed).not.toBe(first);
  rmSync(join(root, 'lib/a.ts'));
  writeFileSync(join(root, 'lib/c.ts'), 'c');
  expect(hashOf(root, ['lib', 'absent'], 'x')).not.toBe(changed);
});

test('flags have defaults, and a port is a port', () => {
  expect(flagsOf('/repo', [], {})).toMatchObject({
    apiPort: 8080,
    endpointPort: 4566,
    dataDir: '/repo/.tributary',
    keys: false,
    faults: false,
    clockOffsetMs: 0,
  });
  expect(flagsOf('/repo', ['--data', '/tmp/x', '--size', 'starter'], {})).toMatchObject({
    dataDir: '/tmp/x',
    size: 'starter',
  });
  expect(flagsOf('/repo', ['--faults'], {}).faults).toBe(true);
  expect(() => flagsOf('/repo', ['--port', 'http'], {})).toThrow('--port must be a port, not http');
  expect(() => flagsOf('/repo', ['--port', '70000'], {})).toThrow('--port must be a port');
});

test.each([
  ['http://localhost:4566', true],
  ['http://127.0.0.1', true],
  ['http://[::1]:1', true],
  ['http://bucket.localhost', true],
  ['http://0.0.0.0:4566', false],
  ['https://kinesis.us-east-1.amazonaws.com', false],
  ['http://localhost.evil.example', false],
  ['nonsense', false],
])('%s is this machine: %s', (url, expected) => {
  expect(isLoopback(url)).toBe(expected);
});

test('what stands against a start is said with what to do', () => {
  expect(() => refuseOldNode('22.18.0')).toThrow('npm ci without --ignore-scripts');
  expect(() => refuseOldNode('24.0.0')).not.toThrow();
  expect(() => refuseForeignEndpoints({ AWS_ENDPOINT_URL: 'http://localhost:4566' })).not.toThrow();
  expect(() => refuseForeignEndpoints({ AWS_ENDPOINT_URL_KINESIS: 'https://aws' })).toThrow(
    'unset AWS_ENDPOINT_URL_KINESIS',
  );
  expect(() => refuseFullDisk(tmpdir())).not.toThrow();
  const full = Object.assign(new Error('write'), { code: 'ENOSPC' });
  expect(adviceFor(full)).toContain('free some space');
  expect(adviceFor(new Error('other'))).toBeUndefined();
});

test('a lock is given back, and taken from a dead owner', async () => {
  const dataDir = folder();
  const release = await takeLock(dataDir);
  expect(readFileSync(join(dataDir, 'owner.pid'), 'utf8')).toBe(String(process.pid));
  release();
  expect(existsSync(join(dataDir, 'owner.pid'))).toBe(false);
  writeFileSync(join(dataDir, 'owner.pid'), '999999999');
  await expect(takeLock(dataDir)).resolves.toBeDefined();
});

test('a recorded id that is somebody else’s process by now is left alone', async () => {
  const dataDir = folder();
  const stranger = spawn('sleep', ['30']);
  mkdirSync(join(dataDir, 'children'));
  writeFileSync(join(dataDir, 'children', String(stranger.pid)), '');
  writeFileSync(join(dataDir, 'owner.pid'), String(stranger.pid));
  const release = await takeLock(dataDir);
  await new Promise((resolve) => setTimeout(resolve, 200));
  expect([stranger.exitCode, stranger.signalCode]).toEqual([null, null]);
  expect(existsSync(join(dataDir, 'children', String(stranger.pid)))).toBe(false);
  release();
  stranger.kill();
});

test('a reset keeps what is not state, and refuses a folder that is not ours', () => {
  const dataDir = folder();
  for (const name of ['kinesis', 'dynamodb', 'assembly', 'cache']) mkdirSync(join(dataDir, name));
  forgetState(dataDir);
  expect(
    ['kinesis', 'dynamodb', 'assembly', 'cache'].filter((one) => existsSync(join(dataDir, one))),
  ).toEqual(['assembly', 'cache']);
  writeFileSync(join(dataDir, 'mine.txt'), '');
  expect(() => forgetState(dataDir)).toThrow('mine.txt');
});

test('a log is bounded: the file before is kept once', () => {
  const dataDir = folder();
  const log = openLog(dataDir, 'collect');
  const megabyte = 'x'.repeat(1024 * 1024);
  for (let at = 0; at < 20; at += 1) log.write(megabyte);
  const bytes = (name: string) => readFileSync(join(dataDir, name)).length;
  expect(bytes('collect.log')).toBeLessThanOrEqual(8 * 1024 * 1024);
  expect(bytes('collect.log.1')).toBeLessThanOrEqual(8 * 1024 * 1024);
  expect(bytes('collect.log') + bytes('collect.log.1')).toBeGreaterThan(8 * 1024 * 1024);
});

test('a function is called by the folder whose bytes it runs', () => {
  const root = folder();
  for (const [name, text] of [
    ['bundles/collect', 'a'],
    ['bundles/enrich', 'b'],
    ['asset.1', 'b'],
  ]) {
    mkdirSync(join(root, name ?? ''), { recursive: true });
    writeFileSync(join(root, name ?? '', 'index.mjs'), text ?? '');
  }
  const nameOf = shortNames(join(root, 'bundles'));
  expect([nameOf(join(root, 'asset.1')), nameOf(root)]).toEqual(['enrich', undefined]);
});

test('metrics keep the newest value of a series', () => {
  const metrics = createMetrics();
  metrics.put('AWS/Lambda', 'IteratorAge', { FunctionName: 'enrich' }, 5, 1);
  metrics.put('AWS/Lambda', 'IteratorAge', { FunctionName: 'enrich' }, 7, 2);
  metrics.put('AWS/Lambda', 'IteratorAge', { FunctionName: 'aggregate' }, 1, 2);
  expect(metrics.latest().get('AWS/Lambda IteratorAge enrich')).toEqual({ value: 7, atMs: 2 });
  expect(metrics.latest().size).toBe(2);
});
