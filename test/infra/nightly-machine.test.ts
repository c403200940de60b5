/** The machine's text, run: what is called in which order with what, and where an error leads. */
import { StateMachine, type StateMachineDefinition } from 'aws-local-stepfunctions';
import { expect, test } from 'vitest';
import type { States, Task } from '../../lib/machine-text.ts';
import { nightlyMachine } from '../../lib/nightly-machine.ts';

const machine = nightlyMachine({ loadsAtOnce: 4 });

const PLAN = {
  runId: '1790000000000-0a1b',
  attempt: 1,
  cut: 20_780,
  versions: ['0a0b0c0d'],
  days: ['2026-11-22', '2026-11-23'],
  backfill: [{ from: '2026-08-01', to: '2026-10-29' }],
  totals: ['2026-11-19'],
};

interface Called {
  readonly state: string;
  readonly input: Readonly<Record<string, unknown>>;
}

interface Ran {
  readonly calls: readonly Called[];
  readonly error: { readonly name: string; readonly message: string } | undefined;
}

const tasksIn = ({ States }: Pick<States, 'States'>): readonly (readonly [string, Task])[] =>
  Object.entries(States).flatMap(([name, state]) => {
    if (state.Type === 'Task') return [[name, state] as const];
    return state.Type === 'Map' ? tasksIn(state.ItemProcessor) : [];
  });

type Answers = Readonly<Record<string, (input: Called['input']) => unknown>>;

const answers: Answers = {
  plan: () => ({ Payload: PLAN }),
  'guard: verdict': () => ({ Payload: { verdict: 'load' } }),
  'plan-load': () => ({ Payload: { items: [['one.gz', 'two.gz'], ['three.gz']] } }),
  'load: some': () => ({ Payload: { done: true, cursor: null, rows: 7, newer: 1 } }),
};

const answer = (state: string, input: Called['input']): unknown => {
  if (state.endsWith(': query')) {
    return { QueryExecution: { QueryExecutionId: `of ${input.QueryString}`, Query: 'long' } };
  }
  const { task, statement } = Object(input.Payload);
  return { Payload: task === 'print' ? { sql: Object.values(Object(statement)).join(' ') } : {} };
};

const run = async (own: Answers = {}): Promise<Ran> => {
  const calls: Called[] = [];
  const names = tasksIn(machine).map(([name]) => name);
  const handlers = names.map((state) => [
    state,
    async (input: Called['input']) => {
      calls.push({ state, input });
      const given = own[state] ?? answers[state];
      return given === undefined ? answer(state, input) : given(input);
    },
  ]);
  const input = { runId: PLAN.runId, attempt: 1, versions: null };
  const { result } = new StateMachine(machine as unknown as StateMachineDefinition).run(input, {
    overrides: {
      taskResourceLocalHandlers: Object.fromEntries(handlers),
      retryIntervalOverrides: Object.fromEntries(names.map((name) => [name, 0])),
    },
    context: { Execution: { Input: input } },
  });
  const error = await result.then(
    () => undefined,
    (fault: Error) => fault,
  );
  return { calls, error };
};

const of = ({ calls }: Ran, state: string): readonly unknown[] =>
  calls.filter((call) => call.state === state).map(({ input }) => input.Payload ?? input);

test('a night goes through these steps in this order', async () => {
  const ran = await run();
  expect(ran.error).toBe(undefined);
  expect(ran.calls.map(({ state }) => state)).toMatchInlineSnapshot(`
    [
      "plan",
      "curate: print",
      "curate: query",
      "curate: print",
      "curate: query",
      "user-day: print",
      "user-day: query",
      "user-day: print",
      "user-day: query",
      "user-day of history: print",
      "user-day of history: query",
      "user-total: print",
      "user-total: query",
      "tags",
      "tags: query",
      "guard",
      "guard: query",
      "guard: verdict",
      "plan-load",
      "load: some",
      "load: some",
      "mark-loaded",
      "mark-loaded: query",
      "reconcile",
      "finish",
    ]
  `);
});
