/**
 * A user's page views in sparse 30-second tiles for a day. 004's rows, one-minute windows every
 * 30 seconds of event time, are composed from them at read.
 */
import type { CanonicalEvent, JsonObject } from '../event/event.ts';
import {
  boundWindow,
  encodeWindow,
  type WindowTiles,
  withoutOldestTiles,
} from '../tags/window-tiles.ts';
import { type EpochMs, epochMs, hours, minutes, seconds } from '../time.ts';

export const PAGE_VIEW_TILES_MAX = 256;
export const PAGE_VIEWS_BYTES_MAX = 768;
export const PAGE_VIEWS_KEPT_MS = hours(24);
export const PAGE_VIEW_HOP_MS = seconds(30);
export const PAGE_VIEW_WINDOW_MS = minutes(1);

const SHAPE = {
  length: PAGE_VIEWS_KEPT_MS,
  hop: PAGE_VIEW_WINDOW_MS,
};

export const isPageView = ({ kind }: Pick<CanonicalEvent, 'kind'>): boolean =>
  kind === 'page' || kind === 'screen';

const objectIn = (parent: JsonObject, name: string): JsonObject => {
  const value = parent[name];
  return typeof value === 'object' && value !== null && !Array.isArray(value)
    ? (value as JsonObject)
    : {};
};

const firstText = (...values: readonly unknown[]): string | undefined =>
  values.find((value): value is string => typeof value === 'string' && value !== '');

/** The page that a page view shows: its path, else its label, name or address. */
export const pageOf = (
  event: Pick<CanonicalEvent, 'kind' | 'name' | 'properties' | 'context'>,
): string | undefined => {
  if (!isPageView(event)) return undefined;
  const page = objectIn(event.context, 'page');
  const { properties } = event;
  return firstText(
    properties.path,
    page.path,
    page.name,
    properties.name,
    event.name,
    properties.url,
    page.url,
  );
};

/** Two safe integers, packed. */
const TILE_BYTES_MAX = 22;

export const boundPageViews = (views: WindowTiles, newestArrivedAt: EpochMs): WindowTiles => {
  const shape = { ...SHAPE, hop: PAGE_VIEW_HOP_MS, tilesMax: PAGE_VIEW_TILES_MAX };
  let bounded = boundWindow(views, shape, newestArrivedAt);
  if ((bounded.tiles.size + 1) * TILE_BYTES_MAX <= PAGE_VIEWS_BYTES_MAX) return bounded;
  while (encodeWindow(bounded).length > PAGE_VIEWS_BYTES_MAX) {
    bounded = withoutOldestTiles(bounded, Math.ceil(bounded.tiles.size / 8));
  }
  return bounded;
};

export interface PageViewWindow {
  readonly start: EpochMs;
  readonly end: EpochMs;
  readonly views: number;
}

/** Windows that start in [from, to) and hold a view, newest first. */
export const pageViewWindows = (
  { tiles }: WindowTiles,
  { from, to }: { readonly from: EpochMs; readonly to: EpochMs },
): readonly PageViewWindow[] => {
  const starts = new Set([...tiles.keys()].flatMap((index) => [index - 1, index]));
  return [...starts]
    .sort((left, right) => right - left)
    .map((index) => ({
      start: epochMs(index * PAGE_VIEW_HOP_MS),
      end: epochMs(index * PAGE_VIEW_HOP_MS + PAGE_VIEW_WINDOW_MS),
      views: (tiles.get(index) ?? 0) + (tiles.get(index + 1) ?? 0),
    }))
    .filter(({ start }) => start >= from && start < to);
};

/** Whether windows from here on were kept whole. */
export const pageViewsComplete = ({ floor }: WindowTiles, from: EpochMs, now: EpochMs): boolean =>
  from >= now - PAGE_VIEWS_KEPT_MS && from >= floor * PAGE_VIEW_HOP_MS;
