/** How a walk goes from state to state: performed, completed, tried again, caught, or over. */

import { epochMs, toRfc3339 } from '../../../functions/core/time.ts';
import type { Catcher, Retrier, State } from './definition.ts';
import type { Engine, Outcome, Walk } from './engine.ts';
import { type Json, runtimeError, StatesError } from './json.ts';
import { readPath, type Scope, writePath } from './path.ts';
import { fill } from './template.ts';

/** AWS's quota of what goes from state to state. */
export const DATA_BYTES_MAX = 262_144;
const MS = 1_000;

export const stateOf = ({ flow, state }: Walk): State => {
  const found = flow.States[state];
  if (found === undefined) throw runtimeError(`there is no state ${state}`);
  return found;
};

export const tell = (engine: Engine, type: string, more: object = {}): void => {
  engine.events += 1;
  engine.outputs.push({ kind: 'event', event: { atMs: engine.nowMs, type, ...more } });
};

const instant = (ms: number): string => toRfc3339(epochMs(ms));

const contextOf = ({ facts }: Engine, walk: Walk): Json => ({
  Execution: {
    Id: facts.arn,
    Input: facts.input,
    Name: facts.name,
    RoleArn: facts.roleArn,
    StartTime: instant(facts.startedAtMs),
    RedriveCount: 0,
  },
  StateMachine: { Id: facts.machineArn, Name: facts.machineName },
  State: {
    Name: walk.state,
    EnteredTime: instant(walk.enteredMs),
    RetryCount: walk.attempts.reduce((sum, count) => sum + count, 0),
  },
  ...(walk.map === undefined ? {} : { Map: walk.map }),
});

export const scopeOf = (engine: Engine, walk: Walk, input: Json = walk.input): Scope => ({
  input,
  context: contextOf(engine, walk),
});

export const through = (path: string | null | undefined, named: string, scope: Scope): Json => {
  if (path === undefined) return scope.input;
  if (path === null) return {};
  const value = readPath(path, scope);
  if (value !== undefined) return value;
  throw runtimeError(`Invalid path '${path}' : No results for the field ${named}`);
};

export const bounded = (value: Json, { state }: Walk): Json => {
  if (Buffer.byteLength(JSON.stringify(value)) <= DATA_BYTES_MAX) return value;
  const cause = `The state/task '${state}' returned a result with a size exceeding the maximum number of bytes service limit.`;
  throw new StatesError('States.DataLimitExceeded', cause);
};

export const enter = (engine: Engine, walk: Walk, state: string, input: Json): void => {
  Object.assign(walk, { state, input, enteredMs: engine.nowMs, attempts: [], activity: undefined });
  tell(engine, `${walk.flow.States[state]?.Type}StateEntered`, { state });
  engine.ready.push(walk);
};

/** Ends it, and all that it has begun, without an outcome. */
export const abandon = (engine: Engine, walk: Walk): void => {
  const { activity } = walk;
  walk.isOver = true;
  walk.activity = undefined;
  engine.waiting.delete(walk);
  if (activity?.kind === 'task') engine.outputs.push({ kind: 'cancel', id: activity.id });
  if (activity?.kind === 'children') for (const child of activity.live) abandon(engine, child);
};

const settle = (walk: Walk, outcome: Outcome): void => {
  walk.isOver = true;
  walk.settled(outcome);
};

const withResult = (path: string | null | undefined, input: Json, result: Json): Json => {
  if (path === null) return input;
  return path === undefined || path === '$' ? result : writePath(path, input, result);
};

/** The state is done: its result becomes the input of the next. */
export const complete = (engine: Engine, walk: Walk, result: Json): void =>
  guarded(engine, walk, () => {
    const state = stateOf(walk);
    engine.waiting.delete(walk);
    walk.activity = undefined;
    bounded(result, walk);
    const selected =
      state.ResultSelector === undefined
        ? result
        : fill(state.ResultSelector, scopeOf(engine, walk, result));
    const joined = withResult(state.ResultPath, walk.input, selected);
    const output = through(state.OutputPath, 'OutputPath', scopeOf(engine, walk, joined));
    leave(engine, walk, state.End === true ? undefined : state.Next, bounded(output, walk));
  });

