/** The least or the greatest amount per tile: it merges with itself without harm, so needs no cut. */
import type { EpochMs } from '../time.ts';
import {
  dayWindow,
  firstTileAt,
  mergingTiles,
  TILE_DAY,
  type WindowTiles,
  windowTileOf,
} from './window-tiles.ts';

export type Extreme = 'min' | 'max';

/** The one tile of a lifetime. */
const LIFETIME_TILE = 0;

export const extremeOf = { min: Math.min, max: Math.max } as const;

export const extremes = {
  min: mergingTiles(Math.min),
  max: mergingTiles(Math.max),
} as const;

export const dayTileOf = (at: EpochMs, windowDays: number | undefined): number =>
  windowDays === undefined ? LIFETIME_TILE : windowTileOf(at, TILE_DAY);

/** Undefined where no tile since the first one says anything. */
export const extremeSince = (
  { tiles }: WindowTiles,
  first: number,
  merge: Extreme,
): number | undefined => {
  let found: number | undefined;
  for (const [index, amount] of tiles) {
    if (index >= first) found = found === undefined ? amount : extremeOf[merge](found, amount);
  }
  return found;
};

export const firstDayTile = (now: EpochMs, windowDays: number | undefined): number =>
  windowDays === undefined ? LIFETIME_TILE : firstTileAt(now, dayWindow(windowDays));
