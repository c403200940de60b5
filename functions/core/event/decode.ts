import { type EpochMs, toRfc3339 } from '../time.ts';
import { commerceOf, type Money } from './commerce.ts';
import { type CanonicalEvent, type Json, type JsonObject, SCHEMA_VERSION } from './event.ts';
import { type Ids, takeIds, takeSessionId } from './ids.ts';
import { eventTime, readInstant, saysAll } from './instant.ts';
import { EVENT_LINE_BYTES_MAX, EVENT_SENT_BYTES_MAX } from './limits.ts';
import { isJsonObject, type Members, membersOf, withMember } from './members.ts';
import { type Naming, type RouteHints, takeNaming } from './naming.ts';
import { isPlainlySent } from './plain-check.ts';
import { gatherProperties, placeContext } from './properties.ts';
import { isReject, type Reject, reject } from './reject.ts';
import { sentEvent } from './schema.ts';
import { refuseShape } from './shape.ts';
import { utf8Bytes } from './utf8.ts';

export interface DecodeContext extends Money {
  readonly tenant: string;
  readonly receivedAt: EpochMs;
  readonly hints: RouteHints;
  /** A new id, for an event that brought none. */
  readonly newEventId: () => string;
  /** What a request says once for all of its events. */
  readonly shared: { readonly sentAt?: Json; readonly context: JsonObject };
}

/** A canonical event that does not yet know in which envelope it travels. */
export interface Draft {
  readonly event: Omit<CanonicalEvent, 'ingest'>;
  /** The JSON of `event`. */
  readonly text: string;
  /** The id is the client's, so a resend can be recognised. */
  readonly hasClientId: boolean;
  readonly sentBytes: number;
}

/** Room for `ingest` in a line: bounded ids, small numbers, a path of ours and a trace header. */
const INGEST_BYTES_MAX = 1_024;

interface Times {
  readonly timestamp: string;
  readonly originalTimestamp: string | undefined;
  readonly sentAt: string | undefined;
  /** As sent, where the canonical form says less. */
  readonly kept: JsonObject;
}

const badTime = (member: string): Reject =>
  reject(
    'bad_timestamp',
    `\`${member}\` is neither RFC 3339 nor seconds, milliseconds or microseconds since 1970.`,
  );

const takeTimes = (members: Members, { receivedAt, shared }: DecodeContext): Times | Reject => {
  const claimedName = members.peek(['timestamp']) === undefined ? 'originalTimestamp' : 'timestamp';
  const claimed = members.take([claimedName]);
  const claimedAt = claimed === undefined ? undefined : readInstant(claimed);
  if (claimed !== undefined && claimedAt === undefined) return badTime(claimedName);
  const ownSent = members.take(['sentAt', 'sent_at']);
  const sent = ownSent ?? shared.sentAt;
  const sentAt = sent === undefined ? undefined : readInstant(sent);
  if (sent !== undefined && sentAt === undefined) return badTime('sentAt');
  const at = eventTime({ receivedAt, claimed: claimedAt, sentAt });
  const originalTimestamp = claimedAt === undefined ? undefined : toRfc3339(claimedAt);
  const sentText = sentAt === undefined ? undefined : toRfc3339(sentAt);
  const kept: Record<string, Json> = {};
  if (claimed !== undefined && claimedAt !== undefined && originalTimestamp !== undefined) {
    if (!saysAll(claimed, claimedAt, originalTimestamp)) kept[claimedName] = claimed;
  }
  if (ownSent !== undefined && sentAt !== undefined && sentText !== undefined) {
    if (!saysAll(ownSent, sentAt, sentText)) kept.sentAt = ownSent;
  }
  const timestamp = at === claimedAt ? originalTimestamp : undefined;
  return { timestamp: timestamp ?? toRfc3339(at), originalTimestamp, sentAt: sentText, kept };
};

const describeTypes = (sent: JsonObject): Reject | undefined => {
  if (isPlainlySent(sent)) return undefined;
  const checked = sentEvent.safeParse(sent);
  if (checked.success) return undefined;
  const issue = checked.error.issues[0];
  return reject(
    'wrong_type',
    `\`${String(issue?.path[0] ?? '')}\` ${issue?.message ?? 'is wrong'}.`,
  );
};

