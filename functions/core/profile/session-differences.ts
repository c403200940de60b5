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

interface DayDraft {
  sessions: number;
  bounces: number;
  durationMs: number;
  readonly entries: Map<string, number>;
  readonly exits: Map<string, number>;
}

const draftOf = (day: SessionDay | undefined): DayDraft => ({
  sessions: day?.sessions ?? 0,
  bounces: day?.bounces ?? 0,
  durationMs: day?.durationMs ?? 0,
  entries: new Map(Object.entries(day?.entries ?? {})),
  exits: new Map(Object.entries(day?.exits ?? {})),
});

const count = (counts: Map<string, number>, page: string | undefined, by: number): void => {
  if (page === undefined) return;
  const sum = (counts.get(page) ?? 0) + by;
  if (sum === 0) counts.delete(page);
  else counts.set(page, sum);
};

const countSession = (day: DayDraft, session: Session, sign: 1 | -1): void => {
  const { start, end, events, entry, exit } = session;
  day.sessions += sign;
  if (events === 1) day.bounces += sign;
  day.durationMs += sign * (end - start);
  count(day.entries, entry?.text, sign);
  count(day.exits, exit?.text, sign);
};

const dayOf = ({ entries, exits, ...sums }: DayDraft): SessionDay => ({
  ...sums,
  entries: Object.fromEntries(entries),
  exits: Object.fromEntries(exits),
});

/** The differences with those of these steps. */
export const addSteps = (
  before: SessionDifferences,
  steps: readonly SessionStep[],
): SessionDifferences => {
  const drafts = new Map([...before.days].map(([day, sums]) => [day, draftOf(sums)]));
  let { late } = before;
  const draftFor = ({ start }: Session): DayDraft => {
    const day = utcDayOf(start);
    const draft = drafts.get(day) ?? draftOf(undefined);
    drafts.set(day, draft);
    return draft;
  };
  for (const step of steps) {
    for (const session of step.before) countSession(draftFor(session), session, -1);
    for (const session of step.after) countSession(draftFor(session), session, 1);
    if (step.late) late += 1;
  }
  const days = [...drafts].map(([day, draft]) => [day, dayOf(draft)] as const);
  return { days: new Map(days.filter(([, sums]) => !isZero(sums))), late };
};

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
  before.days.size === 0 && before.late === 0
    ? after
    : sessionDifferences.merge(after, {
        days: new Map([...before.days].map(([day, sums]) => [day, negated(sums)])),
        late: 0 - before.late,
      });
