/**
 * Page views over all users in tiles of event time, for 004's rows: a bounded list in the row of
 * the minute in which they arrived. What no longer fits is left out, and the list says that it is cut.
 */
import { invariant } from '../invariant.ts';
import { PAGE_VIEW_HOP_MS } from '../profile/page-views.ts';
import { windowTileOf } from '../tags/window-tiles.ts';
import type { EpochMs } from '../time.ts';

export const PAGE_VIEW_ROWS_MAX = 200;

export interface PageViewList {
  /** By tile and user. */
  readonly counts: Map<string, number>;
  cut: boolean;
}

export type StoredPageViews = readonly (readonly [tile: number, user: string, count: number])[];

export const newPageViewList = (): PageViewList => ({ counts: new Map(), cut: false });

const keyOf = (tile: number, user: string): string => `${tile} ${user}`;

const partsOf = (key: string): readonly [tile: number, user: string] => {
  const space = key.indexOf(' ');
  return [Number(key.slice(0, space)), key.slice(space + 1)];
};

export const addPageView = (list: PageViewList, user: string, at: EpochMs): void => {
  const key = keyOf(windowTileOf(at, PAGE_VIEW_HOP_MS), user);
  const count = list.counts.get(key);
  if (count === undefined && list.counts.size >= PAGE_VIEW_ROWS_MAX) list.cut = true;
  else list.counts.set(key, (count ?? 0) + 1);
};

export const storedPageViews = ({ counts }: PageViewList): StoredPageViews =>
  [...counts].map(([key, count]) => [...partsOf(key), count] as const);

export const loadedPageViews = (stored: StoredPageViews, cut: boolean): PageViewList => {
  invariant(Array.isArray(stored), 'stored page views are a list');
  const counts = new Map<string, number>();
  for (const [tile, user, count] of stored) {
    invariant(
      Number.isSafeInteger(tile) && typeof user === 'string' && Number.isSafeInteger(count),
      'a stored page view is a tile, a user and a count',
    );
    counts.set(keyOf(tile, user), count);
  }
  return { counts, cut };
};

/** The tiles of each user, over all lists. */
export const tilesByUser = (
  lists: readonly PageViewList[],
): ReadonlyMap<string, ReadonlyMap<number, number>> => {
  const users = new Map<string, Map<number, number>>();
  for (const { counts } of lists) {
    for (const [key, count] of counts) {
      const [tile, user] = partsOf(key);
      const tiles = users.get(user) ?? new Map<number, number>();
      tiles.set(tile, (tiles.get(tile) ?? 0) + count);
      users.set(user, tiles);
    }
  }
  return users;
};
