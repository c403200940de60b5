/** What Step Functions answers, in the words of its API. */
import { randomUUID } from 'node:crypto';
import type { HistoryEvent } from '../../engines/states/engine.ts';
import { type Json, sameJson } from '../../engines/states/json.ts';
import { DATA_BYTES_MAX } from '../../engines/states/walk.ts';
import { AwsFault, type Input, type Operation } from '../aws-json.ts';
import type { Executions, ExecutionView } from './executions.ts';

/** By the machine's name. */
export type Machines = ReadonlyMap<string, Executions>;

const PAGE_DEFAULT = 100;
const PAGE_MAX = 1_000;
const TEXT_MAX = { error: 256, cause: 32_768 };
/** No white space, brackets, wildcards, special or control characters. */
const NAME = /^[^\s<>{}[\]?*"#%\\^|~`$&,;:/\p{Cc}]{1,80}$/u;

const inSeconds = (ms: number): number => ms / 1_000;

const machineOf = (machines: Machines, arn: unknown): Executions => {
  const machine = machines.get(String(arn).split(':')[6] ?? '');
  if (machine !== undefined && machine.options.arn === arn) return machine;
  throw new AwsFault('StateMachineDoesNotExist', `State Machine Does Not Exist: '${String(arn)}'`);
};

const executionOf = (machines: Machines, arn: unknown): readonly [Executions, ExecutionView] => {
  const [, , , , , kind, machineName = '', ...name] = String(arn).split(':');
  const machine = kind === 'execution' ? machines.get(machineName) : undefined;
  const found = machine?.find(name.join(':'));
  if (machine !== undefined && found !== undefined) return [machine, found];
  throw new AwsFault('ExecutionDoesNotExist', `Execution Does Not Exist: '${String(arn)}'`);
};

const inputOf = (text: unknown): Json => {
  const written = text === undefined ? '{}' : String(text);
  const isTooLong = Buffer.byteLength(written) > DATA_BYTES_MAX;
  try {
    if (!isTooLong) return JSON.parse(written) as Json;
  } catch {
    // Falls through: not JSON.
  }
  const why = isTooLong ? `Input exceeds ${DATA_BYTES_MAX} bytes` : 'Input is not JSON';
  throw new AwsFault('InvalidExecutionInput', `Invalid State Machine Execution Input: '${why}'`);
};

/** The same call again while it runs is the same execution; any other use of its name is refused. */
const startExecution = (machines: Machines, input: Input): object => {
  const machine = machineOf(machines, input.stateMachineArn);
  const name = input.name === undefined ? randomUUID() : String(input.name);
  if (!NAME.test(name)) throw new AwsFault('InvalidName', `Invalid Name: '${name}'`);
  const given = inputOf(input.input);
  const before = machine.find(name);
  const isSame = before?.ending === undefined && sameJson(before?.facts.input ?? null, given);
  if (before !== undefined && !isSame) {
    const message = `Execution Already Exists: '${before.facts.arn}'`;
    throw new AwsFault('ExecutionAlreadyExists', message);
  }
  const { facts } = before ?? machine.start(name, given);
  return { executionArn: facts.arn, startDate: inSeconds(facts.startedAtMs) };
};

const summaryOf = ({ facts, ending, stoppedAtMs }: ExecutionView): object => ({
  executionArn: facts.arn,
  stateMachineArn: facts.machineArn,
  name: facts.name,
  status: ending?.status ?? 'RUNNING',
  startDate: inSeconds(facts.startedAtMs),
  ...(stoppedAtMs === undefined ? {} : { stopDate: inSeconds(stoppedAtMs) }),
  redriveCount: 0,
});

const describeExecution = (view: ExecutionView): object => {
  const { facts, ending } = view;
  const failed = ending !== undefined && ending.status !== 'SUCCEEDED' ? ending : undefined;
  return {
    ...summaryOf(view),
    input: JSON.stringify(facts.input),
    inputDetails: { included: true },
    ...(ending?.status === 'SUCCEEDED'
      ? { output: JSON.stringify(ending.output), outputDetails: { included: true } }
      : {}),
    ...(failed?.error === undefined ? {} : { error: failed.error.slice(0, TEXT_MAX.error) }),
    ...(failed?.cause === undefined ? {} : { cause: failed.cause.slice(0, TEXT_MAX.cause) }),
    redriveStatus: 'NOT_REDRIVABLE',
    redriveStatusReason: 'the local cloud redrives no execution',
  };
};

const pageOf = <T>(
  all: readonly T[],
  input: Input,
): readonly [page: readonly T[], more: object] => {
  const start = Number(input.nextToken ?? 0);
  const wished = Number(input.maxResults ?? 0);
  const size = Math.min(wished === 0 ? PAGE_DEFAULT : wished, PAGE_MAX);
  const end = start + size;
  return [all.slice(start, end), end < all.length ? { nextToken: String(end) } : {}];
};

const listExecutions = (machines: Machines, input: Input): object => {
  const { statusFilter } = input;
  const all = machineOf(machines, input.stateMachineArn)
    .all()
    .filter(
      ({ ending }) =>
        (statusFilter ?? ending?.status ?? 'RUNNING') === (ending?.status ?? 'RUNNING'),
    );
  const [page, more] = pageOf(all, input);
  return { executions: page.map(summaryOf), ...more };
};

/** AWS has a member of details for each type; what ours hold is the state, the error and its cause. */
const eventOf = ({ atMs, type, state, error, cause }: HistoryEvent, at: number): object => ({
  id: at + 1,
  previousEventId: at,
  timestamp: inSeconds(atMs),
  type,
  ...(/State(Entered)$/.test(type) ? { stateEnteredEventDetails: { name: state } } : {}),
  ...(/State(Exited)$/.test(type) ? { stateExitedEventDetails: { name: state } } : {}),
  ...(type === 'TaskFailed' ? { taskFailedEventDetails: { error, cause } } : {}),
  ...(type === 'ExecutionFailed' ? { executionFailedEventDetails: { error, cause } } : {}),
});

const history = ({ events }: ExecutionView, input: Input): object => {
  const all = events.map(eventOf);
  const [page, more] = pageOf(input.reverseOrder === true ? all.toReversed() : all, input);
  return { events: page, ...more };
};

const describeMachine = ({ options: { arn, spec } }: Executions): object => ({
  stateMachineArn: arn,
  name: spec.name,
  status: 'ACTIVE',
  type: 'STANDARD',
  definition: spec.definition,
  roleArn: spec.roleArn,
  creationDate: 0,
});

export const statesOperations = (machines: Machines): Readonly<Record<string, Operation>> => ({
  DescribeExecution: (input) => describeExecution(executionOf(machines, input.executionArn)[1]),
  DescribeStateMachine: (input) => describeMachine(machineOf(machines, input.stateMachineArn)),
  GetExecutionHistory: (input) => history(executionOf(machines, input.executionArn)[1], input),
  ListExecutions: (input) => listExecutions(machines, input),
  ListStateMachines: (input) => {
    const all = [...machines.values()].map(({ options: { arn, spec } }) => ({
      ...{ stateMachineArn: arn, name: spec.name, type: 'STANDARD', creationDate: 0 },
    }));
    const [stateMachines, more] = pageOf(all, input);
    return { stateMachines, ...more };
  },
  StartExecution: (input) => startExecution(machines, input),
  StopExecution: (input) => {
    const [machine, { facts }] = executionOf(machines, input.executionArn);
    const [error, cause] = [input.error, input.cause].map((one) =>
      one === undefined || one === null ? undefined : String(one),
    );
    machine.stop(facts.name, error, cause);
    const stoppedAtMs = machine.find(facts.name)?.stoppedAtMs ?? machine.options.clock.now();
    return { stopDate: inSeconds(stoppedAtMs) };
  },
});
