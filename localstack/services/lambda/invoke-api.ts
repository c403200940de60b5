/** The part of Lambda's REST API that a person or a service calls: Invoke, List, GetConfiguration. */
import { randomUUID } from 'node:crypto';
import type { IncomingMessage, RequestListener, ServerResponse } from 'node:http';
import type { FunctionInvoker } from '../../cloud.ts';
import type { FunctionDefinition } from './definition.ts';

const INVOKE = /^\/2015-03-31\/functions\/([^/]+)\/invocations$/;
const CONFIGURATION = /^\/2015-03-31\/functions\/([^/]+)(\/configuration)?$/;
const LIST = /^\/2015-03-31\/functions\/?$/;
export const PAYLOAD_BYTES_MAX = 6 * 1024 * 1024;

export interface InvokeApiOptions {
  readonly functions: ReadonlyMap<string, FunctionDefinition>;
  readonly invoker: FunctionInvoker;
}

const send = (
  response: ServerResponse,
  status: number,
  body: string,
  headers: Readonly<Record<string, string>> = {},
): void => {
  response.writeHead(status, {
    'content-type': 'application/json',
    'content-length': Buffer.byteLength(body),
    'x-amzn-requestid': randomUUID(),
    ...headers,
  });
  response.end(body);
};

const refuse = (response: ServerResponse, status: number, type: string, message: string): void =>
  send(response, status, JSON.stringify({ Type: 'User', Message: message, message }), {
    'x-amzn-errortype': type,
  });

export const configurationOf = (definition: FunctionDefinition): object => ({
  FunctionName: definition.name,
  FunctionArn: definition.arn,
  Description: definition.description,
  Runtime: definition.runtime,
  Handler: definition.handler,
  Timeout: definition.timeoutMs / 1_000,
  MemorySize: definition.memoryMb,
  Architectures: [definition.architecture],
  Environment: { Variables: definition.environment },
  Version: '$LATEST',
  PackageType: 'Zip',
  State: 'Active',
});

const bodyOf = async (request: IncomingMessage): Promise<string | undefined> => {
  const chunks: Buffer[] = [];
  let bytes = 0;
  for await (const chunk of request as AsyncIterable<Buffer>) {
    bytes += chunk.length;
    if (bytes <= PAYLOAD_BYTES_MAX) chunks.push(chunk);
  }
  return bytes > PAYLOAD_BYTES_MAX ? undefined : Buffer.concat(chunks).toString('utf8');
};

const invoke = async (
  { invoker }: InvokeApiOptions,
  name: string,
  { request, response }: { readonly request: IncomingMessage; readonly response: ServerResponse },
): Promise<void> => {
  const kind = request.headers['x-amz-invocation-type'] ?? 'RequestResponse';
  const body = await bodyOf(request);
  if (body === undefined) {
    const message = `Request must be smaller than ${PAYLOAD_BYTES_MAX} bytes for the InvokeFunction operation`;
    return refuse(response, 413, 'RequestTooLargeException', message);
  }
  if (kind === 'DryRun') return send(response, 204, '');
  if (kind !== 'RequestResponse') {
    const message = `invocation type ${String(kind)} is not in the local cloud yet: use RequestResponse`;
    return refuse(response, 400, 'InvalidParameterValueException', message);
  }
  const { payload, error } = await invoker.invoke(name, body === '' ? '{}' : body);
  if (error === 'throttled')
    return refuse(response, 429, 'TooManyRequestsException', 'Rate Exceeded.');
  send(response, 200, payload, {
    'x-amz-executed-version': '$LATEST',
    ...(error === undefined ? {} : { 'x-amz-function-error': 'Unhandled' }),
  });
};

/** A name, or an ARN that ends with one. */
export const functionNameOf = (reference: string): string => {
  const parts = reference.split(':');
  return parts[0] === 'arn' ? (parts[6] ?? '') : reference;
};

const route = async (
  options: InvokeApiOptions,
  request: IncomingMessage,
  response: ServerResponse,
): Promise<void> => {
  const path = new URL(request.url ?? '/', 'http://local').pathname;
  if (request.method === 'GET' && LIST.test(path)) {
    const list = [...options.functions.values()].map(configurationOf);
    return send(response, 200, JSON.stringify({ Functions: list }));
  }
  const isInvoke = request.method === 'POST' && INVOKE.test(path);
  const [, reference = ''] = (isInvoke ? INVOKE : CONFIGURATION).exec(path) ?? [];
  const name = functionNameOf(decodeURIComponent(reference));
  const definition = options.functions.get(name);
  if (definition === undefined) {
    return refuse(response, 404, 'ResourceNotFoundException', `Function not found: ${name}`);
  }
  if (isInvoke) return invoke(options, name, { request, response });
  const configuration = configurationOf(definition);
  const whole = path.endsWith('/configuration') ? configuration : { Configuration: configuration };
  send(response, 200, JSON.stringify(whole));
};

export const invokeApi =
  (options: InvokeApiOptions): RequestListener =>
  (request, response) => {
    route(options, request, response).catch((fault: unknown) =>
      refuse(response, 500, 'ServiceException', String(fault)),
    );
  };
