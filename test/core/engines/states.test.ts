/** The States Language as far as machines here speak it. */
import { describe, expect, test } from 'vitest';
import { parseMachine } from '../../../localstack/engines/states/definition.ts';
import { EVENTS_MAX, newExecution } from '../../../localstack/engines/states/execution.ts';
import type { Json } from '../../../localstack/engines/states/json.ts';
import { FACTS, machineOf, runMachine, START_MS, TASK, type World } from './machine-world.ts';

const ends = (definition: object, world?: World) => runMachine(definition, world).ending;
const succeeded = (output: Json) => ({ status: 'SUCCEEDED', output });
const pass = (parameters: object, input: Json = {}) =>
  ends(machineOf(['one', { Type: 'Pass', Parameters: parameters }]), { input });

describe('input and output', () => {
  test('a task gets its parameters, and its result is selected and placed', () => {
    const task = {
      ...TASK,
      InputPath: '$.given',
      Parameters: { 'day.$': '$.day', fixed: 1, deep: [{ 'run.$': '$$.Execution.Name' }] },
      ResultSelector: { 'rows.$': '$.Payload.rows' },
      ResultPath: '$.plan.first',
      OutputPath: '$.plan',
    };
    const ran = runMachine(machineOf(['plan', task]), {
      input: { given: { day: '2026-11-24' }, plan: { kept: true } },
      answer: () => ({ output: { Payload: { rows: 7, more: 1 } } }),
    });
    expect(ran.calls[0]?.input).toEqual({ day: '2026-11-24', fixed: 1, deep: [{ run: 'one' }] });
    expect(ran.ending).toEqual(succeeded({ kept: true, first: { rows: 7 } }));
  });

  test('a ResultPath of null keeps the input, and an OutputPath of null empties it', () => {
    const kept = { ...TASK, ResultPath: null };
    expect(ends(machineOf(['a', kept]), { input: { x: 1 } })).toEqual(succeeded({ x: 1 }));
    expect(ends(machineOf(['a', { Type: 'Pass', OutputPath: null }]))).toEqual(succeeded({}));
  });

  test('paths lead through members, elements and all of them', () => {
    const input = { a: { 'b c': [{ n: 1 }, { n: 2 }] } };
    const parameters = {
      'one.$': "$.a['b c'][1].n",
      'all.$': "$.a['b c'][*].n",
      'none.$': '$.a[*].x',
      'whole.$': '$',
    };
    expect(pass(parameters, input)).toEqual(
      succeeded({ one: 2, all: [1, 2], none: [], whole: input }),
    );
  });

  test('a path that leads nowhere ends the execution, and States.ALL does not catch that', () => {
    const task = {
      ...TASK,
      Parameters: { 'x.$': '$.absent' },
      Retry: [{ ErrorEquals: ['States.ALL'] }],
      Catch: [{ ErrorEquals: ['States.ALL'], Next: 'caught' }],
    };
    const ran = runMachine(machineOf(['a', task], ['caught', { Type: 'Pass' }]));
    expect(ran.ending).toMatchObject({ status: 'FAILED', error: 'States.Runtime' });
    expect(Object(ran.ending).cause).toContain(
      "The JSONPath '$.absent' specified for the field 'x.$'",
    );
    expect(ran.tookMs).toBe(0);
  });

  test('functions of the language are computed, one in another', () => {
    const input = { n: 3, list: [1, 2, 2, 3, 4], text: '{"a":[1]}', name: 'x', o: { a: 1 } };
    const parameters = {
      'format.$': "States.Format('{}-it\\'s {} \\{\\}', $.name, States.MathAdd($.n, -1))",
      'parts.$': 'States.ArrayPartition($.list, 2)',
      'length.$': 'States.ArrayLength(States.ArrayUnique($.list))',
      'json.$': 'States.StringToJson($.text)',
      'text.$': 'States.JsonToString($.o)',
      'array.$': "States.Array($.n, 'a', true, null)",
      'has.$': 'States.ArrayContains($.list, 4)',
      'range.$': 'States.ArrayRange(1, 7, 3)',
      'item.$': 'States.ArrayGetItem($.list, 1)',
      'merged.$': 'States.JsonMerge($.o, States.StringToJson(\'{"b":2}\'), false)',
      'split.$': "States.StringSplit('a,b;c', ',;')",
    };
    expect(pass(parameters, input)).toEqual(
      succeeded({
        format: "x-it's 2 {}",
        parts: [[1, 2], [2, 3], [4]],
        length: 4,
        json: { a: [1] },
        text: '{"a":1}',
        array: [3, 'a', true, null],
        has: true,
        range: [1, 4, 7],
        item: 2,
        merged: { a: 1, b: 2 },
        split: ['a', 'b', 'c'],
      }),
    );
  });

  test('a function that cannot be computed fails the state by its name', () => {
    expect(pass({ 'x.$': 'States.ArrayLength($.n)' }, { n: 1 })).toMatchObject({
      error: 'States.IntrinsicFailure',
    });
  });

  test('more than 256 KB from one state to the next is an error that nothing catches by all', () => {
    const task = { ...TASK, Catch: [{ ErrorEquals: ['States.ALL'], Next: 'b' }] };
    const answer = (length: number) => () => ({ output: 'x'.repeat(length) });
    const machine = machineOf(['a', task], ['b', { Type: 'Pass', Result: 'b' }]);
    expect(ends(machine, { answer: answer(262_142) })).toEqual(succeeded('b'));
    expect(ends(machine, { answer: answer(262_143) })).toMatchObject({
      status: 'FAILED',
      error: 'States.DataLimitExceeded',
    });
  });
});

