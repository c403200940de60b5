/** Answers what happens over all users: figures by minute, 003's counters, 004's rows, the feed. */
import {
  answerCounters,
  answerLive,
  answerRealtime,
  answerRecentPageViews,
  CART_MINUTES,
  minuteOfInstant,
  type ReadMinute,
  readMinute,
} from '../core/analytics/live-answers.ts';
import { type FeedPlaces, feedAfter, readPlaces } from '../core/analytics/live-feed.ts';
import { EVENT_LEAD_MAX_MS } from '../core/tags/window-tiles.ts';
import { type EpochMs, epochMs, toRfc3339, utcDayOf } from '../core/time.ts';
import type { KeyKind } from '../ports/key-store.ts';
import type { TallyReader } from '../ports/tally-reader.ts';
import { type HttpRequest, type HttpResponse, json, problem } from '../runtime/http.ts';

export interface AnalyticsPorts {
  readonly tally: TallyReader;
  /** Who asks, or how to refuse. */
  readonly authorize: (
    request: HttpRequest,
    allowed: readonly KeyKind[],
  ) => Promise<{ readonly tenant: string } | HttpResponse>;
}

const READERS: readonly KeyKind[] = ['server', 'operator'];
const CACHING = { 'cache-control': 'private, no-cache' };
const MINUTES_MAX = 60;
const REALTIME_MINUTES = 15;
const PAGE_VIEW_MINUTES = 5;
const CURSOR_CHARACTERS_MAX = 20_000;

type Serve = (ports: AnalyticsPorts, request: HttpRequest, tenant: string) => Promise<HttpResponse>;

export const analytics =
  (ports: AnalyticsPorts) =>
  async (request: HttpRequest): Promise<HttpResponse> => {
    const principal = await ports.authorize(request, READERS);
    if ('statusCode' in principal) return principal;
    const serve = routeOf(request.path);
    return serve(ports, request, principal.tenant);
  };

/** API Gateway sends these four routes here and no other. */
const routeOf = (path: string): Serve => {
  if (path.endsWith('/recent-page-views')) return servePageViews;
  if (path.endsWith('/live')) return serveLive;
  return path.startsWith('/api/') ? serveCounters : serveRealtime;
};

const badRequest = (code: string, detail: string, requestId: string): HttpResponse =>
  problem({ status: 400, code, title: 'The request cannot be read', detail }, requestId);

/** Undefined for what is no whole number from 1 to 60. */
const minutesIn = ({ query }: HttpRequest, otherwise: number): number | undefined => {
  const text = query.get('minutes') ?? String(otherwise);
  const minutes = /^\d{1,2}$/.test(text) ? Number(text) : 0;
  return minutes >= 1 && minutes <= MINUTES_MAX ? minutes : undefined;
};

const badMinutes = ({ requestId }: HttpRequest): HttpResponse =>
  badRequest('bad_minutes', `\`minutes\` is a whole number from 1 to ${MINUTES_MAX}.`, requestId);

const readMinutes = async (
  { tally }: AnalyticsPorts,
  tenant: string,
  now: EpochMs,
  count: number,
): Promise<readonly ReadMinute[]> => {
  const current = minuteOfInstant(now);
  const minutes = Array.from({ length: count }, (_, back) => current - back);
  const rows = await tally.minutes(tenant, minutes);
  return minutes.map((minute, place) => readMinute(minute, rows[place] ?? []));
};

const serveRealtime: Serve = async (ports, request, tenant) => {
  const shown = minutesIn(request, REALTIME_MINUTES);
  if (shown === undefined) return badMinutes(request);
  const now = epochMs(request.receivedAtMs);
  const [minutes, sessions] = await Promise.all([
    readMinutes(ports, tenant, now, Math.max(shown, CART_MINUTES)),
    ports.tally.sessions(tenant, utcDayOf(now)),
  ]);
  return json(200, answerRealtime({ minutes, sessions }, shown, now), CACHING);
};

const serveCounters: Serve = async (ports, request, tenant) => {
  const now = epochMs(request.receivedAtMs);
  return json(
    200,
    answerCounters(await readMinutes(ports, tenant, now, CART_MINUTES), now),
    CACHING,
  );
};

/** An event of the range can have arrived before it, by as much as a client may date it ahead. */
const LEAD_MINUTES = Math.ceil(EVENT_LEAD_MAX_MS / 60_000) + 1;

const servePageViews: Serve = async (ports, request, tenant) => {
  const count = minutesIn(request, PAGE_VIEW_MINUTES);
  if (count === undefined) return badMinutes(request);
  const now = epochMs(request.receivedAtMs);
  const minutes = await readMinutes(ports, tenant, now, count + LEAD_MINUTES);
  const range = { from: epochMs(now - count * 60_000), to: epochMs(now + EVENT_LEAD_MAX_MS) };
  const { rows, cut, asOf } = answerRecentPageViews(minutes, range);
  return json(200, rows, {
    ...CACHING,
    ...(cut && { 'tributary-partial': 'true' }),
    ...(asOf !== undefined && { 'tributary-as-of': toRfc3339(asOf) }),
  });
};

const placesIn = (cursor: string | null): FeedPlaces | undefined => {
  if (cursor === null || cursor === '') return {};
  if (cursor.length > CURSOR_CHARACTERS_MAX) return undefined;
  return readPlaces(Buffer.from(cursor, 'base64url').toString('utf8'));
};

const serveLive: Serve = async ({ tally }, request, tenant) => {
  const places = placesIn(request.query.get('cursor'));
  if (places === undefined) {
    return badRequest('bad_cursor', 'Send the `cursor` of an earlier answer.', request.requestId);
  }
  const feeds = await tally.feeds(tenant);
  const page = feedAfter(feeds, places);
  const cursor = Buffer.from(JSON.stringify(page.places)).toString('base64url');
  return json(200, answerLive(page, feeds, cursor, epochMs(request.receivedAtMs)), CACHING);
};
