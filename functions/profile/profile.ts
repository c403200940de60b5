/** Answers what is known about users: natively, as 001's flat map, and as 004's page-view rows. */
import {
  answerFlatProfile,
  answerPageViews,
  answerProfile,
  etagOf,
  type ProfileAnswer,
  type ProfilesAnswer,
} from '../core/profile/answer.ts';
import { epochMs } from '../core/time.ts';
import type { KeyKind } from '../ports/key-store.ts';
import { type HttpRequest, type HttpResponse, json } from '../runtime/http.ts';
import { readIds, readPageViewRange, readUserId } from './query.ts';
import {
  badRequest,
  CACHING,
  freshnessOf,
  type ProfilePorts,
  readOne,
  type Serve,
  unknownUser,
} from './serve.ts';
import { serveExplain } from './serve-explain.ts';
import { serveTimeline } from './serve-timeline.ts';

export type { ProfilePorts } from './serve.ts';

const READERS: readonly KeyKind[] = ['server', 'operator'];
export const profile =
  (ports: ProfilePorts) =>
  async (request: HttpRequest): Promise<HttpResponse> => {
    const principal = await ports.authorize(request, READERS);
    if ('statusCode' in principal) return principal;
    const serve = routeOf(request);
    return serve(ports, request, principal.tenant);
  };

/**
 * API Gateway sends these six routes here and no other. It hands the path over decoded, so a user
 * whose id ends like a route is told from the route by the id alone.
 */
const routeOf = ({ path, pathParameters: { userId, tag } }: HttpRequest): Serve => {
  if (path.startsWith('/api/analytics/')) return servePageViews;
  if (path.startsWith('/profile/')) return serveFlat;
  if (tag !== undefined) return serveExplain;
  const [, rest] = /^\/v1\/profiles\/(.+)$/s.exec(path) ?? [];
  if (rest === undefined) return serveMany;
  return rest.endsWith('/events') && rest !== userId ? serveTimeline : serveOne;
};

const matchesTag = (header: string | undefined, etag: string): boolean => {
  const sent = (header ?? '').split(',').map((each) => each.trim().replace(/^W\//, ''));
  return sent.some((each) => each === '*' || each === etag);
};

const withEtag = (request: HttpRequest, body: ProfileAnswer | ProfilesAnswer): HttpResponse => {
  const etag = etagOf(body);
  const headers = { ...CACHING, etag };
  return matchesTag(request.headers['if-none-match'], etag)
    ? { statusCode: 304, headers, body: '' }
    : json(200, body, headers);
};

const serveOne: Serve = async (ports, request, tenant) => {
  const user = readUserId(request);
  if (typeof user !== 'string') return badRequest(user.code, user.detail, request.requestId);
  const found = await readOne(ports, tenant, user);
  if (found === undefined) return unknownUser(request);
  const now = epochMs(request.receivedAtMs);
  return withEtag(request, answerProfile(user, found, ports.definitions, now));
};

const serveMany: Serve = async ({ profiles, definitions }, request, tenant) => {
  const ids = readIds(request);
  if (!Array.isArray(ids)) return badRequest(ids.code, ids.detail, request.requestId);
  const found = await profiles.read(ids.map((user) => ({ tenant, user })));
  const now = epochMs(request.receivedAtMs);
  return withEtag(request, {
    profiles: ids.flatMap((user, index) => {
      const each = found[index];
      return each === undefined ? [] : [answerProfile(user, each, definitions, now)];
    }),
    unknown: ids.filter((_, index) => found[index] === undefined),
  });
};

const serveFlat: Serve = async (ports, request, tenant) => {
  const user = readUserId(request);
  if (typeof user !== 'string') return badRequest(user.code, user.detail, request.requestId);
  const found = await readOne(ports, tenant, user);
  const now = epochMs(request.receivedAtMs);
  const flat = found ? answerFlatProfile(found, ports.definitions, now) : {};
  return json(200, flat, { ...CACHING, ...freshnessOf(found) });
};

const servePageViews: Serve = async (ports, request, tenant) => {
  const user = readUserId(request);
  if (typeof user !== 'string') return badRequest(user.code, user.detail, request.requestId);
  const now = epochMs(request.receivedAtMs);
  const range = readPageViewRange(request, now);
  if ('code' in range) return badRequest(range.code, range.detail, request.requestId);
  const found = await readOne(ports, tenant, user);
  if (found === undefined) return json(200, [], CACHING);
  const { rows, partial } = answerPageViews(user, found, range, now);
  return json(200, rows, {
    ...CACHING,
    ...freshnessOf(found),
    ...(partial && { 'tributary-partial': 'true' }),
  });
};
