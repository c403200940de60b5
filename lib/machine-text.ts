/**
 * The part of the Amazon States Language that our machine is written in, with JSONPath, and how its
 * tasks are retried. Everything a task does may be done twice, so a retry is always allowed.
 */
export interface Retrier {
  readonly ErrorEquals: readonly string[];
  readonly IntervalSeconds: number;
  readonly MaxAttempts: number;
  readonly BackoffRate: number;
  readonly MaxDelaySeconds: number;
  readonly JitterStrategy: 'FULL';
}

interface Catcher {
  readonly ErrorEquals: readonly string[];
  readonly ResultPath: string | null;
  readonly Next: string;
}

export type Template = Readonly<Record<string, unknown>>;
type Then = { readonly Next: string } | { readonly End: true };

export type Task = Then & {
  readonly Type: 'Task';
  readonly Resource: string;
  readonly Parameters: Template;
  readonly TimeoutSeconds: number;
  readonly Retry: readonly Retrier[];
  readonly Catch?: readonly Catcher[];
  readonly ResultSelector?: Template;
  readonly ResultPath?: string | null;
};

export type Each = Then & {
  readonly Type: 'Map';
  readonly ItemsPath: string;
  readonly ItemSelector: Template;
  readonly MaxConcurrency: number;
  readonly ItemProcessor: States & { readonly ProcessorConfig: { readonly Mode: 'INLINE' } };
  readonly Catch?: readonly Catcher[];
  readonly ResultPath: string | null;
};

export type State =
  | Task
  | Each
  | {
      readonly Type: 'Choice';
      readonly Choices: readonly Template[];
      readonly Default: string;
    }
  | (Then & { readonly Type: 'Pass'; readonly Parameters: Template })
  | { readonly Type: 'Succeed' }
  | { readonly Type: 'Fail'; readonly ErrorPath: string; readonly CausePath: string };

export interface States {
  readonly StartAt: string;
  readonly States: Readonly<Record<string, State>>;
}

export interface Machine extends States {
  readonly Comment: string;
  readonly TimeoutSeconds: number;
}

const retrier = (errors: readonly string[], attempts: number, seconds: number): Retrier => ({
  ErrorEquals: errors,
  IntervalSeconds: seconds,
  MaxAttempts: attempts,
  BackoffRate: 2,
  MaxDelaySeconds: 60,
  JitterStrategy: 'FULL',
});

/** Lambda's own, not the function's. */
const LAMBDA_ERRORS = [
  'Lambda.ClientExecutionTimeoutException',
  'Lambda.ServiceException',
  'Lambda.AWSLambdaException',
  'Lambda.SdkClientException',
  'Lambda.TooManyRequestsException',
];
const ATHENA_ERRORS = [
  'Athena.TooManyRequestsException',
  'Athena.InternalServerException',
  'Athena.AmazonAthenaException',
];
const SERVICE_TRIES = 6;
/** What the function or the query itself failed with: the world heals, a bug does not. */
const OWN_TRIES = 2;

const ofFunction = [
  retrier(LAMBDA_ERRORS, SERVICE_TRIES, 1),
  retrier(['States.TaskFailed', 'States.Timeout'], OWN_TRIES, 2),
];
const ofQuery = [
  retrier(ATHENA_ERRORS, SERVICE_TRIES, 2),
  retrier(['States.TaskFailed'], OWN_TRIES, 5),
];
/** UNLOAD refuses a folder that holds something: another attempt of the run has another folder. */
const ofUnload = [retrier(ATHENA_ERRORS, SERVICE_TRIES, 2)];

/** More than any function of ours is given. */
const FUNCTION_SECONDS = 90;
/** Athena ends a statement after 30 minutes. */
const QUERY_SECONDS = 1_860;

/** Stands for what the template knows, and is put in when the machine is made. */
const put = (name: string): string => `\${${name}}`;

export const call = (
  name: string,
  payload: Template,
  rest: Then & Partial<Pick<Task, 'ResultSelector' | 'ResultPath' | 'Catch'>>,
): Task => ({
  Type: 'Task',
  Resource: 'arn:aws:states:::lambda:invoke',
  Parameters: { FunctionName: put(name), Payload: payload },
  TimeoutSeconds: FUNCTION_SECONDS,
  Retry: ofFunction,
  ...rest,
});

export const query = (
  rest: Then & Partial<Pick<Task, 'ResultPath' | 'Catch'>>,
  isUnload = false,
): Task => ({
  Type: 'Task',
  Resource: 'arn:aws:states:::athena:startQueryExecution.sync',
  // Neither a place for results nor a key: the workgroup enforces its own.
  Parameters: { 'QueryString.$': '$.statement.sql', WorkGroup: put('WorkGroup') },
  TimeoutSeconds: QUERY_SECONDS,
  Retry: isUnload ? ofUnload : ofQuery,
  // The whole answer repeats the statement, and a state holds 256 KB.
  ResultSelector: { 'queryExecutionId.$': '$.QueryExecution.QueryExecutionId' },
  ...rest,
});

export const each = (
  items: { readonly path: string; readonly selector: Template; readonly atOnce: number },
  states: States,
  rest: Then & Pick<Each, 'ResultPath' | 'Catch'>,
): Each => ({
  Type: 'Map',
  ItemsPath: items.path,
  ItemSelector: items.selector,
  MaxConcurrency: items.atOnce,
  ItemProcessor: { ProcessorConfig: { Mode: 'INLINE' }, ...states },
  ...rest,
});

/** Any error of a state leads there; the state's input stays beside it. */
export const orElse = (next: string, path: string | null = '$.error'): readonly Catcher[] => [
  { ErrorEquals: ['States.ALL'], ResultPath: path, Next: next },
];
