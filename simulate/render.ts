import type { Deed, OrderLine, Shopper, System } from './shopper.ts';

/** One event as a client sends it, and the door that it goes to. */
export interface Rendered {
  readonly path: string;
  readonly body: Readonly<Record<string, unknown>>;
}

export interface Occasion {
  readonly shopper: Shopper;
  readonly eventId: string;
  readonly sessionId: string;
  readonly atMs: number;
}

type Render = (deed: Deed, occasion: Occasion) => Rendered | undefined;

const NATIVE_PATH = '/v1/events';
const units = (cents: number): number => cents / 100;
const totalCents = (lines: readonly OrderLine[]): number =>
  lines.reduce((sum, { item, quantity }) => sum + item.priceCents * quantity, 0);
const products = (lines: readonly OrderLine[]) =>
  lines.map(({ item, quantity }) => ({
    productId: item.id,
    category: item.category,
    price: units(item.priceCents),
    quantity,
  }));

const NATIVE_NAMES = {
  view: 'Product Viewed',
  click: 'Product Clicked',
  add: 'Product Added',
  remove: 'Product Removed',
  refund: 'Order Refunded',
  cancel: 'Order Cancelled',
  adView: 'Ad Viewed',
  adClick: 'Ad Clicked',
} as const;

const nativeDeed = (deed: Deed): Readonly<Record<string, unknown>> => {
  switch (deed.what) {
    case 'page':
      return { kind: 'page', name: deed.page };
    case 'identify':
      return { kind: 'identify', traits: deed.traits };
    case 'search':
      return {
        event: 'Products Searched',
        properties: { query: deed.query, category: deed.category },
      };
    case 'order':
      return {
        event: 'Order Completed',
        properties: { order_id: deed.orderId, products: products(deed.lines) },
      };
    case 'refund':
    case 'cancel':
      return {
        event: NATIVE_NAMES[deed.what],
        properties: { order_id: deed.orderId, revenue: units(deed.cents) },
      };
    case 'adView':
    case 'adClick':
      return {
        event: NATIVE_NAMES[deed.what],
        properties: { ad_id: deed.adId, campaign_id: deed.campaignId },
      };
    default:
      return {
        event: NATIVE_NAMES[deed.what],
        properties: {
          product_id: deed.item.id,
          category: deed.item.category,
          price: units(deed.item.priceCents),
        },
      };
  }
};

/** Every deed can be said natively; an instant is written as RFC 3339 there. */
const native = (deed: Deed, { shopper, eventId, sessionId, atMs }: Occasion): Rendered => ({
  path: NATIVE_PATH,
  body: {
    eventId,
    userId: shopper.user,
    sessionId,
    timestamp: new Date(atMs).toISOString(),
    ...nativeDeed(deed),
    context: { device: { type: shopper.device }, location: { country: shopper.country } },
  },
});

const WORDS_000: Partial<Record<Deed['what'], string>> = {
  page: 'VIEW',
  view: 'VIEW',
  click: 'CLICK',
  add: 'ADD_TO_CART',
  remove: 'REMOVE_FROM_CART',
};

const userEvent: Render = (deed, { shopper, eventId, atMs }) => {
  const eventType = WORDS_000[deed.what];
  if (eventType === undefined) return undefined;
  const context = {
    page: deed.what === 'page' ? deed.page : 'product',
    ...('item' in deed ? { itemId: deed.item.id, category: deed.item.category } : {}),
    device: shopper.device,
    geo: shopper.country,
  };
  return {
    path: '/events',
    body: { eventId, userId: shopper.user, eventType, timestamp: atMs, context },
  };
};

const adEvent: Render = (deed, { shopper, eventId, atMs }) => {
  const who = { eventId, userId: shopper.user, timestamp: atMs };
  if (deed.what === 'adView' || deed.what === 'adClick') {
    const eventType = deed.what === 'adView' ? 'impression' : 'click';
    const { adId, campaignId } = deed;
    return { path: '/collect', body: { ...who, eventType, adId, campaignId } };
  }
  if (deed.what !== 'order') return undefined;
  const amount = units(totalCents(deed.lines));
  return {
    path: '/collect/event',
    body: { ...who, eventType: 'purchase', orderId: deed.orderId, amount },
  };
};

const activity: Render = (deed, { shopper, eventId, atMs }) => {
  const who = { eventId, userId: shopper.user, timestamp: atMs };
  if (deed.what === 'view' || deed.what === 'click') {
    const { id, category } = deed.item;
    return {
      path: '/api/users/activity',
      body: { ...who, action: deed.what, itemId: id, category },
    };
  }
  if (deed.what !== 'order') return undefined;
  return {
    path: '/api/orders/place',
    body: { ...who, orderId: deed.orderId, items: products(deed.lines) },
  };
};

const purchase: Render = (deed, { shopper, eventId, atMs }) => {
  if (deed.what !== 'order') return undefined;
  return {
    path: '/api/events/purchase',
    body: {
      eventId,
      userId: shopper.user,
      timestamp: atMs,
      orderId: deed.orderId,
      amount: units(totalCents(deed.lines)),
      items: products(deed.lines),
    },
  };
};

const shopEvent: Render = (deed, occasion) => {
  const { shopper, eventId, atMs } = occasion;
  const who = { eventId, userId: shopper.user, timestamp: atMs };
  switch (deed.what) {
    case 'view': {
      const { id, category } = deed.item;
      return { path: '/api/events/product-view', body: { ...who, productId: id, category } };
    }
    case 'add':
    case 'remove': {
      const { id, category } = deed.item;
      const action = deed.what.toUpperCase();
      const cart = { cartId: `cart-${shopper.user}`, productId: id, category, quantity: 1, action };
      return { path: '/api/events/cart', body: { ...who, ...cart } };
    }
    case 'search': {
      const { query, category } = deed;
      return { path: '/api/events/search', body: { ...who, query, category, resultCount: 25 } };
    }
    default:
      return purchase(deed, occasion);
  }
};

const WORDS_004: Partial<Record<Deed['what'], string>> = {
  page: 'PAGE_VIEW',
  view: 'PRODUCT_VIEW',
  click: 'CLICK',
  add: 'ADD_TO_CART',
};

const customerActivity: Render = (deed, { shopper, eventId, sessionId, atMs }) => {
  const eventType = WORDS_004[deed.what];
  if (eventType === undefined) return undefined;
  const page = deed.what === 'page' ? deed.page : 'product';
  return {
    path: NATIVE_PATH,
    body: {
      eventId,
      userId: shopper.user,
      sessionId,
      timestamp: new Date(atMs).toISOString(),
      eventType,
      ...('item' in deed ? { productId: deed.item.id } : {}),
      pageUrl: `https://shop.example/${page}`,
    },
  };
};

const RENDER: Readonly<Record<System, Render>> = {
  native,
  '000': userEvent,
  '001': adEvent,
  '002': activity,
  '003': shopEvent,
  '004': customerActivity,
};

/** In the words of the shopper's system; natively where that system has none for it. */
export const render = (deed: Deed, occasion: Occasion): Rendered =>
  RENDER[occasion.shopper.system](deed, occasion) ?? native(deed, occasion);
