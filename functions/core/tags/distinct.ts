/**
 * How many different values there were: a hash of each, with the newest tile in which it was seen.
 * Past the bound the oldest go and leave a floor; over a lifetime, where none is older than
 * another, the greatest hashes go. Below its floor a count says that it is partial.
 */
import type { CommutativeMonoid } from './monoid.ts';
import { packUnsigned, readPacked } from './packed-integers.ts';

export interface Distinct {
  readonly newest: ReadonlyMap<number, number>;
  /** The earliest tile of which every value is still known. */
  readonly floor: number;
}

export const DISTINCT_MAX = 64;

export const distinct: CommutativeMonoid<Distinct> = {
  empty: { newest: new Map(), floor: 0 },
  merge: (left, right) => {
    const newest = new Map(left.newest);
    for (const [hash, tile] of right.newest) {
      newest.set(hash, Math.max(tile, newest.get(hash) ?? tile));
    }
    return { newest, floor: Math.max(left.floor, right.floor) };
  },
};

/** Oldest first; of one tile the greatest hash first. */
const ranked = ({ newest }: Distinct): readonly (readonly [number, number])[] =>
  [...newest].sort(([a, at], [b, bt]) => at - bt || b - a);

export const withoutOldest = (state: Distinct, count: number): Distinct => {
  const order = ranked(state);
  const last = order[count - 1];
  if (last === undefined) return state;
  return { newest: new Map(order.slice(count)), floor: Math.max(state.floor, last[1] + 1) };
};

/** Forgets what lies before the first tile that a reader can want, and what exceeds the bound. */
export const boundDistinct = (state: Distinct, firstTile: number): Distinct => {
  const alive = ranked(state).filter(([, tile]) => tile >= firstTile);
  const floor = Math.max(state.floor, firstTile);
  const kept = alive.length === state.newest.size ? state : { newest: new Map(alive), floor };
  return withoutOldest(kept, kept.newest.size - DISTINCT_MAX);
};

export const countSince = ({ newest }: Distinct, firstTile: number): number => {
  let count = 0;
  for (const tile of newest.values()) if (tile >= firstTile) count += 1;
  return count;
};

export const encodeDistinct = (state: Distinct): string => {
  let text = packUnsigned(state.floor);
  let before = 0;
  for (const [hash, tile] of ranked(state)) {
    text += packUnsigned(tile - before) + packUnsigned(hash);
    before = tile;
  }
  return text;
};

export const decodeDistinct = (text: string): Distinct => {
  const reader = readPacked(text);
  const floor = reader.unsigned();
  const newest = new Map<number, number>();
  let tile = 0;
  while (!reader.ended()) {
    tile += reader.unsigned();
    newest.set(reader.unsigned(), tile);
  }
  return { newest, floor };
};