describe('choices', () => {
  const chosen = (rule: object, input: Json, more: object = { Default: 'no' }) =>
    Object(
      ends(
        {
          StartAt: 'choose',
          States: {
            choose: { Type: 'Choice', Choices: [{ ...rule, Next: 'yes' }], ...more },
            yes: { Type: 'Pass', Result: 'yes', End: true },
            no: { Type: 'Pass', Result: 'no', End: true },
          },
        },
        { input },
      ),
    );
  const x = { Variable: '$.x' };

  test.each([
    [{ ...x, StringEquals: 'refuse' }, 'refuse', 'load'],
    [{ ...x, StringMatches: 'a*.log' }, 'ab/c.log', 'abclog'],
    [{ ...x, StringLessThan: 'b' }, 'a', 'b'],
    [{ ...x, NumericGreaterThanEquals: 3 }, 3, 2],
    [{ ...x, NumericLessThan: 3 }, 2, 3],
    [{ ...x, BooleanEquals: true }, true, false],
    [{ ...x, BooleanEquals: true }, true, 'true'],
    [{ ...x, IsNull: true }, null, 0],
    [{ ...x, IsNumeric: true }, 1, '1'],
    [{ ...x, IsString: false }, 1, '1'],
    [
      { ...x, TimestampLessThan: '2026-11-24T00:00:00Z' },
      '2026-11-23T23:59:59Z',
      '2026-11-24T00:00:00Z',
    ],
    [{ Not: { ...x, NumericEquals: 1 } }, 2, 1],
    [
      {
        And: [
          { ...x, NumericGreaterThan: 1 },
          { ...x, NumericLessThan: 3 },
        ],
      },
      2,
      3,
    ],
    [
      {
        Or: [
          { ...x, NumericEquals: 1 },
          { ...x, NumericEquals: 2 },
        ],
      },
      2,
      3,
    ],
  ])('%j says yes to %j and no to %j', (rule, yes, no) => {
    expect(chosen(rule, { x: yes }).output).toBe('yes');
    expect(chosen(rule, { x: no }).output).toBe('no');
  });

  test('a comparison may be with another value of the input', () => {
    const rule = { ...x, NumericEqualsPath: '$.y' };
    expect(chosen(rule, { x: 1, y: 1 }).output).toBe('yes');
    expect(chosen(rule, { x: 1, y: 2 }).output).toBe('no');
  });

  test('whether a value is there can be asked; of one that is not there nothing else can', () => {
    expect(chosen({ ...x, IsPresent: true }, {}).output).toBe('no');
    expect(chosen({ ...x, IsPresent: true }, { x: null }).output).toBe('yes');
    expect(chosen({ ...x, IsPresent: false }, {}).output).toBe('yes');
    expect(chosen({ ...x, NumericEquals: 1 }, {})).toMatchObject({ error: 'States.Runtime' });
  });

  test('no rule and no default is an error of its own', () => {
    expect(chosen({ ...x, NumericEquals: 1 }, { x: 2 }, {})).toMatchObject({
      error: 'States.NoChoiceMatched',
    });
  });
});

