/** What each type of state does when a walk has come to it. */
import { holds } from './choice.ts';
import type { Flow, State } from './definition.ts';
import type { Engine, Outcome, Walk } from './engine.ts';
import { isList, type Json, type JsonObject, runtimeError, StatesError } from './json.ts';
import { readPath, type Scope } from './path.ts';
import { fill } from './template.ts';
import {
  bounded,
  complete,
  enter,
  fail,
  guarded,
  leave,
  pause,
  scopeOf,
  tell,
  through,
} from './walk.ts';

/** An inline map runs as many iterations at once, however many it may. */
const ITERATIONS_AT_ONCE_MAX = 40;
/** AWS's own default of a task: for ever, as far as anybody will see. */
const TIMEOUT_SECONDS_DEFAULT = 99_999_999;
const MS = 1_000;

const numberAt = (path: string, scope: Scope): number => {
  const value = readPath(path, scope);
  if (typeof value === 'number') return value;
  throw runtimeError(`The value at '${path}' is not a number`);
};

const textAt = (path: string, scope: Scope): string => {
  const value = readPath(path, scope);
  if (typeof value === 'string') return value;
  throw runtimeError(`The value at '${path}' is not a string`);
};

const beginTask = (engine: Engine, walk: Walk, state: State, input: Json): void => {
  const { TimeoutSeconds = TIMEOUT_SECONDS_DEFAULT, TimeoutSecondsPath } = state;
  const scope = scopeOf(engine, walk);
  const seconds =
    TimeoutSecondsPath === undefined ? TimeoutSeconds : numberAt(TimeoutSecondsPath, scope);
  engine.tasks += 1;
  const task = { id: String(engine.tasks), resource: state.Resource ?? '', input };
  const timeoutMs = seconds * MS;
  walk.activity = { kind: 'task', ...task, timeoutMs, dueMs: engine.nowMs + timeoutMs };
  engine.waiting.add(walk);
  engine.outputs.push({ kind: 'task', ...task });
  tell(engine, 'TaskScheduled', { state: walk.state });
  tell(engine, 'TaskStarted', { state: walk.state });
};

const untilMs = (engine: Engine, state: State, scope: Scope): number => {
  const { Seconds, SecondsPath, Timestamp, TimestampPath } = state;
  if (Seconds !== undefined) return engine.nowMs + Seconds * MS;
  if (SecondsPath !== undefined) return engine.nowMs + numberAt(SecondsPath, scope) * MS;
  const text = Timestamp ?? textAt(TimestampPath ?? '$', scope);
  const atMs = Date.parse(text);
  if (Number.isNaN(atMs)) throw runtimeError(`'${text}' is not an instant`);
  return atMs;
};

interface Plan {
  readonly flow: Flow;
  readonly input: Json;
  readonly map: JsonObject | undefined;
}

export const newWalk = (
  { flow, map }: Pick<Plan, 'flow' | 'map'>,
  settled: (outcome: Outcome) => void,
): Walk => ({
  ...{ flow, map, settled, isOver: false, activity: undefined },
  ...{ state: flow.StartAt, input: null, enteredMs: 0, attempts: [] },
});

/** All of them, so many at once; the first that fails ends the others and the state. */
const beginChildren = (
  engine: Engine,
  walk: Walk,
  plans: readonly Plan[],
  atOnceMax: number,
): void => {
  const live = new Set<Walk>();
  const outputs: Json[] = plans.map(() => null);
  const isMap = walk.flow.States[walk.state]?.Type === 'Map';
  let begun = 0;
  const begin = (plan: Plan, at: number): void => {
    const child = newWalk(plan, (outcome) => {
      live.delete(child);
      if ('failed' in outcome) return fail(engine, walk, outcome.failed);
      if (isMap) tell(engine, 'MapIterationSucceeded', { state: walk.state });
      outputs[at] = outcome.output;
      beginMore();
    });
    live.add(child);
    if (isMap) tell(engine, 'MapIterationStarted', { state: walk.state });
    enter(engine, child, plan.flow.StartAt, plan.input);
  };
  const beginMore = (): void => {
    while (live.size < atOnceMax && begun < plans.length) {
      const plan = plans[begun];
      begun += 1;
      if (plan !== undefined) begin(plan, begun - 1);
    }
    if (live.size === 0) complete(engine, walk, outputs);
  };
  walk.activity = { kind: 'children', live };
  beginMore();
};

