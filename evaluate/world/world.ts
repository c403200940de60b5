/**
 * A shop in memory: what the platform knows at an instant, of whom and of what. Lists are made at
 * midnight as the night makes them, deltas hold what came since.
 */

import { LIST_DAYS } from '../../functions/core/lake/unload-lists.ts';
import {
  AMOUNT_UNIT,
  type ArrivedItem,
  BASKET_LINES_LIVE_MAX,
  BASKET_LINES_NIGHTLY_MAX,
  LEARNING_PRESETS,
  PAIR_HALF_LIFE_DAYS,
  type PresetName,
} from '../../functions/core/recommend/learning.ts';
import type { ItemLists } from '../../functions/core/recommend/lists.ts';
import type { ItemDelta, Learnt, Taste } from '../../functions/core/recommend/ranking.ts';
import { type EpochMs, utcDayOf } from '../../functions/core/time.ts';
import { type Act, weightOf } from '../act.ts';
import { demand } from './demand.ts';
import { incrementsOf } from './increments.ts';
import { likeness } from './likeness.ts';
import { numbered } from './numbered.ts';
import { type Memory, type PairDays, pairDays } from './pair-days.ts';
import { shelves } from './shelves.ts';
import { firstLines, historyAfter, NOBODY, type Shopper, shopperAfter } from './shopper.ts';

export const AS_SHIPPED: Memory = { listDays: LIST_DAYS, halfLifeDays: PAIR_HALF_LIFE_DAYS };

export interface World {
  readonly learn: (act: Act) => void;
  readonly knownOf: (user: string, now: EpochMs) => Known;
}

/** What a server has read before it ranks. */
export interface Known {
  readonly taste: Taste;
  readonly learnt: Learnt;
}

const NO_LISTS: ItemLists = { events: 0, pairs: [], similar: [] };

const once = <T>(held: Map<string, T>, key: string, make: () => T): T => {
  const known = held.get(key);
  if (known !== undefined) return known;
  const fresh = make();
  held.set(key, fresh);
  return fresh;
};

export const world = (preset: PresetName, memory: Memory = AS_SHIPPED): World => {
  const items = numbered();
  const pairs = pairDays(items, memory);
  const increments = pairDays(items, { ...memory, listDays: 1 });
  const likes = likeness(items, memory.listDays);
  const wanted = demand();
  const shelf = shelves();
  const shoppers = new Map<string, Shopper>();
  /** The night reads a basket's 60 lines, the stream its first 20: each has its own list of a user. */
  const nightly = new Map<string, readonly ArrivedItem[]>();
  const made = new Map<string, ItemLists>();
  const gaps = new Map<string, ItemLists>();
  let madeAt = Number.NaN;

  const addTo = (sums: PairDays, before: readonly ArrivedItem[], act: Act): void => {
    const day = utcDayOf(act.at);
    const event = { arrivedAt: act.at, weight: weightOf(act), items: act.items };
    incrementsOf(before, event, LEARNING_PRESETS[preset], {
      pair: (from, to, amount) => sums.add(day, from, to, amount),
      own: (item) => sums.addOwn(day, item, AMOUNT_UNIT),
    });
  };

  const learnPairs = (act: Act): void => {
    const all = firstLines(act, BASKET_LINES_NIGHTLY_MAX);
    const before = nightly.get(act.user) ?? [];
    addTo(pairs, before, all);
    nightly.set(act.user, historyAfter(before, all));
    const { positives } = shoppers.get(act.user) ?? NOBODY;
    addTo(increments, positives, firstLines(act, BASKET_LINES_LIVE_MAX));
  };

  const beginAt = (cut: number): void => {
    if (madeAt === cut) return;
    made.clear();
    gaps.clear();
    madeAt = cut;
  };

  const gapOf = (item: string, cut: number): ItemLists => {
    const repurchaseDays = likes.repurchaseDays(item, cut);
    return { ...NO_LISTS, ...(repurchaseDays !== undefined && { repurchaseDays }) };
  };

  const listsOf = (item: string, cut: number): ItemLists => ({
    ...once(gaps, item, () => gapOf(item, cut)),
    ...pairs.listOf(item, cut),
    similar: likes.similarTo(item, cut),
  });

  const learntFor = ({ history, bought }: Taste, now: EpochMs): Learnt => {
    const cut = utcDayOf(now);
    beginAt(cut);
    // Of what was bought only the usual gap is asked for; its neighbours speak for nothing.
    const own = bought.map(({ item }) => [item, once(gaps, item, () => gapOf(item, cut))] as const);
    const read = history.map(
      ({ item }) => [item, once(made, item, () => listsOf(item, cut))] as const,
    );
    const deltas = history.map(({ item }): [string, ItemDelta] => [
      item,
      increments.deltaOf(item, cut),
    ]);
    return {
      lists: new Map([...own, ...read]),
      deltas: new Map(deltas),
      trends: new Map([['all', wanted.trends(now)]]),
      catalogue: shelf.catalogue(),
    };
  };

  let held: (Known & { readonly now: EpochMs }) | undefined;
  return {
    learn: (act) => {
      held = undefined;
      const weight = weightOf(act);
      learnPairs(act);
      for (const item of act.items) {
        shelf.put(item, act.at);
        likes.add(act.user, item, act.at, weight);
        wanted.add(item, act.at, weight);
      }
      shoppers.set(act.user, shopperAfter(shoppers.get(act.user) ?? NOBODY, act));
    },
    knownOf: (user, now) => {
      if (held?.now === now && held.taste.userId === user) return held;
      const { positives, bought } = shoppers.get(user) ?? NOBODY;
      const taste = { history: positives, bought, interests: [], userId: user };
      held = { now, taste, learnt: learntFor(taste, now) };
      return held;
    },
  };
};
