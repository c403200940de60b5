/** Sessions and orders by day, added up from the differences that folds computed. */
import { invariant } from '../invariant.ts';
import {
  addCount,
  type BoundedCounts,
  loadedCounts,
  newCounts,
  type StoredCounts,
  storedCounts,
} from './bounded-counts.ts';
import type { Effects } from './effects.ts';

/** A row stays below 64 KB: 2 × 200 pages of 128 bytes, and 40 days of three numbers. */
export const PAGES_BOUND = { namesMax: 200, nameBytesMax: 128 } as const;
export const SESSION_DAYS_MAX = 40;

export interface DaySessions {
  sessions: number;
  bounces: number;
  durationMs: number;
}

/** One UTC day of arrival. */
export interface SessionSums {
  orders: number;
  revenueMicros: number;
  /** Events that came after their session was forgotten. */
  late: number;
  /** By the UTC day of a session's start; −1 holds the days beyond the 40th. */
  readonly days: Map<number, DaySessions>;
  readonly entries: BoundedCounts;
  readonly exits: BoundedCounts;
}

const OTHER_DAYS = -1;

export const newSessionSums = (): SessionSums => ({
  orders: 0,
  revenueMicros: 0,
  late: 0,
  days: new Map(),
  entries: newCounts(),
  exits: newCounts(),
});

const dayOf = ({ days }: SessionSums, day: number): DaySessions => {
  const place = days.has(day) || days.size < SESSION_DAYS_MAX ? day : OTHER_DAYS;
  const sums = days.get(place) ?? { sessions: 0, bounces: 0, durationMs: 0 };
  days.set(place, sums);
  return sums;
};

export const addSessions = (sums: SessionSums, effects: Effects): void => {
  sums.late += effects.lateForSessions;
  for (const { orders = 0, events } of effects.minutes) {
    sums.orders += orders;
    for (const { valueMicros } of events) sums.revenueMicros += valueMicros;
  }
  for (const { day, sessions, bounces, durationMs, entries, exits } of effects.sessions) {
    const sum = dayOf(sums, day);
    sum.sessions += sessions;
    sum.bounces += bounces;
    sum.durationMs += durationMs;
    for (const [page, count] of Object.entries(entries)) {
      addCount(sums.entries, page, count, PAGES_BOUND);
    }
    for (const [page, count] of Object.entries(exits)) {
      addCount(sums.exits, page, count, PAGES_BOUND);
    }
  }
};

interface StoredSessionSums {
  readonly n: readonly [orders: number, revenueMicros: number, late: number];
  readonly d: readonly (readonly [day: number, sessions: number, bounces: number, ms: number])[];
  readonly e: StoredCounts;
  readonly x: StoredCounts;
}

export const encodeSessionSums = (sums: SessionSums): string => {
  const stored: StoredSessionSums = {
    n: [sums.orders, sums.revenueMicros, sums.late],
    d: [...sums.days].map(([day, { sessions, bounces, durationMs }]) => [
      day,
      sessions,
      bounces,
      durationMs,
    ]),
    e: storedCounts(sums.entries),
    x: storedCounts(sums.exits),
  };
  return JSON.stringify(stored);
};

export const decodeSessionSums = (text: string): SessionSums => {
  const { n, d, e, x } = JSON.parse(text) as StoredSessionSums;
  invariant(Array.isArray(n) && Array.isArray(d), 'a day has its counters');
  const [orders, revenueMicros, late] = n;
  invariant(
    [...n, ...d.flat()].every((count) => Number.isSafeInteger(count)),
    'a day’s counters are whole',
  );
  return {
    orders,
    revenueMicros,
    late,
    days: new Map(
      d.map(([day, sessions, bounces, durationMs]) => [day, { sessions, bounces, durationMs }]),
    ),
    entries: loadedCounts(e),
    exits: loadedCounts(x),
  };
};
