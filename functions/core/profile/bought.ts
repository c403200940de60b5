/** What a user bought, by arrival: a purchase is worth half after two months. */
import type { Bought } from '../recommend/ranking.ts';
import type { CountedEvent } from '../tags/fold.ts';
import { days, type EpochMs, epochMs, floorTo, minutes } from '../time.ts';
import { positiveOf } from './positives.ts';

export const BOUGHT_MAX = 16;
export const BOUGHT_HALF_LIFE_MS = days(60);
/** Kept in such parts and in whole minutes, so that what is stored is what was folded. */
export const WEIGHT_PARTS = 256;
export const BOUGHT_STEP = minutes(1);

const halfLives = (from: number, to: number): number => (to - from) / BOUGHT_HALF_LIFE_MS;
const inParts = (weight: number): number => Math.round(weight * WEIGHT_PARTS) / WEIGHT_PARTS;

/** What outlasts what, whenever it is asked: log2 of the weight as if seen from 1970. */
const rankOf = ({ weight, boughtAt }: Bought): number => Math.log2(weight) + halfLives(0, boughtAt);

/** An order that arrives after a later one adds what is left of it by then. */
const again = (held: Bought, at: EpochMs): Bought => {
  const boughtAt = epochMs(Math.max(held.boughtAt, at));
  const left = held.weight * 2 ** -halfLives(held.boughtAt, boughtAt);
  return { ...held, boughtAt, weight: inParts(left + 2 ** -halfLives(at, boughtAt)) };
};

/** Heaviest first; of more than 16 the lightest go. */
export const foldBought = (
  before: readonly Bought[],
  events: readonly CountedEvent[],
): readonly Bought[] => {
  const orders = events.filter(({ event }) => event.name === 'Order Completed');
  if (orders.length === 0) return before;
  const held = new Map(before.map((each) => [each.item, each]));
  for (const order of orders) {
    const at = floorTo(order.arrivedAt, BOUGHT_STEP);
    for (const item of positiveOf(order)?.items ?? []) {
      const old = held.get(item);
      held.set(item, old ? again(old, at) : { item, weight: 1, boughtAt: at });
    }
  }
  return [...held.values()]
    .sort((left, right) => rankOf(right) - rankOf(left) || (left.item < right.item ? -1 : 1))
    .slice(0, BOUGHT_MAX);
};
