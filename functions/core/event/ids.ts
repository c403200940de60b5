import type { Json } from './event.ts';
import {
  EVENT_ID_CHARACTERS_MAX,
  SESSION_ID_CHARACTERS_MAX,
  USER_ID_BYTES_MAX,
  USER_ID_CHARACTERS_MAX,
} from './limits.ts';
import { isTextOrNumber, type Members } from './members.ts';
import { type Reject, reject } from './reject.ts';
import { utf8Bytes } from './utf8.ts';

/** What broken clients send for "nobody": taken as users, they would merge strangers. */
const PLACEHOLDERS: ReadonlySet<string> = new Set([
  'null',
  'undefined',
  '0',
  'anonymous',
  '00000000-0000-0000-0000-000000000000',
]);

const CONTROL = /\p{Cc}/u;

const HALF_PAIR = /\p{Surrogate}/u;

const readable = (member: string, value: string | number): string | Reject => {
  if (typeof value === 'number') {
    return Number.isSafeInteger(value)
      ? String(value)
      : reject('bad_id', `\`${member}\` as a number loses digits: send it as a text.`);
  }
  return CONTROL.test(value) || HALF_PAIR.test(value)
    ? reject('bad_id', `\`${member}\` has control characters or half a surrogate pair.`)
    : value;
};

const isNobody = (value: Json): boolean => {
  const text = String(value).trim();
  return text === '' || PLACEHOLDERS.has(text.toLowerCase());
};

const isSomebody = (value: Json): value is string | number =>
  isTextOrNumber(value) && !isNobody(value);

const isGiven = (value: Json): value is string | number =>
  isTextOrNumber(value) && String(value).trim() !== '';

const takeUser = (
  members: Members,
  names: readonly [string, ...string[]],
): string | Reject | undefined => {
  const value = members.take(names, isSomebody);
  if (value === undefined) return undefined;
  const id = readable(names[0], value);
  if (typeof id !== 'string') return id;
  return id.length > USER_ID_CHARACTERS_MAX || utf8Bytes(id) > USER_ID_BYTES_MAX
    ? reject(
        'id_too_long',
        `\`${names[0]}\` may have ${USER_ID_CHARACTERS_MAX} characters and ${USER_ID_BYTES_MAX} bytes.`,
      )
    : id;
};

export interface Ids {
  readonly eventId: string | undefined;
  readonly userId: string | undefined;
  readonly anonymousId: string | undefined;
}

export const EVENT_ID_MEMBERS = ['eventId', 'event_id', 'messageId'] as const;

const takeEventId = (members: Members): string | Reject | undefined => {
  const value = members.take(EVENT_ID_MEMBERS, isGiven);
  if (value === undefined) return undefined;
  const id = readable('eventId', value);
  return typeof id === 'string' && id.length > EVENT_ID_CHARACTERS_MAX
    ? reject('id_too_long', `\`eventId\` may have ${EVENT_ID_CHARACTERS_MAX} characters.`)
    : id;
};

export const takeIds = (members: Members): Ids | Reject => {
  const eventId = takeEventId(members);
  if (typeof eventId === 'object') return eventId;
  const userId = takeUser(members, ['userId', 'user_id']);
  if (typeof userId === 'object') return userId;
  const anonymousId = takeUser(members, ['anonymousId', 'anonymous_id']);
  if (typeof anonymousId === 'object') return anonymousId;
  if (userId === undefined && anonymousId === undefined)
    return reject('no_user', 'An event needs a `userId` or an `anonymousId`.');
  return { eventId, userId, anonymousId };
};

const isSession = (value: Json): value is string | number =>
  isGiven(value) && String(value).length <= SESSION_ID_CHARACTERS_MAX;

/** A label only, so one that is too long stays among the extras and the event is taken. */
export const takeSessionId = (...sources: readonly Members[]): string | undefined => {
  for (const members of sources) {
    const value = members.take(['sessionId', 'session_id'], isSession);
    if (value !== undefined) return String(value);
  }
  return undefined;
};
