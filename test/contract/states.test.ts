/** Step Functions of the local cloud through the AWS SDK, with a function and an Athena that answer. */
import { cpSync, readdirSync } from 'node:fs';
import { createServer } from 'node:http';
import { join } from 'node:path';
import { setTimeout as after } from 'node:timers/promises';
import {
  DescribeExecutionCommand,
  DescribeStateMachineCommand,
  GetExecutionHistoryCommand,
  ListExecutionsCommand,
  ListStateMachinesCommand,
  SFNClient,
  StartExecutionCommand,
  StopExecutionCommand,
} from '@aws-sdk/client-sfn';
import { afterEach, beforeEach, expect, test } from 'vitest';
import type { Invocation } from '../../localstack/cloud.ts';
import { createStates, type States } from '../../localstack/services/states/create-states.ts';
import { machineOf } from '../core/engines/machine-world.ts';
import { CREDENTIALS, type Served, serve, stillClock, temporaryFolder } from '../support/served.ts';

const FUNCTION = 'arn:aws:lambda:us-east-1:000000000000:function:plan';
const DAY_MS = 86_400_000;
const INVOKE = {
  Type: 'Task',
  Resource: 'arn:aws:states:::lambda:invoke',
  Parameters: { FunctionName: FUNCTION, 'Payload.$': '$' },
};
const QUERY = {
  Type: 'Task',
  Resource: 'arn:aws:states:::athena:startQueryExecution.sync',
  Parameters: { 'QueryString.$': '$.sql', WorkGroup: 'nightly' },
};

type Asked = readonly [operation: string, input: Readonly<Record<string, unknown>>];

let folder: ReturnType<typeof temporaryFolder>;
let clock: ReturnType<typeof stillClock>;
let measured: (readonly [string, number])[];
let calls: (readonly [string, unknown])[];
let answer: (payload: unknown) => Promise<Invocation>;
let athena: (operation: string, input: Asked[1]) => readonly [status: number, body: object];
let asked: Asked[];
let prepared: string[];
let prepare: () => Promise<void>;
let faults: unknown[];
let states: States;
let served: Served;
let athenaServed: Served;
let client: SFNClient;
let machineArn: string;

const create = async (definition: object, properties: object = {}): Promise<string> => {
  const made = await states.resourceTypes[0]?.create({
    stack: 'p',
    logicalId: 'Nightly',
    type: 'AWS::StepFunctions::StateMachine',
    physicalName: 'p-Nightly',
    properties: { DefinitionString: JSON.stringify(definition), RoleArn: 'role', ...properties },
    metadata: {},
  });
  machineArn = made?.ref ?? '';
  return machineArn;
};

const open = async (): Promise<void> => {
  states = createStates({
    dataDir: folder.path,
    clock,
    random: () => 0.5,
    metrics: { put: (_, name, __, value) => measured.push([name, value]) },
    invoker: {
      invoke: async (name, payload) => {
        calls.push([name, JSON.parse(payload)]);
        return answer(JSON.parse(payload));
      },
    },
    endpointUrl: athenaServed.url,
    prepare: async ({ name }) => {
      prepared.push(name);
      await prepare();
    },
    report: (fault) => faults.push(fault),
  });
  served = await serve(states.handle);
  client = new SFNClient({
    region: 'us-east-1',
    endpoint: served.url,
    credentials: CREDENTIALS,
    maxAttempts: 1,
  });
};

const shut = async (): Promise<void> => {
  client.destroy();
  await served.close();
  await states.close();
};

beforeEach(async () => {
  folder = temporaryFolder();
  clock = stillClock(Date.UTC(2026, 10, 24, 3));
  [measured, calls, asked, prepared, faults] = [[], [], [], [], []];
  answer = async (payload) => ({ payload: JSON.stringify({ got: payload }) });
  athena = () => [400, { __type: 'InvalidRequestException', message: 'no' }];
  prepare = async () => undefined;
  const server = createServer((request, response) => {
    let body = '';
    request.on('data', (chunk: Buffer) => {
      body += chunk.toString();
    });
    request.on('end', () => {
      const operation = String(request.headers['x-amz-target']).replace('AmazonAthena.', '');
      asked.push([operation, JSON.parse(body)]);
      const [status, told] = athena(operation, JSON.parse(body));
      response.writeHead(status, { 'content-type': 'application/x-amz-json-1.1' });
      response.end(JSON.stringify(told));
    });
  });
  athenaServed = await serve((request, response) => server.emit('request', request, response));
  await open();
});

