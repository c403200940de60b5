import type { JsonObject } from './event.ts';

/** What 002's routes make up for an empty body, where the tenant simulates. */
export type Invention = 'activity' | 'order';

const USERS = 101;
const ITEMS = 50;
const CATEGORIES = ['tech', 'books', 'sports', 'home', 'toys'] as const;

/** `random` gives numbers in [0, 1). */
export const inventEvent = (what: Invention, random: () => number): JsonObject => {
  const below = (count: number): number => Math.floor(random() * count);
  const item = below(ITEMS) + 1;
  const shared = {
    userId: `user-${below(USERS) + 1}`,
    itemId: `item${String(item).padStart(3, '0')}`,
    category: CATEGORIES[item % CATEGORIES.length] ?? 'tech',
    price: (below(20_000) + 100) / 100,
  };
  if (what === 'activity') return { ...shared, action: random() < 0.8 ? 'view' : 'click' };
  return { ...shared, orderId: `order-${below(1e9)}`, quantity: below(3) + 1 };
};
