/**
 * All counters of one minute of arrival in one row. `tally` adds effects to it; readers sum rows.
 * Everything in it but the sketches and what says that it is cut is exact.
 */
import { hash48 } from '../hash.ts';
import { invariant } from '../invariant.ts';
import {
  addCount,
  type BoundedCounts,
  loadedCounts,
  mergeCounts,
  newCounts,
  type StoredCounts,
  storedCounts,
} from './bounded-counts.ts';
import type { MinuteEffects } from './effects.ts';
import {
  addPageView,
  loadedPageViews,
  newPageViewList,
  type PageViewList,
  type StoredPageViews,
  storedPageViews,
} from './page-view-list.ts';
import { addToSketch, decodeSketch, encodeSketch, newSketch, type Sketch } from './sketch.ts';

export const NAMES_BOUND = { namesMax: 64, nameBytesMax: 128 } as const;
export const REGIONS_BOUND = { namesMax: 8, nameBytesMax: 32 } as const;

/** Changed in place by whoever decoded or made it. */
export interface MinuteSums {
  applied: number;
  duplicate: number;
  parked: number;
  orders: number;
  revenueMicros: number;
  /** Events whose name was left out of `fx` for its bytes: the error of every figure by name. */
  unnamed: number;
  readonly names: BoundedCounts;
  readonly regions: BoundedCounts;
  readonly users: Sketch;
  /** Who put something into a cart, and who ordered. */
  readonly adders: Sketch;
  readonly buyers: Sketch;
  readonly pageViews: PageViewList;
}

export const newMinuteSums = (): MinuteSums => ({
  applied: 0,
  duplicate: 0,
  parked: 0,
  orders: 0,
  revenueMicros: 0,
  unnamed: 0,
  names: newCounts(),
  regions: newCounts(),
  users: newSketch(),
  adders: newSketch(),
  buyers: newSketch(),
  pageViews: newPageViewList(),
});

const PAGE_NAMES = new Set(['$page', '$screen']);

export const addMinute = (sums: MinuteSums, user: string, effects: MinuteEffects): void => {
  sums.applied += effects.applied;
  sums.duplicate += effects.duplicate;
  sums.parked += effects.parked;
  sums.orders += effects.orders ?? 0;
  const hash = hash48(user);
  if (effects.applied > 0) addToSketch(sums.users, hash);
  for (const { at, name, region, valueMicros } of effects.events) {
    sums.revenueMicros += valueMicros;
    if (name === undefined) {
      sums.unnamed += 1;
      continue;
    }
    addCount(sums.names, name, 1, NAMES_BOUND);
    if (region !== undefined) addCount(sums.regions, region, 1, REGIONS_BOUND);
    if (PAGE_NAMES.has(name)) addPageView(sums.pageViews, user, at);
    if (name === 'Product Added') addToSketch(sums.adders, hash);
    if (name === 'Order Completed') addToSketch(sums.buyers, hash);
  }
};

/** What adds up over rows; sketches and page views are united by those who read them. */
export type MinuteTotals = Omit<MinuteSums, 'users' | 'adders' | 'buyers' | 'pageViews'>;

const NUMBERS = ['applied', 'duplicate', 'parked', 'orders', 'revenueMicros', 'unnamed'] as const;

export const totalsOf = (rows: readonly MinuteTotals[]): MinuteTotals => {
  const sums = newMinuteSums();
  for (const row of rows) {
    for (const name of NUMBERS) sums[name] += row[name];
  }
  return {
    ...sums,
    names: mergeCounts(rows.map(({ names }) => names)),
    regions: mergeCounts(rows.map(({ regions }) => regions)),
  };
};

interface StoredMinute {
  readonly n: readonly number[];
  readonly e: StoredCounts;
  readonly g: StoredCounts;
  readonly u: string;
  readonly a: string;
  readonly b: string;
  readonly p: StoredPageViews;
  readonly cut?: true;
}

export const encodeMinuteSums = (sums: MinuteSums): string => {
  const stored: StoredMinute = {
    n: NUMBERS.map((name) => sums[name]),
    e: storedCounts(sums.names),
    g: storedCounts(sums.regions),
    u: encodeSketch(sums.users),
    a: encodeSketch(sums.adders),
    b: encodeSketch(sums.buyers),
    p: storedPageViews(sums.pageViews),
    ...(sums.pageViews.cut ? { cut: true } : {}),
  };
  return JSON.stringify(stored);
};

/** Throws on nonsense: what was stored is ours, and nobody may write over what cannot be read. */
export const decodeMinuteSums = (text: string): MinuteSums => {
  const { n, e, g, u, a, b, p, cut } = JSON.parse(text) as StoredMinute;
  invariant(Array.isArray(n) && n.length === NUMBERS.length, 'a minute has its counters');
  invariant(
    n.every((count) => Number.isSafeInteger(count)),
    'a minute’s counters are whole',
  );
  const sums: MinuteSums = {
    ...newMinuteSums(),
    names: loadedCounts(e),
    regions: loadedCounts(g),
    users: decodeSketch(u),
    adders: decodeSketch(a),
    buyers: decodeSketch(b),
    pageViews: loadedPageViews(p, cut === true),
  };
  for (const [place, name] of NUMBERS.entries()) sums[name] = n[place] ?? 0;
  return sums;
};