afterEach(async () => {
  await shut();
  await athenaServed.close();
  folder.remove();
});

const start = async (input: object = {}, name?: string): Promise<string> => {
  const command = { stateMachineArn: machineArn, input: JSON.stringify(input), name };
  return (await client.send(new StartExecutionCommand(command))).executionArn ?? '';
};

const describe = (executionArn: string) =>
  client.send(new DescribeExecutionCommand({ executionArn }));

/** Looks again and again; the clock stands, so only tasks can be waited for. */
const until = async (executionArn: string, status: string) => {
  for (let left = 400; left > 0; left -= 1) {
    const told = await describe(executionArn);
    if (told.status === status) return told;
    await after(5);
  }
  throw new Error(`not ${status}: ${JSON.stringify(await describe(executionArn))}`);
};

const outputOf = async (executionArn: string): Promise<unknown> =>
  JSON.parse((await until(executionArn, 'SUCCEEDED')).output ?? '');

test('a function is invoked with its payload, and its answer is the output', async () => {
  await create(machineOf(['plan', { ...INVOKE, ResultSelector: { 'plan.$': '$.Payload' } }]));
  const arn = await start({ runId: 'r' }, 'r-1');
  expect(arn).toBe('arn:aws:states:us-east-1:000000000000:execution:p-Nightly:r-1');
  expect(await outputOf(arn)).toEqual({ plan: { got: { runId: 'r' } } });
  expect(calls).toEqual([[FUNCTION, { runId: 'r' }]]);
  const told = await describe(arn);
  expect(told).toMatchObject({ name: 'r-1', stateMachineArn: machineArn, input: '{"runId":"r"}' });
  expect(told.startDate?.getTime()).toBe(clock.now());
  expect(told.stopDate?.getTime()).toBe(clock.now());
});

test('a function that is a resource by its ARN gives its answer without an envelope', async () => {
  await create(machineOf(['plan', { Type: 'Task', Resource: FUNCTION }]));
  expect(await outputOf(await start({ a: 1 }))).toEqual({ got: { a: 1 } });
});

test("a function's error has its type as Error and all that Lambda said as Cause", async () => {
  const payload = JSON.stringify({ errorType: 'RangeError', errorMessage: 'too far', trace: [] });
  answer = async () => ({ payload, error: 'unhandled' });
  const Catch = [{ ErrorEquals: ['RangeError'], Next: 'told', ResultPath: '$.error' }];
  await create(machineOf(['plan', { ...INVOKE, Catch }], ['told', { Type: 'Pass' }]));
  expect(await outputOf(await start())).toEqual({ error: { Error: 'RangeError', Cause: payload } });
});

test('a throttle, a timeout and an error without a type have the names that Retry goes by', async () => {
  await create(machineOf(['plan', INVOKE]));
  const errorOf = async (invocation: Invocation | Error) => {
    answer = async () => {
      if (invocation instanceof Error) throw invocation;
      return invocation;
    };
    const { error, cause } = await until(await start(), 'FAILED');
    return [error, cause];
  };
  const timeout = {
    errorType: 'Sandbox.Timedout',
    errorMessage: 'Task timed out after 3.00 seconds',
  };
  expect(await errorOf({ payload: '{}', error: 'throttled' })).toEqual([
    'Lambda.TooManyRequestsException',
    'Rate Exceeded.',
  ]);
  expect(await errorOf({ payload: JSON.stringify(timeout), error: 'unhandled' })).toEqual([
    'Sandbox.Timedout',
    JSON.stringify(timeout),
  ]);
  expect((await errorOf({ payload: '{}', error: 'unhandled' }))[0]).toBe('Lambda.Unknown');
  expect((await errorOf(new Error('gone')))[0]).toBe('Lambda.ServiceException');
});

const execution = (State: string, more: object = {}) => ({
  QueryExecution: {
    QueryExecutionId: 'q-1',
    Query: 'SELECT 1',
    Status: { State, SubmissionDateTime: 1_764_000_000.25, ...more },
  },
});