describe('errors', () => {
  const failing = (more: object) =>
    machineOf(['work', { ...TASK, ...more }], ['caught', { Type: 'Pass', End: true }]);

  test('a retrier waits longer each time, and gives up after its attempts', () => {
    const Retry = [
      { ErrorEquals: ['Other'], MaxAttempts: 9 },
      { ErrorEquals: ['Busy'], IntervalSeconds: 2, BackoffRate: 3, MaxAttempts: 3 },
    ];
    const ran = runMachine(failing({ Retry }), { answer: () => ({ error: 'Busy', cause: 'why' }) });
    expect(ran.calls.map(({ atMs }) => atMs)).toEqual([0, 2_000, 8_000, 26_000]);
    expect(ran.ending).toEqual({ status: 'FAILED', error: 'Busy', cause: 'why' });
  });

  test('each retrier counts its own attempts', () => {
    const Retry = [
      { ErrorEquals: ['A'], IntervalSeconds: 1, MaxAttempts: 1 },
      { ErrorEquals: ['B'], IntervalSeconds: 10, MaxAttempts: 1 },
    ];
    const errors = ['A', 'B', 'A'];
    const ran = runMachine(failing({ Retry }), {
      answer: () => ({ error: errors.shift() ?? 'A' }),
    });
    expect(ran.calls.map(({ atMs }) => atMs)).toEqual([0, 1_000, 11_000]);
    expect(ran.ending).toMatchObject({ error: 'A' });
  });

  test('no wait is longer than MaxDelaySeconds, and full jitter makes it any shorter one', () => {
    const retrier = { ErrorEquals: ['States.ALL'], IntervalSeconds: 10, MaxDelaySeconds: 15 };
    const times = (more: object, random = () => 0.5) =>
      runMachine(failing({ Retry: [{ ...retrier, ...more }] }), {
        random,
        answer: () => ({ error: 'X' }),
      }).calls.map(({ atMs }) => atMs);
    expect(times({})).toEqual([0, 10_000, 25_000, 40_000]);
    expect(times({ JitterStrategy: 'FULL' })).toEqual([0, 5_000, 12_500, 20_000]);
  });

  test('a state that another try completes goes on', () => {
    const answers = [{ error: 'X' }, { output: 'fine' }];
    const Retry = [{ ErrorEquals: ['States.TaskFailed'] }];
    const machine = machineOf(['work', { ...TASK, Retry }]);
    expect(ends(machine, { answer: () => answers.shift() ?? 'never' })).toEqual(succeeded('fine'));
  });

  test('a catcher gets the error and its cause, beside the input where it says so', () => {
    const Catch = [
      { ErrorEquals: ['Other'], Next: 'work' },
      { ErrorEquals: ['States.ALL'], Next: 'caught', ResultPath: '$.error' },
    ];
    const world = { input: { run: 1 }, answer: () => ({ error: 'Error', cause: '{"a":1}' }) };
    expect(ends(failing({ Catch }), world)).toEqual(
      succeeded({ run: 1, error: { Error: 'Error', Cause: '{"a":1}' } }),
    );
    const bare = [{ ErrorEquals: ['Error'], Next: 'caught' }];
    expect(ends(failing({ Catch: bare }), world)).toEqual(
      succeeded({ Error: 'Error', Cause: '{"a":1}' }),
    );
  });

  test('a task that takes too long is cancelled and fails as States.Timeout', () => {
    const Catch = [
      { ErrorEquals: ['States.TaskFailed'], Next: 'work' },
      { ErrorEquals: ['States.Timeout'], Next: 'caught' },
    ];
    const ran = runMachine(failing({ TimeoutSeconds: 30, Catch }), { answer: () => 'never' });
    expect(ran.tookMs).toBe(30_000);
    expect(ran.cancelled).toBe(1);
    expect(ran.ending).toEqual(succeeded({ Error: 'States.Timeout', Cause: '' }));
  });

  test('a result that comes just before the time is over counts', () => {
    const answer = () => ({ output: 'late', afterMs: 29_999 });
    const machine = machineOf(['work', { ...TASK, TimeoutSeconds: 30 }]);
    expect(ends(machine, { answer })).toEqual(succeeded('late'));
  });

  test('a machine whose time is over is timed out, whatever it does', () => {
    const machine = { ...failing({}), TimeoutSeconds: 60 };
    const ran = runMachine(machine, { answer: () => 'never' });
    expect(ran).toMatchObject({ tookMs: 60_000, cancelled: 1, ending: { status: 'TIMED_OUT' } });
  });

  test('Fail ends with the words that it has or that the input has', () => {
    const fixed = { Type: 'Fail', Error: 'Refused', Cause: 'because' };
    expect(ends(machineOf(['f', fixed]))).toEqual({
      status: 'FAILED',
      error: 'Refused',
      cause: 'because',
    });
    const told = { Type: 'Fail', ErrorPath: '$.e', CausePath: '$.c' };
    expect(ends(machineOf(['f', told]), { input: { e: 'E', c: 'C' } })).toEqual({
      status: 'FAILED',
      error: 'E',
      cause: 'C',
    });
  });

  test('a loop that waits for nothing ends at the bound of events', () => {
    const machine = {
      StartAt: 'a',
      States: { a: { Type: 'Pass', Next: 'b' }, b: { Type: 'Pass', Next: 'a' } },
    };
    const ran = runMachine(machine);
    expect(ran.ending).toMatchObject({ error: 'States.Runtime' });
    expect(ran.events.length).toBeLessThanOrEqual(EVENTS_MAX + 5);
  });
});

