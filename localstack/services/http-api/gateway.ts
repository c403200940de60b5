/** Takes requests as API Gateway does: size, route, throttle, function, time. */
import { randomUUID } from 'node:crypto';
import type { IncomingMessage, RequestListener, ServerResponse } from 'node:http';
import type { FunctionInvoker, Invocation } from '../../cloud.ts';
import {
  answerOf,
  type HttpAnswer,
  NOT_FOUND,
  TOO_LARGE,
  TOO_MANY,
  UNAVAILABLE,
} from './answer.ts';
import type { DeployedApi } from './deployed-api.ts';
import { decodedPath, eventOf, splitUrl } from './event.ts';

const BODY_BYTES_MAX = 10 * 1024 * 1024;
/** How long the rest of a refused body is read, so that its sender can read our answer. */
const DRAIN_MAX_MS = 60_000;

export interface GatewayOptions {
  readonly invoker: FunctionInvoker;
  readonly now: () => number;
  /** The API that is deployed; none while the template is being read. */
  readonly api: () => DeployedApi | undefined;
  /** A key for a request that carries none. */
  readonly demoKey: () => string | undefined;
  readonly onRequest?: (status: number) => void;
}

type Body = Uint8Array | 'too large' | 'aborted';

/** Answers a body that is too large at once, and reads on: a reset would hide the answer. */
const bodyOf = (request: IncomingMessage): Promise<Body> =>
  new Promise((resolve) => {
    const chunks: Buffer[] = [];
    let bytes = 0;
    const refuse = (): void => {
      chunks.length = 0;
      setTimeout(() => request.destroy(), DRAIN_MAX_MS).unref();
      resolve('too large');
    };
    if (Number(request.headers['content-length'] ?? 0) > BODY_BYTES_MAX) refuse();
    request.on('data', (chunk: Buffer) => {
      bytes += chunk.length;
      if (bytes > BODY_BYTES_MAX) refuse();
      else chunks.push(chunk);
    });
    request.on('end', () => resolve(Buffer.concat(chunks)));
    request.on('error', () => resolve('aborted'));
    request.on('close', () => resolve('aborted'));
  });

/**
 * Node closes a connection that is not to be kept as soon as its response ends, and a client that
 * still sends is reset: so it ends with the request. The client has all of the answer by then.
 */
const endWith = (request: IncomingMessage, response: ServerResponse, body?: Uint8Array): void => {
  if (request.complete) {
    response.end(body);
    return;
  }
  if (body !== undefined) response.write(body);
  request.once('close', () => response.end());
  request.once('end', () => response.end());
};

const send = (
  request: IncomingMessage,
  response: ServerResponse,
  { status, headers, body }: HttpAnswer,
  id: string,
): void => {
  const out: Record<string, string | string[]> = {};
  for (const [name, value] of headers) {
    const before = out[name];
    out[name] = before === undefined ? value : [before, value].flat();
  }
  const hasBody = status !== 204 && status !== 304;
  response.writeHead(status, {
    ...out,
    ...(hasBody ? { 'content-length': String(body.byteLength) } : {}),
    'apigw-requestid': id,
  });
  endWith(request, response, hasBody ? body : undefined);
};

const CREDENTIALS = ['authorization', 'x-api-key', 'x-write-key'];

/** A write key may also ride in the body. */
const carriesKey = (request: IncomingMessage, body: Uint8Array): boolean =>
  CREDENTIALS.some((name) => request.headers[name] !== undefined) ||
  Buffer.from(body.buffer, body.byteOffset, body.byteLength).includes('"writeKey"');

const settledWithin = <T>(work: Promise<T>, timeoutMs: number): Promise<T | undefined> =>
  new Promise((resolve, reject) => {
    const timer = setTimeout(() => resolve(undefined), timeoutMs);
    work.then(resolve, reject).finally(() => clearTimeout(timer));
  });

const invokeWithin = async (work: Promise<Invocation>, timeoutMs: number): Promise<HttpAnswer> => {
  const invocation = await settledWithin(work, timeoutMs);
  if (invocation === undefined) return UNAVAILABLE;
  // The gateway takes 10 MB, the function 6: what lies between is refused in the gateway's words.
  if (invocation.error !== undefined && invocation.payload.includes('RequestTooLargeException')) {
    return TOO_LARGE;
  }
  return answerOf(invocation);
};

const rawHeadersOf = (
  request: IncomingMessage,
  body: Uint8Array,
  demoKey: string | undefined,
): readonly string[] =>
  demoKey === undefined || carriesKey(request, body)
    ? request.rawHeaders
    : [...request.rawHeaders, 'authorization', `Bearer ${demoKey}`];

const answerFor = async (
  options: GatewayOptions,
  request: IncomingMessage,
  requestId: string,
): Promise<HttpAnswer | undefined> => {
  const body = await bodyOf(request);
  if (body === 'aborted') return undefined;
  if (body === 'too large') return TOO_LARGE;
  const api = options.api();
  const method = request.method ?? 'GET';
  const url = request.url ?? '/';
  const found = api?.match(method, decodedPath(splitUrl(url)[0]));
  if (api === undefined || found === undefined) return NOT_FOUND;
  const nowMs = options.now();
  if (!api.admits(found.route.key, nowMs)) return TOO_MANY;
  const event = eventOf(
    {
      method,
      url,
      body,
      rawHeaders: rawHeadersOf(request, body, options.demoKey()),
      sourceIp: request.socket.remoteAddress ?? '127.0.0.1',
      protocol: `HTTP/${request.httpVersion}`,
    },
    { ...api, requestId, nowMs, routeKey: found.route.key, pathParameters: found.pathParameters },
  );
  const { functionArn, timeoutMs } = api.integration(found.route);
  return invokeWithin(options.invoker.invoke(functionArn, JSON.stringify(event)), timeoutMs);
};

export const gateway =
  (options: GatewayOptions): RequestListener =>
  (request, response) => {
    const requestId = randomUUID();
    answerFor(options, request, requestId)
      .catch((): HttpAnswer => UNAVAILABLE)
      .then((answer) => {
        if (answer === undefined || response.destroyed) return;
        options.onRequest?.(answer.status);
        send(request, response, answer, requestId);
      })
      .catch(() => response.destroy());
  };
