/** What a night reads, as days of history grow and as users are touched. */
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Bench } from './bench.ts';
import { type Night, nightAfter } from './nightly-lake.ts';
import { nightlyPlot } from './nightly-plot.ts';
import { number, table } from './report.ts';

/** Longer than the 30 days in which copies are known, which a night reads back. */
const DAYS = 32;
const GROWTHS = [1, 10, 100] as const;
const USERS = 100;
const ACTIVE_SHARE = 0.3;
const TOUCHED_SHARES = [0.02, 0.1, 0.5, 1] as const;
/** So long that each night a day leaves the window of every batch tag. */
const TOUCHED_GROWTH = 10;
const PLOT = 'nightly-bytes.svg';

interface Point {
  readonly days: number;
  readonly night: Night;
}

interface Touched {
  readonly share: number;
  readonly users: number;
  readonly loaded: number;
}

export interface Nightly {
  readonly users: number;
  readonly points: readonly Point[];
  readonly touched: readonly Touched[];
}

export const grownNights = async (
  days: readonly number[],
  users: number,
  more: { readonly totalledDays?: number } = {},
): Promise<readonly Point[]> => {
  const points: Point[] = [];
  for (const each of days) {
    const night = await nightAfter({ ...more, days: each, users, activeShare: ACTIVE_SHARE });
    points.push({ days: each, night });
  }
  return points;
};

const touchedNights = async (): Promise<readonly Touched[]> => {
  const touched: Touched[] = [];
  for (const share of TOUCHED_SHARES) {
    const night = await nightAfter({
      ...{ days: DAYS * TOUCHED_GROWTH, users: USERS, activeShare: ACTIVE_SHARE },
      lastNightsShare: share,
    });
    touched.push({ share, users: night.users, loaded: night.loaded });
  }
  return touched;
};

const STATEMENTS = ['curate', 'userDay', 'userTotal', 'tags', 'guard', 'loaded', 'drift'] as const;

const readBy = ({ reads }: Night, statement: string, of: 'totals' | 'days'): number =>
  reads
    .filter(
      (read) => read.statement === statement && (read.table === 'user_total') === (of === 'totals'),
    )
    .reduce((sum, { bytes }) => sum + bytes, 0);

const kilobytes = (bytes: number): string => number(Math.round(bytes / 1_000));

export const nightly: Bench<Nightly> = {
  name: 'nightly',
  run: async () => {
    const points = await grownNights(
      GROWTHS.map((growth) => growth * DAYS),
      USERS,
    );
    const svg = nightlyPlot(
      points.map(({ days, night }) => ({
        days,
        flat: STATEMENTS.reduce((sum, name) => sum + readBy(night, name, 'days'), 0),
        totals: STATEMENTS.reduce((sum, name) => sum + readBy(night, name, 'totals'), 0),
      })),
    );
    writeFileSync(join(import.meta.dirname, '..', 'docs', PLOT), svg);
    return { users: USERS, points, touched: await touchedNights() };
  },
  section: ({ users, points, touched }) => `## A night, as history grows

What the statements of one night read after so many days of the same ${users} users, in kB: rows of the
partitions that a statement may read times the mean bytes of a row, uncompressed, as the local Athena counts
them. The night is one of every day: four days of arrival curated, one added to \`user_total\`. \`user_total\` is
a line of its own: it has a row for each user, tag and event day that a window may still reach, so it grows
with users, and with days only until the longest window and the 60 days beyond are full.

${table(
  ['days of history', ...STATEMENTS.map((name) => `\`${name}\``), 'all of these', '`user_total`'],
  points.map(({ days, night }) => [
    number(days),
    ...STATEMENTS.map((name) => kilobytes(readBy(night, name, 'days'))),
    kilobytes(STATEMENTS.reduce((sum, name) => sum + readBy(night, name, 'days'), 0)),
    kilobytes(STATEMENTS.reduce((sum, name) => sum + readBy(night, name, 'totals'), 0)),
  ]),
)}

![Bytes read in a night by days of history](${PLOT})

Who is loaded, of the ${users}, after ${DAYS * TOUCHED_GROWTH} days, where so many of them had a line in the days that a night looks
back on:

${table(
  ['of the users', 'touched', 'loaded'],
  touched.map(({ share, users: some, loaded }) => [
    `${Math.round(share * 100)} %`,
    number(some),
    number(loaded),
  ]),
)}

Loaded beside those who were touched are those whom a day has left: on each night it leaves the window of a
batch tag of all who were active on it, here about ${Math.round(100 * ACTIVE_SHARE)} % of the users.`,
};
