/** All executions of one machine: what runs, what has ended, and what was left by a killed process. */
import type { MetricSink } from '../../cloud.ts';
import { type Machine, parseMachine } from '../../engines/states/definition.ts';
import type { Ending, ExecutionFacts, HistoryEvent } from '../../engines/states/engine.ts';
import type { Json } from '../../engines/states/json.ts';
import { type Ended, type Journal, openJournals } from './journal.ts';
import type { MachineSpec } from './machine-properties.ts';
import { type Running, startRunning } from './running.ts';
import { isKnownResource, type RunTask } from './tasks.ts';

export interface ExecutionsOptions {
  readonly folder: string;
  readonly spec: MachineSpec;
  readonly arn: string;
  readonly executionArn: (name: string) => string;
  readonly clock: { readonly now: () => number };
  readonly random: () => number;
  readonly metrics: MetricSink;
  readonly runTask: RunTask;
  readonly prepare: (facts: ExecutionFacts) => Promise<void>;
  /** Hears what people may want to read of an execution. */
  readonly log: (line: string) => void;
  readonly report: (fault: unknown) => void;
}

export interface ExecutionView {
  readonly facts: ExecutionFacts;
  readonly ending: Ending | undefined;
  readonly stoppedAtMs: number | undefined;
  /** Of this process; nothing of executions that ended before it. */
  readonly events: readonly HistoryEvent[];
}

export interface Executions {
  readonly options: ExecutionsOptions;
  readonly find: (name: string) => ExecutionView | undefined;
  /** Newest first. */
  readonly all: () => readonly ExecutionView[];
  /** Durable before it answers. The name is free. */
  readonly start: (name: string, input: Json) => ExecutionView;
  readonly stop: (name: string, error: string | undefined, cause: string | undefined) => void;
  /** Goes on with what an earlier process left. */
  readonly resume: () => void;
  readonly close: () => void;
}

/** Histories of ended executions that are kept for whoever asks. */
const HISTORIES_MAX = 20;

interface Live {
  readonly facts: ExecutionFacts;
  readonly journal: Journal;
  readonly events: HistoryEvent[];
  running: Running | undefined;
}

const METRICS = {
  SUCCEEDED: 'ExecutionsSucceeded',
  FAILED: 'ExecutionsFailed',
  TIMED_OUT: 'ExecutionsTimedOut',
  ABORTED: 'ExecutionsAborted',
} as const satisfies Readonly<Record<Ending['status'], string>>;

const said = ({ type, state, error, cause }: HistoryEvent): string =>
  [type, state, error, cause].filter((part) => part !== undefined && part !== '').join(' ');

export const openExecutions = (options: ExecutionsOptions): Executions => {
  const { spec, arn, clock, metrics, log } = options;
  const journals = openJournals(options.folder, clock.now);
  const live = new Map<string, Live>();
  const histories = new Map<string, readonly HistoryEvent[]>();

  const measure = (name: string, value: number): void =>
    metrics.put('AWS/States', name, { StateMachineArn: arn }, value, clock.now());

  const ended = ({ facts, journal, events }: Live, ending: Ending): void => {
    const stoppedAtMs = clock.now();
    journals.end(journal, { facts, ending, stoppedAtMs });
    live.delete(facts.name);
    histories.set(facts.name, events);
    for (const name of histories.keys()) if (histories.size > HISTORIES_MAX) histories.delete(name);
    for (const [status, metric] of Object.entries(METRICS)) {
      measure(metric, status === ending.status ? 1 : 0);
    }
    measure('ExecutionTime', stoppedAtMs - facts.startedAtMs);
  };

  const run = (journal: Journal, facts: ExecutionFacts, machine: Machine): Live => {
    const one: Live = { facts, journal, events: [], running: undefined };
    live.set(facts.name, one);
    one.running = startRunning({
      ...options,
      ...{ machine, facts, journal },
      onEvent: (event) => {
        one.events.push(event);
        log(`${new Date(event.atMs).toISOString()} ${facts.name} ${said(event)}\n`);
      },
      onEnd: (ending) => ended(one, ending),
    });
    return one;
  };

  const viewOf = ({ facts, events }: Live): ExecutionView => ({
    ...{ facts, events, ending: undefined, stoppedAtMs: undefined },
  });
  const pastOf = (one: Ended): ExecutionView => ({
    ...one,
    events: histories.get(one.facts.name) ?? [],
  });
  const find = (name: string): ExecutionView | undefined => {
    const [running, past] = [live.get(name), journals.endedNamed(name)];
    if (running !== undefined) return viewOf(running);
    return past === undefined ? undefined : pastOf(past);
  };

  return {
    options,
    find,
    all: () =>
      [...journals.ended().map(pastOf), ...[...live.values()].map(viewOf)].toSorted(
        (left, right) => right.facts.startedAtMs - left.facts.startedAtMs,
      ),
    start: (name, input) => {
      const facts: ExecutionFacts = {
        ...{ name, input, arn: options.executionArn(name), startedAtMs: clock.now() },
        ...{ machineArn: arn, machineName: spec.name, roleArn: spec.roleArn },
      };
      const journal = journals.open(name);
      journal.log.append([{ kind: 'begun', facts, definition: spec.definition }]);
      measure('ExecutionsStarted', 1);
      return viewOf(run(journal, facts, spec.machine));
    },
    stop: (name, error, cause) => live.get(name)?.running?.stop(error, cause),
    resume: () => {
      for (const journal of journals.left()) {
        const { begun } = journal;
        if (begun === undefined || live.has(begun.facts.name)) {
          journal.log.close();
          continue;
        }
        const { facts, definition } = begun;
        log(`${new Date(clock.now()).toISOString()} ${facts.name} resumed\n`);
        run(journal, facts, parseMachine(definition, isKnownResource));
      }
    },
    close: () => {
      for (const { running, journal } of live.values()) {
        running?.close();
        journal.log.close();
      }
      journals.close();
    },
  };
};
