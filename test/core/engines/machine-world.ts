/** A machine on a clock that jumps to whatever is due next, with tasks that a test answers. */
import { parseMachine } from '../../../localstack/engines/states/definition.ts';
import type {
  Ending,
  ExecutionFacts,
  ExecutionOutput,
} from '../../../localstack/engines/states/engine.ts';
import { type ExecutionInput, newExecution } from '../../../localstack/engines/states/execution.ts';
import type { Json } from '../../../localstack/engines/states/json.ts';

export const START_MS = Date.UTC(2026, 10, 24, 3);

export type Answer =
  | { readonly output: Json }
  | { readonly error: string; readonly cause?: string }
  /** It takes so long. */
  | { readonly output: Json; readonly afterMs: number }
  | 'never';

export interface Ran {
  readonly ending: Ending | undefined;
  readonly tookMs: number;
  readonly calls: readonly {
    readonly input: Json;
    readonly atMs: number;
    readonly resource: string;
    readonly state: string;
  }[];
  readonly cancelled: number;
  /** How many tasks were under way at once at most. */
  readonly atOnce: number;
  readonly inputs: readonly (readonly [atMs: number, input: ExecutionInput])[];
  readonly events: readonly string[];
}

export interface World {
  readonly input?: Json;
  readonly answer?: (input: Json, resource: string, state: string) => Answer;
  readonly random?: () => number;
}

export const FACTS: ExecutionFacts = {
  arn: 'arn:aws:states:us-east-1:000000000000:execution:nightly:one',
  name: 'one',
  machineArn: 'arn:aws:states:us-east-1:000000000000:stateMachine:nightly',
  machineName: 'nightly',
  roleArn: 'role',
  startedAtMs: START_MS,
  input: {},
};

const STEPS_MAX = 100_000;

/** Whose task it is, which the event behind it tells. */
const scheduledBy = (outputs: readonly ExecutionOutput[], task: ExecutionOutput): string => {
  const event = outputs[outputs.indexOf(task) + 1];
  return event?.kind === 'event' ? (event.event.state ?? '') : '';
};

export const runMachine = (definition: object, world: World = {}): Ran => {
  const { answer = () => ({ output: null }), random = () => 0.5 } = world;
  const machine = parseMachine(JSON.stringify(definition), () => true);
  const facts = { ...FACTS, input: world.input ?? {} };
  const execution = newExecution(machine, facts);
  const calls: Ran['calls'][number][] = [];
  const inputs: [number, ExecutionInput][] = [];
  const events: string[] = [];
  let due: { readonly atMs: number; readonly input: ExecutionInput }[] = [];
  const underWay = new Set<string>();
  let [nowMs, cancelled, atOnce] = [START_MS, 0, 0];
  let entered = '';

  const begin = (id: string, resource: string, input: Json): void => {
    underWay.add(id);
    atOnce = Math.max(atOnce, underWay.size);
    const state = entered;
    calls.push({ input, resource, state, atMs: nowMs - START_MS });
    const how = answer(input, resource, state);
    if (how === 'never') return;
    const atMs = nowMs + ('afterMs' in how ? how.afterMs : 0);
    const ended: ExecutionInput =
      'error' in how
        ? { kind: 'failed', id, error: how.error, cause: how.cause ?? '' }
        : { kind: 'done', id, output: how.output };
    due.push({ atMs, input: ended });
  };
  const feed = (input: ExecutionInput): void => {
    inputs.push([nowMs, input]);
    if (input.kind === 'done' || input.kind === 'failed') underWay.delete(input.id);
    const outputs = execution.step(nowMs, random, input);
    for (const output of outputs) {
      if (output.kind === 'task') entered = scheduledBy(outputs, output);
      if (output.kind === 'task') begin(output.id, output.resource, output.input);
      if (output.kind === 'event')
        events.push(`${output.event.type} ${output.event.state ?? ''}`.trim());
      if (output.kind !== 'cancel') continue;
      cancelled += 1;
      underWay.delete(output.id);
    }
  };

  feed({ kind: 'start' });
  for (let step = 0; execution.ending() === undefined && step < STEPS_MAX; step += 1) {
    const next = due.toSorted((left, right) => left.atMs - right.atMs)[0];
    const wakeMs = execution.wakeAtMs();
    if (next === undefined && wakeMs === undefined) break;
    if (next !== undefined && next.atMs <= (wakeMs ?? Infinity)) {
      due = due.filter((one) => one !== next);
      nowMs = Math.max(nowMs, next.atMs);
      feed(next.input);
    } else {
      nowMs = Math.max(nowMs, wakeMs ?? nowMs);
      feed({ kind: 'wake' });
    }
  }
  return {
    ...{ ending: execution.ending(), tookMs: nowMs - START_MS, calls, cancelled, atOnce, inputs },
    events,
  };
};

/** States in a row; each one but the last leads to the next. */
export const machineOf = (...states: readonly (readonly [name: string, state: object])[]) => ({
  StartAt: states[0]?.[0] ?? '',
  States: Object.fromEntries(
    states.map(([name, state], at) => {
      const next = states[at + 1]?.[0];
      const { Type, Next, End } = Object(state);
      const isFinal = ['Choice', 'Fail', 'Succeed'].includes(Type) || Next !== undefined || End;
      const way = next === undefined ? { End: true } : { Next: next };
      return [name, isFinal ? state : { ...way, ...state }];
    }),
  ),
});

export const TASK = { Type: 'Task', Resource: 'arn:aws:states:::lambda:invoke' };
