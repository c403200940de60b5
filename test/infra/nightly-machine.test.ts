/** The machine's text, run: what is called in which order with what, and where an error leads. */
import { expect, test } from 'vitest';
import type { NightPlan } from '../../functions/core/nightly/tasks.ts';
import { TRANSITIONS } from '../../lib/cost/night-volume.ts';
import type { Each, State, States, Task } from '../../lib/machine-text.ts';
import { nightlyMachine } from '../../lib/nightly-machine.ts';
import type { Json } from '../../localstack/engines/states/json.ts';
import { type Answer, runMachine } from '../core/engines/machine-world.ts';

const machine = nightlyMachine({ loadsAtOnce: 4 });

const PLAN = {
  runId: '1790000000000-0a1b',
  attempt: 1,
  cut: '2026-11-24',
  watermark: '2026-11-23',
  today: '2026-11-24',
  firstDay: '2026-08-01',
  days: ['2026-11-21', '2026-11-22'],
  totals: ['2026-11-20'],
  backfill: [{ from: '2026-08-01', to: '2026-10-29' }],
  versions: ['0a0b0c0d'],
  learnDays: ['2026-11-21', '2026-11-22'],
  newVersions: [],
  allUsers: false,
  tend: [],
} as const satisfies NightPlan;

interface Called {
  readonly state: string;
  readonly input: Readonly<Record<string, unknown>>;
}

interface Ran {
  readonly calls: readonly Called[];
  readonly error: { readonly name: string; readonly message: string } | undefined;
  /** Names of states, once for each time. */
  readonly entered: readonly string[];
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
  'load-lists: some': () => ({ Payload: { done: true, cursor: null, rows: 9, newer: 0 } }),
  'plan-load-lists': () => ({ Payload: { items: [['list.gz']] } }),
  'point-to-lists': () => ({ Payload: { through: PLAN.cut } }),
  unlisted: () => ({ Payload: { through: null } }),
};

const answer = (state: string, input: Called['input']): unknown => {
  if (state.endsWith(': query')) {
    return { QueryExecution: { QueryExecutionId: `of ${input.QueryString}`, Query: 'long' } };
  }
  const { task, statement } = Object(input.Payload);
  return { Payload: task === 'print' ? { sql: Object.values(Object(statement)).join(' ') } : {} };
};

class Broken extends Error {
  override readonly name = 'Broken';
}
const broken = (): never => {
  throw new Broken('it does not work');
};

const answered = (own: Answers, state: string, input: Called['input']): Answer => {
  try {
    const given = own[state] ?? answers[state];
    const output = given === undefined ? answer(state, input) : given(input);
    return { output: output as Json };
  } catch (fault) {
    if (!(fault instanceof Broken)) throw fault;
    return { error: fault.name, cause: fault.message };
  }
};

const run = (own: Answers = {}): Ran => {
  const { calls, ending, events } = runMachine(machine, {
    input: { runId: PLAN.runId, attempt: 1, versions: null },
    answer: (input, _resource, state) => answered(own, state, input as Called['input']),
  });
  const error =
    ending?.status === 'SUCCEEDED'
      ? undefined
      : { name: ending?.error ?? '', message: ending?.cause ?? '' };
  return {
    calls: calls.map(({ state, input }) => ({ state, input: input as Called['input'] })),
    error,
    entered: events
      .filter((event) => /StateEntered /.test(event))
      .map((event) => event.replace(/^\w+ /, '')),
  };
};

const of = ({ calls }: Ran, state: string): readonly unknown[] =>
  calls.filter((call) => call.state === state).map(({ input }) => input.Payload ?? input);

