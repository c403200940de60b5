import { CATEGORIES, drawItem, type Item } from './catalogue.ts';
import type { Random } from './random.ts';

/** The five systems whose shapes are sent, by their numbers, and our own. */
export const SYSTEMS = ['native', '000', '001', '002', '003', '004'] as const;
export type System = (typeof SYSTEMS)[number];

export interface OrderLine {
  readonly item: Item;
  readonly quantity: number;
}

/** What a shopper does, before anybody says it in a system's words. */
export type Deed =
  | { readonly what: 'page'; readonly page: string }
  | { readonly what: 'view' | 'click' | 'add' | 'remove'; readonly item: Item }
  | { readonly what: 'search'; readonly query: string; readonly category: string }
  | { readonly what: 'order'; readonly orderId: string; readonly lines: readonly OrderLine[] }
  | { readonly what: 'refund' | 'cancel'; readonly orderId: string; readonly cents: number }
  | { readonly what: 'adView' | 'adClick'; readonly adId: string; readonly campaignId: string }
  | { readonly what: 'identify'; readonly traits: Readonly<Record<string, string | number>> };

export interface Shopper {
  readonly user: string;
  readonly system: System;
  readonly device: string;
  readonly country: string;
  /** The shelves that this shopper likes, the best one first. */
  readonly tastes: readonly [string, string, string];
  sessions: number;
  orders: number;
  identified: boolean;
  /** What the shopper looks at; none, the shopper is away. */
  looking: Item | undefined;
  present: boolean;
  cart: OrderLine[];
  lastOrder: { readonly orderId: string; readonly cents: number } | undefined;
}

const DEVICES = ['MOBILE', 'mobile', 'desktop', 'tablet', 'DESKTOP', 'tv'] as const;
const COUNTRIES = ['de', 'USA', 'US', 'France', 'JP', 'BRA', 'in', 'GB'] as const;
const CAMPAIGNS = ['spring', 'back-to-school', 'clearance', 'launch'] as const;
const CART_LINES_MAX = 5;

export const newShopper = (user: string, random: Random): Shopper => ({
  user,
  system: random.pick(SYSTEMS),
  device: random.pick(DEVICES),
  country: random.pick(COUNTRIES),
  tastes: [random.pick(CATEGORIES), random.pick(CATEGORIES), random.pick(CATEGORIES)],
  sessions: 0,
  orders: 0,
  identified: false,
  looking: undefined,
  present: false,
  cart: [],
  lastOrder: undefined,
});

const wantedCategory = ({ tastes }: Shopper, random: Random): string =>
  random.chance(0.6) ? tastes[0] : random.pick([tastes[1], tastes[2], random.pick(CATEGORIES)]);

const look = (shopper: Shopper, random: Random): Deed => {
  const item = drawItem(random, wantedCategory(shopper, random), shopper.looking);
  shopper.looking = item;
  return { what: random.chance(0.75) ? 'view' : 'click', item };
};

/** How a visit begins: by an advertisement, or on the home page. */
const arrive = (shopper: Shopper, random: Random): Deed => {
  shopper.present = true;
  shopper.sessions += 1;
  if (random.chance(0.15)) {
    const campaignId = random.pick(CAMPAIGNS);
    return { what: 'adClick', adId: `ad-${1 + random.below(9)}`, campaignId };
  }
  return { what: 'page', page: 'home' };
};

const order = (shopper: Shopper, runId: string): Deed => {
  shopper.orders += 1;
  const orderId = `${runId}-${shopper.user}-${shopper.orders}`;
  const lines = shopper.cart;
  const cents = lines.reduce((sum, { item, quantity }) => sum + item.priceCents * quantity, 0);
  shopper.cart = [];
  shopper.lastOrder = { orderId, cents };
  return { what: 'order', orderId, lines };
};

const regret = (shopper: Shopper, random: Random): Deed | undefined => {
  const bought = shopper.lastOrder;
  if (bought === undefined) return undefined;
  shopper.lastOrder = undefined;
  return random.chance(0.7)
    ? { what: 'refund', orderId: bought.orderId, cents: Math.ceil(bought.cents / 2) }
    : { what: 'cancel', orderId: bought.orderId, cents: bought.cents };
};

const identify = (shopper: Shopper, random: Random): Deed => {
  shopper.identified = true;
  const traits = { plan: random.pick(['free', 'plus', 'gold']), visits: shopper.sessions };
  return { what: 'identify', traits };
};

const changeCart = (shopper: Shopper, item: Item, random: Random): Deed => {
  const held = shopper.cart.find((line) => line.item === item);
  if (held !== undefined) {
    shopper.cart = shopper.cart.filter((line) => line !== held);
    return { what: 'remove', item };
  }
  shopper.cart.push({ item, quantity: 1 + random.below(3) });
  return { what: 'add', item };
};

/** The next thing that this shopper does; a shopper who leaves is not `present` any more. */
export const act = (shopper: Shopper, runId: string, random: Random): Deed => {
  if (!shopper.present) return arrive(shopper, random);
  if (!shopper.identified && random.chance(0.3)) return identify(shopper, random);
  const roll = random.next();
  if (roll < 0.03) {
    const regretted = regret(shopper, random);
    if (regretted !== undefined) return regretted;
  }
  if (shopper.cart.length > 0 && roll < 0.15) {
    shopper.present = random.chance(0.3);
    return order(shopper, runId);
  }
  if (shopper.looking !== undefined && roll < 0.3 && shopper.cart.length < CART_LINES_MAX) {
    return changeCart(shopper, shopper.looking, random);
  }
  if (roll < 0.4) {
    const category = wantedCategory(shopper, random);
    return { what: 'search', query: `best ${category}`, category };
  }
  if (roll < 0.46) {
    const campaignId = random.pick(CAMPAIGNS);
    return { what: 'adView', adId: `ad-${1 + random.below(9)}`, campaignId };
  }
  if (roll < 0.6) return { what: 'page', page: random.pick(['home', 'offers', ...CATEGORIES]) };
  if (roll > 0.95) shopper.present = false;
  return look(shopper, random);
};
