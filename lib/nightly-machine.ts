/**
 * The nightly job as a machine: what a step is called here is what `GET /collect/batch/{jobId}` says.
 *
 * What its tasks are handed and answer: `functions/core/nightly/tasks.ts`. The functions print each
 * statement and judge the run; the machine only says what comes after what. The plan is `$.plan` from
 * its first step on. Every step may be done twice.
 */
import { call, type Machine, orElse } from './machine-text.ts';
import { failing, loading, type Steps, statement, statements } from './nightly-steps.ts';

/** Names in the text that stand for what the template knows: functions, and the workgroup. */
export type Substituted = 'Plan' | 'PlanLoad' | 'Load' | 'Reconcile' | 'WorkGroup';

/** A night that takes longer is stopped, and the next one takes its flight over. */
const NIGHT_SECONDS = 20 * 3_600;

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

const load = (loadsAtOnce: number): Steps => ({
  ...loading('load', { what: 'tags', loadsAtOnce, into: '$.loaded', next: 'mark-loaded' }),
  ...statement('mark-loaded', { kind: 'loaded', next: 'reconcile' }),
});

/**
 * Lists of items, after the tags and under the same flight. Whatever goes wrong there leaves readers
 * the lists that they have: the run says so, ends well, and the next night learns the same days.
 */
const lists = (loadsAtOnce: number): Steps => {
  const unlisted = { Catch: orElse('unlisted') };
  return {
    ...statements('positives', {
      of: '$.plan.learnDays',
      statement: { statement: { kind: 'positives', 'day.$': '$.item' } },
      next: 'pairs-day',
      ...unlisted,
    }),
    ...statements('pairs-day', {
      of: '$.plan.learnDays',
      statement: { statement: { kind: 'pairsDay', 'day.$': '$.item' } },
      next: 'lists',
      ...unlisted,
    }),
    ...statement('lists', { kind: 'lists', isUnload: true, next: 'plan-load-lists', ...unlisted }),
    ...loading('load-lists', {
      ...{ what: 'lists', loadsAtOnce, into: null, next: 'listed-tenants' },
      ...unlisted,
    }),
    ...statement('listed-tenants', {
      kind: 'listedTenants',
      next: 'point-to-lists',
      ...unlisted,
    }),
    'point-to-lists': call(
      'Plan',
      {
        ...{ task: 'point', step: 'point-to-lists', 'plan.$': '$.plan' },
        'queryExecutionId.$': '$.query.queryExecutionId',
      },
      {
        ResultSelector: { 'through.$': '$.Payload.through' },
        ResultPath: '$.lists',
        ...unlisted,
        Next: 'tend',
      },
    ),
    unlisted: call(
      'Plan',
      {
        task: 'unlisted',
        'runId.$': '$.plan.runId',
        'attempt.$': '$.plan.attempt',
        'error.$': '$.error',
      },
      {
        ResultSelector: { 'through.$': '$.Payload.through' },
        ResultPath: '$.lists',
        ...failing,
        Next: 'tend',
      },
    ),
  };
};

const end: Steps = {
  ...statement('reconcile', { kind: 'drift', next: 'reconcile: drift' }),
  'reconcile: drift': call(
    'Reconcile',
    {
      step: 'reconcile',
      'plan.$': '$.plan',
      'queryExecutionId.$': '$.query.queryExecutionId',
    },
    { ResultPath: null, ...failing, Next: 'positives' },
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
    {
      ...{ task: 'finish', step: 'finish', 'plan.$': '$.plan' },
      ...{ 'loaded.$': '$.loaded', 'lists.$': '$.lists' },
    },
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
  Comment: 'Tags of every user, and lists of every item, by all that has arrived before the cut',
  StartAt: 'plan',
  TimeoutSeconds: NIGHT_SECONDS,
  States: {
    ...{ ...lake, ...guard, ...load(options.loadsAtOnce) },
    ...{ ...lists(options.loadsAtOnce), ...end },
  },
});
