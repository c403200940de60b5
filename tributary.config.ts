import type { TributaryConfig } from './functions/core/tags/config.ts';
import { lifetime, over } from './functions/core/tags/definition.ts';

/** What an event says about taste; also what `favourite_category` adds up. */
const interestWeights = {
  'Product Viewed': 1,
  'Product Clicked': 2,
  'Ad Clicked': 2,
  'Products Searched': 1,
  'Product Added': 4,
  'Order Completed': 8,
};

const count = { op: 'count' } as const;
const views = {
  kinds: ['page', 'screen'],
  names: ['Product Viewed', 'Ad Viewed'],
} as const;
const clicks = { names: ['Product Clicked', 'Ad Clicked'] };
const orders = { names: ['Order Completed', 'Order Cancelled', 'Order Refunded'] };
const orderCount = { op: 'sum', field: 'commerce.orders' } as const;
const revenue = { op: 'sum', field: 'commerce.revenueMicros' } as const;
const anyEvent = {};

/** Tags, segments, limits and size of your platform: the one file to edit. */
export const config: TributaryConfig = {
  currency: 'USD',
  rates: {},
  limits: {
    write: { perSecond: 500, burst: 1_000 },
    client: { perSecond: 100, burst: 200 },
    server: { perSecond: 1_000, burst: 2_000 },
    operator: { perSecond: 1_000, burst: 2_000 },
  },
  corsOrigins: ['*'],
  interestWeights,
  recommend: { preset: 'commerce' },
  tags: [
    {
      name: 'views_5m',
      measure: count,
      events: views,
      period: over({ minutes: 5 }),
      source: 'stream',
    },
    {
      name: 'views_24h',
      measure: count,
      events: views,
      period: over({ hours: 24 }),
      source: 'stream',
    },
    {
      name: 'clicks_5m',
      measure: count,
      events: clicks,
      period: over({ minutes: 5 }),
      source: 'stream',
    },
    {
      name: 'clicks_24h',
      measure: count,
      events: clicks,
      period: over({ hours: 24 }),
      source: 'stream',
    },
    {
      name: 'impressions_24h',
      measure: count,
      events: { names: ['Ad Viewed'] },
      period: over({ hours: 24 }),
      source: 'stream',
    },
    {
      name: 'adds_24h',
      measure: count,
      events: { names: ['Product Added'] },
      period: over({ hours: 24 }),
      source: 'stream',
    },
    {
      name: 'orders_30d',
      measure: orderCount,
      events: orders,
      period: over({ days: 30 }),
      source: 'both',
    },
    {
      name: 'revenue_30d',
      measure: revenue,
      events: orders,
      period: over({ days: 30 }),
      source: 'both',
    },
    {
      name: 'orders_total',
      measure: orderCount,
      events: orders,
      period: lifetime(),
      source: 'both',
    },
    { name: 'ltv_total', measure: revenue, events: orders, period: lifetime(), source: 'both' },
    {
      name: 'first_seen',
      measure: { op: 'first', field: 'timestamp' },
      events: anyEvent,
      period: lifetime(),
      source: 'both',
    },
    {
      name: 'last_seen',
      measure: { op: 'last', field: 'timestamp' },
      events: anyEvent,
      period: lifetime(),
      source: 'both',
    },
    {
      name: 'days_since_order',
      measure: { op: 'timeSince' },
      events: { names: ['Order Completed'] },
      period: lifetime(),
      source: 'both',
    },
    {
      name: 'favourite_category',
      measure: { op: 'top', field: 'enrichment.categoryVector', weights: interestWeights },
      events: { names: Object.keys(interestWeights) },
      period: over({ days: 90 }),
      source: 'batch',
    },
  ],
  segments: {
    rules: [
      { name: 'high_value_user', when: [{ tag: 'ltv_total', atLeast: 300 }] },
      { name: 'loyal_user', when: [{ tag: 'orders_total', atLeast: 3 }] },
      { name: 'active_user', when: [{ tag: 'last_seen', agoAtMost: { days: 7 } }] },
      {
        name: 'at_risk_user',
        when: [{ tag: 'last_seen', agoAtLeast: { days: 30 }, agoAtMost: { days: 90 } }],
      },
      { name: 'new_user', when: [{ tag: 'first_seen', agoAtMost: { days: 7 } }] },
    ],
    otherwise: 'regular_user',
  },
};