describe('waits', () => {
  test('so many seconds, from the input too, and until an instant', () => {
    const wait = (more: object) =>
      runMachine(machineOf(['w', { Type: 'Wait', ...more }]), {
        input: { s: 7, at: new Date(START_MS + 9_000).toISOString() },
      });
    expect(wait({ Seconds: 5 })).toMatchObject({ tookMs: 5_000, ending: { status: 'SUCCEEDED' } });
    expect(wait({ SecondsPath: '$.s' }).tookMs).toBe(7_000);
    expect(wait({ TimestampPath: '$.at' }).tookMs).toBe(9_000);
    expect(wait({ Timestamp: '2020-01-01T00:00:00Z' }).tookMs).toBe(0);
  });
});

describe('maps and parallels', () => {
  const iterate = { ...TASK, End: true };
  const map = (more: object = {}, iteration: object = iterate) => ({
    Type: 'Map',
    ItemProcessor: { StartAt: 'each', States: { each: iteration } },
    ...more,
  });

  test('each item is walked with its own input, and results are in the order of items', () => {
    const selector = {
      'day.$': '$$.Map.Item.Value',
      'at.$': '$$.Map.Item.Index',
      'run.$': '$.run',
    };
    const ran = runMachine(
      machineOf(['m', map({ ItemsPath: '$.days', ItemSelector: selector, ResultPath: '$.out' })]),
      {
        input: { run: 'r', days: ['a', 'b', 'c'] },
        answer: (input) => ({ output: Object(input).day, afterMs: 10 - Object(input).at }),
      },
    );
    expect(ran.calls.map(({ input }) => input)).toEqual([
      { day: 'a', at: 0, run: 'r' },
      { day: 'b', at: 1, run: 'r' },
      { day: 'c', at: 2, run: 'r' },
    ]);
    expect(Object(ran.ending).output.out).toEqual(['a', 'b', 'c']);
  });

  test('as many at once as MaxConcurrency says, one after the other at 1, and 40 where it is 0', () => {
    const atOnce = (MaxConcurrency: number) =>
      runMachine(machineOf(['m', map({ MaxConcurrency })]), {
        input: Array.from({ length: 100 }, (_, at) => at),
        answer: () => ({ output: 0, afterMs: 1_000 }),
      });
    expect(atOnce(1)).toMatchObject({ atOnce: 1, tookMs: 100_000 });
    expect(atOnce(4)).toMatchObject({ atOnce: 4, tookMs: 25_000 });
    expect(atOnce(0)).toMatchObject({ atOnce: 40, tookMs: 3_000 });
  });

  test('no items, no iterations', () => {
    expect(ends(machineOf(['m', map()]), { input: [] })).toEqual(succeeded([]));
  });

  test('what is no list is refused as AWS refuses it', () => {
    expect(ends(machineOf(['m', map({ ItemsPath: '$.x' })]), { input: { x: 1 } })).toMatchObject({
      error: 'States.Runtime',
      cause: 'Reference path "$.x" must point to array.',
    });
  });

  test('the first iteration that fails ends the others and the map, which may try again', () => {
    let tries = 0;
    const Retry = [{ ErrorEquals: ['Bad'], IntervalSeconds: 5, MaxAttempts: 1 }];
    const ran = runMachine(machineOf(['m', map({ Retry })]), {
      input: [0, 1, 2],
      answer: (input) => {
        if (input === 1) tries += 1;
        if (input === 1 && tries < 2) return { error: 'Bad' };
        return { output: input, afterMs: 100 };
      },
    });
    expect(ran.cancelled).toBe(2);
    expect(ran.calls).toHaveLength(6);
    expect(ran.ending).toEqual(succeeded([0, 1, 2]));
    expect(ran.tookMs).toBe(5_100);
  });

  test('an iteration may loop until its task says done', () => {
    const states = {
      load: {
        ...TASK,
        Parameters: { 'cursor.$': '$.cursor' },
        Next: 'more',
      },
      more: {
        Type: 'Choice',
        Choices: [{ Variable: '$.done', BooleanEquals: true, Next: 'over' }],
        Default: 'load',
      },
      over: { Type: 'Succeed' },
    };
    const ran = runMachine(
      machineOf([
        'm',
        { Type: 'Map', ItemProcessor: { StartAt: 'load', States: states }, MaxConcurrency: 2 },
      ]),
      {
        input: [{ cursor: 0 }, { cursor: 1 }],
        answer: (input) => {
          const cursor = Object(input).cursor + 1;
          return { output: { cursor, done: cursor >= 3 } };
        },
      },
    );
    expect(ran.calls).toHaveLength(5);
    expect(ran.ending).toEqual(
      succeeded([
        { cursor: 3, done: true },
        { cursor: 3, done: true },
      ]),
    );
  });

  test('maps nest, and each sees its own item', () => {
    const inner = {
      Type: 'Map',
      End: true,
      ItemsPath: '$.days',
      ItemSelector: { 'day.$': '$$.Map.Item.Value', 'name.$': '$.name' },
      ItemProcessor: { StartAt: 'p', States: { p: { Type: 'Pass', End: true } } },
    };
    const input = [
      { name: 'x', days: [1, 2] },
      { name: 'y', days: [3] },
    ];
    expect(ends(machineOf(['m', map({}, inner)]), { input })).toEqual(
      succeeded([
        [
          { day: 1, name: 'x' },
          { day: 2, name: 'x' },
        ],
        [{ day: 3, name: 'y' }],
      ]),
    );
  });

  test('branches get the same input and give one list; one that fails ends all', () => {
    const branch = (name: string, state: object) => ({ StartAt: name, States: { [name]: state } });
    const parallel = {
      Type: 'Parallel',
      Branches: [branch('a', iterate), branch('b', { Type: 'Pass', Result: 'b', End: true })],
      Catch: [{ ErrorEquals: ['States.ALL'], Next: 'caught' }],
      End: true,
    };
    const machine = machineOf(['p', parallel], ['caught', { Type: 'Pass' }]);
    expect(ends(machine, { input: 'in', answer: (input) => ({ output: input }) })).toEqual(
      succeeded(['in', 'b']),
    );
    expect(ends(machine, { answer: () => ({ error: 'E', cause: 'c' }) })).toEqual(
      succeeded({ Error: 'E', Cause: 'c' }),
    );
  });
});

