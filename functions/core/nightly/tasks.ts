/**
 * What the steps of the nightly job's machine are handed and hand on. A run's input has all of its
 * members always, and so has every answer: a machine's paths cannot ask for what may be absent.
 */

/** 13 digits of milliseconds, `-`, 4 hex digits: a later run has the greater one. */
export type RunId = string;

/** `2026-11-21`: days in a plan and in the lake are written, not numbered. */
export type UtcDate = string;

/** The input of an execution, whose name is `<runId>-<attempt>`. */
export interface RunInput {
  readonly runId: RunId;
  readonly attempt: number;
  /** Tag versions whose history is to be filled: a backfill. None, or null: a night. */
  readonly versions: readonly string[] | null;
}

export interface DateRange {
  readonly from: UtcDate;
  readonly to: UtcDate;
}

export type TendedTable =
  | 'events'
  | 'user_day'
  | 'user_total'
  | 'tags_loaded'
  | 'positives'
  | 'pairs_day';

/** What `plan` prints; the rest that a statement needs is in the plan. */
export type PrintRequest =
  | { readonly kind: 'curate' | 'positives' | 'pairsDay'; readonly day: UtcDate }
  | { readonly kind: 'userDay' | 'userTotal'; readonly day: UtcDate }
  | ({ readonly kind: 'userDayOfRange' } & DateRange)
  | { readonly kind: 'tags' | 'guard' | 'loaded' | 'drift' | 'lists' | 'listedTenants' }
  | { readonly kind: 'optimize' | 'vacuum'; readonly table: TendedTable };

export type TendRequest = Extract<PrintRequest, { readonly table: TendedTable }>;

export interface NightPlan {
  readonly runId: RunId;
  readonly attempt: number;
  /** A UTC midnight: everything that arrived before it is in the lake. */
  readonly cut: UtcDate;
  /** The cut of the last run that was loaded; null before the first. */
  readonly watermark: UtcDate | null;
  readonly today: UtcDate;
  /** The first arrival day there is. */
  readonly firstDay: UtcDate;
  /** Arrival days to curate, ascending; the same days of `user_day` are made anew. */
  readonly days: readonly UtcDate[];
  /** Arrival days to add to `user_total`, ascending. */
  readonly totals: readonly UtcDate[];
  /** Arrival days before `days` of which `newVersions` are to be filled. */
  readonly backfill: readonly DateRange[];
  /** Arrival days of which pairs of items are learnt (again), ascending. */
  readonly learnDays: readonly UtcDate[];
  /** Every version that this run fills, new ones among them. */
  readonly versions: readonly string[];
  readonly newVersions: readonly string[];
  /** Load every user who has a row, not only those who were touched. */
  readonly allUsers: boolean;
  /** Once a week; else empty. */
  readonly tend: readonly TendRequest[];
}

/** An error as Step Functions hands it to what catches it. */
export interface CaughtError {
  readonly Error?: string;
  readonly Cause?: string;
}

/** Every task names its step, which is what `GET /collect/batch/{jobId}` says. */
interface Step {
  readonly step?: string;
}

/** The function `plan`: each small thing that the machine asks for. */
export type PlanTask = Step &
  (
    | ({ readonly task: 'plan' } & RunInput)
    | { readonly task: 'print'; readonly plan: NightPlan; readonly statement: PrintRequest }
    | { readonly task: 'guard'; readonly plan: NightPlan; readonly queryExecutionId: string }
    | ({ readonly task: 'refuse'; readonly because: string } & RunName)
    | { readonly task: 'point'; readonly plan: NightPlan; readonly queryExecutionId: string }
    | ({ readonly task: 'unlisted'; readonly error: CaughtError } & RunName)
    | {
        readonly task: 'finish';
        readonly plan: NightPlan;
        readonly loaded: readonly Loaded[];
        readonly lists: Listed;
      }
    | ({ readonly task: 'fail'; readonly error: CaughtError } & RunName)
  );

export interface RunName {
  readonly runId: RunId;
  readonly attempt: number;
}

export interface Printed {
  readonly sql: string;
}

export interface Verdict {
  readonly verdict: 'load' | 'refuse';
  /** A sentence; empty where it is to be loaded. */
  readonly because: string;
}

/** Of the lists of items: by which cut they are, or null where they were not made. */
export interface Listed {
  readonly through: UtcDate | null;
}

/** What a run unloads and loads: tags of users, lists of items. */
export type Unloaded = 'tags' | 'lists';

/** What `refuse`, `finish` and `fail` answer. */
export interface Ended {
  readonly status: 'refused' | 'succeeded' | 'failed';
}

export interface PlanLoadTask extends Step {
  readonly what: Unloaded;
  readonly plan: NightPlan;
}

/**
 * Objects of the run's folder by their place in its sorted list, `from` up to and without `to`: a
 * key alone is longer than an item may be.
 */
export interface LoadItem {
  readonly attempt: number;
  readonly from: number;
  readonly to: number;
}

export interface PlannedLoad {
  readonly items: readonly LoadItem[];
}

/** Everything before it is loaded. */
export interface LoadCursor {
  /** By its place in the folder's list. */
  readonly object: number;
  /** Lines of that object that are done. */
  readonly line: number;
  /** Lines that could not be read, and what was wrong with the first of them. */
  readonly bad: number;
  readonly because: string;
}

/** Lines of an item so far; of these, whose item a newer run, or this one before, had written. */
export interface Loaded {
  readonly rows: number;
  readonly newer: number;
}

/** An answer is the next call's `progress`, until it is done. */
export interface LoadProgress extends Loaded {
  readonly done: boolean;
  /** Null before the beginning and at the end. */
  readonly cursor: LoadCursor | null;
}

export interface LoadTask extends Step {
  readonly what: Unloaded;
  readonly runId: RunId;
  readonly cut: UtcDate;
  readonly versions: readonly string[];
  readonly keys: LoadItem;
  readonly progress: LoadProgress;
}

export interface ReconcileTask extends Step {
  readonly plan: NightPlan;
  /** Of the statement `drift`, which is printed and run before it. */
  readonly queryExecutionId: string;
}

export interface Reconciled {
  readonly users: number;
  /** By tag name, in percent of what the lake has. */
  readonly drift: Readonly<Record<string, number>>;
}

/** What the Scheduler calls the function `nightly` with; all else is HTTP. */
export interface ScheduledStart {
  readonly source: 'schedule';
}
