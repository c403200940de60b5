/** What an increment is worth, in whole millionths: one table for the stream and for SQL. */
import {
  AMOUNT_UNIT,
  BASKET_LINES_NIGHTLY_MAX,
  type LearningPreset,
  POSITIVE_WEIGHTS,
} from './learning.ts';

/** `rank` is 1 for the newest item of the user's list. */
const shareAt = ({ distance }: LearningPreset, rank: number): number =>
  distance === 'inverse' ? rank : Math.sqrt(rank);

/** From the item at that rank to the event's. */
export const forwardAmount = (preset: LearningPreset, weight: number, rank: number): number =>
  Math.round((AMOUNT_UNIT * weight) / shareAt(preset, rank));

/** From the event's item to the one at that rank. */
export const backwardAmount = (preset: LearningPreset, weight: number, rank: number): number =>
  Math.round((AMOUNT_UNIT * preset.backward * weight) / shareAt(preset, rank));

/** From each item of an event of so many items to each other. */
export const basketAmount = (weight: number, items: number): number =>
  Math.round((AMOUNT_UNIT * weight) / Math.log2(1 + Math.min(items, BASKET_LINES_NIGHTLY_MAX)));

/** The weights that there are, each once. */
export const EVENT_WEIGHTS: readonly number[] = [...new Set(Object.values(POSITIVE_WEIGHTS))];