test('a query is waited for, and what is known of it is the output', async () => {
  const states = ['QUEUED', 'RUNNING', 'SUCCEEDED'];
  athena = (operation) =>
    operation === 'StartQueryExecution'
      ? [200, { QueryExecutionId: 'q-1' }]
      : [200, execution(states.shift() ?? 'SUCCEEDED')];
  await create(machineOf(['curate', QUERY]));
  const output = Object(await outputOf(await start({ sql: 'SELECT 1' })));
  expect(output.QueryExecution).toMatchObject({
    QueryExecutionId: 'q-1',
    Status: { State: 'SUCCEEDED', SubmissionDateTime: 1_764_000_000_250 },
  });
  expect(asked.map(([operation]) => operation)).toEqual([
    'StartQueryExecution',
    ...Array(3).fill('GetQueryExecution'),
  ]);
  expect(asked[0]?.[1]).toMatchObject({ QueryString: 'SELECT 1', WorkGroup: 'nightly' });
  expect(String(asked[0]?.[1].ClientRequestToken).length).toBeGreaterThanOrEqual(32);
});

test('a query that fails is States.TaskFailed, with the execution as its cause', async () => {
  const failed = execution('FAILED', { StateChangeReason: 'SYNTAX_ERROR: line 1:8' });
  athena = (operation) =>
    operation === 'StartQueryExecution' ? [200, { QueryExecutionId: 'q-1' }] : [200, failed];
  await create(machineOf(['curate', QUERY]));
  const { error, cause } = await until(await start({ sql: 'SELECT' }), 'FAILED');
  expect(error).toBe('States.TaskFailed');
  const { Status } = JSON.parse(cause ?? '').QueryExecution;
  expect(Status).toMatchObject({ State: 'FAILED', StateChangeReason: 'SYNTAX_ERROR: line 1:8' });
});

test("Athena's own refusals keep their names, so that they can be tried again", async () => {
  let busy = true;
  athena = (operation) => {
    if (operation === 'GetQueryExecution') return [200, execution('SUCCEEDED')];
    if (!busy) return [200, { QueryExecutionId: 'q-1' }];
    busy = false;
    return [400, { __type: 'TooManyRequestsException', message: 'slow down' }];
  };
  const retrier = { ErrorEquals: ['Athena.TooManyRequestsException'], IntervalSeconds: 0 };
  await create(machineOf(['curate', { ...QUERY, Retry: [retrier] }]));
  await until(await start({ sql: 'x' }), 'SUCCEEDED');
  expect(asked.filter(([operation]) => operation === 'StartQueryExecution')).toHaveLength(2);
  busy = true;
  await create(machineOf(['curate', QUERY]));
  expect(await until(await start({ sql: 'x' }), 'FAILED')).toMatchObject({
    error: 'Athena.TooManyRequestsException',
    cause: 'slow down (Service: Athena, Status Code: 400)',
  });
});

test('results of a query are read', async () => {
  athena = () => [200, { ResultSet: { Rows: [{ Data: [{ VarCharValue: '1' }] }] } }];
  const read = {
    Type: 'Task',
    Resource: 'arn:aws:states:::athena:getQueryResults',
    Parameters: { QueryExecutionId: 'q-1' },
    ResultSelector: { 'first.$': '$.ResultSet.Rows[0].Data[0].VarCharValue' },
  };
  await create(machineOf(['read', read]));
  expect(await outputOf(await start())).toEqual({ first: '1' });
});

test('a stopped execution is aborted, and its query with it', async () => {
  athena = (operation) =>
    operation === 'StartQueryExecution'
      ? [200, { QueryExecutionId: 'q-1' }]
      : [200, operation === 'StopQueryExecution' ? {} : execution('RUNNING')];
  await create(machineOf(['curate', QUERY]));
  const arn = await start({ sql: 'SELECT 1' });
  while (!asked.some(([operation]) => operation === 'GetQueryExecution')) await after(2);
  const stop = { executionArn: arn, error: 'Operator', cause: 'enough' };
  await client.send(new StopExecutionCommand(stop));
  expect(await describe(arn)).toMatchObject({
    status: 'ABORTED',
    error: 'Operator',
    cause: 'enough',
  });
  while (!asked.some(([operation]) => operation === 'StopQueryExecution')) await after(2);
  expect(measured).toContainEqual(['ExecutionsAborted', 1]);
});

