/** How active a user is: the decayed count of all events, counted from now; ten are enough for 1. */
import type { EpochMs } from '../time.ts';
import { type Decayed, valueAt } from './decayed.ts';

const EVENTS_FOR_FULL_SCORE = 10;

export const activityScoreAt = (events: Decayed, now: EpochMs): number =>
  Math.min(1, valueAt(events, now) / EVENTS_FOR_FULL_SCORE);
