/**
 * A quick yes. The schemas say what is right, but on the way of every event they cost more than all
 * the rest; most events are plainly right, and to see that takes no schema. These checks say yes
 * only to what the schema says yes to (a test holds them to it); whatever is not plainly right is
 * asked of the schema, which also says what is wrong.
 */
import { EVENT_KINDS, SCHEMA_VERSION } from './event.ts';
import {
  EVENT_ID_CHARACTERS_MAX,
  NAME_CHARACTERS_MAX,
  SESSION_ID_CHARACTERS_MAX,
  USER_ID_CHARACTERS_MAX,
} from './limits.ts';

type Check = (value: unknown) => boolean;
type Bag = Readonly<Record<string, unknown>>;

const isText: Check = (value) => typeof value === 'string';
const isNumber: Check = (value) => Number.isFinite(value);
const isSafe: Check = (value) => Number.isSafeInteger(value);
const isBag = (value: unknown): value is Bag =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

const textOf =
  (charactersMin: number, charactersMax: number): Check =>
  (value) =>
    typeof value === 'string' && value.length >= charactersMin && value.length <= charactersMax;
const matching =
  (pattern: RegExp): Check =>
  (value) =>
    typeof value === 'string' && pattern.test(value);
const oneOf =
  (...values: readonly unknown[]): Check =>
  (value) =>
    values.includes(value);
const atLeast =
  (least: number): Check =>
  (value) =>
    Number.isSafeInteger(value) && (value as number) >= least;
const nullish =
  (check: Check): Check =>
  (value) =>
    value === null || value === undefined || check(value);
const either =
  (left: Check, right: Check): Check =>
  (value) =>
    left(value) || right(value);

interface Member {
  readonly check: Check;
  readonly needed: boolean;
}

interface Shape {
  readonly needed: number;
  readonly members: ReadonlyMap<string, Member>;
}

const shapeOf = (
  needed: Readonly<Record<string, Check>>,
  optional: Readonly<Record<string, Check>>,
): Shape => ({
  needed: Object.keys(needed).length,
  members: new Map<string, Member>([
    ...Object.entries(needed).map(([name, check]) => [name, { check, needed: true }] as const),
    ...Object.entries(optional).map(([name, check]) => [name, { check, needed: false }] as const),
  ]),
});

/** Members that the shape does not name are anything. */
const fits = (value: unknown, { needed, members }: Shape): boolean => {
  if (!isBag(value)) return false;
  let missing = needed;
  for (const name of Object.keys(value)) {
    const member = members.get(name);
    if (member === undefined) continue;
    if (!member.check(value[name])) return false;
    if (member.needed) missing -= 1;
  }
  return missing === 0;
};

const objectOf =
  (shape: Shape): Check =>
  (value) =>
    fits(value, shape);

const idLike = nullish(either(isText, isNumber));
const word = nullish(isText);
const bag = nullish(isBag);

const SENT = shapeOf(
  {},
  {
    eventId: idLike,
    event_id: idLike,
    messageId: idLike,
    kind: word,
    type: word,
    event: word,
    eventType: word,
    event_type: word,
    eventName: word,
    event_name: word,
    name: word,
    action: word,
    userId: idLike,
    user_id: idLike,
    anonymousId: idLike,
    anonymous_id: idLike,
    sessionId: idLike,
    session_id: idLike,
    timestamp: idLike,
    originalTimestamp: idLike,
    sentAt: idLike,
    sent_at: idLike,
    properties: bag,
    traits: bag,
    context: bag,
  },
);

const rfc3339 = matching(/^\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2}\.\d{3}Z$/);
const userId = textOf(1, USER_ID_CHARACTERS_MAX);

const ITEM = shapeOf(
  { productId: isText },
  { priceMicros: isSafe, quantity: isNumber, category: isText },
);
const items: Check = (value) =>
  Array.isArray(value) && value.every((item: unknown) => fits(item, ITEM));
const COMMERCE = shapeOf(
  {},
  {
    items,
    orderId: isText,
    currency: isText,
    orders: oneOf(-1, 0, 1),
    revenueMicros: isSafe,
    unpriced: oneOf(true),
  },
);
const REDRIVE = shapeOf(
  { stage: isText, stream: isText, shard: isText, sequence: isText, index: isSafe },
  {},
);
const INGEST = shapeOf(
  {
    protocol: isText,
    path: isText,
    requestId: isText,
    batchId: matching(/^[0-9a-f]{16}$/),
    part: atLeast(0),
    parts: atLeast(1),
    envelopes: atLeast(1),
    keyId: isText,
  },
  { traceparent: isText, idOrigin: oneOf('server'), redrive: objectOf(REDRIVE) },
);
const CANONICAL = shapeOf(
  {
    schemaVersion: oneOf(SCHEMA_VERSION),
    tenant: matching(/^[a-z0-9-]{1,32}$/),
    eventId: textOf(1, EVENT_ID_CHARACTERS_MAX),
    kind: oneOf(...EVENT_KINDS),
    name: textOf(0, NAME_CHARACTERS_MAX),
    rawName: either(isText, oneOf(null)),
    timestamp: rfc3339,
    receivedAt: rfc3339,
    properties: isBag,
    traits: isBag,
    context: isBag,
    extras: isBag,
    ingest: objectOf(INGEST),
  },
  {
    userId,
    anonymousId: userId,
    sessionId: textOf(0, SESSION_ID_CHARACTERS_MAX),
    originalTimestamp: rfc3339,
    sentAt: rfc3339,
    commerce: objectOf(COMMERCE),
  },
);

/** The types of an event as sent are plainly right. */
export const isPlainlySent = (value: unknown): boolean => fits(value, SENT);

/** It is plainly a canonical event. */
export const isPlainlyCanonical = (value: unknown): boolean => fits(value, CANONICAL);
