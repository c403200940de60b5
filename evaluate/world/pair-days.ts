/** Sums of pairs by the day of arrival, and the list of an item that a night makes of them. */
import { AMOUNT_UNIT } from '../../functions/core/recommend/learning.ts';
import type { Weighted } from '../../functions/core/recommend/lists.ts';
import { heaviest } from './heaviest.ts';
import type { Numbered } from './numbered.ts';

export interface Memory {
  /** Days of arrival that a list is made of. */
  readonly listDays: number;
  /** After which a day weighs half; infinite where nothing fades. */
  readonly halfLifeDays: number;
}

/** Of one item and one day: whom it goes with, and by how many millionths. */
interface DayRow {
  readonly day: number;
  readonly others: Int32Array;
  readonly amounts: Float64Array;
  readonly events: number;
}

export interface PairSums {
  /** By the cut, in units. */
  readonly events: number;
  readonly pairs: readonly Weighted[];
}

export interface PairDays {
  /** Days come in their order. */
  readonly add: (day: number, from: string, to: string, amount: number) => void;
  readonly addOwn: (day: number, item: string, amount: number) => void;
  /** Of the days before the cut. */
  readonly listOf: (item: string, cut: number) => PairSums;
  /** Of the days since the cut, weighed as the list's last day is, and more. */
  readonly deltaOf: (item: string, cut: number) => PairSums;
}

interface Open {
  readonly sums: Map<number, number>;
  events: number;
}

const NOTHING: PairSums = { events: 0, pairs: [] };

const closed = (day: number, { sums, events }: Open): DayRow => ({
  day,
  others: Int32Array.from(sums.keys()),
  amounts: Float64Array.from(sums.values()),
  events,
});

export const pairDays = (items: Numbered, { listDays, halfLifeDays }: Memory): PairDays => {
  const rows = new Map<number, DayRow[]>();
  let open = new Map<number, Open>();
  let today = Number.NEGATIVE_INFINITY;

  const begin = (day: number): void => {
    if (day === today) return;
    for (const [item, sums] of open) {
      const mine = rows.get(item) ?? [];
      rows.set(item, mine);
      mine.push(closed(today, sums));
      while (mine[0] !== undefined && mine[0].day < day - listDays) mine.shift();
    }
    open = new Map();
    today = day;
  };

  const openOf = (item: number): Open => {
    const held = open.get(item) ?? { sums: new Map(), events: 0 };
    open.set(item, held);
    return held;
  };

  /** What a millionth of the day is worth, in units. */
  const shareOf = (day: number, cut: number): number =>
    2 ** ((day - (cut - 1)) / halfLifeDays) / AMOUNT_UNIT;

  /** Of the rows of days that are asked for, the open day's too. */
  const summed = (item: string, cut: number, isAsked: (day: number) => boolean): PairSums => {
    const number = items.known(item);
    if (number === undefined) return NOTHING;
    const mine = rows.get(number) ?? [];
    const held = isAsked(today) ? open.get(number) : undefined;
    // Most items have no increments of the day; an array for them costs more than the look.
    if (held === undefined && !mine.some(({ day }) => isAsked(day))) return NOTHING;
    const sums = new Float64Array(items.size());
    const touched: number[] = [];
    let events = 0;
    const add = (other: number, units: number): void => {
      if (sums[other] === 0) touched.push(other);
      sums[other] = (sums[other] ?? 0) + units;
    };
    for (const { day, others, amounts, events: own } of mine) {
      if (!isAsked(day)) continue;
      const share = shareOf(day, cut);
      events += own * share;
      for (let at = 0; at < others.length; at += 1)
        add(others[at] ?? 0, (amounts[at] ?? 0) * share);
    }
    if (held !== undefined) {
      const share = shareOf(today, cut);
      events += held.events * share;
      for (const [other, amount] of held.sums) add(other, amount * share);
    }
    if (touched.length === 0) return { ...NOTHING, events };
    const weighted = touched.map((other): Weighted => [items.nameOf(other), sums[other] ?? 0]);
    return { events, pairs: heaviest(weighted) };
  };

  return {
    add: (day, from, to, amount) => {
      begin(day);
      const { sums } = openOf(items.numberOf(from));
      const other = items.numberOf(to);
      sums.set(other, (sums.get(other) ?? 0) + amount);
    },
    addOwn: (day, item, amount) => {
      begin(day);
      openOf(items.numberOf(item)).events += amount;
    },
    listOf: (item, cut) => summed(item, cut, (day) => day >= cut - listDays && day < cut),
    deltaOf: (item, cut) => summed(item, cut, (day) => day >= cut),
  };
};
