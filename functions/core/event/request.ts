import { type DecodeContext, type Draft, decodeEvent } from './decode.ts';
import { type Json, type JsonObject, originKeyOf } from './event.ts';
import { EVENT_ID_MEMBERS } from './ids.ts';
import { EVENT_SENT_BYTES_MAX } from './limits.ts';
import { isJsonObject, membersOf, own } from './members.ts';
import { isReject, type Reject } from './reject.ts';
import { refuseShape } from './shape.ts';
import { utf8Bytes } from './utf8.ts';

/** The events of a request body and what it says once for all of them. */
export interface SentRequest {
  readonly events: readonly Json[];
  readonly shared: DecodeContext['shared'];
  /** Members beside `events` that nothing reads; they travel in the extras of the first event. */
  readonly rest: JsonObject;
}

export type SentBody = SentRequest | { readonly refused: string };

/** One event, an array, or `{"events": […]}`. */
export const readRequest = (body: Json): SentBody => {
  if (Array.isArray(body)) return { events: body, shared: { context: {} }, rest: {} };
  if (!isJsonObject(body)) return { refused: 'The body is a JSON object or an array of them.' };
  const events = own(body, 'events');
  if (!Array.isArray(events)) return { events: [body], shared: { context: {} }, rest: {} };

  const members = membersOf(body);
  members.take(['events']);
  members.take(['writeKey']);
  const around = members.rest();
  if (refuseShape(around) !== undefined || utf8Bytes(JSON.stringify(around)) > EVENT_SENT_BYTES_MAX)
    return { refused: 'What stands beside `events` is larger than one event may be.' };
  const sentAt = members.take(['sentAt', 'sent_at']);
  const context = members.take(['context'], isJsonObject) ?? {};
  return {
    events,
    shared: { context, ...(sentAt === undefined ? {} : { sentAt }) },
    rest: members.rest(),
  };
};

export type Judged =
  | { readonly status: 'accepted' | 'duplicate'; readonly eventId: string; readonly draft: Draft }
  | { readonly status: 'rejected'; readonly eventId: string | null; readonly reject: Reject };

const sentIdOf = (sent: Json): string | null => {
  if (!isJsonObject(sent)) return null;
  const id = membersOf(sent).peek(EVENT_ID_MEMBERS);
  return typeof id === 'string' || typeof id === 'number' ? String(id).slice(0, 100) : null;
};

const withRest = (sent: Json, rest: JsonObject): Json =>
  isJsonObject(sent) && Object.keys(rest).length > 0 && !Object.hasOwn(sent, 'request')
    ? { ...sent, request: rest }
    : sent;

/** One verdict per event, in order; a duplicate is a copy (user and event id) within this request. */
export const judgeEvents = (
  { events, shared, rest }: SentRequest,
  context: Omit<DecodeContext, 'shared'>,
): readonly Judged[] => {
  const seen = new Set<string>();
  return events.map((sent, index) => {
    const decoded = decodeEvent(index === 0 ? withRest(sent, rest) : sent, { ...context, shared });
    if (isReject(decoded)) return { status: 'rejected', eventId: sentIdOf(sent), reject: decoded };
    const { eventId } = decoded.event;
    // An id of ours is new by itself, and no copy can be told by it.
    if (!decoded.hasClientId) return { status: 'accepted', eventId, draft: decoded };
    const identity = `${originKeyOf(decoded.event)}\n${eventId}`;
    if (seen.has(identity)) return { status: 'duplicate', eventId, draft: decoded };
    seen.add(identity);
    return { status: 'accepted', eventId, draft: decoded };
  });
};