export const leave = (engine: Engine, walk: Walk, next: string | undefined, output: Json): void => {
  tell(engine, `${stateOf(walk).Type}StateExited`, { state: walk.state });
  if (next === undefined) settle(walk, { output });
  else enter(engine, walk, next, output);
};

const TERMINAL: readonly string[] = ['States.DataLimitExceeded', 'States.Runtime'];

const isMeant = (names: readonly string[], { error }: StatesError): boolean =>
  names.some(
    (name) =>
      name === error ||
      (!TERMINAL.includes(error) &&
        (name === 'States.ALL' || (name === 'States.TaskFailed' && error !== 'States.Timeout'))),
  );

const delayMs = (retrier: Retrier, tried: number, random: () => number): number => {
  const { IntervalSeconds = 1, BackoffRate = 2, MaxDelaySeconds = Infinity } = retrier;
  const full = Math.min(IntervalSeconds * BackoffRate ** tried, MaxDelaySeconds) * MS;
  return retrier.JitterStrategy === 'FULL' ? Math.floor(random() * full) : full;
};

/** Whether the state is tried again, by the first retrier that means this error. */
const isRetried = (engine: Engine, walk: Walk, error: StatesError): boolean => {
  const { Retry = [] } = stateOf(walk);
  const at = Retry.findIndex(({ ErrorEquals }) => isMeant(ErrorEquals, error));
  const [retrier, tried] = [Retry[at], walk.attempts[at] ?? 0];
  if (retrier === undefined || tried >= (retrier.MaxAttempts ?? 3)) return false;
  walk.attempts = Retry.map((_, index) => (walk.attempts[index] ?? 0) + (index === at ? 1 : 0));
  pause(engine, walk, engine.nowMs + delayMs(retrier, tried, engine.random), () =>
    engine.ready.push(walk),
  );
  return true;
};

const isCaught = (engine: Engine, walk: Walk, error: StatesError): boolean => {
  const catcher = stateOf(walk).Catch?.find((one: Catcher) => isMeant(one.ErrorEquals, error));
  if (catcher === undefined) return false;
  const told = { Error: error.error, Cause: error.message };
  leave(engine, walk, catcher.Next, withResult(catcher.ResultPath, walk.input, told));
  return true;
};

const FAILURES: Readonly<Partial<Record<State['Type'], string>>> = {
  Map: 'MapStateFailed',
  Parallel: 'ParallelStateFailed',
  Task: 'TaskFailed',
};

/** The state has failed: it is tried again, or caught, or the walk is over. */
export const fail = (engine: Engine, walk: Walk, error: StatesError): void => {
  const { activity, state } = walk;
  engine.waiting.delete(walk);
  if (activity?.kind === 'children') for (const child of activity.live) abandon(engine, child);
  walk.activity = undefined;
  const type = FAILURES[stateOf(walk).Type];
  if (type !== undefined) tell(engine, type, { state, error: error.error, cause: error.message });
  try {
    if (isRetried(engine, walk, error) || isCaught(engine, walk, error)) return;
  } catch (second) {
    if (!(second instanceof StatesError)) throw second;
    settle(walk, { failed: second });
    return;
  }
  settle(walk, { failed: error });
};

export const guarded = (engine: Engine, walk: Walk, work: () => void): void => {
  try {
    work();
  } catch (fault) {
    if (!(fault instanceof StatesError)) throw fault;
    fail(engine, walk, fault);
  }
};

export const pause = (engine: Engine, walk: Walk, dueMs: number, then: () => void): void => {
  walk.activity = { kind: 'pause', dueMs, then };
  engine.waiting.add(walk);
};
