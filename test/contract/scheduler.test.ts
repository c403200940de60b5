import { afterEach, beforeEach, expect, test } from 'vitest';
import type { Invocation } from '../../localstack/cloud.ts';
import {
  createScheduler,
  type Scheduler,
} from '../../localstack/services/scheduler/create-scheduler.ts';
import { type Served, serve, stillClock, temporaryFolder } from '../support/served.ts';

const NOW = Date.UTC(2026, 10, 24, 12);
const FUNCTION = 'arn:aws:lambda:us-east-1:000000000000:function:minute';

let folder: ReturnType<typeof temporaryFolder>;
let clock: ReturnType<typeof stillClock>;
let calls: (readonly [string, string])[];
let answer: () => Promise<Invocation>;
let faults: unknown[];
let scheduler: Scheduler;
let served: Served;

const create = (type: string, properties: Readonly<Record<string, unknown>>) =>
  scheduler.resourceTypes
    .find((one) => one.type === type)
    ?.create({
      stack: 'p',
      logicalId: 'S',
      type,
      physicalName: 'every-minute',
      properties,
      metadata: {},
    });

const schedule = (more: object = {}, target: object = {}) =>
  create('AWS::Scheduler::Schedule', {
    ScheduleExpression: 'rate(1 minute)',
    FlexibleTimeWindow: { Mode: 'OFF' },
    Target: { Arn: FUNCTION, Input: '{"at":"<aws.scheduler.scheduled-time>"}', ...target },
    ...more,
  });

const start = async (): Promise<void> => {
  scheduler = createScheduler({
    dataDir: folder.path,
    clock,
    random: () => 0.5,
    invoker: {
      invoke: async (name, payload) => {
        calls.push([name, payload]);
        return answer();
      },
    },
    tickEveryMs: 0,
    report: (fault) => faults.push(fault),
  });
  served = await serve(scheduler.handle);
};

const stop = async (): Promise<void> => {
  await served.close();
  await scheduler.close();
};

const done = async (): Promise<Invocation> => ({ payload: 'null' });

beforeEach(async () => {
  folder = temporaryFolder();
  clock = stillClock(NOW);
  [calls, faults, answer] = [[], [], done];
  await start();
});

afterEach(async () => {
  await stop();
  folder.remove();
});

test('a schedule calls its function with its input, each minute once', async () => {
  await schedule();
  await scheduler.tick();
  await scheduler.tick();
  clock.advance(60_000);
  await scheduler.tick();
  expect(calls).toEqual([
    ['minute', '{"at":"2026-11-24T12:00:00Z"}'],
    ['minute', '{"at":"2026-11-24T12:01:00Z"}'],
  ]);
});

test('a process that dies during the call makes it again, one that dies after it does not', async () => {
  await schedule();
  answer = () => new Promise(() => undefined);
  void scheduler.tick();
  await expect.poll(() => calls.length).toBe(1);
  await stop();
  await start();
  answer = done;
  await schedule();
  await scheduler.tick();
  expect(calls).toHaveLength(2);
  await stop();
  await start();
  await schedule();
  await scheduler.tick();
  expect(calls).toHaveLength(2);
});

test('a call that fails is tried again as the policy says, then reported', async () => {
  answer = async () => ({ payload: '', error: 'throttled' });
  await schedule({}, { RetryPolicy: { MaximumRetryAttempts: 1 } });
  await scheduler.tick();
  clock.advance(2_000);
  await scheduler.tick();
  clock.advance(2_000);
  await scheduler.tick();
  expect(calls).toHaveLength(2);
  expect(faults).toHaveLength(1);
});

test('a disabled schedule stays silent', async () => {
  await schedule({ State: 'DISABLED' });
  await scheduler.tick();
  expect(calls).toEqual([]);
});

test('what cannot be honoured is refused: another zone, another target, an unknown group', async () => {
  await expect(schedule({ ScheduleExpressionTimezone: 'Europe/Berlin' })).rejects.toThrow(/UTC/);
  await expect(schedule({}, { Arn: 'arn:aws:sqs:us-east-1:000000000000:q' })).rejects.toThrow(
    /function/,
  );
  await expect(schedule({ GroupName: 'jobs' })).rejects.toThrow(/group/);
  await create('AWS::Scheduler::ScheduleGroup', { Name: 'jobs' });
  await schedule({ GroupName: 'jobs' });
});

test('schedules are read by the REST API', async () => {
  await schedule();
  const get = async (path: string) => (await fetch(served.url + path)).json();
  expect(await get('/schedules/every-minute')).toMatchObject({
    Name: 'every-minute',
    State: 'ENABLED',
    ScheduleExpression: 'rate(1 minute)',
  });
  expect(await get('/schedules')).toMatchObject({ Schedules: [{ Name: 'every-minute' }] });
  expect((await fetch(`${served.url}/schedules/none`)).status).toBe(404);
});
