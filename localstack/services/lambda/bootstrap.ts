/**
 * The Node runtime of Lambda, as one copy of a function sees it: it loads the bundle, asks the
 * Runtime API for one invocation after another, and ends when there is nobody left to ask.
 */
import { existsSync } from 'node:fs';
import { Agent, request } from 'node:http';
import { flushCompileCache } from 'node:module';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { shiftClock } from './shifted-clock.ts';

type Handler = (event: unknown, context: unknown) => unknown;

interface Answer {
  readonly headers: Readonly<Record<string, string | string[] | undefined>>;
  readonly body: string;
}

const ORPHAN_CHECK_MS = 1_000;
const MODULE_ENDINGS = ['.mjs', '.js', '.cjs'];

const api = new URL(`http://${process.env.AWS_LAMBDA_RUNTIME_API}/2018-06-01/runtime/`);
const agent = new Agent({ keepAlive: true, maxSockets: 1 });

const call = (method: string, path: string, body?: string): Promise<Answer> =>
  new Promise((resolve, reject) => {
    const headers = body === undefined ? {} : { 'content-length': Buffer.byteLength(body) };
    const asked = request(new URL(api.pathname + path, api), { method, agent, headers }, (got) => {
      const chunks: Buffer[] = [];
      got.on('data', (chunk: Buffer) => chunks.push(chunk));
      got.on('end', () =>
        resolve({ headers: got.headers, body: Buffer.concat(chunks).toString('utf8') }),
      );
      got.on('error', reject);
    });
    asked.on('error', reject);
    asked.end(body);
  });

/** The shape in which AWS's Node runtime reports what was thrown. */
const errorBody = (thrown: unknown): string => {
  if (!(thrown instanceof Error)) {
    return JSON.stringify({ errorType: typeof thrown, errorMessage: String(thrown), trace: [] });
  }
  const { name, message, stack } = thrown;
  return JSON.stringify({
    errorType: name,
    errorMessage: message,
    trace: stack?.split('\n') ?? [],
  });
};

const loadHandler = async (): Promise<Handler> => {
  const [file = '', name = ''] = (process.env._HANDLER ?? '').split('.');
  const root = process.env.LAMBDA_TASK_ROOT ?? '';
  const found = MODULE_ENDINGS.map((ending) => join(root, file + ending)).find(existsSync);
  if (found === undefined) throw new Error(`Cannot find module '${file}' in ${root}`);
  const module: Record<string, unknown> = await import(pathToFileURL(found).href);
  const handler = module[name];
  if (typeof handler !== 'function')
    throw new Error(`${file}.${name} is undefined or not exported`);
  return handler as Handler;
};

const contextOf = (requestId: string, arn: string, timeoutMs: number): unknown => {
  const startedAt = performance.now();
  return {
    callbackWaitsForEmptyEventLoop: true,
    functionName: process.env.AWS_LAMBDA_FUNCTION_NAME,
    functionVersion: '$LATEST',
    invokedFunctionArn: arn,
    memoryLimitInMB: process.env.AWS_LAMBDA_FUNCTION_MEMORY_SIZE,
    awsRequestId: requestId,
    logGroupName: process.env.AWS_LAMBDA_LOG_GROUP_NAME,
    logStreamName: process.env.AWS_LAMBDA_LOG_STREAM_NAME,
    getRemainingTimeInMillis: () => Math.max(0, timeoutMs - (performance.now() - startedAt)),
  };
};

const serveOne = async (handler: Handler): Promise<void> => {
  const { headers, body } = await call('GET', 'invocation/next');
  const header = (name: string): string => String(headers[name] ?? '');
  const requestId = header('lambda-runtime-aws-request-id');
  shiftClock(Number(header('tributary-clock-offset-ms')));
  process.env._X_AMZN_TRACE_ID = header('lambda-runtime-trace-id');
  const context = contextOf(
    requestId,
    header('lambda-runtime-invoked-function-arn'),
    Number(header('tributary-timeout-ms')),
  );
  try {
    const result = await handler(JSON.parse(body), context);
    await call('POST', `invocation/${requestId}/response`, JSON.stringify(result) ?? 'null');
  } catch (thrown) {
    console.error('Invoke Error', errorBody(thrown));
    await call('POST', `invocation/${requestId}/error`, errorBody(thrown));
  }
};

const start = async (): Promise<void> => {
  const parent = process.ppid;
  setInterval(() => {
    if (process.ppid !== parent) process.exit(0);
  }, ORPHAN_CHECK_MS).unref();
  shiftClock(Number(process.env.TRIBUTARY_CLOCK_OFFSET_MS ?? 0));
  let handler: Handler;
  try {
    handler = await loadHandler();
  } catch (thrown) {
    console.error('Init Error', errorBody(thrown));
    await call('POST', 'init/error', errorBody(thrown));
    process.exit(1);
  }
  await serveOne(handler);
  // A copy is killed in the end, and would take with it what it has compiled.
  flushCompileCache();
  for (;;) await serveOne(handler);
};

// The Runtime API is gone: so is the platform.
start().catch(() => process.exit(0));
