/** What a run does: pure, so that the same facts make the same plan. */
import { invariant } from '../invariant.ts';
import { LIST_DAYS } from '../lake/unload-lists.ts';
import { REACH_MS } from '../recommend/learning.ts';
import { days, type EpochMs, fromRfc3339, toUtcDate, utcDayOf } from '../time.ts';
import type { LoadedRun } from './run.ts';
import type { DateRange, NightPlan, RunInput, TendRequest, UtcDate } from './tasks.ts';

/** A line lands at most so many days after the day of its arrival. */
export const LANDING_DAYS_MAX = 4;
/** Days before the last cut whose late objects a night still takes up. */
const LATE_DAYS = 2;
/** Days before the cut that `user_total` leaves to `user_day`, because nights make them anew. */
export const UNTOTALLED_DAYS = 3;
/** Landing objects are kept for 90 days: of earlier days there is nothing left to curate. */
const CURATED_DAYS_MAX = 90 + LANDING_DAYS_MAX;
/** What lists look back at, and the reach of a user's own list before that. */
const LEARNT_DAYS_MAX = LIST_DAYS + REACH_MS / days(1);
/** Athena writes to at most 100 partitions in a statement. */
export const RANGE_DAYS_MAX = 90;
/** Twenty years: a plan is state of a machine, which holds 256 KB. */
const TOTAL_DAYS_MAX = 7_305;
const TENDED = [
  ...['events', 'user_day', 'user_total', 'tags_loaded'],
  ...['positives', 'pairs_day'],
] as const;
/** 1970-01-01 was a Thursday. */
const SUNDAY = 3;

export interface Known {
  readonly now: EpochMs;
  /** A day's number. */
  readonly cut: number;
  readonly loaded: LoadedRun | undefined;
  /** The first day under which an enriched object lies. */
  readonly firstLanding: UtcDate | undefined;
  /** Versions of the lake's tags as the config has them, in its order. */
  readonly versions: readonly string[];
}

/** What was asked for cannot be done: a sentence for whoever asked. */
export class RunRefused extends Error {
  override readonly name = 'RunRefused';
}

export const dayNumber = (date: UtcDate): number => {
  const at = /^\d{4}-\d{2}-\d{2}$/.test(date) ? fromRfc3339(date) : undefined;
  invariant(at !== undefined, 'a day is written YYYY-MM-DD');
  return utcDayOf(at);
};

const daysFrom = (first: number, last: number): readonly UtcDate[] =>
  Array.from({ length: Math.max(0, last - first + 1) }, (_, place) => toUtcDate(first + place));

const rangesOf = (first: number, last: number): readonly DateRange[] => {
  const ranges: DateRange[] = [];
  for (let from = first; from <= last; from += RANGE_DAYS_MAX) {
    const to = Math.min(last, from + RANGE_DAYS_MAX - 1);
    ranges.push({ from: toUtcDate(from), to: toUtcDate(to) });
  }
  return ranges;
};

const tendOn = (today: number): readonly TendRequest[] =>
  today % 7 === SUNDAY
    ? (['optimize', 'vacuum'] as const).flatMap((kind) => TENDED.map((table) => ({ kind, table })))
    : [];

/** The last arrival day that was in `user_total` when a run with this cut had ended. */
const throughOf = (cut: number): number => cut - UNTOTALLED_DAYS;

const firstDayOf = ({ loaded, firstLanding, cut }: Known): number => {
  if (loaded !== undefined) return dayNumber(loaded.firstDay);
  return firstLanding === undefined
    ? cut
    : Math.min(cut, dayNumber(firstLanding) - LANDING_DAYS_MAX);
};

/** Lists that a night could not make are the next one's: it learns what was left. */
const firstLearnt = ({ loaded }: Known, firstDay: number, today: number): number => {
  const first = loaded?.listed === undefined ? firstDay : dayNumber(loaded.listed) - LATE_DAYS;
  return Math.max(first, firstDay, today - LEARNT_DAYS_MAX);
};

export const planNight = (run: RunInput, known: Known): NightPlan => {
  const { cut, loaded } = known;
  const today = utcDayOf(known.now);
  const asked = run.versions ?? [];
  const missing = asked.filter((version) => !known.versions.includes(version));
  if (missing.length > 0) {
    throw new RunRefused(
      `tributary.config.ts has no lake tag of version ${missing.join(', ')}: deploy the config that has it, then fill it.`,
    );
  }
  const firstDay = firstDayOf(known);
  const watermark = loaded && dayNumber(loaded.cut);
  const firstCurated = watermark === undefined ? firstDay : watermark - LATE_DAYS;
  const curated = Math.max(firstCurated, firstDay, today - CURATED_DAYS_MAX);
  const through = watermark === undefined ? firstDay - 1 : throughOf(watermark);
  // The first run fills every version: all days there are go through it.
  const newVersions = loaded === undefined ? [] : asked;
  const isBackfill = newVersions.length > 0;
  const firstTotal = isBackfill ? firstDay : Math.max(through + 1, firstDay);
  const filled = (version: string): boolean =>
    loaded === undefined || loaded.filled.includes(version) || newVersions.includes(version);
  const totals = daysFrom(firstTotal, throughOf(cut));
  invariant(totals.length <= TOTAL_DAYS_MAX, 'the days of a plan fit into the state of a machine');
  return {
    ...{ runId: run.runId, attempt: run.attempt, newVersions, totals },
    cut: toUtcDate(cut),
    watermark: loaded?.cut ?? null,
    today: toUtcDate(today),
    firstDay: toUtcDate(firstDay),
    days: daysFrom(curated, today),
    learnDays: daysFrom(firstLearnt(known, firstDay, today), today),
    backfill: isBackfill ? rangesOf(firstDay, curated - 1) : [],
    versions: known.versions.filter(filled),
    allUsers: loaded === undefined || isBackfill,
    tend: tendOn(today),
  };
};

/** Days whose totals the other versions have already are added up for the new ones alone. */
export const totalledVersions = (plan: NightPlan, day: UtcDate): readonly string[] => {
  const { watermark, newVersions, versions } = plan;
  if (watermark === null || newVersions.length === 0) return versions;
  return dayNumber(day) <= throughOf(dayNumber(watermark)) ? newVersions : versions;
};
