/** What is remembered of runs of the nightly job. */
import type { EpochMs } from '../time.ts';
import type { RunId, RunInput, RunName, UtcDate } from './tasks.ts';

export const RUN_STATUSES = ['running', 'succeeded', 'refused', 'failed'] as const;
export type RunStatus = (typeof RUN_STATUSES)[number];

export interface Run extends RunName {
  readonly versions: readonly string[];
  /** A person has looked at it after the guard had refused it, and wants it loaded. */
  readonly accepted: boolean;
  readonly status: RunStatus;
  readonly step: string;
  /** Users whose item it wrote or found written. */
  readonly rows: number;
  readonly started: EpochMs;
  readonly ended: EpochMs | undefined;
  readonly cut: UtcDate | undefined;
  /** A sentence: why it failed, or was refused. */
  readonly error: string | undefined;
  readonly sizes: RunSizes | undefined;
}

/** What the guard compares, as the lake had it before the load. */
export interface RunSizes {
  /** Users to load. */
  readonly rows: number;
  /** Users who have anything in the lake. */
  readonly users: number;
  /** By tag version, a whole number as text: it may be greater than a double is exact. */
  readonly totals: Readonly<Record<string, string>>;
}

/** What the last run that was loaded leaves to the next. */
export interface LoadedRun {
  readonly runId: RunId;
  readonly cut: UtcDate;
  /** Versions whose whole history is in the lake's totals. */
  readonly filled: readonly string[];
  /** The first arrival day there is. */
  readonly firstDay: UtcDate;
  /** The cut of the last lists that were made; absent before the first. */
  readonly listed?: UtcDate | undefined;
  /** Of the last nights, the newest last. */
  readonly nights: readonly Night[];
}

export interface Night extends RunSizes {
  /** A run that loads everybody is no measure for one that loads who was touched. */
  readonly allUsers: boolean;
}

/** Who is at work: at most one. */
export interface Flight {
  readonly input: RunInput;
  readonly takenAt: EpochMs;
}

/** One more than the guard takes the median of, because a backfill is no measure for it. */
export const NIGHTS_KEPT = 8;
/** Of an error's sentence. */
export const ERROR_CHARACTERS_MAX = 1_000;
const RUN_DAYS_KEPT = 400;

/** Epoch seconds. */
export const runTtl = (started: EpochMs): number =>
  Math.floor(started / 1_000) + RUN_DAYS_KEPT * 86_400;

export const executionName = ({ runId, attempt }: RunName): string => `${runId}-${attempt}`;

/** When a run's name was made. */
export const startedAt = (runId: RunId): number => Number(runId.split('-')[0]);

const RUN_ID = /^\d{13}-[0-9a-f]{4}$/;
export const isRunId = (text: string): boolean => RUN_ID.test(text);

const SUFFIXES = 0x1_0000;
/** `random` is from 0 up to 1. */
export const newRunId = (now: EpochMs, random: number): RunId =>
  `${String(now).padStart(13, '0')}-${Math.floor(random * SUFFIXES)
    .toString(16)
    .padStart(4, '0')}`;

export const newRun = (
  { runId, attempt, versions }: RunInput,
  accepted: boolean,
  started: EpochMs,
): Run => ({
  ...{ runId, attempt, accepted, started },
  versions: versions ?? [],
  status: 'running',
  step: 'start',
  rows: 0,
  ended: undefined,
  cut: undefined,
  error: undefined,
  sizes: undefined,
});
