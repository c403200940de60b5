import type { EventKind } from './event.ts';

/**
 * Many names for few things. Matching ignores case, `-`, `_` and white space; a name that nobody
 * knows passes in Title Case. The canonical names are the Segment Spec's.
 */
const CANONICAL_NAMES = [
  'Products Searched',
  'Product List Viewed',
  'Product List Filtered',
  'Promotion Viewed',
  'Promotion Clicked',
  'Product Clicked',
  'Product Viewed',
  'Product Added',
  'Product Removed',
  'Cart Viewed',
  'Cart Updated',
  'Cart Cleared',
  'Cart Shared',
  'Checkout Started',
  'Checkout Step Viewed',
  'Checkout Step Completed',
  'Payment Info Entered',
  'Order Updated',
  'Order Completed',
  'Order Refunded',
  'Order Cancelled',
  'Coupon Entered',
  'Coupon Applied',
  'Coupon Denied',
  'Coupon Removed',
  'Product Added to Wishlist',
  'Product Removed from Wishlist',
  'Wishlist Product Added to Cart',
  'Product Shared',
  'Product Reviewed',
  'Ad Viewed',
  'Ad Clicked',
  'Experiment Viewed',
  'Offer Viewed',
  'Offer Clicked',
] as const;

const ALIASES: Readonly<Record<string, string>> = {
  productview: 'Product Viewed',
  viewitem: 'Product Viewed',
  productclick: 'Product Clicked',
  selectitem: 'Product Clicked',
  addtocart: 'Product Added',
  cartadd: 'Product Added',
  removefromcart: 'Product Removed',
  cartremove: 'Product Removed',
  viewcart: 'Cart Viewed',
  cartview: 'Cart Viewed',
  cartupdate: 'Cart Updated',
  cartclear: 'Cart Cleared',
  purchase: 'Order Completed',
  orderplaced: 'Order Completed',
  placeorder: 'Order Completed',
  refund: 'Order Refunded',
  ordercanceled: 'Order Cancelled',
  search: 'Products Searched',
  impression: 'Ad Viewed',
  adimpression: 'Ad Viewed',
  adview: 'Ad Viewed',
  adclick: 'Ad Clicked',
  viewpromotion: 'Promotion Viewed',
  selectpromotion: 'Promotion Clicked',
  begincheckout: 'Checkout Started',
};

/** 003's cart actions; such common words are names only where the member is called `action`. */
const ACTIONS: Readonly<Record<string, string>> = {
  add: 'Product Added',
  remove: 'Product Removed',
  update: 'Cart Updated',
  clear: 'Cart Cleared',
};

const KINDS: Readonly<Record<string, EventKind>> = {
  page: 'page',
  pageview: 'page',
  pageviewed: 'page',
  screen: 'screen',
  screenview: 'screen',
  screenviewed: 'screen',
  identify: 'identify',
  group: 'group',
  alias: 'alias',
};

const folded = (name: string): string => name.toLowerCase().replace(/[-_\s]+/g, '');

const NAMES: ReadonlyMap<string, string> = new Map([
  ...CANONICAL_NAMES.map((name) => [folded(name), name] as const),
  ...Object.entries(ALIASES),
]);
const ACTION_NAMES: ReadonlyMap<string, string> = new Map(Object.entries(ACTIONS));
const KIND_NAMES: ReadonlyMap<string, EventKind> = new Map(Object.entries(KINDS));

/** Says only that a cart event follows: its action is the name. */
const GENERIC_NAMES: ReadonlySet<string> = new Set(['cart', 'cartevent']);

export const isGenericName = (name: string): boolean => GENERIC_NAMES.has(folded(name));

const titleCase = (name: string): string =>
  name
    .split(/[-_\s]+/)
    .filter((word) => word !== '')
    .map((word) => {
      const rest = word === word.toUpperCase() ? word.slice(1).toLowerCase() : word.slice(1);
      return word.slice(0, 1).toUpperCase() + rest;
    })
    .join(' ');

export interface NameSituation {
  /** The event names a product or item. */
  readonly hasProduct: boolean;
  /** The event is about an advertisement: it names one, or came in by 001's door. */
  readonly isAd: boolean;
  /** The word stood in a member called `action`. */
  readonly fromAction: boolean;
}

export interface Named {
  readonly kind: EventKind;
  /** Empty for every kind but `track`. */
  readonly name: string;
  /** False for a name that passed in Title Case. */
  readonly known: boolean;
}

const track = (name: string, known = true): Named => ({ kind: 'track', name, known });

/** Undefined where nothing is left of the name. */
export const resolveName = (raw: string, situation: NameSituation): Named | undefined => {
  const word = folded(raw);
  if (word === 'view') {
    if (situation.isAd) return track('Ad Viewed');
    return situation.hasProduct ? track('Product Viewed') : { kind: 'page', name: '', known: true };
  }
  if (word === 'click') return track(situation.isAd ? 'Ad Clicked' : 'Product Clicked');
  const kind = KIND_NAMES.get(word);
  if (kind !== undefined) return { kind, name: '', known: true };
  const name = (situation.fromAction ? ACTION_NAMES.get(word) : undefined) ?? NAMES.get(word);
  if (name !== undefined) return track(name);
  const title = titleCase(raw);
  return title === '' ? undefined : track(title, false);
};
