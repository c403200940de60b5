/** Answers what is known about users: natively, as 001's flat map, and as 004's page-view rows. */
import {
  type AnsweredProfile,
  answerFlatProfile,
  answerPageViews,
  answerProfile,
  etagOf,
  type ProfileAnswer,
  type ProfilesAnswer,
} from '../core/profile/answer.ts';
import type { ProfileDefinitions } from '../core/profile/facets.ts';
import { epochMs } from '../core/time.ts';
import type { KeyKind } from '../ports/key-store.ts';
import type { ProfileReader } from '../ports/profile-reader.ts';
import { type HttpRequest, type HttpResponse, json, problem } from '../runtime/http.ts';
import { readIds, readPageViewRange, readUserId } from './query.ts';

export interface ProfilePorts {
  readonly profiles: ProfileReader;
  readonly definitions: ProfileDefinitions;
  /** Who asks, or how to refuse. */
  readonly authorize: (
    request: HttpRequest,
    allowed: readonly KeyKind[],
  ) => Promise<{ readonly tenant: string } | HttpResponse>;
}

const READERS: readonly KeyKind[] = ['server', 'operator'];
/** Windows move without an event: a cache has to ask each time. */
const CACHING = { 'cache-control': 'private, no-cache' };

export const profile =
  (ports: ProfilePorts) =>
  async (request: HttpRequest): Promise<HttpResponse> => {
    const principal = await ports.authorize(request, READERS);
    if ('statusCode' in principal) return principal;
    const serve = routeOf(request.path);
    return serve(ports, request, principal.tenant);
  };

type Serve = (ports: ProfilePorts, request: HttpRequest, tenant: string) => Promise<HttpResponse>;

/** API Gateway sends these four routes here and no other. */
const routeOf = (path: string): Serve => {
  if (path.startsWith('/api/analytics/')) return servePageViews;
  if (path.startsWith('/profile/')) return serveFlat;
  return /^\/v1\/profiles\/./.test(path) ? serveOne : serveMany;
};

const badRequest = (code: string, detail: string, requestId: string): HttpResponse =>
  problem({ status: 400, code, title: 'The request cannot be read', detail }, requestId);

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

const readOne = async (
  { profiles }: ProfilePorts,
  tenant: string,
  user: string,
): Promise<AnsweredProfile | undefined> => (await profiles.read([{ tenant, user }]))[0];

const serveOne: Serve = async (ports, request, tenant) => {
  const user = readUserId(request);
  if (typeof user !== 'string') return badRequest(user.code, user.detail, request.requestId);
  const found = await readOne(ports, tenant, user);
  if (found === undefined) {
    const detail = 'No event of this user has been counted yet, or the profile has expired.';
    return problem(
      { status: 404, code: 'unknown_user', title: 'Unknown user', detail },
      request.requestId,
      CACHING,
    );
  }
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
  return json(200, found ? answerFlatProfile(found, ports.definitions, now) : {}, CACHING);
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
  return json(200, rows, { ...CACHING, ...(partial && { 'tributary-partial': 'true' }) });
};
