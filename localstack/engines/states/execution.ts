/**
 * One execution of a machine as a `step`: it is told that time has passed and how tasks ended, and
 * says which tasks are to be done and how it ended itself. All that it is, follows from its inputs:
 * fed the same ones at the same instants it stands where it stood, which is how a restart resumes.
 */
import type { Step } from '../step.ts';
import type { Machine } from './definition.ts';
import type { Ending, Engine, ExecutionFacts, ExecutionOutput, Walk } from './engine.ts';
import { type Json, StatesError } from './json.ts';
import { newWalk, perform } from './perform.ts';
import { abandon, complete, enter, fail, tell } from './walk.ts';

export type ExecutionInput =
  | { readonly kind: 'start' }
  /** Time has passed: what is due? */
  | { readonly kind: 'wake' }
  /** The process that had the tasks under way is gone; they are to be done again. */
  | { readonly kind: 'resume' }
  | { readonly kind: 'done'; readonly id: string; readonly output: Json }
  | { readonly kind: 'failed'; readonly id: string; readonly error: string; readonly cause: string }
  | { readonly kind: 'stop'; readonly error?: string; readonly cause?: string };

export interface Execution {
  readonly step: Step<ExecutionInput, readonly ExecutionOutput[]>;
  readonly wakeAtMs: () => number | undefined;
  readonly ending: () => Ending | undefined;
}

type Of<K> = Extract<ExecutionInput, { readonly kind: K }>;
type Taken = { readonly [K in ExecutionInput['kind']]: (input: Of<K>, awayMs: number) => void };

/** AWS ends an execution at this many; a loop that waits for nothing meets it here, too. */
export const EVENTS_MAX = 25_000;
const MS = 1_000;

const finish = (engine: Engine, root: Walk, ending: Ending): Ending => {
  abandon(engine, root);
  engine.ready.length = 0;
  const { status } = ending;
  const words = {
    SUCCEEDED: 'Succeeded',
    FAILED: 'Failed',
    TIMED_OUT: 'TimedOut',
    ABORTED: 'Aborted',
  };
  const { error, cause } = { error: undefined, cause: undefined, ...ending };
  const event = { atMs: engine.nowMs, type: `Execution${words[status]}`, error, cause };
  engine.outputs.push({ kind: 'event', event }, { kind: 'ended', ending });
  return ending;
};

const dueFirst = (left: Walk, right: Walk): number => dueOf(left) - dueOf(right);
const dueOf = ({ activity }: Walk): number =>
  activity === undefined || activity.kind === 'children' ? Infinity : activity.dueMs;

const wakeWalk = (engine: Engine, walk: Walk): void => {
  const { activity } = walk;
  if (walk.isOver || activity === undefined || activity.kind === 'children') return;
  if (activity.kind === 'task') {
    engine.outputs.push({ kind: 'cancel', id: activity.id });
    fail(engine, walk, new StatesError('States.Timeout', ''));
    return;
  }
  engine.waiting.delete(walk);
  walk.activity = undefined;
  activity.then();
};

/** Tasks begin again with all their time; what the process was away for does not count. */
const resume = (engine: Engine): void => {
  for (const walk of engine.waiting) {
    if (walk.activity?.kind !== 'task') continue;
    const { id, resource, input, timeoutMs } = walk.activity;
    walk.activity = { ...walk.activity, dueMs: engine.nowMs + timeoutMs };
    engine.outputs.push({ kind: 'task', id, resource, input });
  }
};

const walkOf = (engine: Engine, id: string): Walk | undefined =>
  [...engine.waiting].find(({ activity }) => activity?.kind === 'task' && activity.id === id);

const performReady = (engine: Engine): void => {
  for (let walk = engine.ready.shift(); walk !== undefined; walk = engine.ready.shift()) {
    if (!walk.isOver) perform(engine, walk);
    if (engine.events > EVENTS_MAX) {
      const cause = `The execution reached the maximum number of history events (${EVENTS_MAX}).`;
      throw new StatesError('States.Runtime', cause);
    }
  }
};

const newEngine = (machine: Machine, facts: ExecutionFacts): Engine => ({
  ...{ machine, facts, ready: [], waiting: new Set<Walk>(), outputs: [], tasks: 0, events: 0 },
  ...{ nowMs: facts.startedAtMs, random: () => 0 },
});

export const newExecution = (machine: Machine, facts: ExecutionFacts): Execution => {
  const engine = newEngine(machine, facts);
  let ending: Ending | undefined;
  const end = (how: Ending): void => {
    ending ??= finish(engine, root, how);
  };
  const root = newWalk({ flow: machine, map: undefined }, (outcome) => {
    if ('output' in outcome) return end({ status: 'SUCCEEDED', output: outcome.output });
    end({ status: 'FAILED', error: outcome.failed.error, cause: outcome.failed.message });
  });
  let dueMs = facts.startedAtMs + (machine.TimeoutSeconds ?? Infinity) * MS;

  const taken: Taken = {
    start: () => {
      const event = { atMs: engine.nowMs, type: 'ExecutionStarted' };
      engine.outputs.push({ kind: 'event', event });
      enter(engine, root, machine.StartAt, facts.input);
    },
    wake: () => {
      if (engine.nowMs >= dueMs) end({ status: 'TIMED_OUT', error: 'States.Timeout' });
      const due = [...engine.waiting].filter((walk) => dueOf(walk) <= engine.nowMs);
      for (const walk of due.toSorted(dueFirst)) wakeWalk(engine, walk);
    },
    resume: (_, awayMs) => {
      dueMs += awayMs;
      resume(engine);
    },
    stop: ({ error, cause }) => end({ status: 'ABORTED', error, cause }),
    done: ({ id, output }) => {
      const walk = walkOf(engine, id);
      if (walk === undefined) return;
      tell(engine, 'TaskSucceeded', { state: walk.state });
      complete(engine, walk, output);
    },
    failed: ({ id, error, cause }) => {
      const walk = walkOf(engine, id);
      if (walk !== undefined) fail(engine, walk, new StatesError(error, cause));
    },
  };
  const take = <K extends ExecutionInput['kind']>(input: Of<K>, awayMs: number): void =>
    taken[input.kind as K](input, awayMs);

  return {
    step: (nowMs, random, input) => {
      const awayMs = nowMs - engine.nowMs;
      Object.assign(engine, { nowMs, random, outputs: [] });
      if (ending !== undefined) return [];
      try {
        take(input, awayMs);
        performReady(engine);
      } catch (fault) {
        if (!(fault instanceof StatesError)) throw fault;
        end({ status: 'FAILED', error: fault.error, cause: fault.message });
      }
      return engine.outputs;
    },
    wakeAtMs: () => {
      const at = Math.min(dueMs, ...[...engine.waiting].map(dueOf));
      return ending === undefined && at !== Infinity ? at : undefined;
    },
    ending: () => ending,
  };
};
