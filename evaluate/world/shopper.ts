/** What a profile keeps of a user for recommendations, folded and bounded by the profile's own code. */
import type { EnrichedEvent } from '../../functions/core/event/event.ts';
import { foldBought } from '../../functions/core/profile/bought.ts';
import { boundPersonal, type PersonalItems } from '../../functions/core/profile/personal-items.ts';
import { foldPositives, positiveOf } from '../../functions/core/profile/positives.ts';
import {
  boundItems,
  foldItems,
  type RecentItems,
  recentItems,
} from '../../functions/core/profile/recent-items.ts';
import { type ArrivedItem, HISTORY_MAX } from '../../functions/core/recommend/learning.ts';
import type { CountedEvent } from '../../functions/core/tags/fold.ts';
import { toRfc3339 } from '../../functions/core/time.ts';
import type { Act } from '../act.ts';

export interface Shopper extends PersonalItems {
  readonly items: RecentItems;
}

export const NOBODY: Shopper = { items: recentItems.empty, positives: [], bought: [] };

/** The act as enrichment would hand it on; nothing that follows looks at the rest. */
const eventOf = ({ user, at, event, items }: Act): EnrichedEvent => {
  const instant = toRfc3339(at);
  return {
    schemaVersion: '1',
    tenant: 'main',
    eventId: '',
    kind: 'track',
    name: event,
    rawName: null,
    userId: user,
    timestamp: instant,
    receivedAt: instant,
    arrivedAt: instant,
    properties: {},
    traits: {},
    context: {},
    commerce: {
      orders: 0,
      revenueMicros: 0,
      items: items.map((productId) => ({ productId, quantity: 1 })),
    },
    extras: {},
    ingest: {
      protocol: 'native',
      path: '/v1/events',
      requestId: '',
      batchId: '',
      part: 1,
      parts: 1,
      envelopes: 1,
      keyId: '',
    },
    at: { stream: '', shard: '', sequence: '0', index: 0 },
    enrichment: { categoryVector: [], deviceType: 'UNKNOWN', geoRegion: 'UNKNOWN' },
    lookups: 0,
  };
};

export const shopperAfter = (before: Shopper, act: Act): Shopper => {
  const counted: CountedEvent = {
    event: eventOf(act),
    timestamp: act.at,
    arrivedAt: act.at,
    orderCounts: true,
  };
  const items = boundItems(foldItems(before.items, [counted]));
  const spoken = positiveOf(counted);
  const personal = {
    positives: foldPositives(before.positives, spoken === undefined ? [] : [spoken]),
    bought: foldBought(before.bought, [counted]),
  };
  return { items, ...boundPersonal(personal, { items, newest: act.at }) };
};

export const firstLines = (act: Act, most: number): Act => ({
  ...act,
  items: act.items.slice(0, most),
});

/** The night's list of a user, which is read from rows and has no bytes to fit in. */
export const historyAfter = (
  before: readonly ArrivedItem[],
  { at, items }: Act,
): readonly ArrivedItem[] => {
  const basket = new Set(items);
  const newest = items.toReversed().map((item) => ({ item, arrivedAt: at }));
  return [...newest, ...before.filter(({ item }) => !basket.has(item))].slice(0, HISTORY_MAX);
};