describe('stopped and resumed', () => {
  test('a stopped execution is aborted, its tasks cancelled, and what comes later is nothing', () => {
    const machine = parseMachine(JSON.stringify(machineOf(['a', TASK])), () => true);
    const execution = newExecution(machine, FACTS);
    execution.step(START_MS, () => 0, { kind: 'start' });
    const outputs = execution.step(START_MS, () => 0, { kind: 'stop', error: 'E', cause: 'c' });
    expect(outputs.map(({ kind }) => kind)).toEqual(['cancel', 'event', 'ended']);
    expect(execution.ending()).toEqual({ status: 'ABORTED', error: 'E', cause: 'c' });
    const done = { kind: 'done', id: '1', output: 1 } as const;
    expect(execution.step(START_MS, () => 0, done)).toEqual([]);
    expect(execution.wakeAtMs()).toBeUndefined();
  });

  test('fed the same inputs up to any of them and resumed, it does what was left and no more', () => {
    const machine = machineOf(
      ['first', { ...TASK, ResultPath: null }],
      [
        'each',
        {
          Type: 'Map',
          MaxConcurrency: 2,
          ItemProcessor: {
            StartAt: 'load',
            States: {
              load: {
                ...TASK,
                End: true,
                TimeoutSeconds: 60,
                Retry: [{ ErrorEquals: ['Busy'], JitterStrategy: 'FULL' }],
              },
            },
          },
        },
      ],
      ['wait', { Type: 'Wait', Seconds: 3 }],
    );
    const failedOnce = new Set<Json>();
    const answer: World['answer'] = (input) => {
      if (Array.isArray(input)) return { output: null };
      if (input === 2 && !failedOnce.has(input)) {
        failedOnce.add(input);
        return { error: 'Busy' };
      }
      return { output: `loaded ${input}`, afterMs: 10 };
    };
    const whole = runMachine(machine, { input: [1, 2, 3, 4], answer });
    expect(whole.ending).toEqual(succeeded(['loaded 1', 'loaded 2', 'loaded 3', 'loaded 4']));

    const parsed = parseMachine(JSON.stringify(machine), () => true);
    const facts = { ...FACTS, input: [1, 2, 3, 4] };
    for (let cut = 1; cut < whole.inputs.length; cut += 1) {
      const again = newExecution(parsed, facts);
      const open = new Map<string, Json>();
      const take = (outputs: ReturnType<typeof again.step>): void => {
        for (const one of outputs) if (one.kind === 'task') open.set(one.id, one.input);
      };
      for (const [atMs, input] of whole.inputs.slice(0, cut)) {
        take(again.step(atMs, () => 0.5, input));
        if (input.kind === 'done' || input.kind === 'failed') open.delete(input.id);
      }
      const [lastMs] = whole.inputs[cut - 1] ?? [START_MS];
      // An hour later: no task has timed out meanwhile.
      const resumed = again.step(lastMs + 3_600_000, () => 0.5, { kind: 'resume' });
      const restarted = resumed.flatMap((one) => (one.kind === 'task' ? [one.id] : []));
      expect(new Set(restarted)).toEqual(new Set(open.keys()));
      expect(restarted).toHaveLength(open.size);
      let nowMs = lastMs + 3_600_000;
      const woken = again.step(nowMs, () => 0.5, { kind: 'wake' });
      expect(woken.filter(({ kind }) => kind === 'cancel')).toEqual([]);
      take(woken);
      for (let left = 100; again.ending() === undefined && left > 0; left -= 1) {
        const [next] = open;
        if (next !== undefined) {
          open.delete(next[0]);
          const output = Array.isArray(next[1]) ? null : `loaded ${next[1]}`;
          take(again.step(nowMs, () => 0.5, { kind: 'done', id: next[0], output }));
        } else {
          nowMs = Math.max(nowMs, again.wakeAtMs() ?? nowMs);
          take(again.step(nowMs, () => 0.5, { kind: 'wake' }));
        }
      }
      expect(again.ending()).toEqual(whole.ending);
    }
  });
});

