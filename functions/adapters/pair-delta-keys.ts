/** Keys of what the stream learns, and what one batch adds to each. */
import { OWN_EVENTS } from '../core/recommend/deltas.ts';
import { AMOUNT_UNIT, type LearntDay } from '../core/recommend/learning.ts';

/**
 * In braces is what a cluster places by, so that days of an item lie together. A tenant has no `#`
 * and a day has ten characters: whatever an id holds, no other one has its key.
 */
export const deltaKeyOf = (tenant: string, item: string, day: string): string =>
  `d:{${tenant}#${item}}:${day}`;

export interface DeltaAdds {
  readonly item: string;
  readonly day: string;
  /** Millionths by neighbour. */
  readonly amounts: ReadonlyMap<string, number>;
}

/** By item and day, each once. */
export const deltaAdds = (days: readonly LearntDay[]): readonly DeltaAdds[] => {
  const adds = new Map<string, DeltaAdds & { readonly amounts: Map<string, number> }>();
  const add = (day: string, item: string, other: string, amount: number): void => {
    const key = `${day} ${item}`;
    const mine = adds.get(key) ?? { item, day, amounts: new Map<string, number>() };
    mine.amounts.set(other, (mine.amounts.get(other) ?? 0) + amount);
    adds.set(key, mine);
  };
  for (const { day, pairs, counts } of days) {
    for (const { from, to, amount } of pairs) add(day, from, to, amount);
    for (const { item, events } of counts) add(day, item, OWN_EVENTS, events * AMOUNT_UNIT);
  }
  return [...adds.values()];
};
