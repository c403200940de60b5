/** The earliest or the latest instant at which something happened: needs no tiles and no cut. */
import { type EpochMs, epochMs } from '../time.ts';
import type { CommutativeMonoid } from './monoid.ts';
import { packUnsigned, readPacked } from './packed-integers.ts';

export type Instant = EpochMs | undefined;
export type Pick = 'earliest' | 'latest';

const picking = (pick: (left: number, right: number) => number): CommutativeMonoid<Instant> => ({
  empty: undefined,
  merge: (left, right) => {
    if (left === undefined || right === undefined) return left ?? right;
    return epochMs(pick(left, right));
  },
});

export const instants: Readonly<Record<Pick, CommutativeMonoid<Instant>>> = {
  earliest: picking(Math.min),
  latest: picking(Math.max),
};

export const encodeInstant = (at: Instant): string =>
  packUnsigned(at === undefined ? 0 : Math.max(0, at) + 1);

export const decodeInstant = (text: string): Instant => {
  const stored = readPacked(text).unsigned();
  return stored === 0 ? undefined : epochMs(stored - 1);
};
