import { decodeMinuteSums } from '../../functions/core/analytics/minute-sums.ts';
import { decodeSessionSums } from '../../functions/core/analytics/session-sums.ts';
import type { TallyRow } from '../../functions/core/analytics/tally-rows.ts';
import type { OracleFact } from '../../functions/core/profile/oracle.ts';
import { statedSessions } from './stated-bounds.ts';
import { violated } from './violation.ts';

/** What rows of minutes and days say in all, and what the counted events of all users mean. */
interface Told {
  orders: number;
  revenueMicros: number;
  late: number;
  sessions: number;
  bounces: number;
  durationMs: number;
  unnamed: number;
  readonly names: Map<string, number>;
}

const nothing = (): Told => ({
  ...{ orders: 0, revenueMicros: 0, late: 0, sessions: 0, bounces: 0, durationMs: 0 },
  unnamed: 0,
  names: new Map(),
});

const toldBy = (rows: ReadonlyMap<string, TallyRow>): Told => {
  const told = nothing();
  const { names } = told;
  for (const [key, row] of rows) {
    if (key.startsWith('m#')) {
      const sums = decodeMinuteSums(row.sums);
      told.orders += sums.orders;
      told.revenueMicros += sums.revenueMicros;
      told.unnamed += sums.unnamed;
      for (const [name, count] of sums.names.byName)
        names.set(name, (names.get(name) ?? 0) + count);
    } else {
      const { late, days } = decodeSessionSums(row.sums);
      told.late += late;
      for (const { sessions, bounces, durationMs } of days.values()) {
        told.sessions += sessions;
        told.bounces += bounces;
        told.durationMs += durationMs;
      }
    }
  }
  return told;
};

const meantBy = (users: Iterable<readonly OracleFact[]>): Told => {
  const meant = nothing();
  const { names } = meant;
  for (const facts of users) {
    for (const { kind, name, orders, revenueMicros } of facts) {
      const text = kind === 'track' ? name : `$${kind}`;
      names.set(text, (names.get(text) ?? 0) + 1);
      meant.orders += orders;
      meant.revenueMicros += revenueMicros;
    }
    const { kept, dropped, late } = statedSessions(facts);
    meant.late += late;
    for (const { start, end, events } of [...kept, ...dropped]) {
      meant.sessions += 1;
      meant.bounces += events === 1 ? 1 : 0;
      meant.durationMs += end - start;
    }
  }
  return meant;
};

const textOf = ({ names, unnamed, ...numbers }: Told): string => {
  const byName = unnamed > 0 ? [] : [...names].sort(([left], [right]) => (left < right ? -1 : 1));
  return JSON.stringify({ ...numbers, byName });
};

/** P15: at rest the figures that people read are those of the events that counted. */
export const auditRows = (
  rows: ReadonlyMap<string, TallyRow>,
  users: Iterable<readonly OracleFact[]>,
): void => {
  const told = toldBy(rows);
  const meant = { ...meantBy(users), unnamed: told.unnamed };
  if (textOf(told) !== textOf(meant))
    violated('P15', `rows say ${textOf(told)}, events mean ${textOf(meant)}`);
};
