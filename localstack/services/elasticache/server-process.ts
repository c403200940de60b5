/** A server of the cache from PATH: nothing on disk, loopback only, and it ends with this process. */
import { spawn } from 'node:child_process';
import { accessSync, constants } from 'node:fs';
import { connect, createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { delimiter, join } from 'node:path';

export interface ServerProcess {
  readonly program: string;
  readonly port: number;
  readonly pid: number;
  readonly close: () => Promise<void>;
}

const PROGRAMS = ['valkey-server', 'redis-server'] as const;
const HOST = '127.0.0.1';
const READY_MAX_MS = 5_000;
const LOOK_EVERY_MS = 10;

/**
 * The shell holds our end of a pipe: when this process is gone, however it went, the pipe closes
 * and the server is ended. So no run leaves one behind.
 */
const WATCHED = '"$@" >/dev/null 2>&1 & echo $!; cat >/dev/null; kill -9 $! 2>/dev/null; wait $!';

const isProgram = (path: string): boolean => {
  try {
    accessSync(path, constants.X_OK);
    return true;
  } catch {
    return false;
  }
};

export const programOnPath = (path: string): (typeof PROGRAMS)[number] | undefined =>
  PROGRAMS.find((program) =>
    path.split(delimiter).some((folder) => folder !== '' && isProgram(join(folder, program))),
  );

const freePort = (): Promise<number> =>
  new Promise((resolve, reject) => {
    const server = createServer();
    server.once('error', reject);
    server.listen(0, HOST, () => {
      const address = server.address();
      const port = typeof address === 'object' && address !== null ? address.port : 0;
      server.close(() => resolve(port));
    });
  });

const answers = (port: number): Promise<boolean> =>
  new Promise((resolve) => {
    const socket = connect(port, HOST);
    const end = (isThere: boolean): void => {
      socket.destroy();
      resolve(isThere);
    };
    socket.once('connect', () => end(true));
    socket.once('error', () => end(false));
  });

const argumentsOf = (port: number): readonly string[] => [
  ...['--port', String(port), '--bind', HOST, '--dir', tmpdir()],
  ...['--save', '', '--appendonly', 'no', '--maxmemory', '64mb'],
  ...['--maxmemory-policy', 'allkeys-lru'],
];

export const startServerProcess = async (program: string): Promise<ServerProcess> => {
  const port = await freePort();
  const shell = spawn('sh', ['-c', WATCHED, 'sh', program, ...argumentsOf(port)], {
    stdio: ['pipe', 'pipe', 'ignore'],
    // Ctrl-C is for the platform, which ends first what calls the cache.
    detached: true,
  });
  const ended = new Promise<void>((resolve) => {
    shell.once('exit', () => resolve());
    shell.once('error', () => resolve());
  });
  const pid = await new Promise<number>((resolve, reject) => {
    shell.stdout.once('data', (line: Buffer) => resolve(Number(line.toString('utf8'))));
    shell.once('error', reject);
  });
  const close = (): Promise<void> => {
    shell.stdin.end();
    return ended;
  };
  const until = performance.now() + READY_MAX_MS;
  while (!(await answers(port))) {
    if (performance.now() > until) {
      await close();
      throw new Error(`${program} does not answer on port ${port}`);
    }
    await new Promise((resolve) => setTimeout(resolve, LOOK_EVERY_MS));
  }
  return { program, port, pid, close };
};
