/** Starts a run, or says which one is at work: there is one flight, and whoever asks may find its holder dead. */
import { executionName, newRun, newRunId, type Run } from '../core/nightly/run.ts';
import type { RunId, RunInput } from '../core/nightly/tasks.ts';
import { epochMs } from '../core/time.ts';
import type { Machine } from '../ports/machine.ts';
import type { RunStore } from '../ports/run-store.ts';

export interface StartPorts {
  readonly runs: RunStore;
  readonly machine: Machine;
  readonly now: () => number;
  /** From 0 up to 1. */
  readonly random: () => number;
}

export interface Started {
  /** `running`: another one was at work already. */
  readonly kind: 'started' | 'running';
  readonly runId: RunId;
}

/** Each try meets another holder; more than this is no race but a fault. */
const TRIES_MAX = 5;
const SILENT = 'Its execution ended without a word: it was stopped, or took too long.';

type Wanted = Omit<RunInput, 'runId' | 'attempt'> & Partial<RunInput>;

/** Both may be repeated: the row is put once, and an execution's name is started once. */
const begin = async (
  { runs, machine, now }: StartPorts,
  input: RunInput,
): Promise<'started' | 'exists'> => {
  await runs.begin(newRun(input, input.attempt > 1, epochMs(now())));
  return machine.start(executionName(input), input);
};

/** Undefined: the holder is dead, and what it leaves is told. */
const alive = async (ports: StartPorts, holder: RunInput): Promise<Started | undefined> => {
  const { runs, machine, now } = ports;
  const state = await machine.stateOf(executionName(holder));
  if (state === 'running') return { kind: 'running', runId: holder.runId };
  // Who took the flight came no further: the run that it wanted is begun in its place.
  if (state === 'missing' && (await begin(ports, holder)) === 'started')
    return { kind: 'running', runId: holder.runId };
  await runs.change(holder, { status: 'failed', ended: epochMs(now()), error: SILENT });
  return undefined;
};

const start = async (ports: StartPorts, wanted: Wanted): Promise<Started> => {
  const { runs, now, random } = ports;
  const input: RunInput = { runId: newRunId(epochMs(now()), random()), attempt: 1, ...wanted };
  for (let attempt = 0; attempt < TRIES_MAX; attempt += 1) {
    const holder = (await runs.flight())?.input;
    const running = holder && (await alive(ports, holder));
    // An answer that was lost may have been our own taking.
    if (running) return running.runId === input.runId ? { ...running, kind: 'started' } : running;
    const taken = await runs.takeFlight({ input, takenAt: epochMs(now()) }, holder);
    if (taken === 'lost') continue;
    if ((await begin(ports, input)) === 'started') return { kind: 'started', runId: input.runId };
  }
  throw new Error('the flight of the nightly job could not be taken');
};

/** Without versions a night; with them their backfill. */
export const startRun = (ports: StartPorts, versions: readonly string[] = []): Promise<Started> =>
  start(ports, { versions });

export type Accepted = Started | { readonly kind: 'refused'; readonly because: string };

const unacceptable = (run: Run | undefined, newest: RunId | undefined): string | undefined => {
  if (run === undefined) return 'There is no such run.';
  if (run.status !== 'refused') return `This run has ${run.status}; only a refused one waits.`;
  return newest !== undefined && newest > run.runId
    ? `The run ${newest} is newer and was loaded: this one has nothing to add.`
    : undefined;
};

/** Loads, in a new attempt of the same run, what the guard refused. */
export const acceptRun = async (ports: StartPorts, runId: RunId): Promise<Accepted> => {
  const [run, loaded] = await Promise.all([ports.runs.find(runId), ports.runs.loaded()]);
  const because = unacceptable(run, loaded?.runId);
  if (run === undefined || because !== undefined)
    return { kind: 'refused', because: because ?? 'There is no such run.' };
  return start(ports, { runId, attempt: run.attempt + 1, versions: run.versions });
};

/** A run as it is: one whose execution is gone is not at work, whatever its row says. */
export const findRun = async (
  { runs, machine, now }: StartPorts,
  runId: RunId,
): Promise<Run | undefined> => {
  const run = await runs.find(runId);
  if (run?.status !== 'running') return run;
  if ((await machine.stateOf(executionName(run))) !== 'ended') return run;
  // It may have ended well since the row was read.
  await runs.change(run, { status: 'failed', ended: epochMs(now()), error: SILENT });
  return runs.find(runId);
};
