/**
 * How long a spilled message rests after a drain that failed. A short throttling costs seconds;
 * after an outage the wait is about a tenth of it; and the receives of a message last longer than
 * the queue keeps it, so that no outage fills the dead-letter queue.
 */
const FIRST_SECONDS = 2;
const GROWTH = 1.1;
const SECONDS_MAX = 1_800;
const JITTER_MIN = 0.8;

/** `receives` counts this one too; `random` is from 0 up to 1. Whole seconds, as the queue takes them. */
export const backOffSeconds = (receives: number, random: number): number => {
  const seconds = Math.min(SECONDS_MAX, FIRST_SECONDS * GROWTH ** (receives - 1));
  return Math.round(seconds * (JITTER_MIN + (1 - JITTER_MIN) * random));
};

/** No wait heals what is not ours: 1,000 receives, and in half an hour somebody is told. */
export const UNREADABLE_SECONDS = 2;
