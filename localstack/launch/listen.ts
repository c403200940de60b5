/** Opens a port on loopback, and nowhere else. */
import { createServer, type RequestListener, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';

export interface OpenPort {
  readonly port: number;
  readonly close: () => Promise<void>;
}

/** The backlog of connections that wait to be accepted; a burst of clients is normal. */
const BACKLOG = 1_024;
/** Longer than clients keep an idle connection, so that none is closed under a request. */
const KEEP_ALIVE_MS = 65_000;

const explain = (cause: NodeJS.ErrnoException, port: number, flag: string): Error => {
  const why =
    cause.code === 'EADDRINUSE'
      ? `port ${port} is taken: end what uses it, or choose another with ${flag} <port>`
      : `port ${port} cannot be opened (${cause.code ?? cause.message}): choose another with ${flag} <port>`;
  return new Error(why, { cause });
};

export const listen = async (
  handle: RequestListener,
  port: number,
  flag: string,
): Promise<OpenPort> => {
  const server: Server = createServer({ keepAliveTimeout: KEEP_ALIVE_MS }, handle);
  await new Promise<void>((resolve, reject) => {
    server.once('error', (cause) => reject(explain(cause, port, flag)));
    server.listen({ port, host: '127.0.0.1', backlog: BACKLOG }, resolve);
  });
  return {
    port: (server.address() as AddressInfo).port,
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
};
