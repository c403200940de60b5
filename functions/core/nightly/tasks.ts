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
  /** Tag versions whose history is to be filled: a backfill. None: a night. */
  readonly versions: readonly string[];
  /** A person has looked at a run that the guard refused, and wants it loaded. */
  readonly accepted: boolean;
}

export interface DateRange {
  readonly from: UtcDate;
  readonly to: UtcDate;
}

export type TendedTable = 'events' | 'user_day' | 'user_total' | 'tags_loaded';

/** What `plan` prints; the rest that a statement needs is in the plan. */
export type PrintRequest =
  | { readonly kind: 'curate' | 'userDay' | 'userTotal'; readonly day: UtcDate }
  | ({ readonly kind: 'userDayOfRange' } & DateRange)
  | { readonly kind: 'tags' | 'guard' | 'loaded' | 'drift' }
  | { readonly kind: 'optimize' | 'vacuum'; readonly table: TendedTable };

export type TendRequest = Extract<PrintRequest, { readonly table: TendedTable }>;

export interface NightPlan {
  readonly runId: RunId;
  readonly attempt: number;
  readonly accepted: boolean;
  /** A UTC midnight: everything that arrived before it is in the lake. */
  readonly cut: UtcDate;
  /** The cut of the last run that was loaded; null before the first. */
  readonly watermark: UtcDate | null;
  readonly today: UtcDate;
  /** Arrival days to curate, ascending; the same days of `user_day` are made anew. */
  readonly days: readonly UtcDate[];
  /** Arrival days to add to `user_total`, ascending. */
  readonly totals: readonly UtcDate[];
  /** Arrival days before `days` of which `newVersions` are to be filled. */
  readonly backfill: readonly DateRange[];
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

/** The function `plan`: each small thing that the machine asks for. */
export type PlanTask =
  | { readonly task: 'plan'; readonly run: RunInput }
  | { readonly task: 'print'; readonly plan: NightPlan; readonly statement: PrintRequest }
  | { readonly task: 'guard'; readonly plan: NightPlan; readonly queryExecutionId: string }
  | { readonly task: 'refuse'; readonly plan: NightPlan; readonly because: string }
  | { readonly task: 'finish'; readonly plan: NightPlan; readonly loads: readonly LoadAnswer[] }
  | { readonly task: 'fail'; readonly run: RunInput; readonly error: CaughtError };

export interface Printed {
  readonly sql: string;
}

export interface Verdict {
  readonly verdict: 'load' | 'refuse';
  /** A sentence; empty where it is to be loaded. */
  readonly because: string;
}

/** What `refuse`, `finish` and `fail` answer. */
export interface Ended {
  readonly status: 'refused' | 'succeeded' | 'failed';
}

/** Objects of the run's folder by their place in its sorted list: `from` up to, without, `to`. */
export interface LoadItem {
  readonly from: number;
  readonly to: number;
}

export interface PlanLoadTask {
  readonly plan: NightPlan;
}
export interface PlannedLoad {
  readonly items: readonly LoadItem[];
}

/** Everything before it is loaded; counts go along, so the last answer has an item's sums. */
export interface LoadCursor {
  readonly object: number;
  /** Lines of that object that are done. */
  readonly line: number;
  readonly rows: number;
  readonly newer: number;
  readonly bad: number;
  /** Of the first bad line; empty where there is none. */
  readonly because: string;
}

export interface LoadTask {
  readonly runId: RunId;
  readonly attempt: number;
  readonly cut: UtcDate;
  readonly versions: readonly string[];
  readonly item: LoadItem;
  /** Null at first. */
  readonly cursor: LoadCursor | null;
}

export interface LoadAnswer {
  readonly done: boolean;
  /** Null once it is done. */
  readonly cursor: LoadCursor | null;
  /** Users of the item so far. */
  readonly rows: number;
  /** Of these, users whose item a newer run, or this one before, had written. */
  readonly newer: number;
}

export interface ReconcileTask {
  readonly plan: NightPlan;
  /** Of the statement `drift`. */
  readonly queryExecutionId: string;
}
export interface Reconciled {
  readonly users: number;
  /** By tag name, in percent of what the lake has. */
  readonly drift: Readonly<Record<string, number>>;
}

/** The function `nightly`, besides HTTP: the Scheduler's own event. */
export interface ScheduledStart {
  readonly source: 'schedule';
}
