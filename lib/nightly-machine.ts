/**
 * The nightly job as a machine: what a step is called here is what `GET /collect/batch/{jobId}` says.
 *
 * What its tasks are handed and answer: `functions/core/nightly/tasks.ts`. The functions print each
 * statement and judge the run; the machine only says what comes after what. The plan is `$.plan` from
 * its first step on. Every step may be done twice.
 */
import {
  call,
  type Each,
  each,
  type Machine,
  orElse,
  query,
  type State,
  type Task,
  type Template,
} from './machine-text.ts';

/** Names in the text that stand for what the template knows: functions, and the workgroup. */
export type Substituted = 'Plan' | 'PlanLoad' | 'Load' | 'Reconcile' | 'WorkGroup';

type Steps = Readonly<Record<string, State>>;

/** A night that takes longer is stopped, and the next one takes its flight over. */
const NIGHT_SECONDS = 20 * 3_600;

const failing = { Catch: orElse('fail') };

/** `plan` prints the statement, with what the plan knows, into `$.statement.sql`. */
const print = (step: string, statement: Template, rest: Pick<Task, 'Catch'> = {}): State =>
  call(
    'Plan',
    { task: 'print', step, 'plan.$': '$.plan', ...statement },
    {
      ResultSelector: { 'sql.$': '$.Payload.sql' },
      ResultPath: '$.statement',
      Next: `${step}: query`,
      ...rest,
    },
  );

/** One statement for each item of the plan: one after the other, in the plan's order. */
const statements = (
  step: string,
  {
    of,
    statement,
    next,
    Catch = failing.Catch,
  }: Pick<Each, 'Catch'> & {
    readonly of: string;
    readonly statement: Template;
    readonly next: string;
  },
): Steps => ({
  [step]: each(
    { path: of, selector: { 'plan.$': '$.plan', 'item.$': '$$.Map.Item.Value' }, atOnce: 1 },
    {
      StartAt: `${step}: print`,
      States: {
        [`${step}: print`]: print(step, statement),
        [`${step}: query`]: query({ End: true }),
      },
    },
    { ResultPath: null, Catch, Next: next },
  ),
});

const statement = (
  step: string,
  {
    kind,
    isUnload,
    next,
  }: { readonly kind: string; readonly isUnload?: true; readonly next: string },
): Steps => ({
  [step]: print(step, { statement: { kind } }, failing),
  [`${step}: query`]: query({ ResultPath: '$.query', ...failing, Next: next }, isUnload),
});

const lake: Steps = {
  plan: call(
    'Plan',
    {
      task: 'plan',
      step: 'plan',
      'runId.$': '$.runId',
      'attempt.$': '$.attempt',
      'versions.$': '$.versions',
    },
    { ResultSelector: { 'plan.$': '$.Payload' }, ...failing, Next: 'curate' },
  ),
  ...statements('curate', {
    of: '$.plan.days',
    statement: { statement: { kind: 'curate', 'day.$': '$.item' } },
    next: 'user-day',
  }),
  ...statements('user-day', {
    of: '$.plan.days',
    statement: { statement: { kind: 'userDay', 'day.$': '$.item' } },
    next: 'user-day of history',
  }),
  ...statements('user-day of history', {
    of: '$.plan.backfill',
    statement: {
      statement: { kind: 'userDayOfRange', 'from.$': '$.item.from', 'to.$': '$.item.to' },
    },
    next: 'user-total',
  }),
  ...statements('user-total', {
    of: '$.plan.totals',
    statement: { statement: { kind: 'userTotal', 'day.$': '$.item' } },
    next: 'tags',
  }),
  ...statement('tags', { kind: 'tags', isUnload: true, next: 'guard' }),
};

