/** The items that a user's events spoke for last, by arrival: what comes next is learnt beside them. */
import {
  type ArrivedItem,
  BASKET_LINES_LIVE_MAX,
  HISTORY_MAX,
  POSITIVE_WEIGHTS,
  type PositiveEvent,
  REACH_MS,
  REPEAT_MS,
} from '../recommend/learning.ts';
import type { CountedEvent } from '../tags/fold.ts';
import { itemsOf } from './recent-items.ts';

/** Newest first, each item once, at the arrival of its last event. */
export type Positives = readonly ArrivedItem[];

/** Undefined for what speaks for no item; an order that was counted before says nothing again. */
export const positiveOf = ({
  event,
  arrivedAt,
  orderCounts,
}: Pick<CountedEvent, 'event' | 'arrivedAt' | 'orderCounts'>): PositiveEvent | undefined => {
  if (!orderCounts || !Object.hasOwn(POSITIVE_WEIGHTS, event.name)) return undefined;
  const items = [...itemsOf(event)].slice(0, BASKET_LINES_LIVE_MAX);
  const weight = POSITIVE_WEIGHTS[event.name];
  return weight === undefined || items.length === 0 ? undefined : { arrivedAt, weight, items };
};

/** Of one instant in the order given, which is that of the lines' keys. */
export const inOrderOfArrival = <T extends { readonly arrivedAt: number }>(
  events: readonly T[],
): readonly T[] => events.toSorted((left, right) => left.arrivedAt - right.arrivedAt);

/** The last item of an event is its newest. */
export const foldPositives = (before: Positives, events: readonly PositiveEvent[]): Positives => {
  if (events.length === 0) return before;
  const oldestFirst = new Map(before.toReversed().map((held) => [held.item, held]));
  for (const { arrivedAt, items } of events) {
    for (const item of items) {
      oldestFirst.delete(item);
      oldestFirst.set(item, { item, arrivedAt });
    }
  }
  return [...oldestFirst.values()].slice(-HISTORY_MAX).reverse();
};

/**
 * What of a user's list these events can be learnt with. Most writes speak for nothing; an item is no
 * neighbour out of reach or behind as many as count, and there only tells whether it comes again soon.
 */
export const learntWith = (
  before: Positives,
  events: readonly CountedEvent[],
  neighboursMax: number,
): Positives => {
  const positives = events.flatMap((each) => positiveOf(each) ?? []);
  const first = Math.min(...positives.map(({ arrivedAt }) => arrivedAt));
  return positives.length === 0
    ? []
    : before.filter(
        ({ arrivedAt }, place) =>
          arrivedAt >= first - (place < neighboursMax ? REACH_MS : REPEAT_MS),
      );
};
