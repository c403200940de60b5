/** What the routes take: ids, numbers and lists, checked before anything is read. */

import type { Json } from '../core/event/event.ts';
import { USER_ID_BYTES_MAX, USER_ID_CHARACTERS_MAX } from '../core/event/limits.ts';
import { isJsonObject } from '../core/event/members.ts';
import { utf8Bytes } from '../core/event/utf8.ts';
import { EXCLUDED_MAX, LIMIT_MAX } from '../core/recommend/recommend.ts';
import { readBody } from '../runtime/body.ts';
import type { HttpRequest } from '../runtime/http.ts';

export interface Refused {
  readonly code: string;
  readonly detail: string;
  readonly status?: number;
}

/** One of the two ids, and how much is asked for. */
export interface Ask {
  readonly userId?: string | undefined;
  readonly anonymousId?: string | undefined;
  readonly limit: number;
  readonly exclude: ReadonlySet<string>;
  readonly region?: string | undefined;
  /** As sent; it is already taken into account. */
  readonly event?: Json | undefined;
}

/** Where nobody says how many. */
const LIMIT = 10;
const BODY_BYTES_MAX = 64 * 1_024;
const REGIONS = ['AMER', 'EMEA', 'APAC'];

/** What was sent for a member: of the query texts, of a body whatever JSON is. */
interface Sent {
  readonly userId: unknown;
  readonly anonymousId: unknown;
  readonly limit: unknown;
  readonly exclude: unknown;
  readonly region: unknown;
  readonly event?: Json | undefined;
}

const idIn = (sent: unknown, name: string): string | undefined | Refused => {
  if (sent === undefined || sent === null || sent === '') return undefined;
  if (typeof sent !== 'string') return { code: 'bad_id', detail: `\`${name}\` is a text.` };
  const tooLong = sent.length > USER_ID_CHARACTERS_MAX || utf8Bytes(sent) > USER_ID_BYTES_MAX;
  const detail = `\`${name}\` has at most ${USER_ID_CHARACTERS_MAX} characters and ${USER_ID_BYTES_MAX} bytes.`;
  return tooLong ? { code: 'id_too_long', detail } : sent;
};

const limitIn = (sent: unknown): number | undefined => {
  if (sent === undefined || sent === null) return LIMIT;
  const limit = /^\d{1,3}$/.test(String(sent)) ? Number(sent) : 0;
  return limit >= 1 && limit <= LIMIT_MAX ? limit : undefined;
};

const excludedIn = (sent: unknown): ReadonlySet<string> | undefined => {
  if (sent === undefined || sent === null) return new Set();
  const list: unknown = typeof sent === 'string' ? sent.split(',') : sent;
  const isList = Array.isArray(list) && list.every((each) => typeof each === 'string');
  return isList && list.length <= EXCLUDED_MAX ? new Set<string>(list) : undefined;
};

const isRefused = (value: unknown): value is Refused =>
  typeof value === 'object' && value !== null && 'code' in value;

export const NO_USER: Refused = {
  code: 'no_user',
  detail: 'Say who it is for: `userId`, or `anonymousId`.',
};

/** Whom and how much; without an id that is a matter of the route. */
const askOf = (sent: Sent): Ask | Refused => {
  const userId = idIn(sent.userId, 'userId');
  const anonymousId = idIn(sent.anonymousId, 'anonymousId');
  if (isRefused(userId)) return userId;
  if (isRefused(anonymousId)) return anonymousId;
  const limit = limitIn(sent.limit);
  if (limit === undefined)
    return { code: 'bad_limit', detail: `\`limit\` is a whole number from 1 to ${LIMIT_MAX}.` };
  const exclude = excludedIn(sent.exclude);
  if (exclude === undefined) {
    const detail = `\`exclude\` is a list of at most ${EXCLUDED_MAX} ids of items.`;
    return { code: 'bad_exclude', detail };
  }
  const { region, event } = sent;
  if (region !== undefined && region !== null && !REGIONS.includes(String(region)))
    return { code: 'bad_region', detail: `\`region\` is one of ${REGIONS.join(', ')}.` };
  return {
    userId,
    anonymousId,
    limit,
    exclude,
    ...(typeof region === 'string' && { region }),
    ...(event !== undefined && { event }),
  };
};

/** `userId` stands in the path on some routes. */
export const readQuery = ({ query, pathParameters }: HttpRequest): Ask | Refused => {
  const one = (name: string): string | undefined => query.get(name) ?? undefined;
  return askOf({
    userId: pathParameters.userId ?? one('userId'),
    anonymousId: one('anonymousId'),
    limit: one('limit'),
    exclude: one('exclude'),
    region: one('region'),
  });
};

export const readAsk = (request: HttpRequest): Ask | Refused => {
  const body = readBody(request, BODY_BYTES_MAX);
  if ('refused' in body) {
    const tooLarge = `A body has at most ${BODY_BYTES_MAX / 1_024} KiB.`;
    return body.refused === 'too_large'
      ? { code: 'body_too_large', detail: tooLarge, status: 413 }
      : { code: 'not_json', detail: 'The body is JSON in UTF-8.' };
  }
  let sent: Json;
  try {
    sent = JSON.parse(body.text) as Json;
  } catch {
    return { code: 'not_json', detail: 'The body is not JSON.' };
  }
  if (!isJsonObject(sent))
    return { code: 'not_an_object', detail: 'Send an object: `{"userId": "…", "event"?: {…}}`.' };
  const { userId, anonymousId, limit, exclude, region, event } = sent;
  const ids = isJsonObject(event) ? event : {};
  return askOf({
    // Who says an event and no id means the event's.
    userId: userId ?? (anonymousId === undefined ? ids.userId : undefined),
    anonymousId: anonymousId ?? (userId === undefined ? ids.anonymousId : undefined),
    limit,
    exclude,
    region,
    event: event ?? undefined,
  });
};
