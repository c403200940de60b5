import type { EventKind } from '../functions/core/event/event.ts';
import type { OracleFact } from '../functions/core/profile/oracle.ts';
import { epochMs } from '../functions/core/time.ts';
import type { Rendered } from './render.ts';
import type { Deed } from './shopper.ts';

const NAMES: Readonly<Record<Exclude<Deed['what'], 'page' | 'identify'>, string>> = {
  view: 'Product Viewed',
  click: 'Product Clicked',
  add: 'Product Added',
  remove: 'Product Removed',
  search: 'Products Searched',
  order: 'Order Completed',
  refund: 'Order Refunded',
  cancel: 'Order Cancelled',
  adView: 'Ad Viewed',
  adClick: 'Ad Clicked',
};

const kindOf = ({ what }: Deed): EventKind =>
  what === 'page' || what === 'identify' ? what : 'track';

/** 001's purchase names no item, 004's events no category: a profile cannot know what was not sent. */
const says = ({ path, body }: Rendered) => ({
  items: path !== '/collect/event',
  category: !('pageUrl' in body),
});

const MICROS_PER_CENT = 10_000;

const money = (deed: Deed): Pick<OracleFact, 'orders' | 'revenueMicros' | 'orderId'> => {
  switch (deed.what) {
    case 'order': {
      const cents = deed.lines.reduce(
        (sum, { item, quantity }) => sum + item.priceCents * quantity,
        0,
      );
      return { orderId: deed.orderId, orders: 1, revenueMicros: cents * MICROS_PER_CENT };
    }
    case 'refund':
      return { orderId: deed.orderId, orders: 0, revenueMicros: -deed.cents * MICROS_PER_CENT };
    case 'cancel':
      return { orderId: deed.orderId, orders: -1, revenueMicros: -deed.cents * MICROS_PER_CENT };
    default:
      return { orders: 0, revenueMicros: 0 };
  }
};

const itemsOf = (deed: Deed) => {
  if (deed.what === 'order') return deed.lines.map(({ item }) => item);
  return 'item' in deed ? [deed.item] : [];
};

/** What a deed means to a profile, worked out from the deed and never from our decoder. */
export const factOf = (
  deed: Deed,
  rendered: Rendered,
  who: { readonly eventId: string; readonly user: string; readonly atMs: number },
): OracleFact => {
  const said = says(rendered);
  const items = said.items ? itemsOf(deed) : [];
  const stated = deed.what === 'search' ? [deed.category] : items.map(({ category }) => category);
  return {
    eventId: who.eventId,
    kind: kindOf(deed),
    name: deed.what === 'page' || deed.what === 'identify' ? '' : NAMES[deed.what],
    user: who.user,
    timestamp: epochMs(who.atMs),
    categories: said.category ? [...new Set(stated)] : [],
    productIds: [...new Set(items.map(({ id }) => id))],
    ...money(deed),
    ...(deed.what === 'identify' ? { traits: deed.traits } : {}),
  };
};
