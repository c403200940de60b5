/**
 * A sliding window as sums per tile of time, taken at read: it falls when time passes, with no new
 * event and no timer, and a late event only ever lands in its own tile.
 *
 * The fold has no clock. It forgets a tile when the newest ARRIVAL says that no reader can want it
 * any more: an arrival is the platform's own time, where an event's time is a client's claim, so
 * an event dated tomorrow or 2030 makes nothing else go.
 */
import { invariant } from '../invariant.ts';
import { type DurationMs, days, type EpochMs, epochMs, minutes } from '../time.ts';
import { addAmounts } from './amount.ts';
import type { CommutativeMonoid } from './monoid.ts';
import { packSigned, packUnsigned, readPacked } from './packed-integers.ts';

export interface WindowTiles {
  /** By start ÷ hop; none lies below the floor. */
  readonly tiles: ReadonlyMap<number, number>;
  /** The earliest tile that is still complete. */
  readonly floor: number;
}

export interface WindowShape {
  readonly length: DurationMs;
  readonly hop: DurationMs;
}

export const TILE_DAY: DurationMs = days(1);

/** Today and the days before it, as a window that moves by a day. */
export const dayWindow = (windowDays: number): WindowShape => ({
  length: days(windowDays - 1),
  hop: TILE_DAY,
});

/** A reader's clock may be this far behind the newest arrival and still read a whole window. */
export const READER_LAG_MAX_MS = minutes(1);
/** `collect` lets no event be dated further ahead of its receipt. */
export const EVENT_LEAD_MAX_MS = minutes(5);

/** More tiles than events as `collect` dates them can have; the oldest go and leave the floor. */
export const tilesMaxOf = ({ length, hop }: WindowShape): number =>
  Math.ceil((length + READER_LAG_MAX_MS + EVENT_LEAD_MAX_MS) / hop) + 3;

const noTiles: WindowTiles = { tiles: new Map(), floor: 0 };

/** Tiles whose amounts merge so; what lies below the higher floor goes. */
export const mergingTiles = (
  merge: (left: number, right: number) => number,
): CommutativeMonoid<WindowTiles> => ({
  empty: noTiles,
  merge: (left, right) => {
    const floor = Math.max(left.floor, right.floor);
    const tiles = new Map(left.tiles);
    for (const [index, amount] of right.tiles) {
      const held = tiles.get(index);
      tiles.set(index, held === undefined ? amount : merge(held, amount));
    }
    for (const index of tiles.keys()) if (index < floor) tiles.delete(index);
    return { tiles, floor };
  },
});

export const windowTiles = mergingTiles(addAmounts);

export const windowTileOf = (at: EpochMs, hop: DurationMs): number => Math.floor(at / hop);

/** The first tile of the window that ends at this instant: the first with start > at − length − hop. */
export const firstTileAt = (at: number, { length, hop }: WindowShape): number =>
  Math.max(0, Math.floor((at - length - hop) / hop) + 1);

const raised = (state: WindowTiles, floor: number): WindowTiles =>
  floor <= state.floor ? state : windowTiles.merge(state, { tiles: new Map(), floor });

/** Ascending. */
const indexesOf = ({ tiles }: WindowTiles): Float64Array => Float64Array.from(tiles.keys()).sort();

/** Leaves the oldest tiles out, and says so by its floor. */
export const withoutOldestTiles = (state: WindowTiles, count: number): WindowTiles => {
  const last = count > 0 ? indexesOf(state)[count - 1] : undefined;
  return last === undefined ? state : raised(state, last + 1);
};

/** Forgets what no reader can want and what exceeds the bound. */
export const boundWindow = (
  state: WindowTiles,
  shape: WindowShape & { readonly tilesMax: number },
  newestArrivedAt: EpochMs,
): WindowTiles => {
  const alive = raised(state, firstTileAt(newestArrivedAt - READER_LAG_MAX_MS, shape));
  return withoutOldestTiles(alive, Math.max(0, alive.tiles.size - shape.tilesMax));
};

export interface WindowReading {
  readonly amount: number;
  /** The floor lies inside the window. */
  readonly cut: boolean;
  /** Start of the window's first tile. */
  readonly from: EpochMs;
}

export const readWindow = (
  { tiles, floor }: WindowTiles,
  shape: WindowShape,
  now: EpochMs,
): WindowReading => {
  const first = firstTileAt(now, shape);
  let amount = 0;
  for (const [index, inTile] of tiles) if (index >= first) amount = addAmounts(amount, inTile);
  return { amount, cut: floor > first, from: epochMs(first * shape.hop) };
};

export const encodeWindow = (state: WindowTiles): string => {
  let text = packUnsigned(state.floor);
  let before = state.floor;
  for (const index of indexesOf(state)) {
    text += packUnsigned(index - before) + packSigned(state.tiles.get(index) ?? 0);
    before = index;
  }
  return text;
};

export const decodeWindow = (text: string): WindowTiles => {
  const reader = readPacked(text);
  const floor = reader.unsigned();
  const tiles = new Map<number, number>();
  let index = floor;
  while (!reader.ended()) {
    index += reader.unsigned();
    invariant(!tiles.has(index), 'a tile is stored twice');
    tiles.set(index, reader.signed());
  }
  return { tiles, floor };
};
