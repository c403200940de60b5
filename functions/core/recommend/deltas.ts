/**
 * What the stream has learnt of an item since its lists were made: whole millionths by the day of
 * arrival, read as units that decay like the lists, so that both together are the next list.
 */
import { invariant } from '../invariant.ts';
import { days, type EpochMs, fromRfc3339, startOfUtcDay, toUtcDate, utcDayOf } from '../time.ts';
import { AMOUNT_UNIT, PAIR_HALF_LIFE_DAYS } from './learning.ts';
import { NEIGHBOURS_MAX } from './lists.ts';
import type { ItemDelta } from './ranking.ts';

/** After its day is over: by then it is in a list, or three nights have failed. */
export const DELTA_KEPT_MS = days(3);
/** Today, and the days before it that are kept whole. */
export const DELTA_DAYS_MAX = 4;
/** Of an item and a day, its own events among them: over it the lightest go, down to so many. */
export const DELTA_MEMBERS_MAX = 128;
export const DELTA_MEMBERS_KEPT = 112;
/** Of one reading. */
export const DELTA_ITEMS_MAX = 100;
/** In the place of a neighbour: the item's own events. */
export const OWN_EVENTS = '';

export interface DeltaRange {
  /** The lists' cut, `YYYY-MM-DD`: days before it are in them. Absent where there are no lists. */
  readonly from?: string | undefined;
  readonly now: EpochMs;
}

export interface DeltaDay {
  readonly day: string;
  /** What a unit of that day is worth beside those of the lists. */
  readonly share: number;
}

/** Millionths of a day, by neighbour. */
export type DayAmounts = Iterable<readonly [other: string, amount: number]>;

const dayNumber = (day: string): number => {
  const at = fromRfc3339(day);
  invariant(at !== undefined, 'a day is written YYYY-MM-DD');
  return utcDayOf(at);
};

export const deltaEndsAt = (day: string): number =>
  startOfUtcDay(dayNumber(day) + 1) + DELTA_KEPT_MS;

/**
 * Days to read, the newest first. A list counts its last day, that before the cut, in full: a day
 * after it is worth more than a unit, as it will be beside the older ones in the next list.
 */
export const deltaDays = ({ from, now }: DeltaRange): readonly DeltaDay[] => {
  const today = utcDayOf(now);
  const cut = from === undefined ? undefined : dayNumber(from);
  const reference = cut === undefined ? today : cut - 1;
  return Array.from({ length: DELTA_DAYS_MAX }, (_, ago) => today - ago)
    .filter((day) => cut === undefined || day >= cut)
    .map((day) => ({
      day: toUtcDate(day),
      share: 2 ** ((day - reference) / PAIR_HALF_LIFE_DAYS),
    }));
};

/** Undefined where no day says anything of the item. */
export const deltaOf = (
  read: readonly (readonly [day: DeltaDay, amounts: DayAmounts])[],
): ItemDelta | undefined => {
  const sums = new Map<string, number>();
  for (const [{ share }, amounts] of read)
    for (const [other, amount] of amounts)
      sums.set(other, (sums.get(other) ?? 0) + (amount / AMOUNT_UNIT) * share);
  if (sums.size === 0) return undefined;
  const events = sums.get(OWN_EVENTS) ?? 0;
  sums.delete(OWN_EVENTS);
  const pairs = [...sums]
    .sort(([leftId, left], [rightId, right]) => right - left || (leftId < rightId ? -1 : 1))
    .slice(0, NEIGHBOURS_MAX);
  return { events, pairs };
};
