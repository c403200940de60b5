/** What a task is called by: the same when it is done again after a restart, another when it is tried again. */
import { expect, test } from 'vitest';
import { parseMachine } from '../../localstack/engines/states/definition.ts';
import type { ExecutionFacts } from '../../localstack/engines/states/engine.ts';
import type { Begun, Fed, Journal } from '../../localstack/services/states/journal.ts';
import { startRunning } from '../../localstack/services/states/running.ts';
import type { Doing, TaskResult } from '../../localstack/services/states/tasks.ts';
import { machineOf, START_MS, TASK } from '../core/engines/machine-world.ts';

const RETRIED = { ...TASK, Retry: [{ ErrorEquals: ['States.ALL'], IntervalSeconds: 1 }] };
const facts: ExecutionFacts = {
  ...{ arn: 'arn:x', name: 'night-1', machineArn: 'arn:m', machineName: 'm', roleArn: 'arn:r' },
  ...{ startedAtMs: START_MS, input: {} },
};

test('a task that is resumed has the token that it had, and a retry has one of its own', async () => {
  const fed: Fed[] = [];
  const log = {
    append: (entries: readonly (Begun | Fed)[]) =>
      fed.push(...entries.flatMap((entry) => (entry.kind === 'fed' ? [entry] : []))),
  };
  const tokens: string[] = [];
  const clock = { nowMs: START_MS };
  const begin = (answer: () => Promise<TaskResult>) =>
    startRunning({
      machine: parseMachine(JSON.stringify(machineOf(['one', RETRIED])), () => true),
      facts,
      journal: { log, begun: undefined, fed: [...fed] } as unknown as Journal,
      clock: { now: () => clock.nowMs },
      random: () => 0,
      runTask: (_resource, _input, { token }: Doing) => {
        tokens.push(token);
        return answer();
      },
      prepare: async () => undefined,
      onEvent: () => undefined,
      onEnd: () => undefined,
      report: (fault) => expect(fault).toBeUndefined(),
    });
  const hangs = () => new Promise<TaskResult>(() => undefined);
  const first = begin(hangs);
  await expect.poll(() => tokens.length).toBe(1);
  first.close();
  const second = begin(async () => ({ error: 'Broken', cause: '' }));
  await expect.poll(() => tokens.length).toBe(2);
  expect(tokens[1]).toBe(tokens[0]);
  expect(tokens[0]?.length).toBeGreaterThanOrEqual(32);
  clock.nowMs += 2_000;
  await expect.poll(() => tokens.length, { timeout: 3_000 }).toBe(3);
  second.close();
  expect(new Set(tokens).size).toBe(2);
});
