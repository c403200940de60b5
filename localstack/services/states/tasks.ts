/**
 * The integrations of a Task: functions, and Athena's queries. Errors are named as Step Functions
 * names them, because Retry and Catch go by their names.
 * https://docs.aws.amazon.com/step-functions/latest/dg/concepts-error-handling.html
 */
import { randomUUID } from 'node:crypto';
import { setTimeout as after } from 'node:timers/promises';
import type { FunctionInvoker, Invocation } from '../../cloud.ts';
import { isObject, type Json } from '../../engines/states/json.ts';

export type TaskResult =
  | { readonly output: Json }
  | { readonly error: string; readonly cause: string };

/** Never rejects. An aborted task's result is read by nobody. */
export type Task = (input: Json, doing: Doing) => Promise<TaskResult>;

export interface Doing {
  /** The same for a task that is done again because the process that did it has ended. */
  readonly token: string;
  readonly signal: AbortSignal;
}

export interface TaskOptions {
  readonly invoker: FunctionInvoker;
  /** Where Athena is asked, as the functions ask it. */
  readonly endpointUrl: string;
}

const FUNCTION_ARN = /^arn:aws:lambda:[^:]+:\d{12}:function:[^:]+(:[^:]+)?$/;
const INVOKE = 'arn:aws:states:::lambda:invoke';
const QUERY_AND_WAIT = 'arn:aws:states:::athena:startQueryExecution.sync';
const ATHENA_CALLS: Readonly<Record<string, string>> = {
  'arn:aws:states:::athena:getQueryExecution': 'GetQueryExecution',
  'arn:aws:states:::athena:getQueryResults': 'GetQueryResults',
  'arn:aws:states:::athena:startQueryExecution': 'StartQueryExecution',
  'arn:aws:states:::athena:stopQueryExecution': 'StopQueryExecution',
};
const POLL_FIRST_MS = 20;
const POLL_LONGEST_MS = 500;

export const isKnownResource = (resource: string): boolean =>
  FUNCTION_ARN.test(resource) ||
  resource === INVOKE ||
  resource === QUERY_AND_WAIT ||
  Object.hasOwn(ATHENA_CALLS, resource);

const errorOf = ({ payload, error }: Invocation): TaskResult => {
  if (error === 'throttled') {
    return { error: 'Lambda.TooManyRequestsException', cause: 'Rate Exceeded.' };
  }
  const told: unknown = JSON.parse(payload);
  const { errorType } = Object(told);
  if (typeof errorType === 'string' && errorType !== '')
    return { error: errorType, cause: payload };
  const cause = `The cause could not be determined because Lambda did not return an error type. Returned payload: ${payload}`;
  return { error: 'Lambda.Unknown', cause };
};

/** What the function answers, or its error under its own name. */
const call = async (invoker: FunctionInvoker, name: string, input: Json): Promise<TaskResult> => {
  try {
    const invocation = await invoker.invoke(name, JSON.stringify(input));
    if (invocation.error !== undefined) return errorOf(invocation);
    return { output: JSON.parse(invocation.payload) as Json };
  } catch (fault) {
    return { error: 'Lambda.ServiceException', cause: String(fault) };
  }
};

const invoke = async (invoker: FunctionInvoker, input: Json): Promise<TaskResult> => {
  const { FunctionName, Payload = {}, ...more } = isObject(input) ? input : {};
  if (typeof FunctionName !== 'string' || Object.keys(more).length > 0) {
    const cause = `the local cloud invokes by FunctionName and Payload, not ${Object.keys(more).join(', ')}`;
    return { error: 'Lambda.InvalidParameterValueException', cause };
  }
  const result = await call(invoker, FunctionName, Payload);
  if ('error' in result) return result;
  return {
    output: {
      ExecutedVersion: '$LATEST',
      Payload: result.output,
      SdkHttpMetadata: { HttpStatusCode: 200 },
      SdkResponseMetadata: { RequestId: randomUUID() },
      StatusCode: 200,
    },
  };
};

/** Step Functions writes instants as milliseconds, where Athena's own protocol has seconds. */
const inMilliseconds = (value: Json): Json => {
  if (Array.isArray(value)) return value.map(inMilliseconds);
  if (!isObject(value)) return value;
  return Object.fromEntries(
    Object.entries(value).map(([name, member]) => {
      const isInstant = name.endsWith('DateTime') && typeof member === 'number';
      return [name, isInstant ? Math.round(member * 1_000) : inMilliseconds(member)];
    }),
  );
};

type Ask = (operation: string, input: Json, signal?: AbortSignal) => Promise<TaskResult>;

const askAthena =
  (endpointUrl: string): Ask =>
  async (operation, input, signal) => {
    try {
      const response = await fetch(endpointUrl, {
        method: 'POST',
        headers: {
          'content-type': 'application/x-amz-json-1.1',
          'x-amz-target': `AmazonAthena.${operation}`,
        },
        body: JSON.stringify(input),
        ...(signal && { signal }),
      });
      const body = Object(await response.json());
      if (response.ok) return { output: body as Json };
      const type = String(body.__type ?? 'AmazonAthenaException').replace(/^.*#/, '');
      const message = String(body.message ?? body.Message ?? type);
      const cause = `${message} (Service: Athena, Status Code: ${response.status})`;
      return { error: `Athena.${type}`, cause };
    } catch (fault) {
      return { error: 'Athena.SdkClientException', cause: String(fault) };
    }
  };

const stateOf = (told: Json): string => String(Object(told).QueryExecution?.Status?.State);

/** Asks again and again, as `.sync` does; a query that nobody waits for any more is stopped. */
const queryAndWait =
  (ask: Ask): Task =>
  async (input, { token, signal }) => {
    const parameters = isObject(input) ? input : {};
    const started = await ask('StartQueryExecution', {
      ClientRequestToken: token,
      ...parameters,
    });
    if ('error' in started) return started;
    const { QueryExecutionId } = Object(started.output);
    for (
      let waitMs = POLL_FIRST_MS;
      !signal.aborted;
      waitMs = Math.min(waitMs * 2, POLL_LONGEST_MS)
    ) {
      const told = await ask('GetQueryExecution', { QueryExecutionId });
      if ('error' in told) return told;
      const output = inMilliseconds(told.output);
      const state = stateOf(output);
      if (state === 'SUCCEEDED') return { output };
      if (state === 'FAILED' || state === 'CANCELLED') {
        return { error: 'States.TaskFailed', cause: JSON.stringify(output) };
      }
      await after(waitMs, undefined, { signal }).catch(() => undefined);
    }
    await ask('StopQueryExecution', { QueryExecutionId });
    return { error: 'States.TaskFailed', cause: 'aborted' };
  };

export const createTasks = ({ invoker, endpointUrl }: TaskOptions) => {
  const ask = askAthena(endpointUrl);
  const query = queryAndWait(ask);
  return (resource: string, input: Json, doing: Doing): Promise<TaskResult> => {
    if (resource === INVOKE) return invoke(invoker, input);
    if (resource === QUERY_AND_WAIT) return query(input, doing);
    const operation = ATHENA_CALLS[resource];
    if (operation === undefined) return call(invoker, resource, input);
    return ask(operation, input, doing.signal).then((result) =>
      'error' in result ? result : { output: inMilliseconds(result.output) },
    );
  };
};

export type RunTask = ReturnType<typeof createTasks>;
