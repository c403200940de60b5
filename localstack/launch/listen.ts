/**
 * Opens a port on loopback, and nowhere else, for HTTP/1.1 and HTTP/2 without TLS alike: the SDK's
 * Kinesis client speaks HTTP/2 to any endpoint, and does not ask first.
 */
import { createServer as createHttp1, type RequestListener } from 'node:http';
import { createServer as createHttp2 } from 'node:http2';
import { type AddressInfo, createServer, type Socket } from 'node:net';
import { isLoopback } from './preflight.ts';

export interface OpenPort {
  readonly port: number;
  readonly close: () => Promise<void>;
}

/** The backlog of connections that wait to be accepted; a burst of clients is normal. */
const BACKLOG = 1_024;
/** Longer than clients keep an idle connection, so that none is closed under a request. */
const KEEP_ALIVE_MS = 65_000;
/** How every HTTP/2 connection begins. */
const HTTP2_PREFACE = 'PRI * HTTP/2.0';

const explain = (cause: NodeJS.ErrnoException, port: number, flag: string): Error => {
  const why =
    cause.code === 'EADDRINUSE'
      ? `port ${port} is taken: end what uses it, or choose another with ${flag} <port>`
      : `port ${port} cannot be opened (${cause.code ?? cause.message}): choose another with ${flag} <port>`;
  return new Error(why, { cause });
};

/**
 * Only for names of this machine: a web page whose name was made to point here (DNS rebinding) must
 * not reach a platform that adds keys by itself.
 */
const forThisMachine =
  (handle: RequestListener): RequestListener =>
  (request, response) => {
    const host = request.headers.host ?? request.headers[':authority'];
    if (typeof host === 'string' && !isLoopback(`http://${host}`)) {
      request.resume();
      response.writeHead(403, { 'content-type': 'application/json' });
      response.end(JSON.stringify({ message: 'Only localhost is served here.' }));
      return;
    }
    handle(request, response);
  };

/** Looks at the first bytes, puts them back, and hands the connection to who understands it. */
const sortInto = (handle: RequestListener): ((socket: Socket) => void) => {
  const http1 = createHttp1({ keepAliveTimeout: KEEP_ALIVE_MS }, handle);
  // The compatibility objects of HTTP/2 are what handlers for HTTP/1.1 expect.
  const http2 = createHttp2((request, response) =>
    Reflect.apply(handle, undefined, [request, response]),
  );
  http2.on('sessionError', () => undefined);
  return (socket) => {
    socket.once('readable', () => {
      const first: Buffer | null = socket.read();
      if (first === null) {
        socket.destroy();
        return;
      }
      socket.unshift(first);
      const isHttp2 = first.subarray(0, HTTP2_PREFACE.length).toString('latin1') === HTTP2_PREFACE;
      (isHttp2 ? http2 : http1).emit('connection', socket);
    });
  };
};

export const listen = async (
  handle: RequestListener,
  port: number,
  flag: string,
): Promise<OpenPort> => {
  const sockets = new Set<Socket>();
  const accept = sortInto(forThisMachine(handle));
  const server = createServer({ noDelay: true }, (socket) => {
    sockets.add(socket);
    socket.once('close', () => sockets.delete(socket));
    socket.on('error', () => socket.destroy());
    accept(socket);
  });
  await new Promise<void>((resolve, reject) => {
    server.once('error', (cause) => reject(explain(cause, port, flag)));
    server.listen({ port, host: '127.0.0.1', backlog: BACKLOG }, resolve);
  });
  return {
    port: (server.address() as AddressInfo).port,
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        for (const socket of sockets) socket.destroy();
      }),
  };
};
