/** Rails before a load: what looks like a broken run is shown to a person first. */
import type { LoadedRun, RunSizes } from './run.ts';
import type { Verdict } from './tasks.ts';

const ROWS_TIMES_MAX = 3;
const MEDIAN_NIGHTS = 7;
const TOTAL_LEFT_MIN = { of: 100n, least: 80n };
const USERS_LEFT_MIN = 0.99;
/** Of fewer users a share says nothing: a platform that was started today may do as it likes. */
export const GUARDED_USERS_MIN = 100;

const medianOf = (values: readonly number[]): number => {
  const sorted = values.toSorted((left, right) => left - right);
  return sorted[Math.floor(sorted.length / 2)] ?? 0;
};

const sizeOf = (total: bigint): bigint => (total < 0n ? -total : total);

const rowsRail = (sizes: RunSizes, { nights }: LoadedRun): string | undefined => {
  const rows = nights.filter(({ allUsers }) => !allUsers).map((night) => night.rows);
  if (rows.length < MEDIAN_NIGHTS) return undefined;
  const median = medianOf(rows.slice(-MEDIAN_NIGHTS));
  if (sizes.rows < GUARDED_USERS_MIN || sizes.rows <= ROWS_TIMES_MAX * median) return undefined;
  return `${sizes.rows} users would be loaded; the median of the last ${MEDIAN_NIGHTS} nights is ${median}.`;
};

const usersRail = ({ users }: RunSizes, before: RunSizes): string | undefined =>
  users < USERS_LEFT_MIN * before.users
    ? `The lake had ${before.users} users and has ${users} now.`
    : undefined;

const totalsRail = ({ totals }: RunSizes, before: RunSizes, nameOf: NameOf): string | undefined => {
  for (const [version, text] of Object.entries(before.totals)) {
    const now = totals[version];
    const [old, left] = [sizeOf(BigInt(text)), sizeOf(BigInt(now ?? text))];
    if (left * TOTAL_LEFT_MIN.of < old * TOTAL_LEFT_MIN.least)
      return `The total of ${nameOf(version)} was ${text} and is ${now} now.`;
  }
  return undefined;
};

export type NameOf = (version: string) => string;

export interface Judged {
  readonly sizes: RunSizes;
  readonly loaded: LoadedRun | undefined;
  /** This run loads everybody. */
  readonly allUsers: boolean;
}

/** Compares with the last loaded run. The first run has nothing to be compared with. */
export const judge = ({ sizes, loaded, allUsers }: Judged, nameOf: NameOf): Verdict => {
  const before = loaded?.nights.at(-1);
  if (loaded === undefined || before === undefined || before.users < GUARDED_USERS_MIN)
    return { verdict: 'load', because: '' };
  const because =
    (allUsers ? undefined : rowsRail(sizes, loaded)) ??
    usersRail(sizes, before) ??
    totalsRail(sizes, before, nameOf);
  return because === undefined ? { verdict: 'load', because: '' } : { verdict: 'refuse', because };
};
