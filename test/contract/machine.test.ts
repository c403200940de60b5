/** What a run's start may expect of the machine: in memory and over the local Step Functions. */
import { SFNClient } from '@aws-sdk/client-sfn';
import { afterAll, describe, expect, test } from 'vitest';
import { MemoryMachine } from '../../functions/adapters/memory-machine.ts';
import { statesMachine } from '../../functions/adapters/states-machine.ts';
import type { Machine } from '../../functions/ports/machine.ts';
import { createStates } from '../../localstack/services/states/create-states.ts';
import { CREDENTIALS, serve, stillClock, temporaryFolder } from '../support/served.ts';

const INPUT = { runId: '1795500000000-000a', attempt: 1, versions: [] };
const NAME = '1795500000000-000a-1';
const LOOKS_MAX = 400;

interface Bench {
  readonly machine: Machine;
  readonly end: () => void;
}

const closing: (() => unknown)[] = [];
afterAll(async () => {
  for (const close of closing.reverse()) await close();
});

const inMemory = async (): Promise<Bench> => {
  const machine = new MemoryMachine();
  return { machine, end: () => machine.end(NAME) };
};

/** Its one task lasts until the test says so. */
const overStates = async (): Promise<Bench> => {
  const folder = temporaryFolder();
  let end = (): void => undefined;
  const ended = new Promise<void>((resolve) => {
    end = resolve;
  });
  const states = createStates({
    dataDir: folder.path,
    clock: stillClock(Date.UTC(2026, 10, 24, 3)),
    random: () => 0.5,
    metrics: { put: () => undefined },
    invoker: {
      invoke: async () => {
        await ended;
        return { payload: '{}' };
      },
    },
    endpointUrl: 'http://127.0.0.1:1',
    prepare: async () => undefined,
    report: () => undefined,
  });
  const made = await states.resourceTypes[0]?.create({
    ...{ stack: 'p', logicalId: 'Nightly', type: 'AWS::StepFunctions::StateMachine' },
    ...{ physicalName: 'p-Nightly', metadata: {} },
    properties: {
      RoleArn: 'role',
      DefinitionString: JSON.stringify({
        StartAt: 'one',
        States: {
          one: {
            Type: 'Task',
            Resource: 'arn:aws:states:::lambda:invoke',
            Parameters: { FunctionName: 'arn:aws:lambda:us-east-1:000000000000:function:plan' },
            TimeoutSeconds: 90,
            End: true,
          },
        },
      }),
    },
  });
  const served = await serve(states.handle);
  const client = new SFNClient({
    ...{ region: 'us-east-1', endpoint: served.url, credentials: CREDENTIALS, maxAttempts: 1 },
  });
  closing.push(
    folder.remove,
    () => states.close(),
    served.close,
    () => client.destroy(),
    end,
  );
  return { machine: statesMachine(client, made?.ref ?? ''), end };
};

const settled = async ({ machine }: Bench): Promise<string> => {
  for (let looks = 0; looks < LOOKS_MAX; looks += 1) {
    const state = await machine.stateOf(NAME);
    if (state !== 'running') return state;
    await new Promise((resolve) => setTimeout(resolve, 5));
  }
  return 'running';
};

describe.each([
  ['memory', inMemory],
  ['states', overStates],
] as const)('%s', (_, made) => {
  test('the same start again is the same start while it runs, and none once it has ended', async () => {
    const bench = await made();
    const { machine, end } = bench;
    expect(await machine.stateOf(NAME)).toBe('missing');
    expect(await machine.start(NAME, INPUT)).toBe('started');
    expect(await machine.stateOf(NAME)).toBe('running');
    expect(await machine.start(NAME, INPUT)).toBe('started');
    expect(await machine.start(NAME, { ...INPUT, versions: ['a'] })).toBe('exists');
    end();
    expect(await settled(bench)).toBe('ended');
    expect(await machine.start(NAME, INPUT)).toBe('exists');
    expect(await machine.stateOf(`${NAME}2`)).toBe('missing');
  });
});
