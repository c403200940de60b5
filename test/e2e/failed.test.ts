/** Must-show: parked through a fault door, the door shut, redriven twice: counted once. */
import { execFile } from 'node:child_process';
import { expect, onTestFinished, test } from 'vitest';
import { drained, effectTotals, eventually } from './asking.ts';
import { newDataDir, type Ready, startProcess } from './start-process.ts';

const PARKS_FOR_SECONDS = '600';
/** A process of a function may hold an older row for half a second. */
const DOOR_KNOWN_MS = 600;

const bin = (
  { endpointUrl }: Ready,
  ...args: readonly string[]
): Promise<{ readonly code: number; readonly said: string; readonly lines: readonly string[] }> =>
  new Promise((resolve) => {
    execFile(
      process.execPath,
      [...args],
      {
        env: { ...process.env, AWS_ENDPOINT_URL: endpointUrl },
      },
      (error, stdout, stderr) =>
        resolve({
          code: error === null ? 0 : Number(error.code),
          said: stdout + stderr,
          lines: stdout.split('\n').filter((line) => line !== ''),
        }),
    );
  });

const post = async ({ apiUrl }: Ready, ids: readonly string[]): Promise<void> => {
  const body = JSON.stringify(
    ids.map((eventId) => ({ userId: 'u', eventId, event: 'Product Viewed' })),
  );
  const answer = await fetch(`${apiUrl}/v1/events`, { method: 'POST', body });
  expect(answer.status).toBe(202);
};

const known = (): Promise<void> => new Promise((resolve) => setTimeout(resolve, DOOR_KNOWN_MS));

test('events parked through fault doors, redriven twice with 500 others between, count once', async () => {
  const platform = await startProcess({ dataDir: newDataDir(), args: ['--faults'] });
  onTestFinished(async () => {
    platform.child.kill('SIGTERM');
    await platform.ended;
  });
  const door = async (...args: readonly string[]): Promise<void> => {
    const { code, said } = await bin(
      platform,
      ...['bin/fault.ts', ...args, '--endpoint', platform.endpointUrl],
    );
    expect(code, said).toBe(0);
    await known();
  };
  const failed = (...args: readonly string[]) => bin(platform, 'bin/failed.ts', ...args);

  for (const stage of ['enrich', 'aggregate']) {
    await door(stage, '--event', `cursed-${stage}`, '--seconds', PARKS_FOR_SECONDS);
  }
  await post(platform, ['first', 'cursed-enrich', 'cursed-aggregate', 'last']);
  await drained(platform);
  const totals = () => effectTotals(platform, 'u');
  expect(await totals()).toEqual({ applied: 2, duplicate: 0, parked: 2 });
  for (const stage of ['enrich', 'aggregate']) await door(stage, '--clear');

  const listed = await failed('list');
  expect(listed.lines.map((line) => line.split(/ {2,}/).slice(0, 2))).toEqual([
    ['aggregate', 'bug'],
    ['enrich', 'bug'],
  ]);
  const keys = listed.lines.map((line) => line.split(' ').at(-1) ?? '');
  const dry = await failed('redrive', '--all', '--dry-run');
  expect(dry.said).toContain('2 events of 2 objects would be sent');
  await drained(platform);
  expect(await totals()).toEqual({ applied: 2, duplicate: 0, parked: 2 });

  const once = await failed('redrive', '--reason', 'bug');
  expect(once.said).toContain('2 events of 2 objects sent');
  await drained(platform);
  expect(await totals()).toEqual({ applied: 4, duplicate: 0, parked: 2 });

  for (const name of ['x', 'y']) {
    await post(
      platform,
      Array.from({ length: 250 }, (_, n) => `${name}-${n}`),
    );
  }
  const again = await failed('redrive', ...keys);
  expect(again.code, again.said).toBe(0);
  await drained(platform);
  await eventually(async () => {
    const { applied, duplicate } = await totals();
    return applied + duplicate >= 506 ? true : undefined;
  });
  expect(await totals()).toEqual({ applied: 504, duplicate: 2, parked: 2 });

  const outcomes = await failed('list');
  expect(outcomes.lines).toHaveLength(2);
  for (const line of outcomes.lines) expect(line).toContain('  applied, duplicate  ');

  const answer = await fetch(`${platform.apiUrl}/v1/failed?group=reason`);
  expect(answer.status).toBe(200);
  expect(await answer.json()).toMatchObject({ groups: [{ reason: 'bug' }, { reason: 'bug' }] });
  const redriven = await fetch(`${platform.apiUrl}/v1/failed/redrive`, {
    method: 'POST',
    body: JSON.stringify({ all: true }),
  });
  expect(await redriven.json()).toMatchObject({
    redriven: [{ status: 'sent_before' }, { status: 'sent_before' }],
  });
  const shown = await failed('show', keys[0] ?? '');
  expect(shown.said).toContain('of main#u');
  expect(shown.said).toContain('FaultDoorOpen');
  expect((await failed('show', 'failed/enrich/none')).code).toBe(2);
}, 120_000);
