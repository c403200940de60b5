/** What the profile routes take: ids and ranges, checked before anything is read. */
import { USER_ID_BYTES_MAX, USER_ID_CHARACTERS_MAX } from '../core/event/limits.ts';
import type { PageViewRange } from '../core/profile/answer.ts';
import { PAGE_VIEWS_KEPT_MS } from '../core/profile/page-views.ts';
import { EPOCH_MS_MAX, type EpochMs, epochMs, fromRfc3339, toRfc3339 } from '../core/time.ts';
import type { HttpRequest } from '../runtime/http.ts';
import { readCursor, type TimelineCursor } from './timeline-cursor.ts';

export const IDS_MAX = 100;

export interface Refused {
  readonly code: string;
  readonly detail: string;
}

const checkedId = (id: string): string | Refused => {
  if (id === '') return { code: 'no_user', detail: 'A user id is empty.' };
  const tooLong = id.length > USER_ID_CHARACTERS_MAX || Buffer.byteLength(id) > USER_ID_BYTES_MAX;
  return tooLong
    ? {
        code: 'id_too_long',
        detail: `A user id has at most ${USER_ID_CHARACTERS_MAX} characters and ${USER_ID_BYTES_MAX} bytes.`,
      }
    : id;
};

export const readUserId = ({ pathParameters }: HttpRequest): string | Refused =>
  checkedId(pathParameters.userId ?? '');

/** Each id once, in the order asked for. */
export const readIds = ({ query }: HttpRequest): string[] | Refused => {
  const ids = [...new Set(query.getAll('ids').flatMap((list) => list.split(',')))];
  if (ids.length === 0) {
    return { code: 'no_ids', detail: 'Name the users: `?ids=user-1,user-2`.' };
  }
  if (ids.length > IDS_MAX) {
    return { code: 'too_many_ids', detail: `At most ${IDS_MAX} users a request.` };
  }
  for (const id of ids) {
    const checked = checkedId(id);
    if (typeof checked !== 'string') return checked;
  }
  return ids;
};

const EPOCH_MS = /^\d{1,15}$/;

const readInstant = (text: string): EpochMs | undefined => {
  if (!EPOCH_MS.test(text)) return fromRfc3339(text);
  const at = Number(text);
  return at <= EPOCH_MS_MAX ? epochMs(at) : undefined;
};

const BAD_INSTANT = 'is no instant: send RFC 3339, such as 2026-11-21T09:40:00Z, or milliseconds.';

/** How much of a timeline is asked for, and from where. */
export interface TimelineQuery {
  readonly eventsMax: number;
  /** Undefined: from the newest on. */
  readonly from: TimelineCursor | undefined;
}

export const TIMELINE_EVENTS = 50;
export const TIMELINE_EVENTS_MAX = 200;

const LIMIT = /^\d{1,3}$/;

export const readTimelineQuery = ({ query }: HttpRequest): TimelineQuery | Refused => {
  const limit = query.get('limit') ?? String(TIMELINE_EVENTS);
  const eventsMax = LIMIT.test(limit) ? Number(limit) : 0;
  if (eventsMax < 1 || eventsMax > TIMELINE_EVENTS_MAX) {
    const detail = `\`limit\` is a whole number from 1 to ${TIMELINE_EVENTS_MAX}.`;
    return { code: 'bad_limit', detail };
  }
  const [cursor, before] = [query.get('cursor'), query.get('before')];
  if (cursor !== null && before !== null) {
    const detail = 'Send `before` for the first page and then the `cursor` of each answer alone.';
    return { code: 'cursor_and_before', detail };
  }
  if (cursor !== null) {
    const from = readCursor(cursor);
    if (from !== undefined) return { eventsMax, from };
    return { code: 'bad_cursor', detail: 'Send the `cursor` of an earlier answer as it was.' };
  }
  if (before === null) return { eventsMax, from: undefined };
  const instant = readInstant(before);
  return instant === undefined
    ? { code: 'bad_instant', detail: `\`before\` ${BAD_INSTANT}` }
    : { eventsMax, from: { key: toRfc3339(instant), linesGiven: undefined } };
};

export const readPageViewRange = (
  { query }: HttpRequest,
  now: EpochMs,
): PageViewRange | Refused => {
  const read = (name: string, otherwise: number): EpochMs | undefined => {
    const text = query.get(name);
    return text === null ? epochMs(otherwise) : readInstant(text);
  };
  const to = read('to', now);
  const from = read('from', (to ?? now) - PAGE_VIEWS_KEPT_MS);
  if (from === undefined || to === undefined) {
    const name = from === undefined ? 'from' : 'to';
    return {
      code: 'bad_instant',
      detail: `\`${name}\` ${BAD_INSTANT}`,
    };
  }
  if (from >= to) return { code: 'empty_range', detail: '`from` must lie before `to`.' };
  return { from, to };
};
