/**
 * How much of an item's list at the end of a day was served before the night made it: the list of
 * the morning and the increments of the day, beside the exact list.
 */
import { LIST_DAYS } from '../functions/core/lake/unload-lists.ts';
import {
  AMOUNT_UNIT,
  type ArrivedItem,
  BASKET_LINES_LIVE_MAX,
  BASKET_LINES_NIGHTLY_MAX,
  LEARNING_PRESETS,
  PAIR_HALF_LIFE_DAYS,
} from '../functions/core/recommend/learning.ts';
import type { Weighted } from '../functions/core/recommend/lists.ts';
import { utcDayOf } from '../functions/core/time.ts';
import { type Act, type DataSet, inPart, type Part, weightOf } from './act.ts';
import { heaviest } from './world/heaviest.ts';
import { incrementsOf } from './world/increments.ts';
import { numbered } from './world/numbered.ts';
import { type PairDays, pairDays } from './world/pair-days.ts';
import { firstLines, historyAfter } from './world/shopper.ts';

const TOP = 20;

export interface Overlap {
  /** Lists of items that had an event on a day. */
  readonly lists: number;
  /** The mean share of the exact first twenty that was served. */
  readonly served: number;
  /** The same without increments. */
  readonly morning: number;
}

const together = (left: readonly Weighted[], right: readonly Weighted[]): readonly Weighted[] => {
  const sums = new Map(left);
  for (const [item, weight] of right) sums.set(item, (sums.get(item) ?? 0) + weight);
  return [...sums];
};

const shareOf = (exact: readonly Weighted[], list: readonly Weighted[]): number => {
  const found = new Set(heaviest(list, TOP).map(([item]) => item));
  return exact.filter(([item]) => found.has(item)).length / exact.length;
};

/** Of acts of at most so many lines: the stream learns from the first twenty. */
export const listOverlap = (data: DataSet, part: Part, linesMax: number): Overlap => {
  const items = numbered();
  const memory = { listDays: LIST_DAYS, halfLifeDays: PAIR_HALF_LIFE_DAYS };
  const exactly = { sums: pairDays(items, memory), lines: BASKET_LINES_NIGHTLY_MAX };
  const live = { sums: pairDays(items, { ...memory, listDays: 1 }), lines: BASKET_LINES_LIVE_MAX };
  const ways = [exactly, live].map((way) => ({
    ...way,
    histories: new Map<string, readonly ArrivedItem[]>(),
  }));
  const sum = { lists: 0, served: 0, morning: 0 };
  let seen = new Set<string>();
  let today = Number.NaN;

  const learn = (act: Act): void => {
    for (const { sums, lines, histories } of ways) {
      const said = firstLines(act, lines);
      const before = histories.get(act.user) ?? [];
      addTo(sums, before, said, data);
      histories.set(act.user, historyAfter(before, said));
    }
  };
  const compare = (): void => {
    for (const item of seen) {
      const exact = heaviest(exactly.sums.listOf(item, today + 1).pairs, TOP);
      if (exact.length === 0) continue;
      const base = exactly.sums.listOf(item, today).pairs;
      sum.lists += 1;
      sum.morning += shareOf(exact, base);
      sum.served += shareOf(exact, together(base, live.sums.deltaOf(item, today).pairs));
    }
  };

  for (const act of data.acts.filter(({ items: lines }) => lines.length <= linesMax)) {
    const day = utcDayOf(act.at);
    if (day !== today) {
      compare();
      [seen, today] = [new Set(), day];
    }
    if (inPart(part, act.at)) for (const item of act.items) seen.add(item);
    learn(act);
  }
  compare();
  return { lists: sum.lists, served: sum.served / sum.lists, morning: sum.morning / sum.lists };
};

const addTo = (
  sums: PairDays,
  before: readonly ArrivedItem[],
  act: Act,
  { preset }: Pick<DataSet, 'preset'>,
): void => {
  const day = utcDayOf(act.at);
  const event = { arrivedAt: act.at, weight: weightOf(act), items: act.items };
  incrementsOf(before, event, LEARNING_PRESETS[preset], {
    pair: (from, to, amount) => sums.add(day, from, to, amount),
    own: (item) => sums.addOwn(day, item, AMOUNT_UNIT),
  });
};