const itemsOf = (state: State, scope: Scope): readonly Json[] => {
  const { ItemsPath = '$' } = state;
  const items = readPath(ItemsPath, scope);
  if (isList(items)) return items;
  throw runtimeError(`Reference path "${ItemsPath}" must point to array.`);
};

const beginMap = (engine: Engine, walk: Walk, state: State, scope: Scope): void => {
  const selector = state.ItemSelector ?? state.Parameters;
  const flow = state.ItemProcessor ?? state.Iterator;
  if (flow === undefined) throw runtimeError('the map has no ItemProcessor');
  const plans = itemsOf(state, scope).map((value, index): Plan => {
    const map = { Item: { Index: index, Value: value } };
    const context = { ...(scope.context as JsonObject), Map: map };
    const input = selector === undefined ? value : fill(selector, { ...scope, context });
    return { flow, map, input: bounded(input, walk) };
  });
  const { MaxConcurrency = 0, MaxConcurrencyPath: path } = state;
  const wished = path === undefined ? MaxConcurrency : numberAt(path, scope);
  const atOnceMax = Math.min(wished === 0 ? Infinity : wished, ITERATIONS_AT_ONCE_MAX);
  beginChildren(engine, walk, plans, atOnceMax);
};

const choose = (engine: Engine, walk: Walk, state: State, scope: Scope): void => {
  const rule = state.Choices?.find((one) => holds(one, scope));
  const next = rule?.Next ?? state.Default;
  if (typeof next !== 'string') {
    const cause = `Failed to transition out of the state '${walk.state}'. The state machine has no choice that matches.`;
    throw new StatesError('States.NoChoiceMatched', cause);
  }
  leave(engine, walk, next, through(state.OutputPath, 'OutputPath', scope));
};

const failureOf = (state: State, scope: Scope): StatesError => {
  const { Error: error = '', ErrorPath, Cause: cause = '', CausePath } = state;
  return new StatesError(
    ErrorPath === undefined ? error : textAt(ErrorPath, scope),
    CausePath === undefined ? cause : textAt(CausePath, scope),
  );
};

type Performance = (engine: Engine, walk: Walk, now: Performing) => void;

interface Performing {
  readonly state: State;
  /** `$` is the state's input after InputPath. */
  readonly scope: Scope;
  /** The same after Parameters. */
  readonly input: Json;
}

const PERFORMANCES: Readonly<Record<State['Type'], Performance>> = {
  Choice: (engine, walk, { state, scope }) => choose(engine, walk, state, scope),
  Fail: (engine, walk, { state, scope }) => fail(engine, walk, failureOf(state, scope)),
  Map: (engine, walk, { state, scope }) => beginMap(engine, walk, state, scope),
  Parallel: (engine, walk, { state, input }) => {
    const plans = (state.Branches ?? []).map((flow) => ({ flow, input, map: walk.map }));
    beginChildren(engine, walk, plans, Infinity);
  },
  Pass: (engine, walk, { state, input }) => complete(engine, walk, state.Result ?? input),
  Succeed: (engine, walk, { state, scope }) =>
    leave(engine, walk, undefined, through(state.OutputPath, 'OutputPath', scope)),
  Task: (engine, walk, { state, input }) => beginTask(engine, walk, state, input),
  Wait: (engine, walk, { state, scope, input }) =>
    pause(engine, walk, untilMs(engine, state, scope), () => complete(engine, walk, input)),
};

export const perform = (engine: Engine, walk: Walk): void =>
  guarded(engine, walk, () => {
    const state = walk.flow.States[walk.state];
    if (state === undefined) throw runtimeError(`there is no state ${walk.state}`);
    const raw = scopeOf(engine, walk);
    const scope = { ...raw, input: through(state.InputPath, 'InputPath', raw) };
    const isFilled = state.Parameters !== undefined && state.Type !== 'Map';
    const input = isFilled ? bounded(fill(state.Parameters ?? {}, scope), walk) : scope.input;
    PERFORMANCES[state.Type](engine, walk, { state, scope, input });
  });
