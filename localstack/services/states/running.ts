/** One execution at work: feeds the engine, does what it says, and is woken when something is due. */
import { createHash } from 'node:crypto';
import type { Machine } from '../../engines/states/definition.ts';
import type {
  Ending,
  ExecutionFacts,
  ExecutionOutput,
  HistoryEvent,
} from '../../engines/states/engine.ts';
import { type ExecutionInput, newExecution } from '../../engines/states/execution.ts';
import type { Fed, Journal } from './journal.ts';
import type { RunTask } from './tasks.ts';

/** The clock can be moved: nobody sleeps longer than this without a look at it. */
const LOOK_EVERY_MS = 1_000;

export interface RunningOptions {
  readonly machine: Machine;
  readonly facts: ExecutionFacts;
  readonly journal: Journal;
  readonly clock: { readonly now: () => number };
  readonly random: () => number;
  readonly runTask: RunTask;
  /** Done before the first state, and again if the process ends in it. */
  readonly prepare: (facts: ExecutionFacts) => Promise<void>;
  readonly onEvent: (event: HistoryEvent) => void;
  readonly onEnd: (ending: Ending) => void;
  readonly report: (fault: unknown) => void;
}

export interface Running {
  readonly stop: (error: string | undefined, cause: string | undefined) => void;
  /** Leaves it as it is on disk, to be resumed. */
  readonly close: () => void;
}

/** Athena wants 32 characters at least. A retry is another task, with another token. */
const tokenOf = ({ name, startedAtMs }: ExecutionFacts, task: string): string =>
  createHash('sha256')
    .update(JSON.stringify([name, startedAtMs, task]))
    .digest('hex');

export const startRunning = (options: RunningOptions): Running => {
  const { machine, facts, journal, clock, runTask, report } = options;
  const execution = newExecution(machine, facts);
  const tasks = new Map<string, AbortController>();
  let timer: NodeJS.Timeout | undefined;
  let isClosed = false;

  const close = (): void => {
    isClosed = true;
    clearTimeout(timer);
    for (const task of tasks.values()) task.abort();
    tasks.clear();
  };

  const begin = ({ id, resource, input }: Extract<ExecutionOutput, { kind: 'task' }>): void => {
    const abort = new AbortController();
    tasks.set(id, abort);
    runTask(resource, input, { token: tokenOf(facts, id), signal: abort.signal }).then((result) => {
      if (isClosed || tasks.get(id) !== abort) return;
      tasks.delete(id);
      feed(
        'output' in result ? { kind: 'done', id, ...result } : { kind: 'failed', id, ...result },
      );
    }, report);
  };

  const perform = (output: ExecutionOutput): void => {
    switch (output.kind) {
      case 'task':
        begin(output);
        break;
      case 'cancel':
        tasks.get(output.id)?.abort();
        tasks.delete(output.id);
        break;
      case 'event':
        options.onEvent(output.event);
        break;
      case 'ended':
        close();
        options.onEnd(output.ending);
    }
  };

  const arm = (): void => {
    clearTimeout(timer);
    const atMs = execution.wakeAtMs();
    if (isClosed || atMs === undefined) return;
    const waitMs = Math.min(Math.max(atMs - clock.now(), 0), LOOK_EVERY_MS);
    timer = setTimeout(() => {
      if (atMs <= clock.now()) feed({ kind: 'wake' });
      else arm();
    }, waitMs);
    timer.unref();
  };

  const feed = (input: ExecutionInput): void => {
    if (isClosed) return;
    const atMs = clock.now();
    const draws: number[] = [];
    const random = (): number => {
      const drawn = options.random();
      draws.push(drawn);
      return drawn;
    };
    const outputs = execution.step(atMs, random, input);
    try {
      journal.log.append([{ kind: 'fed', atMs, draws, input }]);
    } catch (fault) {
      // It goes on: what is not on disk is done once more after a restart.
      report(fault);
    }
    for (const output of outputs) perform(output);
    arm();
  };

  const replay = (fed: readonly Fed[]): void => {
    for (const { atMs, draws, input } of fed) {
      const left = [...draws];
      for (const output of execution.step(atMs, () => left.shift() ?? 0, input)) {
        if (output.kind === 'event') options.onEvent(output.event);
      }
    }
  };

  const start = async (): Promise<void> => {
    await options.prepare(facts).catch(report);
    feed({ kind: 'start' });
  };

  replay(journal.fed);
  const ending = execution.ending();
  if (ending !== undefined) queueMicrotask(() => options.onEnd(ending));
  else if (journal.fed.length === 0) start().catch(report);
  else feed({ kind: 'resume' });
  return { stop: (error, cause) => feed({ kind: 'stop', error, cause }), close };
};
