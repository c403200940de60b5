/**
 * Scores that fade by half in 7 days, kept as if seen from a fixed epoch and as log2: an event's
 * part is then the same number whenever it arrives, sums commute, and nothing overflows.
 */
import type { CommutativeMonoid } from '../tags/monoid.ts';
import { days, type EpochMs, epochMs } from '../time.ts';

export const HALF_LIFE_MS = days(7);
/** 2026-01-01T00:00:00Z */
export const DECAY_EPOCH = epochMs(1_767_225_600_000);

/** log2 of a positive sum, seen from the epoch; undefined is 0. */
export type Decayed = number | undefined;

const halfLivesAt = (at: EpochMs): number => (at - DECAY_EPOCH) / HALF_LIFE_MS;

export const decayedOnce = (weight: number, at: EpochMs): Decayed =>
  weight > 0 ? Math.log2(weight) + halfLivesAt(at) : undefined;

export const decayed: CommutativeMonoid<Decayed> = {
  empty: undefined,
  merge: (left, right) => {
    if (left === undefined || right === undefined) return left ?? right;
    const larger = Math.max(left, right);
    return larger + Math.log2(1 + 2 ** (Math.min(left, right) - larger));
  },
};

/** What is left of it at this instant. */
export const valueAt = (sum: Decayed, at: EpochMs): number =>
  sum === undefined ? 0 : 2 ** (sum - halfLivesAt(at));

/** Stored in 2^-40: 6e-13 of the score, well inside the 1e-9 to which scores agree. */
const STORED_SCALE = 2 ** 40;
export const storedDecayed = (sum: number): number => Math.round(sum * STORED_SCALE);
export const loadedDecayed = (stored: number): number => stored / STORED_SCALE;