test('a task that is over its time is stopped by the clock of the local cloud', async () => {
  let release = (): void => undefined;
  answer = () =>
    new Promise((resolve) => {
      release = () => resolve({ payload: '"late"' });
    });
  await create(machineOf(['plan', { ...INVOKE, TimeoutSeconds: 60 }]));
  const arn = await start();
  while (calls.length === 0) await after(2);
  clock.advance(60_000);
  expect(await until(arn, 'FAILED')).toMatchObject({ error: 'States.Timeout' });
  release();
  await after(5);
  expect((await describe(arn)).status).toBe('FAILED');
});

test('the same name and input is the same execution while it runs, and is taken for 90 days after', async () => {
  await create(machineOf(['wait', { Type: 'Wait', Seconds: 60 }]));
  const arn = await start({ a: 1, b: 2 }, 'r-1');
  expect(await start({ b: 2, a: 1 }, 'r-1')).toBe(arn);
  expect(prepared).toEqual(['r-1']);
  await expect(start({ a: 2 }, 'r-1')).rejects.toThrow('Execution Already Exists');
  await client.send(new StopExecutionCommand({ executionArn: arn }));
  await expect(start({ a: 1, b: 2 }, 'r-1')).rejects.toMatchObject({
    name: 'ExecutionAlreadyExists',
  });
  clock.advance(90 * DAY_MS - 1);
  await shut();
  await open();
  await create(machineOf(['wait', { Type: 'Wait', Seconds: 60 }]));
  await expect(start({ a: 1, b: 2 }, 'r-1')).rejects.toThrow('Execution Already Exists');
  clock.advance(1);
  expect(await start({ a: 2 }, 'r-1')).toBe(arn);
});

test('what was begun on one definition ends on it, although the machine has another by now', async () => {
  await create(
    machineOf(['wait', { Type: 'Wait', Seconds: 60 }], ['old', { Type: 'Pass', Result: 'old' }]),
  );
  const arn = await start({}, 'r-1');
  await until(arn, 'RUNNING');
  while (!(await historyOf(arn)).includes('WaitStateEntered')) await after(2);
  await shut();
  await open();
  await create(machineOf(['new', { Type: 'Pass', Result: 'new' }]));
  states.resume();
  clock.advance(60_000);
  expect(await outputOf(arn)).toBe('old');
  expect(prepared).toEqual(['r-1']);
  expect(await outputOf(await start({}, 'r-2'))).toBe('new');
});

test('a kill between the end and the last journal ends it once', async () => {
  await create(machineOf(['wait', { Type: 'Wait', Seconds: 60 }], ['plan', INVOKE]));
  const arn = await start({}, 'r-1');
  while (!(await historyOf(arn)).includes('WaitStateEntered')) await after(2);
  const running = join(folder.path, 'states', 'p-Nightly', 'running');
  const kept = join(folder.path, 'kept');
  cpSync(running, kept, { recursive: true });
  await client.send(new StopExecutionCommand({ executionArn: arn }));
  await shut();
  cpSync(kept, running, { recursive: true });
  await open();
  await create(machineOf(['plan', INVOKE]));
  states.resume();
  clock.advance(60_000);
  await after(20);
  expect((await describe(arn)).status).toBe('ABORTED');
  expect([calls, readdirSync(running)]).toEqual([[], []]);
});

const historyOf = async (executionArn: string) => {
  const { events = [] } = await client.send(
    new GetExecutionHistoryCommand({ executionArn, maxResults: 1_000 }),
  );
  return events.map(({ type }) => type);
};

test('what ended before a restart is described and listed after it, newest first', async () => {
  await create(machineOf(['plan', INVOKE]));
  const first = await start({ n: 1 }, 'first');
  await until(first, 'SUCCEEDED');
  clock.advance(1_000);
  answer = async () => ({ payload: '{"errorType":"E"}', error: 'unhandled' });
  await until(await start({ n: 2 }, 'second'), 'FAILED');
  await shut();
  await open();
  await create(machineOf(['plan', INVOKE]));
  states.resume();
  expect((await describe(first)).output).toContain('"got":{"n":1}');
  const list = async (more: object = {}) => {
    const { executions = [] } = await client.send(
      new ListExecutionsCommand({ stateMachineArn: machineArn, ...more }),
    );
    return executions.map(({ name, status }) => [name, status]);
  };
  expect(await list()).toEqual([
    ['second', 'FAILED'],
    ['first', 'SUCCEEDED'],
  ]);
  expect(await list({ statusFilter: 'SUCCEEDED' })).toEqual([['first', 'SUCCEEDED']]);
  expect(await list({ maxResults: 1 })).toEqual([['second', 'FAILED']]);
  expect(calls).toHaveLength(2);
});