test('a night goes through these steps in this order', () => {
  const ran = run();
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
      "reconcile: query",
      "reconcile: drift",
      "positives: print",
      "positives: query",
      "positives: print",
      "positives: query",
      "pairs-day: print",
      "pairs-day: query",
      "pairs-day: print",
      "pairs-day: query",
      "lists",
      "lists: query",
      "plan-load-lists",
      "load-lists: some",
      "listed-tenants",
      "listed-tenants: query",
      "point-to-lists",
      "finish",
    ]
  `);
});

test('a step is handed its plan and the day that it is about, and nothing that it does not need', () => {
  const ran = run();
  expect(of(ran, 'plan')).toEqual([
    { task: 'plan', step: 'plan', runId: PLAN.runId, attempt: 1, versions: null },
  ]);
  const printed = (step: string, statement: object) => ({
    task: 'print',
    step,
    plan: PLAN,
    statement,
  });
  expect(of(ran, 'curate: print')).toEqual(
    PLAN.days.map((day) => printed('curate', { kind: 'curate', day })),
  );
  expect(of(ran, 'user-day: print')).toEqual(
    PLAN.days.map((day) => printed('user-day', { kind: 'userDay', day })),
  );
  for (const [step, kind] of [
    ['positives', 'positives'],
    ['pairs-day', 'pairsDay'],
  ] as const) {
    expect(of(ran, `${step}: print`)).toEqual(
      PLAN.learnDays.map((day) => printed(step, { kind, day })),
    );
  }
  expect(of(ran, 'load-lists: some')).toMatchObject([{ what: 'lists', cut: PLAN.cut }]);
  expect(of(ran, 'user-day of history: print')).toEqual(
    PLAN.backfill.map((range) =>
      printed('user-day of history', { kind: 'userDayOfRange', ...range }),
    ),
  );
  expect(of(ran, 'user-total: print')).toEqual(
    PLAN.totals.map((day) => printed('user-total', { kind: 'userTotal', day })),
  );
  for (const [step, kind] of Object.entries({
    tags: 'tags',
    guard: 'guard',
    'mark-loaded': 'loaded',
    reconcile: 'drift',
    lists: 'lists',
    'listed-tenants': 'listedTenants',
  })) {
    expect(of(ran, step)).toEqual([printed(step, { kind })]);
  }
  expect(of(ran, 'finish')).toEqual([
    {
      task: 'finish',
      step: 'finish',
      plan: PLAN,
      loaded: [
        { rows: 7, newer: 1 },
        { rows: 7, newer: 1 },
      ],
      lists: { through: PLAN.cut },
    },
  ]);
});

test('what was printed is what is asked, in the workgroup, and its rows go to who judges them', () => {
  const ran = run();
  const asked = ran.calls.filter(({ state }) => state.endsWith(': query'));
  expect(asked[0]?.input).toEqual({
    QueryString: 'curate 2026-11-21',
    WorkGroup: `\${WorkGroup}`,
  });
  expect(of(ran, 'guard: verdict')).toMatchObject([{ queryExecutionId: 'of guard' }]);
  expect(of(ran, 'reconcile: drift')).toMatchObject([{ queryExecutionId: 'of drift' }]);
  expect(of(ran, 'point-to-lists')).toMatchObject([
    { task: 'point', plan: PLAN, queryExecutionId: 'of listedTenants' },
  ]);
});

test('an item is loaded until it is done, each call from where the last one stopped', () => {
  let calls = 0;
  const ran = run({
    'plan-load': () => ({ Payload: { items: [{ attempt: 1, from: 0, to: 9 }] } }),
    'load: some': () => {
      calls += 1;
      return {
        Payload: { done: calls === 3, cursor: calls < 3 ? calls : null, rows: calls, newer: 0 },
      };
    },
  });
  const common = {
    step: 'load',
    what: 'tags',
    runId: PLAN.runId,
    cut: PLAN.cut,
    versions: PLAN.versions,
    keys: { attempt: 1, from: 0, to: 9 },
  };
  expect(of(ran, 'load: some')).toEqual([
    { ...common, progress: { done: false, cursor: null, rows: 0, newer: 0 } },
    { ...common, progress: { done: false, cursor: 1, rows: 1, newer: 0 } },
    { ...common, progress: { done: false, cursor: 2, rows: 2, newer: 0 } },
  ]);
  expect(of(ran, 'finish')).toMatchObject([{ loaded: [{ rows: 3, newer: 0 }] }]);
});

test('a run that is refused loads nothing, says why, and is no failure', () => {
  const because = 'three times the rows of the last seven nights';
  const ran = run({ 'guard: verdict': () => ({ Payload: { verdict: 'refuse', because } }) });
  expect(ran.error).toBe(undefined);
  expect(of(ran, 'refuse')).toEqual([{ task: 'refuse', runId: PLAN.runId, attempt: 1, because }]);
  expect(ran.calls.map(({ state }) => state)).not.toContain('plan-load');
  expect(ran.calls.at(-1)?.state).toBe('refuse');
});

test('a verdict that is neither refuses: nothing is loaded by mistake', () => {
  const ran = run({
    'guard: verdict': () => ({ Payload: { verdict: 'maybe', because: '' } }),
  });
  expect(ran.calls.at(-1)?.state).toBe('refuse');
});

test('tables are tended in the week’s run, before the flight is given back', () => {
  const tend = [
    { kind: 'optimize', table: 'events' },
    { kind: 'vacuum', table: 'events' },
  ] as const;
  const planned = { plan: () => ({ Payload: { ...PLAN, tend } }) };
  const ran = run(planned);
  expect(of(ran, 'tend: print')).toMatchObject(tend.map((statement) => ({ statement })));
  expect(ran.calls.slice(-2).map(({ state }) => state)).toEqual(['tend: query', 'finish']);

  // What Athena calls an error there is often "run it once more"; a week later it is.
  const failed = run({ ...planned, 'tend: query': broken });
  expect(failed.error).toBe(undefined);
  expect(failed.calls.at(-1)?.state).toBe('finish');
});

const LISTS =
  /^(positives|pairs-day|lists|plan-load-lists|load-lists|listed-tenants|point-to-lists)/;
const named = tasksIn(machine).map(([name]) => name);
const CAUGHT = named.filter(
  (name) => !/^(tend|refuse|fail$|unlisted)/.test(name) && !LISTS.test(name),
);

test.each(named.filter((name) => LISTS.test(name)))(
  'an error in "%s" costs the lists and not the tags: the run is told, and ends well',
  (name) => {
    const ran = run({
      plan: () => ({ Payload: { ...PLAN, learnDays: PLAN.learnDays.slice(1) } }),
      [name]: broken,
    });
    expect(ran.calls.filter(({ state }) => state === name).length).toBe(
      name === 'lists: query' ? 1 : 3,
    );
    expect(of(ran, 'unlisted')).toMatchObject([
      { task: 'unlisted', runId: PLAN.runId, attempt: 1, error: { Error: 'Broken' } },
    ]);
    expect(of(ran, 'finish')).toMatchObject([{ lists: { through: null } }]);
    expect(ran.error).toBe(undefined);
  },
);

test('a run that cannot even say that it has no lists fails', () => {
  const ran = run({ lists: broken, unlisted: broken });
  expect(ran.calls.at(-1)?.state).toBe('fail');
});

test.each(CAUGHT)('an error in "%s" is tried again, told to the run and fails it', (name) => {
  const oneOfEach = {
    plan: () => ({ Payload: { ...PLAN, days: PLAN.days.slice(1) } }),
    'plan-load': () => ({ Payload: { items: [{ attempt: 1, from: 0, to: 9 }] } }),
  };
  const ran = run({ ...oneOfEach, [name]: broken });
  expect(ran.calls.filter(({ state }) => state === name).length).toBe(
    name === 'tags: query' ? 1 : 3,
  );
  expect(of(ran, 'fail')).toMatchObject([
    { task: 'fail', runId: PLAN.runId, attempt: 1, error: { Error: 'Broken' } },
  ]);
  expect(ran.calls.at(-1)?.state).toBe('fail');
  expect(ran.error?.message).toContain('it does not work');
});

test('a run whose end cannot be told fails all the same', () => {
  const ran = run({ plan: broken, fail: broken });
  expect(ran.error?.message).toContain('it does not work');
});

const all = (states: States['States']): readonly (readonly [string, State])[] =>
  Object.entries(states).flatMap(([name, state]) => [
    [name, state] as const,
    ...(state.Type === 'Map' ? all(state.ItemProcessor.States) : []),
  ]);

test('every task ends in time, is tried again, and hands on no more than it is asked for', () => {
  for (const [name, { TimeoutSeconds, Retry, ResultSelector, ResultPath }] of tasksIn(machine)) {
    expect(TimeoutSeconds, name).toBeGreaterThan(0);
    expect(Retry.length, name).toBeGreaterThan(0);
    for (const { MaxAttempts } of Retry) expect(MaxAttempts, name).toBeLessThanOrEqual(6);
    // The whole answer of a service is long, and a state holds 256 KB.
    expect(ResultSelector !== undefined || ResultPath === null, name).toBe(true);
  }
});

test('every state but the last ones has where an error leads', () => {
  const outside = Object.entries(machine.States).filter(
    (entry): entry is [string, Task | Each] => 'Retry' in entry[1] || entry[1].Type === 'Map',
  );
  expect(outside.filter(([, { Catch }]) => Catch === undefined)).toEqual([]);
});

test('names are of one state each, in the whole machine', () => {
  const names = all(machine.States).map(([name]) => name);
  expect(names.length).toBe(new Set(names).size);
  for (const name of names) expect(name.length).toBeLessThanOrEqual(80);
});

test('a plan as long as can be leaves room in a state of 256 KB', () => {
  const days = Array.from({ length: 100 }, () => '2026-11-21');
  const plan = {
    ...PLAN,
    days,
    learnDays: Array.from({ length: 121 }, () => '2026-11-21'),
    totals: days,
    backfill: Array.from({ length: 20 }, () => ({ from: '2026-08-01', to: '2026-10-29' })),
    versions: Array.from({ length: 200 }, () => '0a0b0c0d'),
    newVersions: Array.from({ length: 200 }, () => '0a0b0c0d'),
  };
  const items = Array.from({ length: 1_000 }, () => ({ attempt: 99, from: 100_000, to: 100_100 }));
  const loaded = items.map(() => ({ rows: 1_000_000, newer: 1_000_000 }));
  const sql = 'x'.repeat(100_000);
  const state = { plan, load: { items }, loaded, statement: { sql }, guard: { said: {} } };
  expect(JSON.stringify(state).length).toBeLessThan(256 * 1_024);
});

test('the model of what a night costs counts the states that it goes through', () => {
  const idle = run({
    plan: () => ({ Payload: { ...PLAN, days: [], totals: [], backfill: [], learnDays: [] } }),
    'plan-load': () => ({ Payload: { items: [] } }),
    'plan-load-lists': () => ({ Payload: { items: [] } }),
  });
  // AWS counts the start as well.
  expect(idle.entered.length + 1).toBe(TRANSITIONS.always);
  const { entered } = run();
  const days = 2 * (PLAN.days.length + PLAN.learnDays.length);
  const [statements, items] = [days + PLAN.totals.length + PLAN.backfill.length, 3];
  expect(entered.length - idle.entered.length).toBe(
    TRANSITIONS.ofStatement * statements +
      (TRANSITIONS.ofLoadCall + TRANSITIONS.ofLoadItem) * items,
  );
});
