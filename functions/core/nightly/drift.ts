/**
 * How far the stream is from the lake, per tag: copies that slipped past a profile's memory, and
 * events that it never had. Compared are sums of whole arrival days before the cut, of which the
 * lake is exact; what is served is right after the night all the same.
 */
import { invariant } from '../invariant.ts';
import { type DayTiles, firstDayAt } from '../tags/day-tiles.ts';

/** Days of arrival before the cut that are compared: a profile keeps them apart for 8. */
export const DRIFT_DAYS = 7;

export interface ComparedDays {
  /** A day's number: days of arrival before it, and as many as are compared. */
  readonly cut: number;
  readonly today: number;
}

export interface Difference {
  /** By how much the stream is off, whatever the direction. */
  readonly off: bigint;
  readonly lake: bigint;
}

/** Undefined: a profile has merged arrival days of these event days, and cannot be compared. */
export const streamAmount = (
  { tiles, floorDay }: DayTiles,
  windowDays: number | undefined,
  { cut, today }: ComparedDays,
): bigint | undefined => {
  const firstDay = windowDays === undefined ? 0 : firstDayAt(today, windowDays);
  if (floorDay > firstDay) return undefined;
  let sum = 0n;
  for (const { eventDay, arrivalDay, amount, mixed } of tiles) {
    if (eventDay < firstDay || arrivalDay >= cut || arrivalDay < cut - DRIFT_DAYS) continue;
    if (mixed) return undefined;
    sum += BigInt(amount);
  }
  return sum;
};

const sizeOf = (amount: bigint): bigint => (amount < 0n ? -amount : amount);

export const difference = (stream: bigint, lake: bigint): Difference => ({
  off: sizeOf(stream - lake),
  lake: sizeOf(lake),
});

export const addDifferences = (left: Difference | undefined, right: Difference): Difference =>
  left === undefined ? right : { off: left.off + right.off, lake: left.lake + right.lake };

const MILLIONTHS = 1_000_000n;

/** In percent of what the lake has; where it has nothing, all that the stream has is too much. */
export const percentOf = ({ off, lake }: Difference): number => {
  if (off === 0n) return 0;
  return lake === 0n ? 100 : Number((off * 100n * MILLIONTHS) / lake) / Number(MILLIONTHS);
};

/** A row of the statement `drift`. */
export interface LakeAmount {
  readonly tenant: string;
  readonly user: string;
  readonly version: string;
  readonly amount: bigint;
}

export const readLakeAmount = (row: Readonly<Record<string, string | null>>): LakeAmount => {
  const { tenant, profile_key: user, version, amount } = row;
  invariant(tenant && user && version, 'a row of drift names a user and a version');
  invariant(/^-?\d+$/.test(amount ?? '0'), 'an amount of the lake is a whole number');
  return { tenant, user, version, amount: BigInt(amount ?? '0') };
};
