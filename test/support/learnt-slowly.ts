/** What positive events of one user add to pairs of items: slow, and as the design says it. */
import {
  AMOUNT_UNIT,
  HISTORY_MAX,
  type LearningPreset,
  REACH_MS,
  REPEAT_MS,
} from '../../functions/core/recommend/learning.ts';
import { type EpochMs, toUtcDate, utcDayOf } from '../../functions/core/time.ts';

export interface SlowPositive {
  readonly arrivedAt: number;
  readonly weight: number;
  /** Each once, in the event's order. */
  readonly items: readonly string[];
}

/** `day src dst` with millionths; `dst` is empty for the item's own events. */
export type SlowPairs = Map<string, number>;

interface Entry {
  readonly item: string;
  readonly at: number;
}

const share = (preset: LearningPreset, rank: number): number =>
  preset.distance === 'inverse' ? rank : Math.sqrt(rank);

const addEvent = (
  list: readonly Entry[],
  { arrivedAt, weight, items }: SlowPositive,
  preset: LearningPreset,
  add: (src: string, dst: string, amount: number) => void,
): void => {
  const isRepeat = (item: string): boolean =>
    list.some((entry) => entry.item === item && arrivedAt - entry.at < REPEAT_MS);
  const near = list
    .slice(0, HISTORY_MAX)
    .filter(({ at }) => at >= arrivedAt - REACH_MS)
    .slice(0, preset.neighboursMax);
  for (const item of items) {
    if (isRepeat(item)) continue;
    add(item, '', AMOUNT_UNIT);
    for (const [index, other] of near.entries()) {
      if (items.includes(other.item)) continue;
      const part = (AMOUNT_UNIT * weight) / share(preset, index + 1);
      const back = (AMOUNT_UNIT * preset.backward * weight) / share(preset, index + 1);
      add(other.item, item, Math.round(part));
      add(item, other.item, Math.round(back));
    }
    for (const other of items) {
      if (other === item) continue;
      add(other, item, Math.round((AMOUNT_UNIT * weight) / Math.log2(1 + items.length)));
    }
  }
};

/** `events` in the order of (arrivedAt, key). */
export const learntSlowly = (
  events: readonly SlowPositive[],
  preset: LearningPreset,
  sums: SlowPairs = new Map(),
): SlowPairs => {
  let list: readonly Entry[] = [];
  for (const event of events) {
    const day = toUtcDate(utcDayOf(event.arrivedAt as EpochMs));
    addEvent(list, event, preset, (src, dst, amount) => {
      const key = JSON.stringify([day, src, dst]);
      sums.set(key, (sums.get(key) ?? 0) + amount);
    });
    for (const item of event.items)
      list = [{ item, at: event.arrivedAt }, ...list.filter((entry) => entry.item !== item)];
  }
  return sums;
};
