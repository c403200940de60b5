/** `npm start` as a person runs it, in a child process, asked from outside. */
import { type ChildProcess, spawn } from 'node:child_process';
import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

const ROOT = join(import.meta.dirname, '..');
const START_MAX_MS = 120_000;
/** Linux tells CPU time in hundredths of a second. */
const TICKS_PER_SECOND = 100;

export interface Running {
  readonly apiUrl: string;
  readonly endpointUrl: string;
  readonly demoKey: string;
  readonly pid: number;
}

const readyOf = (child: ChildProcess): Promise<Running> =>
  new Promise((resolve, reject) => {
    let said = '';
    const timer = setTimeout(() => reject(new Error(`not ready: ${said}`)), START_MAX_MS);
    const hear = (chunk: Buffer): void => {
      said += chunk.toString('utf8');
      const line = said.split('\n').find((one) => one.startsWith('{"ready":true'));
      if (line === undefined) return;
      clearTimeout(timer);
      resolve(JSON.parse(line));
    };
    child.stdout?.on('data', hear);
    child.stderr?.on('data', hear);
    child.once('exit', () => {
      clearTimeout(timer);
      reject(new Error(said));
    });
  });

/** Starts it with nothing in its folder, and ends it whatever happens. */
export const withPlatform = async <T>(use: (running: Running) => Promise<T>): Promise<T> => {
  const dataDir = mkdtempSync(join(tmpdir(), 'tributary-bench-'));
  const ports = ['--port', '0', '--endpoint-port', '0'];
  const child = spawn(
    process.execPath,
    ['localstack/start.ts', '--json', ...ports, '--data', dataDir],
    { cwd: ROOT, stdio: ['ignore', 'pipe', 'pipe'] },
  );
  const ended = new Promise((resolve) => {
    child.once('exit', resolve);
  });
  try {
    return await use(await readyOf(child));
  } finally {
    child.kill('SIGTERM');
    await ended;
    rmSync(dataDir, { recursive: true, force: true });
  }
};

interface Usage {
  readonly parent: number;
  readonly seconds: number;
}

/** https://man7.org/linux/man-pages/man5/proc_pid_stat.5.html: own time, and of ended children. */
const usageOf = (pid: string): Usage | undefined => {
  let text: string;
  try {
    text = readFileSync(`/proc/${pid}/stat`, 'utf8');
  } catch {
    return undefined;
  }
  const fields = text.slice(text.lastIndexOf(')') + 2).split(' ');
  const ticks = fields.slice(11, 15).reduce((sum, field) => sum + Number(field), 0);
  return { parent: Number(fields[1]), seconds: ticks / TICKS_PER_SECOND };
};

/** CPU of a process and of all that it started; undefined where there is no `/proc`. */
export const cpuSecondsOfTree = (pid: number): number | undefined => {
  let names: readonly string[];
  try {
    names = readdirSync('/proc').filter((name) => /^\d+$/.test(name));
  } catch {
    return undefined;
  }
  const usages = new Map(
    names.flatMap((name) => {
      const usage = usageOf(name);
      return usage === undefined ? [] : [[Number(name), usage] as const];
    }),
  );
  const isInside = (one: number): boolean => {
    if (one === pid) return true;
    const usage = usages.get(one);
    return usage !== undefined && usage.parent !== one && isInside(usage.parent);
  };
  return [...usages].reduce((sum, [one, { seconds }]) => sum + (isInside(one) ? seconds : 0), 0);
};

/** As an operator calls a service, `AWS_ENDPOINT_URL` set. */
export const callService = async (
  { endpointUrl }: Running,
  target: string,
  body: object,
): Promise<Readonly<Record<string, unknown>>> => {
  const response = await fetch(endpointUrl, {
    method: 'POST',
    headers: {
      'content-type': 'application/x-amz-json-1.1',
      'x-amz-target': target,
      authorization:
        'AWS4-HMAC-SHA256 Credential=local/20260101/us-east-1/kinesis/aws4_request, SignedHeaders=host, Signature=local',
      'x-amz-date': '20260101T000000Z',
    },
    body: JSON.stringify(body),
  });
  const said = await response.text();
  if (!response.ok) throw new Error(`${target}: ${said}`);
  return said === '' ? {} : JSON.parse(said);
};