interface Bags {
  readonly properties: JsonObject;
  readonly traits: JsonObject;
  readonly context: JsonObject;
}

/** RudderStack's browsers send the traits of an identify in its context only. */
const placeTraits = (kind: string, traits: JsonObject, context: JsonObject) => {
  if (kind !== 'identify' || Object.keys(traits).length > 0) return { traits, context };
  const members = membersOf(context);
  const inContext = members.take(['traits'], isJsonObject);
  return inContext === undefined
    ? { traits, context }
    : { traits: inContext, context: members.rest() };
};

const takeBags = (members: Members, shared: JsonObject): Bags => {
  const pageUrl = members.peek(['pageUrl', 'page_url']);
  const gathered = gatherProperties(members);
  const sent = members.take(['context'], isJsonObject) ?? {};
  const placed = placeContext({ ...shared, ...sent }, gathered, pageUrl);
  return { ...placed, traits: members.take(['traits'], isJsonObject) ?? {} };
};

const assemble = (
  members: Members,
  parts: { readonly ids: Ids; readonly times: Times; readonly bags: Bags; readonly naming: Naming },
  context: DecodeContext,
): Draft['event'] => {
  const { ids, times, naming } = parts;
  const bags = {
    ...parts.bags,
    ...placeTraits(naming.kind, parts.bags.traits, parts.bags.context),
  };
  const inContext = membersOf(bags.context);
  const sessionId = takeSessionId(members, inContext);
  const properties =
    naming.title === undefined
      ? bags.properties
      : (withMember(bags.properties, 'name', naming.title) ?? bags.properties);
  const commerce =
    naming.kind === 'track' ? commerceOf(naming.name, properties, context) : undefined;
  members.take(['writeKey']);
  // Members that are undefined are not printed: no line has them.
  return {
    schemaVersion: SCHEMA_VERSION,
    tenant: context.tenant,
    eventId: ids.eventId ?? context.newEventId(),
    kind: naming.kind,
    name: naming.name,
    rawName: naming.rawName,
    userId: ids.userId,
    anonymousId: ids.anonymousId,
    sessionId,
    timestamp: times.timestamp,
    originalTimestamp: times.originalTimestamp,
    sentAt: times.sentAt,
    receivedAt: toRfc3339(context.receivedAt),
    properties,
    traits: bags.traits,
    context: inContext.rest(),
    commerce,
    extras: { ...members.rest(), ...times.kept },
  };
};

/** A character has at most three bytes, so a short text need not be counted. */
const isOver = (text: string, bytesMax: number): boolean =>
  text.length * 3 > bytesMax && utf8Bytes(text) > bytesMax;

/** One event as sent, in any of the shapes, to its canonical form; it refuses and never throws. */
export const decodeEvent = (sent: Json, context: DecodeContext): Draft | Reject => {
  if (!isJsonObject(sent)) return reject('not_an_object', 'An event is a JSON object.');
  const misshapen = refuseShape(sent);
  if (misshapen !== undefined) return misshapen;
  const sentBytes = utf8Bytes(JSON.stringify(sent));
  if (sentBytes > EVENT_SENT_BYTES_MAX)
    return reject('too_large', `An event may have ${EVENT_SENT_BYTES_MAX} bytes of JSON.`);
  const mistyped = describeTypes(sent);
  if (mistyped !== undefined) return mistyped;

  const members = membersOf(sent);
  const ids = takeIds(members);
  if (isReject(ids)) return ids;
  const times = takeTimes(members, context);
  if (isReject(times)) return times;
  const bags = takeBags(members, context.shared.context);
  const naming = takeNaming(members, bags.properties, context.hints);
  if (isReject(naming)) return naming;

  const event = assemble(members, { ids, times, bags, naming }, context);
  const text = JSON.stringify(event);
  if (isOver(text, EVENT_LINE_BYTES_MAX - INGEST_BYTES_MAX))
    return reject(
      'too_large',
      `An event may have ${EVENT_LINE_BYTES_MAX} bytes in canonical form.`,
    );
  return { event, text, hasClientId: ids.eventId !== undefined, sentBytes };
};