const guard: Steps = {
  ...statement('guard', { kind: 'guard', next: 'guard: verdict' }),
  'guard: verdict': call(
    'Plan',
    {
      task: 'guard',
      step: 'guard',
      'plan.$': '$.plan',
      'queryExecutionId.$': '$.query.queryExecutionId',
    },
    {
      ResultSelector: { 'said.$': '$.Payload' },
      ResultPath: '$.guard',
      ...failing,
      Next: 'guard: choice',
    },
  ),
  'guard: choice': {
    Type: 'Choice',
    Choices: [{ Variable: '$.guard.said.verdict', StringEquals: 'load', Next: 'plan-load' }],
    Default: 'refuse',
  },
  refuse: call(
    'Plan',
    {
      task: 'refuse',
      'runId.$': '$.plan.runId',
      'attempt.$': '$.plan.attempt',
      'because.$': '$.guard.said.because',
    },
    { ResultPath: null, ...failing, Next: 'refused' },
  ),
  refused: { Type: 'Succeed' },
};

/** One item of objects: as many calls as it takes, each of which goes on from the last one's cursor. */
const loadItem = {
  StartAt: 'load: some',
  States: {
    'load: some': call(
      'Load',
      {
        step: 'load',
        'runId.$': '$.runId',
        'cut.$': '$.cut',
        'versions.$': '$.versions',
        'keys.$': '$.keys',
        'progress.$': '$.load.progress',
      },
      { ResultSelector: { 'progress.$': '$.Payload' }, ResultPath: '$.load', Next: 'load: choice' },
    ),
    'load: choice': {
      Type: 'Choice',
      Choices: [{ Variable: '$.load.progress.done', BooleanEquals: true, Next: 'load: done' }],
      Default: 'load: some',
    },
    'load: done': {
      Type: 'Pass',
      Parameters: { 'rows.$': '$.load.progress.rows', 'newer.$': '$.load.progress.newer' },
      End: true,
    },
  },
} as const;

const load = (loadsAtOnce: number): Steps => ({
  'plan-load': call(
    'PlanLoad',
    { step: 'plan-load', 'plan.$': '$.plan' },
    {
      ResultSelector: { 'items.$': '$.Payload.items' },
      ResultPath: '$.load',
      ...failing,
      Next: 'load',
    },
  ),
  load: each(
    {
      path: '$.load.items',
      selector: {
        'runId.$': '$.plan.runId',
        'cut.$': '$.plan.cut',
        'versions.$': '$.plan.versions',
        'keys.$': '$$.Map.Item.Value',
        load: { progress: { done: false, cursor: null, rows: 0, newer: 0 } },
      },
      atOnce: loadsAtOnce,
    },
    loadItem,
    { ResultPath: '$.loaded', ...failing, Next: 'mark-loaded' },
  ),
  ...statement('mark-loaded', { kind: 'loaded', next: 'reconcile' }),
});

const end: Steps = {
  ...statement('reconcile', { kind: 'drift', next: 'reconcile: drift' }),
  'reconcile: drift': call(
    'Reconcile',
    {
      step: 'reconcile',
      'plan.$': '$.plan',
      'queryExecutionId.$': '$.query.queryExecutionId',
    },
    { ResultPath: null, ...failing, Next: 'tend' },
  ),
  // Under the same flight, so that no MERGE meets an OPTIMIZE. What fails waits for the next week.
  ...statements('tend', {
    of: '$.plan.tend',
    statement: { 'statement.$': '$.item' },
    next: 'finish',
    Catch: orElse('finish', '$.untended'),
  }),
  finish: call(
    'Plan',
    { task: 'finish', step: 'finish', 'plan.$': '$.plan', 'loaded.$': '$.loaded' },
    { ResultPath: null, ...failing, Next: 'succeeded' },
  ),
  succeeded: { Type: 'Succeed' },
  fail: call(
    'Plan',
    {
      task: 'fail',
      'runId.$': '$$.Execution.Input.runId',
      'attempt.$': '$$.Execution.Input.attempt',
      'error.$': '$.error',
    },
    { ResultPath: null, Next: 'failed', Catch: orElse('failed', null) },
  ),
  failed: { Type: 'Fail', ErrorPath: '$.error.Error', CausePath: '$.error.Cause' },
};

export const nightlyMachine = (options: { readonly loadsAtOnce: number }): Machine => ({
  Comment: 'Tags of every user by all that has arrived before the cut',
  StartAt: 'plan',
  TimeoutSeconds: NIGHT_SECONDS,
  States: { ...lake, ...guard, ...load(options.loadsAtOnce), ...end },
});
