/**
 * What a night reads, writes and calls, as a function of the day's events and of users. The weights
 * stand here alone; those that the bench has not measured yet say so in docs/cost.md.
 */
import type { PlatformConfig } from '../config.ts';

/** Bytes as they lie in the lake's tables, compressed and in columns. */
export interface NightWeights {
  /** One row of `events`; what its key alone weighs is read for thirty days of arrival. */
  readonly eventRowBytes: number;
  readonly eventKeyBytes: number;
  readonly dayRowBytes: number;
  readonly totalRowBytes: number;
  /** Rows of a user: in `user_day` of one day of arrival, and in `user_total`. */
  readonly rowsPerUserDay: number;
  readonly rowsPerUser: number;
  readonly unloadedBytesPerUser: number;
  readonly offBytes: number;
  /** Objects that one statement writes: Athena's writers at work. */
  readonly objectsPerStatement: number;
  /** One item of an event that speaks for it, and of all events those that do. */
  readonly positiveRowBytes: number;
  /** Of it, whose it is, which and when. */
  readonly positiveItemBytes: number;
  readonly boughtShare: number;
  readonly positiveShare: number;
  readonly eventsPerUserDay: number;
  /** Users with rows, for each user of a day. */
  readonly usersKnownPerActive: number;
}

export const NIGHT_WEIGHTS: NightWeights = {
  eventRowBytes: 120,
  eventKeyBytes: 30,
  dayRowBytes: 25,
  totalRowBytes: 25,
  rowsPerUserDay: 12,
  rowsPerUser: 20,
  unloadedBytesPerUser: 300,
  offBytes: 800,
  objectsPerStatement: 20,
  positiveRowBytes: 25,
  positiveItemBytes: 13,
  boughtShare: 0.1,
  positiveShare: 0.7,
  eventsPerUserDay: 20,
  usersKnownPerActive: 10,
};

/** One day. */
export interface DayVolume {
  readonly events: number;
  /** Of `enriched/`, gzipped. */
  readonly landedBytes: number;
}

/** Statements of one kind in a night, and what each of them reads on average. */
export interface Scan {
  readonly step: string;
  readonly statements: number;
  readonly bytes: number;
}

export interface NightVolume {
  /** Users who are loaded. */
  readonly users: number;
  readonly scans: readonly Scan[];
  readonly transitions: number;
  readonly loadCalls: number;
  readonly loadSeconds: number;
  /** Small calls: plans, prints, verdicts. */
  readonly planCalls: number;
  readonly objectsPut: number;
  /** New in the tables after it. */
  readonly keptBytes: number;
}

/** From two before the last cut to today, each read from its own folder to four days later. */
const DAYS = 4;
const FOLDERS = 4 + 3 + 2 + 1;
const KEYS_DAYS = 30;
const DRIFT_DAYS = 7;
const DAYS_PER_WEEK = 7;
/** Before the day itself, in which a user's list may reach; and what lists take. */
const REACH_DAYS = 30;
const LIST_DAYS = 90;
/** OPTIMIZE and VACUUM of six tables. */
const TENDED = 12;
/** `tags`, `guard`, `mark-loaded`, `reconcile`, `lists`, `listed-tenants`. */
const ALONE = 6;
/** `load` stops at this share of its time. */
const LOAD_SHARE = 0.8;

/** States entered whatever the plan is; for each statement of a list; and for each call of `load`. */
export const TRANSITIONS = { always: 31, ofStatement: 2, ofLoadCall: 2, ofLoadItem: 1 } as const;

/** A column of one text compresses to almost nothing. */
const TENANT_SHARE = 0.01;

const scansOf = (day: DayVolume, users: number, weights: NightWeights): readonly Scan[] => {
  const known = users * weights.usersKnownPerActive;
  const eventBytes = day.events * weights.eventRowBytes;
  const keyBytes = day.events * weights.eventKeyBytes;
  const dayBytes = users * weights.rowsPerUserDay * weights.dayRowBytes;
  const totalBytes = known * weights.rowsPerUser * weights.totalRowBytes;
  const unloaded = users * weights.unloadedBytesPerUser;
  const positiveBytes = day.events * weights.positiveShare * weights.positiveRowBytes;
  const listedBytes =
    day.events * (weights.positiveShare + weights.boughtShare) * weights.positiveItemBytes;
  const ofWeek = (bytes: number): number => bytes / TENDED;
  return [
    {
      step: 'curate',
      statements: DAYS,
      bytes: (day.landedBytes * FOLDERS) / DAYS + keyBytes * KEYS_DAYS,
    },
    { step: 'user-day', statements: DAYS, bytes: eventBytes + dayBytes },
    { step: 'user-total', statements: 1, bytes: totalBytes + dayBytes },
    { step: 'tags', statements: 1, bytes: totalBytes + DAYS * (dayBytes + keyBytes) },
    { step: 'guard', statements: 1, bytes: unloaded },
    { step: 'mark-loaded', statements: 1, bytes: unloaded },
    { step: 'reconcile', statements: 1, bytes: DRIFT_DAYS * dayBytes },
    { step: 'positives', statements: DAYS, bytes: eventBytes + positiveBytes },
    // Looked at from the day's items and, beside that, as what comes before them.
    { step: 'pairs-day', statements: DAYS, bytes: 2 * (REACH_DAYS + 1) * positiveBytes },
    // Pairs are learning's own line.
    { step: 'lists', statements: 1, bytes: LIST_DAYS * listedBytes },
    { step: 'listed-tenants', statements: 1, bytes: LIST_DAYS * positiveBytes * TENANT_SHARE },
    {
      step: 'tend, once a week',
      statements: TENDED / DAYS_PER_WEEK,
      bytes: ofWeek(DAYS_PER_WEEK * (eventBytes + dayBytes) + totalBytes),
    },
  ];
};

export const nightVolume = (
  { loads, functions }: Pick<PlatformConfig, 'loads' | 'functions'>,
  day: DayVolume,
  weights: NightWeights = NIGHT_WEIGHTS,
): NightVolume => {
  const users = day.events / weights.eventsPerUserDay;
  const scans = scansOf(day, users, weights);
  const statements = scans.reduce((sum, scan) => sum + scan.statements, 0);
  const loadSeconds = users / loads.writesPerSecond;
  const items = Math.min(weights.objectsPerStatement, Math.max(1, users));
  const loadCalls = Math.max(items, loadSeconds / (functions.load.timeoutSeconds * LOAD_SHARE));
  return {
    users,
    scans,
    transitions:
      TRANSITIONS.always +
      TRANSITIONS.ofStatement * (statements - ALONE) +
      TRANSITIONS.ofLoadCall * (loadCalls + items) +
      TRANSITIONS.ofLoadItem * 2 * items,
    loadCalls,
    loadSeconds,
    planCalls: statements + 5,
    objectsPut: day.events === 0 ? 0 : statements * weights.objectsPerStatement,
    keptBytes:
      day.events * weights.eventRowBytes + users * weights.rowsPerUserDay * weights.dayRowBytes,
  };
};

/** All that a night reads. */
export const scannedBytes = ({ scans }: NightVolume): number =>
  scans.reduce((sum, { statements, bytes }) => sum + statements * bytes, 0);
