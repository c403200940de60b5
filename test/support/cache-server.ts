/** A server of the cache on a port of its own, where PATH has one. */
import { type ChildProcess, spawn } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Redis } from 'iovalkey';
import { programOnPath } from '../../localstack/services/elasticache/server-process.ts';

export const program = programOnPath(process.env.PATH ?? '');

export interface CacheServer {
  readonly port: number;
  readonly process: ChildProcess;
  /** Sends one command as the default user. */
  readonly call: (command: string, ...args: readonly string[]) => Promise<unknown>;
  readonly stop: () => Promise<void>;
}

const PORT_MAX = 55_000;

/** A node of a cluster needs the port that lies 10,000 above its own. */
const freePort = async (): Promise<number> => {
  for (;;) {
    const server = createServer().listen(0, '127.0.0.1');
    await new Promise((resolve) => server.once('listening', resolve));
    const address = server.address();
    await new Promise((resolve) => server.close(resolve));
    if (typeof address === 'object' && address !== null && address.port < PORT_MAX)
      return address.port;
  }
};

const settingsOf = (port: number): readonly string[] =>
  ['--port', `${port}`, '--bind', '127.0.0.1', '--save', '', '--appendonly', 'no'] as const;

export const startCacheServer = async (
  more: readonly string[] = [],
  at?: number,
): Promise<CacheServer> => {
  const port = at ?? (await freePort());
  const folder = mkdtempSync(join(tmpdir(), 'tributary-cache-'));
  const child = spawn(program ?? '', [...settingsOf(port), '--dir', folder, ...more], {
    stdio: 'ignore',
  });
  const ended = new Promise((resolve) => child.once('exit', resolve));
  const client = new Redis({ port, host: '127.0.0.1', retryStrategy: () => 20 });
  client.on('error', () => undefined);
  await client.ping();
  return {
    port,
    process: child,
    call: (command, ...args) => client.call(command, ...args),
    stop: async () => {
      client.disconnect();
      child.kill('SIGKILL');
      await ended;
      rmSync(folder, { recursive: true, force: true });
    },
  };
};
