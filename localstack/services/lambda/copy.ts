/** One copy of a function: a child process that serves one invocation at a time. */
import { type ChildProcess, spawn } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { fileURLToPath } from 'node:url';
import type { Invocation } from '../../cloud.ts';
import type { ChildRecord } from './child-record.ts';
import type { FunctionDefinition } from './definition.ts';
import { environmentOf } from './environment.ts';
import { lineTap } from './line-tap.ts';
import type { LogFile } from './log-file.ts';
import type { RuntimeApi } from './runtime-api.ts';
import { createTaskSlot } from './task-slot.ts';

const BOOTSTRAP = fileURLToPath(new URL('./bootstrap.ts', import.meta.url));

export interface CopyOptions {
  readonly definition: FunctionDefinition;
  readonly runtimeApi: RuntimeApi;
  readonly log: LogFile;
  readonly children: ChildRecord;
  readonly endpointUrl: string;
  readonly compileCache: string;
  readonly clockOffsetMs: () => number;
  readonly moreVariables: () => Readonly<Record<string, string>>;
  /** Hears what the function prints, line by line. */
  readonly onLine?: (line: string) => void;
}

export interface CopyEvents {
  /** The copy has answered and asks for more. */
  readonly onFree: (copy: Copy) => void;
  readonly onEnd: (copy: Copy) => void;
}

export interface Copy {
  readonly pid: number | undefined;
  readonly invoke: (payload: string) => Promise<Invocation>;
  readonly end: () => Promise<void>;
}

const startProcess = (options: CopyOptions, runtimeApi: string, copyId: string): ChildProcess => {
  const { definition, endpointUrl, compileCache, log } = options;
  const clockOffsetMs = options.clockOffsetMs();
  const child = spawn(
    process.execPath,
    [`--max-old-space-size=${definition.memoryMb}`, BOOTSTRAP],
    {
      cwd: definition.folder,
      env: environmentOf(definition, {
        endpointUrl,
        runtimeApi,
        compileCache,
        logStream: copyId,
        clockOffsetMs,
        more: options.moreVariables(),
      }),
      stdio: ['ignore', 'pipe', 'pipe'],
    },
  );
  child.stdout?.on('data', log.write);
  child.stderr?.on('data', log.write);
  if (options.onLine !== undefined) child.stdout?.on('data', lineTap(options.onLine));
  return child;
};

const headersOf = (
  { definition, clockOffsetMs }: CopyOptions,
  requestId: string,
): Readonly<Record<string, string>> => {
  const offsetMs = clockOffsetMs();
  const trace = requestId.replaceAll('-', '').slice(0, 24);
  return {
    'lambda-runtime-deadline-ms': String(Date.now() + offsetMs + definition.timeoutMs),
    'lambda-runtime-invoked-function-arn': definition.arn,
    'lambda-runtime-trace-id': `Root=1-00000000-${trace};Sampled=0`,
    'tributary-clock-offset-ms': String(offsetMs),
    'tributary-timeout-ms': String(definition.timeoutMs),
  };
};

const endOf = (child: ChildProcess): Promise<string> =>
  new Promise((resolve) => {
    child.once('exit', (code, signal) =>
      resolve(signal === null ? `exit status ${code}` : `signal: ${signal}`),
    );
    child.once('error', (error) => resolve(error.message));
  });

export const startCopy = (options: CopyOptions, { onFree, onEnd }: CopyEvents): Copy => {
  const { definition, runtimeApi, children, log } = options;
  const copyId = randomUUID();
  const slot = createTaskSlot({
    timeoutMs: definition.timeoutMs,
    headers: (requestId) => headersOf(options, requestId),
    onFree: () => onFree(copy),
    onTimeout: (requestId) => {
      log.write(`Task timed out after ${definition.timeoutMs / 1_000} seconds (${requestId})\n`);
      child.kill('SIGKILL');
    },
  });
  const child = startProcess(options, runtimeApi.register(copyId, slot.listener), copyId);
  children.add(child.pid);

  const ended = endOf(child).then((why) => {
    runtimeApi.forget(copyId);
    children.remove(child.pid);
    slot.fail('Runtime.ExitError', `Runtime exited with error: ${why}`);
    onEnd(copy);
  });
  const copy: Copy = {
    pid: child.pid,
    invoke: slot.invoke,
    end: () => {
      child.kill('SIGKILL');
      return ended;
    },
  };
  return copy;
};
