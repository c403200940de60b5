/**
 * The stream's reading of how items belong together: what the events of applied changes add, exactly
 * what the nightly SQL adds for them, but for what a user's list in `rt` has no room for. An item that
 * 20 others pushed out within half an hour counts again; of a basket the first 20 lines are learnt.
 */
import type { Fx } from '../profile/fx.ts';
import { readBefore, readPositives } from '../profile/fx-positives.ts';
import { foldPositives, type Positives } from '../profile/positives.ts';
import { epochMs, toUtcDate, utcDayOf } from '../time.ts';
import { backwardAmount, basketAmount, forwardAmount } from './amounts.ts';
import {
  HISTORY_MAX,
  type LearningPreset,
  type LearntDay,
  type PositiveEvent,
  REACH_MS,
  REPEAT_MS,
} from './learning.ts';

/** Of one call: with so many, no further change is looked at; a batch of 500 has 10,000. */
export const LEARNT_PAIRS_MAX = 50_000;

export interface Learnt {
  readonly days: readonly LearntDay[];
  /** Changes from the front that were looked at. */
  readonly taken: number;
}

interface DaySums {
  readonly pairs: Map<string, Map<string, number>>;
  readonly counts: Map<string, number>;
}

interface Sums {
  readonly days: Map<string, DaySums>;
  pairs: number;
}

const dayIn = ({ days }: Sums, day: string): DaySums => {
  const known = days.get(day);
  if (known !== undefined) return known;
  const made = { pairs: new Map(), counts: new Map() };
  days.set(day, made);
  return made;
};

const addPair = (
  sums: Sums,
  { pairs }: DaySums,
  [from, to]: readonly [string, string],
  amount: number,
): void => {
  const mine = pairs.get(from) ?? new Map<string, number>();
  const held = mine.get(to);
  if (held === undefined) sums.pairs += 1;
  mine.set(to, (held ?? 0) + amount);
  pairs.set(from, mine);
};

const addEvent = (
  sums: Sums,
  list: Positives,
  { arrivedAt, weight, items }: PositiveEvent,
  preset: LearningPreset,
): void => {
  const day = dayIn(sums, toUtcDate(utcDayOf(epochMs(arrivedAt))));
  const own = new Set(items);
  const repeated = new Set(
    list.filter((held) => arrivedAt - held.arrivedAt < REPEAT_MS).map(({ item }) => item),
  );
  const near = list
    .slice(0, HISTORY_MAX)
    .filter((held) => held.arrivedAt >= arrivedAt - REACH_MS)
    .slice(0, preset.neighboursMax);
  const together = basketAmount(weight, items.length);
  for (const item of items) {
    if (repeated.has(item)) continue;
    day.counts.set(item, (day.counts.get(item) ?? 0) + 1);
    for (const [place, { item: other }] of near.entries()) {
      // An item of the event itself keeps its rank: what the basket says of it is said below.
      if (own.has(other)) continue;
      addPair(sums, day, [other, item], forwardAmount(preset, weight, place + 1));
      addPair(sums, day, [item, other], backwardAmount(preset, weight, place + 1));
    }
    for (const other of items) if (other !== item) addPair(sums, day, [other, item], together);
  }
};

/** A bundle from before packed none. */
const packedIn = ({ events }: Fx) =>
  events.flatMap(([, , , , , , , lines, positive]) =>
    positive === undefined ? [] : [[positive, lines] as const],
  );

/** Most changes are of pages. */
export const speaksForItems = (fx: Fx): boolean => packedIn(fx).length > 0;

const addChange = (sums: Sums, fx: Fx, preset: LearningPreset): void => {
  const { minutes, strings, before } = fx;
  const positives = readPositives(packedIn(fx), minutes, strings);
  let list = positives.length > 0 ? readBefore(before, minutes, strings) : [];
  for (const event of positives) {
    addEvent(sums, list, event, preset);
    list = foldPositives(list, [event]);
  }
};

const learntDay = ([day, { pairs, counts }]: readonly [string, DaySums]): LearntDay => ({
  day,
  pairs: [...pairs].flatMap(([from, mine]) =>
    [...mine].map(([to, amount]) => ({ from, to, amount })),
  ),
  counts: [...counts].map(([item, events]) => ({ item, events })),
});

/** What changes of any users add, each of one write of one user. */
export const learn = (changes: readonly Fx[], preset: LearningPreset): Learnt => {
  const sums: Sums = { days: new Map(), pairs: 0 };
  let taken = 0;
  for (const fx of changes) {
    if (sums.pairs >= LEARNT_PAIRS_MAX) break;
    addChange(sums, fx, preset);
    taken += 1;
  }
  return { days: [...sums.days].map(learntDay), taken };
};
