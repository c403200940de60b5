/**
 * What an event of a user adds to pairs of items, by the rule that stream and SQL share
 * (core/recommend/amounts.ts has the amounts).
 */
import {
  backwardAmount,
  basketAmount,
  forwardAmount,
} from '../../functions/core/recommend/amounts.ts';
import {
  type ArrivedItem,
  type LearningPreset,
  type PositiveEvent,
  REACH_MS,
  REPEAT_MS,
} from '../../functions/core/recommend/learning.ts';

export interface Increments {
  readonly pair: (from: string, to: string, amount: number) => void;
  /** An event of the item, repeats aside. */
  readonly own: (item: string) => void;
}

/** `history` is the user's list before the event, newest first. */
export const incrementsOf = (
  history: readonly ArrivedItem[],
  { arrivedAt, weight, items }: PositiveEvent,
  preset: LearningPreset,
  { pair, own }: Increments,
): void => {
  const basket = new Set(items);
  const lately = new Set(
    history.filter((held) => arrivedAt - held.arrivedAt < REPEAT_MS).map(({ item }) => item),
  );
  const near = history
    .filter((held) => held.arrivedAt >= arrivedAt - REACH_MS)
    .slice(0, preset.neighboursMax);
  const together = basketAmount(weight, items.length);
  for (const item of items) {
    if (lately.has(item)) continue;
    own(item);
    for (const [index, other] of near.entries()) {
      if (basket.has(other.item)) continue;
      pair(other.item, item, forwardAmount(preset, weight, index + 1));
      pair(item, other.item, backwardAmount(preset, weight, index + 1));
    }
    for (const other of items) if (other !== item) pair(other, item, together);
  }
};
