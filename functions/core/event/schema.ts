import * as z from 'zod';
import { EVENT_KINDS, SCHEMA_VERSION } from './event.ts';
import {
  EVENT_ID_CHARACTERS_MAX,
  NAME_CHARACTERS_MAX,
  SESSION_ID_CHARACTERS_MAX,
  USER_ID_CHARACTERS_MAX,
} from './limits.ts';

/**
 * The same schemas validate what comes in, describe it in the OpenAPI document and publish the
 * canonical event. They check types; limits and meaning are `decode.ts`'s, which answers with a
 * reason of its own for each.
 */
const idLike = z
  .union([z.string(), z.number()], { error: 'must be a text or a whole number' })
  .nullish();
const word = z.string({ error: 'must be a text' }).nullish();
const instant = z
  .union([z.string(), z.number()], { error: 'must be RFC 3339, or a number since 1970' })
  .nullish()
  .describe('RFC 3339, or seconds, milliseconds or microseconds since 1970 by magnitude');
const bag = z.record(z.string(), z.unknown(), { error: 'must be an object' }).nullish();

export const sentEvent = z
  .object({
    eventId: idLike.describe('Yours; without it a resend cannot be recognised. ≤ 100 characters'),
    event_id: idLike,
    messageId: idLike,
    kind: word.describe('track (the default), page, screen, identify, group or alias'),
    type: word.describe("Segment's kind, or the event's name"),
    event: word.describe('The name, as in `Product Viewed`'),
    eventType: word.describe("000's and 004's name, as in `VIEW` or `PAGE_VIEW`"),
    event_type: word,
    eventName: word,
    event_name: word,
    name: word,
    action: word.describe("002's and 003's name: view, click, add, remove, …"),
    userId: idLike.describe('userId or anonymousId is needed; ≤ 128 characters'),
    user_id: idLike,
    anonymousId: idLike,
    anonymous_id: idLike,
    sessionId: idLike,
    session_id: idLike,
    timestamp: instant,
    originalTimestamp: instant,
    sentAt: instant,
    sent_at: instant,
    properties: bag,
    traits: bag,
    context: bag,
  })
  .describe(
    'An event in its native shape or that of one of the five systems; unknown members are kept',
  );

const text = z.string();
const rfc3339 = z
  .string()
  .regex(/^\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2}\.\d{3}Z$/)
  .describe('RFC 3339 in UTC with milliseconds');
const jsonObject = z.record(z.string(), z.unknown());
const userId = z.string().min(1).max(USER_ID_CHARACTERS_MAX);

const commerce = z.object({
  items: z
    .array(
      z.object({
        productId: text,
        priceMicros: z.int().optional(),
        quantity: z.number().optional(),
        category: text.optional(),
      }),
    )
    .optional(),
  orderId: text.optional(),
  currency: text.optional(),
  orders: z.union([z.literal(-1), z.literal(0), z.literal(1)]).optional(),
  revenueMicros: z.int().optional(),
  unpriced: z.literal(true).optional(),
});

const ingest = z.object({
  protocol: text,
  path: text,
  requestId: text,
  batchId: z.string().regex(/^[0-9a-f]{16}$/),
  part: z.int().min(0),
  parts: z.int().min(1),
  envelopes: z.int().min(1),
  keyId: text,
  traceparent: text.optional(),
  idOrigin: z.literal('server').optional(),
  redrive: z
    .object({ stage: text, stream: text, shard: text, sequence: text, index: z.int() })
    .optional(),
});

export const canonicalEvent = z
  .object({
    schemaVersion: z.literal(SCHEMA_VERSION),
    tenant: z.string().regex(/^[a-z0-9-]{1,32}$/),
    eventId: z.string().min(1).max(EVENT_ID_CHARACTERS_MAX),
    kind: z.enum(EVENT_KINDS),
    name: z.string().max(NAME_CHARACTERS_MAX).describe('Canonical; empty for all kinds but track'),
    rawName: z.string().nullable().describe('Exactly as sent'),
    userId: userId.optional(),
    anonymousId: userId.optional(),
    sessionId: z.string().max(SESSION_ID_CHARACTERS_MAX).optional(),
    timestamp: rfc3339.describe('Event time, corrected, at most receivedAt + 5 min'),
    originalTimestamp: rfc3339.optional().describe('As claimed'),
    sentAt: rfc3339.optional(),
    receivedAt: rfc3339,
    properties: jsonObject,
    traits: jsonObject,
    context: jsonObject,
    commerce: commerce.optional(),
    extras: jsonObject.describe('Every member that nothing above consumed'),
    ingest,
  })
  .describe('Canonical event of Tributary, schema version 1');
