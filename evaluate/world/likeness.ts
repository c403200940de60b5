/** Likeness by who had both, and the usual gap between purchases: what a night reads from positives. */
import { POSITIVE_WEIGHTS } from '../../functions/core/recommend/learning.ts';
import type { Weighted } from '../../functions/core/recommend/lists.ts';
import { days, type EpochMs, utcDayOf } from '../../functions/core/time.ts';
import { heaviest } from './heaviest.ts';
import { type Numbered, numbered } from './numbered.ts';

/** The same numbers as in core/lake/unload-lists.ts, where they are part of a statement. */
export const USER_ITEMS_MAX = 500;
export const COMMON_USERS_MIN = 2;
export const SHRINK = 20;
export const GAPS_MIN = 20;

interface Had {
  readonly at: number;
  readonly day: number;
}

interface Having extends Had {
  readonly user: number;
  readonly bought: boolean;
}

export interface Likeness {
  readonly add: (user: string, item: string, at: EpochMs, weight: number) => void;
  readonly similarTo: (item: string, cut: number) => readonly Weighted[];
  readonly repurchaseDays: (item: string, cut: number) => number | undefined;
}

const median = (gaps: readonly number[]): number => {
  const sorted = gaps.toSorted((left, right) => left - right);
  const at = (place: number): number => sorted[place] ?? 0;
  const half = sorted.length / 2;
  return sorted.length % 2 === 1 ? at(Math.floor(half)) : (at(half - 1) + at(half)) / 2;
};

/** The newest items of a user by a cut, and the first cut that makes them others. */
interface Recent {
  readonly items: Int32Array;
  until: number;
}

export const likeness = (items: Numbered, listDays: number): Likeness => {
  const users = numbered();
  const byItem: Having[][] = [];
  const byUser: Map<number, Had>[] = [];
  const recents: Recent[] = [];
  /** By item, of the users' newest items. */
  const usersOf: number[] = [];
  let held = Number.NEGATIVE_INFINITY;

  const isRecent = (day: number, cut: number): boolean => day > cut - listDays && day < cut;

  const newestOf = (mine: ReadonlyMap<number, Had>, cut: number): Recent => {
    let until = Number.POSITIVE_INFINITY;
    const recent: (readonly [number, Had])[] = [];
    for (const one of mine) {
      const { day } = one[1];
      if (day >= cut) until = Math.min(until, day + 1);
      if (!isRecent(day, cut)) continue;
      until = Math.min(until, day + listDays);
      recent.push(one);
    }
    const newest = recent
      .sort(
        (left, right) =>
          right[1].at - left[1].at || (items.nameOf(left[0]) < items.nameOf(right[0]) ? -1 : 1),
      )
      .slice(0, USER_ITEMS_MAX);
    return { items: Int32Array.from(newest, ([item]) => item), until };
  };

  const count = (of: Int32Array, by: number): void => {
    for (const item of of) usersOf[item] = (usersOf[item] ?? 0) + by;
  };

  /** Only users whom the cut changes are read again. */
  const cutAt = (cut: number): void => {
    if (held === cut) return;
    held = cut;
    for (const [user, mine] of byUser.entries()) {
      const before = recents[user];
      if (before !== undefined && cut < before.until) continue;
      const after = newestOf(mine, cut);
      if (before !== undefined) count(before.items, -1);
      count(after.items, 1);
      recents[user] = after;
    }
  };

  const recentOf = (item: string, cut: number): readonly Having[] => {
    const number = items.known(item);
    const all = number === undefined ? [] : (byItem[number] ?? []);
    return all.filter(({ day }) => isRecent(day, cut));
  };

  const similarTo = (item: string, cut: number): readonly Weighted[] => {
    const own = items.known(item);
    if (own === undefined) return [];
    cutAt(cut);
    const common = new Int32Array(items.size());
    const touched: number[] = [];
    for (const user of new Set(recentOf(item, cut).map((having) => having.user))) {
      const mine = recents[user]?.items;
      if (mine === undefined || !mine.includes(own)) continue;
      for (const other of mine) {
        if (common[other] === 0) touched.push(other);
        common[other] = (common[other] ?? 0) + 1;
      }
    }
    const like = touched
      .filter((other) => other !== own && (common[other] ?? 0) >= COMMON_USERS_MIN)
      .map((other): Weighted => {
        const mean = Math.sqrt((usersOf[own] ?? 0) * (usersOf[other] ?? 0));
        return [items.nameOf(other), (common[other] ?? 0) / (mean + SHRINK)];
      });
    return heaviest(like);
  };

  const repurchaseDays = (item: string, cut: number): number | undefined => {
    const before = new Map<number, number>();
    const gaps: number[] = [];
    for (const { user, at, bought } of recentOf(item, cut)) {
      if (!bought) continue;
      const last = before.get(user);
      if (last !== undefined) gaps.push((at - last) / days(1));
      before.set(user, at);
    }
    return gaps.length < GAPS_MIN ? undefined : median(gaps);
  };

  return {
    add: (user, item, at, weight) => {
      const [who, what] = [users.numberOf(user), items.numberOf(item)];
      const bought = weight === POSITIVE_WEIGHTS['Order Completed'];
      const day = utcDayOf(at);
      // By midnight, whatever comes on the day.
      cutAt(day);
      byItem[what] ??= [];
      byItem[what].push({ user: who, at, day, bought });
      byUser[who] ??= new Map();
      byUser[who].set(what, { at, day });
      const recent = recents[who];
      if (recent !== undefined) recent.until = Math.min(recent.until, day + 1);
    },
    similarTo,
    repurchaseDays,
  };
};
