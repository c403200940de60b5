import fc from 'fast-check';
import type { EnrichedEvent, EventKind, JsonObject } from '../../functions/core/event/event.ts';
import type { CountedEvent } from '../../functions/core/profile/facets.ts';
import type { OracleFact } from '../../functions/core/profile/oracle.ts';
import { type EpochMs, epochMs, fromRfc3339, toRfc3339 } from '../../functions/core/time.ts';

/** What a test says of an event; the rest is filled in. */
export interface Told {
  readonly kind?: EventKind;
  readonly name?: string;
  readonly at: number;
  readonly arrivedAt?: number;
  readonly eventId?: string;
  readonly categories?: readonly string[];
  readonly productId?: string;
  readonly sessionId?: string;
  readonly page?: string;
  readonly orders?: -1 | 0 | 1;
  readonly revenueMicros?: number;
  readonly orderCounts?: boolean;
}

export const USER = 'user123';
export const at = (text: string): EpochMs => fromRfc3339(text) as EpochMs;
export const NOW = at('2026-11-21T09:40:07.000Z');

export const counted = (told: Told, index = 0): CountedEvent => {
  const { kind = 'track', name = '', arrivedAt = told.at } = told;
  const event: EnrichedEvent = {
    schemaVersion: '1',
    tenant: 'main',
    eventId: told.eventId ?? `e-${index}`,
    kind,
    name,
    rawName: null,
    userId: USER,
    ...(told.sessionId !== undefined && { sessionId: told.sessionId }),
    timestamp: toRfc3339(epochMs(told.at)),
    receivedAt: toRfc3339(epochMs(arrivedAt)),
    properties: told.productId === undefined ? {} : { product_id: told.productId },
    traits: {},
    context: told.page === undefined ? {} : { page: { name: told.page } },
    ...(told.orders !== undefined && {
      commerce: { orders: told.orders, revenueMicros: told.revenueMicros ?? 0 },
    }),
    extras: {},
    ingest: {
      protocol: 'native',
      path: '/v1/events',
      requestId: 'r',
      batchId: '0',
      part: 0,
      parts: 1,
      envelopes: 1,
      keyId: 'k',
    },
    enrichment: {
      categoryVector: told.categories ?? [],
      deviceType: 'UNKNOWN',
      geoRegion: 'UNKNOWN',
    },
    at: { stream: '00000000', shard: 'shardId-000000000000', sequence: '1', index },
    arrivedAt: toRfc3339(epochMs(arrivedAt)),
    lookups: 1,
  };
  return {
    event,
    timestamp: epochMs(told.at),
    arrivedAt: epochMs(arrivedAt),
    orderCounts: told.orderCounts ?? true,
  };
};

const readableFields = ({
  properties,
  context,
  traits,
  commerce,
  enrichment,
}: EnrichedEvent): JsonObject =>
  JSON.parse(JSON.stringify({ properties, context, traits, commerce, enrichment }));

export const factOf = ({ event, timestamp, arrivedAt }: CountedEvent): OracleFact => ({
  eventId: event.eventId,
  kind: event.kind,
  name: event.name,
  user: USER,
  timestamp,
  arrivedAt,
  categories: event.enrichment.categoryVector,
  productIds: typeof event.properties.product_id === 'string' ? [event.properties.product_id] : [],
  orders: event.commerce?.orders ?? 0,
  revenueMicros: event.commerce?.revenueMicros ?? 0,
  ...(event.commerce?.orderId !== undefined && { orderId: event.commerce.orderId }),
  fields: readableFields(event),
});

const SECOND = 1_000;
const DAY = 86_400_000;
/** Distances from now at which a tile or a window begins or ends. */
const EDGES = [
  0, 10, 30, 60, 290, 300, 310, 1_800, 1_830, 3_600, 86_400, 88_200, 86_430, 172_800, 2_505_600,
  2_592_000, 2_678_400, 604_800,
].map((ago) => ago * SECOND);

/** Half of them on an edge of a tile or beside it: a random instant almost never is. */
export const instantsBefore = (now: EpochMs): fc.Arbitrary<number> =>
  fc.oneof(
    fc
      .tuple(
        fc.constantFrom(...EDGES),
        fc.constantFrom(10, 30, 1_800, 86_400),
        fc.constantFrom(-1, 0, 1),
      )
      .map(([ago, hop, beside]) => {
        const edge = now - ago - ((now - ago) % (hop * SECOND));
        return edge + beside;
      }),
    fc.constantFrom(...EDGES).map((ago) => now - ago),
    fc.integer({ min: now - 2 * DAY, max: now + 300 * SECOND }),
    fc.integer({ min: now - 40 * DAY, max: now }),
  );

const shapes: readonly Omit<Told, 'at'>[] = [
  { kind: 'page', name: 'home', page: 'home' },
  { kind: 'screen', name: 'Home' },
  { name: 'Product Viewed', productId: 'item-1', categories: ['TECH', 'tech', 'TOYS'] },
  { name: 'Product Viewed', productId: 'item-2', categories: ['BOOKS'] },
  { name: 'Product Clicked', productId: 'item-2', categories: ['BOOKS'], sessionId: 's1' },
  { name: 'Product Added', productId: 'item-3', categories: ['TOYS'] },
  { name: 'Ad Viewed' },
  { name: 'Ad Clicked', categories: ['TECH'] },
  { name: 'Order Completed', orders: 1, revenueMicros: 30_250_000, categories: ['TOYS'] },
  { name: 'Order Cancelled', orders: -1, revenueMicros: -30_250_000 },
  { name: 'Order Refunded', orders: 0, revenueMicros: -250_001 },
  { kind: 'identify' },
  { name: 'Something Else' },
];

/** In order of arrival; up to two days late, and from the last 12 days before now. */
export const history = (now: EpochMs, eventsMax: number): fc.Arbitrary<readonly CountedEvent[]> =>
  fc
    .array(
      fc.tuple(
        fc.constantFrom(...shapes),
        instantsBefore(now),
        fc.constantFrom(0, 0, 1_000, 3_600_000, DAY, 2 * DAY),
      ),
      { maxLength: eventsMax },
    )
    .map((all) =>
      all
        .map(([shape, time, late], index) => ({
          ...shape,
          at: time,
          eventId: `e-${index}`,
          arrivedAt: Math.min(now, Math.max(time, time + late)),
        }))
        .sort((left, right) => left.arrivedAt - right.arrivedAt)
        .map(counted),
    );