test('before the first state whatever must be ready is made ready, and a fault in it stops nothing', async () => {
  let ready = (): void => undefined;
  prepare = () =>
    new Promise((resolve) => {
      ready = resolve;
    });
  await create(machineOf(['plan', INVOKE]));
  const arn = await start({}, 'r-1');
  await after(20);
  expect([prepared, calls]).toEqual([['r-1'], []]);
  ready();
  await until(arn, 'SUCCEEDED');
  prepare = () => Promise.reject(new Error('no disk'));
  await until(await start(), 'SUCCEEDED');
  expect(String(faults)).toContain('no disk');
});

test('executions are measured as on AWS', async () => {
  await create(machineOf(['plan', INVOKE]));
  await until(await start(), 'SUCCEEDED');
  expect(measured).toEqual([
    ['ExecutionsStarted', 1],
    ['ExecutionsSucceeded', 1],
    ['ExecutionsFailed', 0],
    ['ExecutionsTimedOut', 0],
    ['ExecutionsAborted', 0],
    ['ExecutionTime', 0],
  ]);
});

test('a history names each state that was entered and left', async () => {
  await create(machineOf(['plan', INVOKE], ['done', { Type: 'Succeed' }]));
  const arn = await start();
  await until(arn, 'SUCCEEDED');
  expect(await historyOf(arn)).toEqual([
    'ExecutionStarted',
    'TaskStateEntered',
    'TaskScheduled',
    'TaskStarted',
    'TaskSucceeded',
    'TaskStateExited',
    'SucceedStateEntered',
    'SucceedStateExited',
    'ExecutionSucceeded',
  ]);
});

test('a definition may be an object with substitutions, and can be read back', async () => {
  const Definition = machineOf(['plan', { Type: 'Task', Resource: '$'.concat('{plan}') }]);
  const arn = await create(
    {},
    {
      DefinitionString: undefined,
      Definition,
      DefinitionSubstitutions: { plan: FUNCTION },
      StateMachineName: 'own-name',
    },
  );
  expect(arn).toBe('arn:aws:states:us-east-1:000000000000:stateMachine:own-name');
  const told = await client.send(new DescribeStateMachineCommand({ stateMachineArn: arn }));
  expect(JSON.parse(told.definition ?? '').States.plan.Resource).toBe(FUNCTION);
  const { stateMachines = [] } = await client.send(new ListStateMachinesCommand({}));
  expect(stateMachines.map(({ name }) => name)).toEqual(['own-name']);
  await until(await start(), 'SUCCEEDED');
});

test('what is not there, and what is no name or no input, is refused by name', async () => {
  await create(machineOf(['plan', INVOKE]));
  const other = { stateMachineArn: `${machineArn}x` };
  const refused = (name: string) => expect.objectContaining({ name });
  await expect(client.send(new StartExecutionCommand(other))).rejects.toEqual(
    refused('StateMachineDoesNotExist'),
  );
  await expect(describe(`${machineArn.replace('stateMachine', 'execution')}:none`)).rejects.toEqual(
    refused('ExecutionDoesNotExist'),
  );
  await expect(start({}, 'a b')).rejects.toEqual(refused('InvalidName'));
  const input = { stateMachineArn: machineArn, input: '{' };
  await expect(client.send(new StartExecutionCommand(input))).rejects.toEqual(
    refused('InvalidExecutionInput'),
  );
  const long = { stateMachineArn: machineArn, input: JSON.stringify('x'.repeat(262_143)) };
  await expect(client.send(new StartExecutionCommand(long))).rejects.toEqual(
    refused('InvalidExecutionInput'),
  );
});

test('a machine that the local cloud cannot run is refused when it is made', async () => {
  const sqs = { Type: 'Task', Resource: 'arn:aws:states:::sqs:sendMessage' };
  await expect(create(machineOf(['send', sqs]))).rejects.toThrow(
    'no integration arn:aws:states:::sqs',
  );
  await expect(
    create({ ...machineOf(['plan', INVOKE]), QueryLanguage: 'JSONata' }),
  ).rejects.toThrow('runs JSONPath, not JSONata');
  await expect(
    create(machineOf(['plan', INVOKE]), { StateMachineType: 'EXPRESS' }),
  ).rejects.toThrow('STANDARD machines, not EXPRESS');
});
