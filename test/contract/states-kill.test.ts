import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as after } from 'node:timers/promises';
import { DescribeExecutionCommand, SFNClient, StartExecutionCommand } from '@aws-sdk/client-sfn';
import { expect, onTestFinished, test } from 'vitest';
import { machineOf, TASK } from '../core/engines/machine-world.ts';
import { CREDENTIALS, temporaryFolder } from '../support/served.ts';

const FUNCTION = 'arn:aws:lambda:us-east-1:000000000000:function:load';
const ITEMS = 40;
const AT_ONCE = 4;

const DEFINITION = machineOf(
  ['plan', { ...TASK, Resource: FUNCTION, Parameters: { plan: true }, ResultPath: '$.plan' }],
  [
    'load',
    {
      Type: 'Map',
      ItemsPath: '$.items',
      MaxConcurrency: AT_ONCE,
      ItemProcessor: machineOf(['one', { ...TASK, Resource: FUNCTION, TimeoutSeconds: 60 }]),
      ResultPath: '$.loaded',
    },
  ],
);

const startChild = async (dataDir: string, notes: string) => {
  const script = join(import.meta.dirname, 'states-child.ts');
  const child = spawn(process.execPath, [script, dataDir, notes, JSON.stringify(DEFINITION)], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  onTestFinished(() => {
    child.kill('SIGKILL');
  });
  const [chunk] = (await once(child.stdout as NodeJS.ReadableStream, 'data')) as [Buffer];
  const { url, machineArn } = JSON.parse(chunk.toString()) as { url: string; machineArn: string };
  const client = new SFNClient({
    endpoint: url,
    region: 'us-east-1',
    credentials: CREDENTIALS,
    maxAttempts: 1,
  });
  const kill = async (): Promise<void> => {
    const gone = once(child, 'exit');
    child.kill('SIGKILL');
    await gone;
    client.destroy();
  };
  return { client, machineArn, kill };
};

const notesIn = (path: string): readonly (readonly [what: string, payload: unknown])[] =>
  existsSync(path)
    ? readFileSync(path, 'utf8')
        .split('\n')
        .filter(Boolean)
        .map((line) => JSON.parse(line))
    : [];

/** Waits until the function has answered so often. */
const answered = async (notes: string, count: number): Promise<void> => {
  while (notesIn(notes).filter(([what]) => what === 'answered').length < count) await after(5);
};

test('an execution that is killed again and again goes on where it was, and repeats only what was under way', async () => {
  const folder = temporaryFolder();
  onTestFinished(folder.remove);
  const notes = join(folder.path, 'notes');
  const items = Array.from({ length: ITEMS }, (_, at) => ({ item: at }));
  let executionArn = '';
  const kills = [1, 9, 21, 33];
  for (const [life, count] of kills.entries()) {
    const { client, machineArn, kill } = await startChild(folder.path, notes);
    if (life === 0) {
      const started = await client.send(
        new StartExecutionCommand({
          stateMachineArn: machineArn,
          name: 'r-1',
          input: JSON.stringify({ items }),
        }),
      );
      executionArn = started.executionArn ?? '';
    }
    await answered(notes, count);
    await kill();
  }
  const { client, kill } = await startChild(folder.path, notes);
  const describe = () => client.send(new DescribeExecutionCommand({ executionArn }));
  let told = await describe();
  for (; told.status === 'RUNNING'; told = await describe()) await after(10);
  await kill();

  expect(told.status).toBe('SUCCEEDED');
  expect(JSON.parse(told.output ?? '{}').loaded).toEqual(items);
  const seen = notesIn(notes);
  // Firehose is flushed once: the first state had begun before the first kill.
  expect(seen.filter(([what]) => what === 'prepared')).toHaveLength(1);
  const calls = seen.filter(([what]) => what === 'called').length;
  expect(calls).toBeGreaterThanOrEqual(ITEMS + 1);
  // Whatever had been answered before is not done again, but what was under way is.
  expect(calls).toBeLessThanOrEqual(ITEMS + 1 + kills.length * AT_ONCE);
});

test('an execution that was acknowledged and killed before its first state starts after all', async () => {
  const folder = temporaryFolder();
  onTestFinished(folder.remove);
  const notes = join(folder.path, 'notes');
  const first = await startChild(folder.path, notes);
  const { executionArn } = await first.client.send(
    new StartExecutionCommand({ stateMachineArn: first.machineArn, input: '{"items":[]}' }),
  );
  await first.kill();
  const second = await startChild(folder.path, notes);
  const describe = () => second.client.send(new DescribeExecutionCommand({ executionArn }));
  let told = await describe();
  for (; told.status === 'RUNNING'; told = await describe()) await after(10);
  expect(told.status).toBe('SUCCEEDED');
  await second.kill();
});