describe('refused before anything runs', () => {
  const parse = (definition: object, isKnown = true) =>
    parseMachine(JSON.stringify(definition), () => isKnown);
  const ofState = (state: object) => () => parse(machineOf(['a', state]));

  test.each([
    ['JSONata', { ...TASK, QueryLanguage: 'JSONata' }, 'runs JSONPath, not JSONata'],
    ['variables', { ...TASK, Assign: { x: 1 } }, 'does not run Assign'],
    ['callbacks', { ...TASK, HeartbeatSeconds: 3 }, 'does not run HeartbeatSeconds'],
    [
      'a distributed map',
      {
        Type: 'Map',
        ItemProcessor: {
          ProcessorConfig: { Mode: 'DISTRIBUTED' },
          ...machineOf(['x', { Type: 'Pass' }]),
        },
      },
      'not distributed ones',
    ],
    ['a reader of items', { Type: 'Map', ItemReader: {} }, 'does not run ItemReader'],
    ['a filter in a path', { Type: 'Pass', InputPath: '$.a[?(@.b)]' }, 'does not read the path'],
    [
      'an unknown function',
      { Type: 'Pass', Parameters: { 'a.$': 'States.UUID()' } },
      'no function',
    ],
    ['an unknown type', { Type: 'Loop' }, 'no state of type Loop'],
    ['a way to nowhere', { Type: 'Pass', Next: 'gone' }, 'there is no state gone'],
    ['a ResultPath to all', { ...TASK, ResultPath: '$.a[*]' }, 'is not one place'],
  ])('%s', (_name, state, why) => {
    expect(ofState(state)).toThrow(why);
  });

  test('an integration that is not there, with its name', () => {
    const machine = machineOf(['a', { ...TASK, Resource: 'arn:aws:states:::sqs:sendMessage' }]);
    expect(() => parse(machine, false)).toThrow(
      'the machine.a: the local cloud has no integration arn:aws:states:::sqs:sendMessage',
    );
  });

  test('a start that is no state, and a state that leads nowhere', () => {
    expect(() => parse({ StartAt: 'b', States: { a: { Type: 'Pass', End: true } } })).toThrow(
      'no state b',
    );
    expect(() => parse({ StartAt: 'a', States: { a: { Type: 'Pass' } } })).toThrow(
      'either Next or End',
    );
  });
});
