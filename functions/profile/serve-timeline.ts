/** A user's timeline, newest envelope first, in bounded pages. */
import type { Origin } from '../core/event/event.ts';
import { utf8Bytes } from '../core/event/utf8.ts';
import { type ReadTimelineRow, readTimelineRow } from '../core/profile/timeline.ts';
import { answerTimeline, type PagedRow } from '../core/profile/timeline-answer.ts';
import { epochMs } from '../core/time.ts';
import type { TimelinePlace, TimelineReader } from '../ports/timeline.ts';
import { json, problem } from '../runtime/http.ts';
import { readTimelineQuery, readUserId, type TimelineQuery } from './query.ts';
import { badRequest, CACHING, readOne, type Serve, unknownUser } from './serve.ts';
import { type TimelineCursor, writeCursor } from './timeline-cursor.ts';

const ROWS_A_READ = 25;
/** What is past its time still takes reads; then a page may be short, but has a cursor. */
const READS_MAX = 20;
/** Lambda answers at most 6 MB; a page has at least one event, whatever its size. */
export const PAGE_BYTES_MAX = 4 * 1_024 * 1_024;

interface Page {
  readonly rows: readonly PagedRow[];
  readonly cursor: TimelineCursor | undefined;
}

/** Takes lines of a row while they fit; the number taken up to, counted from the row's end. */
const takenOf = (
  { lines }: ReadTimelineRow,
  from: number,
  room: { events: number; bytes: number },
): number => {
  let to = from;
  for (const { text } of lines.toReversed().slice(from)) {
    const bytes = utf8Bytes(text);
    const isFirst = room.bytes === PAGE_BYTES_MAX;
    if (room.events === 0 || (bytes > room.bytes && !isFirst)) break;
    room.events -= 1;
    room.bytes -= bytes;
    to += 1;
  }
  return to;
};

const placeOf = (cursor: TimelineCursor | undefined): TimelinePlace | undefined =>
  cursor && { key: cursor.key, inclusive: cursor.linesGiven !== undefined };

const readPage = async (
  timeline: TimelineReader,
  origin: Origin,
  { from: cursor, eventsMax }: TimelineQuery,
): Promise<Page> => {
  const room = { events: eventsMax, bytes: PAGE_BYTES_MAX };
  const rows: PagedRow[] = [];
  let place = placeOf(cursor);
  for (let reads = 0; reads < READS_MAX; reads += 1) {
    const read = await timeline.read(origin, place, ROWS_A_READ);
    for (const row of read.rows.map(readTimelineRow)) {
      const from = row.key === cursor?.key ? (cursor.linesGiven ?? 0) : 0;
      const to = takenOf(row, from, room);
      if (to > from || row.cut > 0) rows.push({ row, from, to });
      if (to < row.lines.length) return { rows, cursor: { key: row.key, linesGiven: to } };
    }
    place = read.next;
    if (place === undefined) return { rows, cursor: undefined };
    if (room.events === 0) break;
  }
  return { rows, cursor: place && { key: place.key, linesGiven: undefined } };
};

export const serveTimeline: Serve = async (ports, request, tenant) => {
  const { requestId } = request;
  const user = readUserId(request);
  if (typeof user !== 'string') return badRequest(user.code, user.detail, requestId);
  const query = readTimelineQuery(request);
  if ('code' in query) return badRequest(query.code, query.detail, requestId);
  if (ports.timeline === undefined) {
    const detail = 'This size keeps no timeline: set `timeline` in lib/config.ts and deploy.';
    return problem({ status: 404, code: 'no_timeline', title: 'No timeline', detail }, requestId);
  }
  const { rows, cursor } = await readPage(ports.timeline, { tenant, user }, query);
  // A profile outlives its timeline, so whoever has a row is known.
  if (rows.length === 0 && (await readOne(ports, tenant, user)) === undefined) {
    return unknownUser(request);
  }
  const next = cursor && writeCursor(cursor);
  return json(200, answerTimeline(user, rows, next, epochMs(request.receivedAtMs)), CACHING);
};
