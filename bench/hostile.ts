import type { ShopperEvent } from '../simulate/crowd.ts';
import { type Random, seeded } from '../simulate/random.ts';
import { START } from './workload.ts';

/** A user made to fill every part of an item: long ids, many shelves, weeks of history, no order. */
export const hostileEvents = (seed: number, count: number): readonly ShopperEvent[] => {
  const random = seeded(seed);
  const user = `user-${'é'.repeat(80)}-${seed}`;
  return Array.from({ length: count }, (_, n) => hostileEvent(user, n, random));
};

const NAMES = [
  'Product Viewed',
  'Product Clicked',
  'Product Added',
  'Products Searched',
  'Order Completed',
  'Order Cancelled',
  'Ad Viewed',
  'Ad Clicked',
] as const;
const DAY_MS = 86_400_000;
const LOOK_BACK_DAYS = 60;
/** Shelves and items are few enough to return and many enough to overflow what is kept. */
const SHELVES = 60;
const ITEMS = 200;

const hostileEvent = (user: string, n: number, random: Random): ShopperEvent => {
  const old = random.chance(0.5) ? random.below(LOOK_BACK_DAYS * DAY_MS) : random.below(DAY_MS);
  const atMs = START - old;
  // The number first: what is clipped must not make two shelves one.
  const shelf = `${random.below(SHELVES)}-${'é'.repeat(58)}`;
  const item = `item-${random.below(ITEMS)}-${'x'.repeat(random.below(100))}`;
  const common = {
    eventId: `hostile-${n}-${'e'.repeat(60)}`,
    userId: user,
    sessionId: 's'.repeat(100),
    timestamp: new Date(atMs).toISOString(),
  };
  const body = random.chance(0.3)
    ? { ...common, kind: 'page', name: 'home' }
    : {
        ...common,
        event: random.pick(NAMES),
        properties: {
          product_id: item,
          category: [shelf, `b${shelf}`],
          order_id: `order-${random.below(500)}-${'o'.repeat(50)}`,
          revenue: `${random.below(1_000_000)}.${String(random.below(1_000_000)).padStart(6, '0')}`,
        },
      };
  const fact = {
    eventId: common.eventId,
    kind: 'track',
    name: '',
    user,
    timestamp: START,
    categories: [],
    productIds: [],
    orders: 0,
    revenueMicros: 0,
  } as const;
  return { path: '/v1/events', body, fact };
};
