/** Steps of which the nightly job's machine has several: a statement, one for each day, a load. */
import type { Unloaded } from '../functions/core/nightly/tasks.ts';
import {
  call,
  type Each,
  each,
  orElse,
  query,
  type State,
  type States,
  type Task,
  type Template,
} from './machine-text.ts';

export type Steps = Readonly<Record<string, State>>;

export const failing = { Catch: orElse('fail') };

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
export const statements = (
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

export const statement = (
  step: string,
  {
    kind,
    isUnload,
    next,
    Catch = failing.Catch,
  }: Pick<Each, 'Catch'> & {
    readonly kind: string;
    readonly isUnload?: true;
    readonly next: string;
  },
): Steps => ({
  [step]: print(step, { statement: { kind } }, { Catch }),
  [`${step}: query`]: query({ ResultPath: '$.query', Catch, Next: next }, isUnload),
});

/** One item of objects: as many calls as it takes, each of which goes on from the last one's cursor. */
const loadItem = (step: string, what: Unloaded): States => ({
  StartAt: `${step}: some`,
  States: {
    [`${step}: some`]: call(
      'Load',
      {
        ...{ step, what },
        'runId.$': '$.runId',
        'cut.$': '$.cut',
        'versions.$': '$.versions',
        'keys.$': '$.keys',
        'progress.$': '$.load.progress',
      },
      {
        ResultSelector: { 'progress.$': '$.Payload' },
        ResultPath: '$.load',
        Next: `${step}: choice`,
      },
    ),
    [`${step}: choice`]: {
      Type: 'Choice',
      Choices: [{ Variable: '$.load.progress.done', BooleanEquals: true, Next: `${step}: done` }],
      Default: `${step}: some`,
    },
    [`${step}: done`]: {
      Type: 'Pass',
      Parameters: { 'rows.$': '$.load.progress.rows', 'newer.$': '$.load.progress.newer' },
      End: true,
    },
  },
});

interface Loading {
  readonly what: Unloaded;
  readonly loadsAtOnce: number;
  /** Where the sums of its items go; null: nobody asks. */
  readonly into: string | null;
  readonly next: string;
  readonly Catch?: Each['Catch'];
}

export const loading = (
  step: string,
  { what, loadsAtOnce, into, next, Catch = failing.Catch }: Loading,
): Steps => ({
  [`plan-${step}`]: call(
    'PlanLoad',
    { step: `plan-${step}`, what, 'plan.$': '$.plan' },
    {
      ResultSelector: { 'items.$': '$.Payload.items' },
      ResultPath: '$.load',
      Catch,
      Next: step,
    },
  ),
  [step]: each(
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
    loadItem(step, what),
    { ResultPath: into, Catch, Next: next },
  ),
});
