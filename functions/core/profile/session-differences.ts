/**
 * What a fold changed in the sums over a user's sessions, per UTC day of a session's start: the
 * intervals that its events touched, before and after. Days add up over users and folds, and no
 * session ever has to be "closed".
 */
import type { CommutativeMonoid } from '../tags/monoid.ts';
import { utcDayOf } from '../time.ts';
import type { Session, SessionStep } from './sessions.ts';

export interface SessionDay {
  readonly sessions: number;
  /** Sessions of one event. */
  readonly bounces: number;
  readonly durationMs: number;
  readonly entries: Readonly<Record<string, number>>;
  readonly exits: Readonly<Record<string, number>>;
}

export interface SessionDifferences {
  /** By UTC day since 1970-01-01. */
  readonly days: ReadonlyMap<number, SessionDay>;
  /** Events that came after their session was forgotten. */
  readonly late: number;
}

const addCounts = (
  left: Readonly<Record<string, number>>,
  right: Readonly<Record<string, number>>,
): Record<string, number> => {
  // A page may be called `__proto__`: own members only, and no setter on the way.
  const counts = new Map(Object.entries(left));
  for (const [page, count] of Object.entries(right)) {
    counts.set(page, (counts.get(page) ?? 0) + count);
  }
  return Object.fromEntries([...counts].filter(([, count]) => count !== 0));
};

const addDays = (left: SessionDay, right: SessionDay): SessionDay => ({
  sessions: left.sessions + right.sessions,
  bounces: left.bounces + right.bounces,
  durationMs: left.durationMs + right.durationMs,
  entries: addCounts(left.entries, right.entries),
  exits: addCounts(left.exits, right.exits),
});

const isZero = ({ sessions, bounces, durationMs, entries, exits }: SessionDay): boolean =>
  sessions === 0 &&
  bounces === 0 &&
  durationMs === 0 &&
  Object.keys(entries).length === 0 &&
  Object.keys(exits).length === 0;

export const sessionDifferences: CommutativeMonoid<SessionDifferences> = {
  empty: { days: new Map(), late: 0 },
  merge: (left, right) => {
    const days = new Map(left.days);
    for (const [day, sums] of right.days) {
      const other = days.get(day);
      days.set(day, other === undefined ? sums : addDays(other, sums));
    }
    return {
      days: new Map([...days].filter(([, sums]) => !isZero(sums))),
      late: left.late + right.late,
    };
  },
};

const signed = (text: string | undefined, sign: number): Record<string, number> =>
  text === undefined ? {} : Object.fromEntries([[text, sign]]);

const sumsOf = (session: Session, sign: 1 | -1): SessionDifferences => {
  const { start, end, events, entry, exit } = session;
  const sums = {
    sessions: sign,
    bounces: events === 1 ? sign : 0,
    durationMs: sign === 1 ? end - start : start - end,
    entries: signed(entry?.text, sign),
    exits: signed(exit?.text, sign),
  };
  return { days: new Map([[utcDayOf(start), sums]]), late: 0 };
};

export const differencesOf = ({ before, after, late }: SessionStep): SessionDifferences =>
  [
    ...before.map((session) => sumsOf(session, -1)),
    ...after.map((session) => sumsOf(session, 1)),
    { days: new Map(), late: late ? 1 : 0 },
  ].reduce(sessionDifferences.merge);

/** 0 − x, where −x would make a negative zero. */
const negated = (day: SessionDay): SessionDay => {
  const minus = (counts: Readonly<Record<string, number>>): Record<string, number> =>
    Object.fromEntries(Object.entries(counts).map(([page, count]) => [page, 0 - count]));
  return {
    sessions: 0 - day.sessions,
    bounces: 0 - day.bounces,
    durationMs: 0 - day.durationMs,
    entries: minus(day.entries),
    exits: minus(day.exits),
  };
};

export const subtractDifferences = (
  after: SessionDifferences,
  before: SessionDifferences,
): SessionDifferences =>
  sessionDifferences.merge(after, {
    days: new Map([...before.days].map(([day, sums]) => [day, negated(sums)])),
    late: 0 - before.late,
  });
