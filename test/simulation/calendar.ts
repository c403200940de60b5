import { below, pick, type Random } from './random.ts';

export interface Calendar {
  /** When what a workload of seconds says for `atMs` happens in these days. */
  readonly at: (atMs: number) => number;
  /** The other way round. */
  readonly workAt: (atMs: number) => number;
  /** When the nightly job is started, in order. */
  readonly nights: readonly number[];
}

interface Part {
  readonly fromMs: number;
  readonly startMs: number;
}

const DAY_MS = 86_400_000;
/** So long does a part last before the next begins. */
const PART_MS = 900;
const PARTS_MAX = 5;
/** As the schedule of the template has it: an hour of UTC. */
const NIGHT_MS = 2 * 3_600_000;
const NOON_MS = DAY_MS / 2;
/** Before the instant that a part is about, so that it lies inside of it. */
const AHEAD_MS = 400;
const DAYS_ON = [0, 0, 0, 0, 0, 1, 8, 31];
/** A profile of which nothing is known but what was parked is kept for 90 days. */
const DAYS_MAX = 80;

const midnightAfter = (atMs: number): number => (Math.floor(atMs / DAY_MS) + 1) * DAY_MS;

export const nightAfter = (atMs: number): number => midnightAfter(atMs - NIGHT_MS) + NIGHT_MS;

/** The whole workload at once, as it is told, and no night. */
export const oneDay: Calendar = { at: (atMs) => atMs, workAt: (atMs) => atMs, nights: [] };

/**
 * Tears a workload of some seconds apart over days: parts around midnights, around the start of
 * the nightly job and at noon, some of them nine days or a month later; most nights, not all, run.
 */
export const manyDays = (random: Random, startMs: number): Calendar => {
  const parts: Part[] = [{ fromMs: startMs, startMs }];
  const nights: number[] = [];
  let nowMs = startMs;
  for (let count = 2 + below(random, PARTS_MAX - 1); count > 1; count -= 1) {
    const next = midnightAfter(nowMs + AHEAD_MS);
    const later = next + pick(random, DAYS_ON) * DAY_MS;
    const midnightMs = later - startMs > DAYS_MAX * DAY_MS ? next : later;
    const offsetMs = pick(random, [-AHEAD_MS, -AHEAD_MS, NIGHT_MS - AHEAD_MS, NOON_MS]);
    const fromMs = startMs + PART_MS * parts.length;
    const nightMs = midnightMs + NIGHT_MS;
    if (offsetMs === NIGHT_MS - AHEAD_MS || random() < 0.8) nights.push(nightMs);
    nowMs = Math.max(midnightMs + offsetMs + PART_MS, offsetMs < 0 ? 0 : nightMs);
    parts.push({ fromMs, startMs: midnightMs + offsetMs });
  }
  const first = { fromMs: startMs, startMs };
  return {
    at: (atMs) => {
      const part = parts.findLast(({ fromMs }) => fromMs <= atMs) ?? first;
      return part.startMs + (atMs - part.fromMs);
    },
    workAt: (atMs) => {
      const part = parts.findLast((each) => each.startMs <= atMs) ?? first;
      return part.fromMs + (atMs - part.startMs);
    },
    nights: [...new Set(nights)],
  };
};
