/**
 * The canonical event, the shapes it travels in, and the names of its places.
 *
 * `collect` makes canonical events and is the only one that decides event time. An envelope is the
 * record on a stream: lines of ONE user's events from one request. `enrich` adds `enrichment`, the
 * raw position `at` and `arrivedAt`; from there on a line has a key that is the same over every
 * redelivery.
 */
export const SCHEMA_VERSION = '1';

export const EVENT_KINDS = ['track', 'page', 'screen', 'identify', 'group', 'alias'] as const;
export type EventKind = (typeof EVENT_KINDS)[number];

export type Json = string | number | boolean | null | readonly Json[] | JsonObject;
export interface JsonObject {
  readonly [key: string]: Json;
}

export interface CommerceItem {
  readonly productId: string;
  readonly priceMicros?: number;
  readonly quantity?: number;
  readonly category?: string;
}

/** Derived by `collect` from the properties; integers in 1e-6 of the tenant's currency. */
export interface Commerce {
  readonly items?: readonly CommerceItem[];
  readonly orderId?: string;
  readonly currency?: string;
  /** +1 completed, −1 cancelled, 0 refunded. */
  readonly orders?: -1 | 0 | 1;
  /** Signed: positive for completed, negative for refunds and cancellations. */
  readonly revenueMicros?: number;
  /** A refund or cancellation without an amount takes off 0; another currency is not summed. */
  readonly unpriced?: true;
}

export interface Ingest {
  readonly protocol: string;
  readonly path: string;
  readonly requestId: string;
  /** 16 hex: the ordered valid ids of this user's events in the request and the cut's boundaries. */
  readonly batchId: string;
  /** Envelope `part` (from 0) of the `parts` of this user in the request. */
  readonly part: number;
  readonly parts: number;
  /** Envelopes of the whole request. */
  readonly envelopes: number;
  readonly keyId: string;
  readonly traceparent?: string;
  /** The id was made here, so a client's resend cannot be recognised. */
  readonly idOrigin?: 'server';
  readonly redrive?: RedriveOrigin;
}

export interface RedriveOrigin {
  readonly stage: string;
  readonly stream: string;
  readonly shard: string;
  readonly sequence: string;
  readonly index: number;
}

export interface CanonicalEvent {
  readonly schemaVersion: typeof SCHEMA_VERSION;
  readonly tenant: string;
  readonly eventId: string;
  readonly kind: EventKind;
  /** Canonical name (`Product Viewed`); empty for kinds that have none. */
  readonly name: string;
  /** Exactly as sent. */
  readonly rawName: string | null;
  readonly userId?: string;
  readonly anonymousId?: string;
  readonly sessionId?: string;
  /** Event time: corrected for the client's clock skew, at most receivedAt + 5 min. RFC 3339, ms, UTC. */
  readonly timestamp: string;
  /** As claimed by the client; absent where it claimed none. */
  readonly originalTimestamp?: string;
  readonly sentAt?: string;
  readonly receivedAt: string;
  readonly properties: JsonObject;
  readonly traits: JsonObject;
  readonly context: JsonObject;
  readonly commerce?: Commerce;
  /** Every member that nothing above consumed; nothing sent is lost. */
  readonly extras: JsonObject;
  readonly ingest: Ingest;
}

/** Where an event's line stands in `raw-user-events`: its key. */
export interface RawPosition {
  /** 8 hex of the hash of the raw stream's ARN. */
  readonly stream: string;
  readonly shard: string;
  /** Digits as given. */
  readonly sequence: string;
  /** The line's place in its raw record. */
  readonly index: number;
}

export const DEVICE_TYPES = ['MOBILE', 'DESKTOP', 'TABLET', 'TV', 'BOT', 'UNKNOWN'] as const;
export type DeviceType = (typeof DEVICE_TYPES)[number];
export const GEO_REGIONS = ['AMER', 'EMEA', 'APAC', 'UNKNOWN'] as const;
export type GeoRegion = (typeof GEO_REGIONS)[number];

export interface Enrichment {
  /** Upper case. */
  readonly categoryVector: readonly string[];
  readonly deviceType: DeviceType;
  readonly geoRegion: GeoRegion;
}

/** A line of `enriched-events`. */
export interface EnrichedEvent extends CanonicalEvent {
  readonly enrichment: Enrichment;
  readonly at: RawPosition;
  /** The raw record's approximate arrival time, RFC 3339. */
  readonly arrivedAt: string;
  /** Version of the lookup tables that enriched it. */
  readonly lookups: number;
}

/** Stands in the enriched stream for a raw line or record that was parked. */
export interface StubLine {
  readonly stub: 1;
  readonly partitionKey: string;
  readonly at: RawPosition;
  readonly arrivedAt: string;
  readonly requestId?: string;
  readonly part?: number;
  readonly reason: string;
}

export type EnrichedLine = EnrichedEvent | StubLine;

/** `tenant#userId` or `tenant#anonymousId`: the partition key everywhere, a user's origin key. */
export const originKeyOf = (
  event: Pick<CanonicalEvent, 'tenant' | 'userId' | 'anonymousId'>,
): string => `${event.tenant}#${event.userId ?? event.anonymousId ?? ''}`;

export interface Origin {
  readonly tenant: string;
  /** The profile key: userId, else anonymousId. */
  readonly user: string;
}

const ORIGIN_KEY = /^([a-z0-9-]{1,32})#(.+)$/s;

/** Undefined for a partition key that no `collect` of ours could have made. */
export const parseOriginKey = (key: string): Origin | undefined => {
  const match = ORIGIN_KEY.exec(key);
  const [, tenant, user] = match ?? [];
  return tenant === undefined || user === undefined ? undefined : { tenant, user };
};
