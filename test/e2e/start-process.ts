/** `npm start` as a person runs it: a child process, asked from outside. */
import { type ChildProcess, spawn } from 'node:child_process';
import { mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

const ROOT = join(import.meta.dirname, '..', '..');
const START_MAX_MS = 60_000;

export interface Ready {
  readonly apiUrl: string;
  readonly endpointUrl: string;
  readonly demoKey: string;
  readonly pid: number;
}

export interface Started extends Ready {
  readonly child: ChildProcess;
  readonly dataDir: string;
  readonly ended: Promise<number | null>;
}

export const newDataDir = (): string => mkdtempSync(join(tmpdir(), 'tributary-start-'));

export interface StartOptions {
  readonly dataDir: string;
  readonly args?: readonly string[];
  readonly environment?: NodeJS.ProcessEnv;
  readonly script?: string;
}

const spawnStart = ({ dataDir, args = [], environment, script }: StartOptions): ChildProcess =>
  spawn(
    process.execPath,
    [
      script ?? 'localstack/start.ts',
      '--json',
      '--port',
      '0',
      '--endpoint-port',
      '0',
      '--data',
      dataDir,
      ...args,
    ],
    { cwd: ROOT, env: { ...process.env, ...environment }, stdio: ['ignore', 'pipe', 'pipe'] },
  );

const endOf = (child: ChildProcess): Promise<number | null> =>
  new Promise((resolve) => {
    child.once('exit', resolve);
  });

/** Resolves once the platform says that it is ready. */
export const startProcess = (options: StartOptions): Promise<Started> =>
  new Promise((resolve, reject) => {
    const child = spawnStart(options);
    const ended = endOf(child);
    let said = '';
    const timer = setTimeout(() => {
      child.kill('SIGKILL');
      reject(new Error(`not ready: ${said}`));
    }, START_MAX_MS);
    child.stderr?.on('data', (chunk: Buffer) => {
      said += chunk.toString('utf8');
    });
    child.stdout?.on('data', (chunk: Buffer) => {
      said += chunk.toString('utf8');
      const line = said.split('\n').find((one) => one.startsWith('{"ready":true'));
      if (line === undefined) return;
      clearTimeout(timer);
      const ready: Ready = JSON.parse(line);
      resolve({ ...ready, child, dataDir: options.dataDir, ended });
    });
    child.once('exit', () => {
      clearTimeout(timer);
      reject(new Error(said));
    });
  });

/** The sentence with which a start that cannot be ends. */
export const refusedStart = async (options: StartOptions): Promise<string> => {
  const child = spawnStart(options);
  let said = '';
  for (const stream of [child.stdout, child.stderr]) {
    stream?.on('data', (chunk: Buffer) => {
      said += chunk.toString('utf8');
    });
  }
  const code = await endOf(child);
  if (code === 0) throw new Error(`it started: ${said}`);
  return said;
};

export const lives = (pid: number): boolean => {
  try {
    process.kill(pid, 0);
    return true;
  } catch {
    return false;
  }
};

/** Process ids of the functions' copies. */
export const copiesOf = async ({ endpointUrl }: Ready): Promise<readonly number[]> => {
  const response = await fetch(`${endpointUrl}/_tributary/health`);
  const { functions }: { functions: Record<string, number[]> } = Object(await response.json());
  return Object.values(functions).flat();
};
