/** Lines of `enriched/` that hurt: copies of every kind, late objects, orders told twice, no lines at all. */
import type { Commerce, EnrichedEvent, EventKind } from '../../functions/core/event/event.ts';
import { epochMs, toRfc3339 } from '../../functions/core/time.ts';
import { below, pick, type Random } from '../simulation/random.ts';

export interface LandedLine {
  readonly dt: string;
  readonly hr: string;
  readonly line: string;
}

export interface LogOptions {
  readonly firstDay: number;
  readonly days: number;
  readonly users: readonly string[];
  readonly lines: number;
}

const DAY_MS = 86_400_000;
const HOUR_MS = 3_600_000;
const STREAM = '0123abcd';
const KINDS: readonly (readonly [EventKind, string])[] = [
  ['track', 'Order Completed'],
  ['track', 'Order Cancelled'],
  ['track', 'Order Refunded'],
  ['track', 'Product Viewed'],
  ['track', 'Product Added'],
  ['page', ''],
  ['identify', ''],
];
/** Numbers and what is none, as a client may write them. */
const VALUES = [0, 1, -2, 7.25, 0.000001, 1e21, 123456789012.5, '12.5', '007', 'x', '', true, null];
const WORDS = ['a', 'b', 'ß', '😀', 'Z', '', 'ü'.repeat(40)];
const NO_LINES = ['', '{"half":', '[1,2]', 'text', '{"at":{"shard":"x"}}', '{"stub":1}'];

const commerceOf = (name: string, random: Random): { readonly commerce?: Commerce } => {
  if (!name.startsWith('Order ')) return {};
  const orders = name === 'Order Completed' ? 1 : name === 'Order Cancelled' ? -1 : 0;
  const size = below(random, 10_000) * 10_000;
  const orderId = random() < 0.9 ? { orderId: `o-${below(random, 12)}` } : {};
  const items = [...Array((size / 10_000) % 4).keys()].map((place) => ({ productId: `i${place}` }));
  return {
    commerce: {
      ...orderId,
      ...(items.length > 0 && { items }),
      orders,
      revenueMicros: orders === 1 ? size : -size,
    },
  };
};

const eventOf = (random: Random, user: string, arrivedAtMs: number, n: number): EnrichedEvent => {
  const [kind, name] = pick(random, KINDS);
  const agoMs = pick(random, [0, 0, 0, HOUR_MS, DAY_MS, 3 * DAY_MS, 40 * DAY_MS, 400 * DAY_MS]);
  const arrivedAt = toRfc3339(epochMs(arrivedAtMs));
  return {
    schemaVersion: '1',
    tenant: random() < 0.1 ? 'other' : 'main',
    eventId: `e-${below(random, n)}`,
    kind,
    name,
    rawName: name,
    ...(random() < 0.1 ? { anonymousId: user } : { userId: user }),
    timestamp: toRfc3339(epochMs(arrivedAtMs - agoMs - below(random, 5_000))),
    receivedAt: arrivedAt,
    properties: {
      ...(n % 3 !== 0 && { product_id: `i${n % 7}` }),
      n: pick(random, VALUES),
      word: pick(random, WORDS),
      inner: { n: below(random, 100) / 4 },
      list: [pick(random, WORDS), pick(random, WORDS)],
    },
    traits: {},
    context: {},
    ...commerceOf(name, random),
    extras: {},
    ingest: {
      ...{
        protocol: 'native',
        path: '/v1/events',
        requestId: `r-${n}`,
        batchId: '0123456789abcdef',
      },
      ...{ part: 0, parts: 1, envelopes: 1, keyId: 'k' },
    },
    enrichment: {
      categoryVector: Array.from({ length: below(random, 3) }, () =>
        pick(random, ['TECH', 'HOME', 'GARDEN']),
      ),
      deviceType: 'UNKNOWN',
      geoRegion: 'UNKNOWN',
    },
    at: {
      stream: STREAM,
      shard: pick(random, ['shardId-000000000000', 'shardId-000000000001']),
      // Of two lengths, so that texts of them are not in the order of their numbers.
      sequence: String(9_900 + n),
      index: below(random, 2),
    },
    arrivedAt,
    lookups: 1,
  };
};

const landed = (line: string, atMs: number): LandedLine => {
  const at = toRfc3339(epochMs(atMs));
  return { dt: at.slice(0, 10), hr: at.slice(11, 13), line };
};

/** In no order: what arrived on a day may land up to three days later, and more than once. */
export const lakeLogOf = (random: Random, options: LogOptions): readonly LandedLine[] => {
  const { firstDay, days, users, lines } = options;
  return Array.from({ length: lines }, (_, n) => {
    const arrivedAtMs = (firstDay + random() * days) * DAY_MS;
    const event = eventOf(random, pick(random, users), Math.floor(arrivedAtMs), n + 1);
    const { at, arrivedAt, userId, anonymousId, tenant } = event;
    const partitionKey = `${tenant}#${userId ?? anonymousId}`;
    const stub = { stub: 1, partitionKey, at, arrivedAt, reason: 'bug' };
    const texts = pick(random, [
      [event],
      [event],
      [event],
      [event, event],
      [stub],
      [stub, event],
      [event, { ...event, lookups: 2, name: 'Something Else' }],
    ]).map((value) => JSON.stringify(value));
    const nothing = random() < 0.05 ? [pick(random, NO_LINES)] : [];
    return [...texts, ...nothing].map((text) =>
      landed(text, arrivedAtMs + pick(random, [0, 0, 0, 20 * HOUR_MS, 70 * HOUR_MS])),
    );
  }).flat();
};
