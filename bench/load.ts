/** Requests over connections that stay open: as fast as they are answered, or at a pace. */
import { Agent, request } from 'node:http';
import { setTimeout as pause } from 'node:timers/promises';

export interface Ask {
  readonly method: 'GET' | 'POST';
  readonly path: string;
  readonly body?: string;
}

export interface Answered {
  readonly status: number;
  readonly body: string;
  readonly headers: NodeJS.Dict<string | string[]>;
  readonly ms: number;
}

export interface Client {
  readonly ask: (ask: Ask) => Promise<Answered>;
  readonly close: () => void;
}

export const newClient = (url: string, key: string, connections: number): Client => {
  const agent = new Agent({ keepAlive: true, maxSockets: connections, scheduling: 'fifo' });
  const { hostname, port } = new URL(url);
  return {
    ask: ({ method, path, body }) =>
      new Promise((resolve, reject) => {
        const sinceMs = performance.now();
        const headers = {
          'x-api-key': key,
          ...(body === undefined
            ? {}
            : { 'content-type': 'application/json', 'content-length': Buffer.byteLength(body) }),
        };
        const asked = request({ agent, hostname, port, method, path, headers }, (response) => {
          const chunks: Buffer[] = [];
          response.on('data', (chunk: Buffer) => chunks.push(chunk));
          response.on('error', reject);
          response.on('end', () =>
            resolve({
              status: response.statusCode ?? 0,
              body: Buffer.concat(chunks).toString('utf8'),
              headers: response.headers,
              ms: performance.now() - sinceMs,
            }),
          );
        });
        asked.on('error', reject);
        asked.end(body);
      }),
    close: () => agent.destroy(),
  };
};

/** So many at a time, the next one as soon as one is answered, for so long. */
export const atOnce = async (
  count: number,
  durationMs: number,
  one: () => Promise<void>,
): Promise<void> => {
  const endMs = performance.now() + durationMs;
  const worker = async (): Promise<void> => {
    while (performance.now() < endMs) await one();
  };
  await Promise.all(Array.from({ length: count }, worker));
};

/** At a pace that no slow answer holds up; done when all are answered. */
export const atPace = async (
  perSecond: number,
  durationMs: number,
  one: () => Promise<void>,
): Promise<void> => {
  const startMs = performance.now();
  const running: Promise<void>[] = [];
  const total = Math.floor((perSecond * durationMs) / 1_000);
  for (let n = 0; n < total; n += 1) {
    const waitMs = startMs + (n * 1_000) / perSecond - performance.now();
    if (waitMs > 1) await pause(waitMs);
    running.push(one());
  }
  await Promise.all(running);
};
