/**
 * Lambda's Runtime API on loopback. All copies share one server; the first part of the path says
 * which copy is asking.
 */
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';

export interface Task {
  readonly requestId: string;
  readonly payload: string;
  readonly headers: Readonly<Record<string, string>>;
}

/** What a copy tells the pool that owns it. */
export interface CopyListener {
  /** The copy is free and waits: hand it a task through the callback, now or later. */
  readonly onNext: (give: (task: Task) => void) => void;
  readonly onResponse: (payload: string) => void;
  /** The handler threw, or the bundle did not load. */
  readonly onError: (payload: string) => void;
}

export interface RuntimeApi {
  readonly register: (copyId: string, listener: CopyListener) => string;
  readonly forget: (copyId: string) => void;
  readonly close: () => Promise<void>;
}

const PATH = /^\/([^/]+)\/2018-06-01\/runtime\/(?:invocation\/)?(?:[^/]+\/)?(next|response|error)$/;
/** Room above Lambda's own 6 MB, so that the pool can say that an answer is too large. */
const BODY_BYTES_MAX = 32 * 1024 * 1024;

const bodyOf = async (request: IncomingMessage): Promise<string> => {
  const chunks: Buffer[] = [];
  let bytes = 0;
  for await (const chunk of request as AsyncIterable<Buffer>) {
    bytes += chunk.length;
    if (bytes <= BODY_BYTES_MAX) chunks.push(chunk);
  }
  return Buffer.concat(chunks).toString('utf8');
};

const waitForTask = (listener: CopyListener, response: ServerResponse): void => {
  listener.onNext(({ requestId, payload, headers }) => {
    response.writeHead(200, {
      ...headers,
      'content-type': 'application/json',
      'lambda-runtime-aws-request-id': requestId,
    });
    response.end(payload);
  });
};

const answer = async (
  listeners: ReadonlyMap<string, CopyListener>,
  request: IncomingMessage,
  response: ServerResponse,
): Promise<void> => {
  const [, copyId = '', verb = ''] = PATH.exec(request.url ?? '') ?? [];
  const listener = listeners.get(copyId);
  if (listener === undefined) {
    response.writeHead(403).end();
    return;
  }
  if (verb === 'next') {
    waitForTask(listener, response);
    return;
  }
  const body = await bodyOf(request);
  if (verb === 'response') listener.onResponse(body);
  else listener.onError(body);
  response.writeHead(202).end('{"status":"OK"}');
};

export const startRuntimeApi = async (): Promise<RuntimeApi> => {
  const listeners = new Map<string, CopyListener>();
  const server = createServer((request, response) => {
    answer(listeners, request, response).catch(() => response.destroy());
  });
  // A copy that works for a minute keeps its connection; the server must not close it meanwhile.
  server.keepAliveTimeout = 0;
  server.requestTimeout = 0;
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.listen(0, '127.0.0.1', resolve);
  });
  const { port } = server.address() as AddressInfo;
  return {
    register: (copyId, listener) => {
      listeners.set(copyId, listener);
      return `127.0.0.1:${port}/${copyId}`;
    },
    forget: (copyId) => {
      listeners.delete(copyId);
    },
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
};
