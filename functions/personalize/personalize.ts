/** Answers with items for somebody, each with its reason; never writes. */
import { answerProfile } from '../core/profile/answer.ts';
import type { PersonalizeAnswer, SimilarAnswer } from '../core/recommend/answer-schemas.ts';
import type { Taste } from '../core/recommend/ranking.ts';
import { besideAnItem } from '../core/recommend/settings.ts';
import { type EpochMs, epochMs } from '../core/time.ts';
import type { KeyKind } from '../ports/key-store.ts';
import { isRefusal, type Principal } from '../runtime/authorize.ts';
import { withCors } from '../runtime/cors.ts';
import { type HttpRequest, type HttpResponse, json, problem } from '../runtime/http.ts';
import { limitFor, tokenBuckets, tooFast } from '../runtime/rate-limit.ts';
import { answerPage, answerShort, answerShortProfile } from './answers.ts';
import { type Ask, NO_USER, type Refused, readAsk, readQuery } from './asked.ts';
import { type Page, page } from './page.ts';
import type { PersonalizePorts } from './ports.ts';
import { type Somebody, somebody } from './somebody.ts';

export type { PersonalizePorts } from './ports.ts';

const SERVERS: readonly KeyKind[] = ['server', 'operator'];
const SERVERS_AND_CLIENTS: readonly KeyKind[] = [...SERVERS, 'client'];
/** It is of one person and of this instant. */
const CACHING = { 'cache-control': 'private, no-store' };

interface Call {
  readonly ports: PersonalizePorts;
  readonly request: HttpRequest;
  readonly principal: Principal;
  readonly now: EpochMs;
}

const refused = (
  { request: { requestId } }: Pick<Call, 'request'>,
  { code, detail, status = 400 }: Refused,
): HttpResponse =>
  problem({ status, code, title: 'The request cannot be read', detail }, requestId, CACHING);

/** A public key speaks for who has never said who they are: all others are known by their id. */
const mayAsk = ({ principal }: Call, { userId }: Ask, found?: Somebody): Refused | undefined => {
  if (principal.kind !== 'client') return undefined;
  const isKnown = userId !== undefined || found?.profile?.known === true;
  const detail = 'A client key may ask for an `anonymousId` that was never a known user.';
  return isKnown ? { code: 'not_for_client_keys', detail, status: 403 } : undefined;
};

interface Answered {
  readonly ask: Ask;
  readonly found: Somebody;
  readonly made: Page;
}

const answerFor = async (call: Call, ask: Ask | Refused): Promise<Answered | HttpResponse> => {
  if ('code' in ask) return refused(call, ask);
  if (ask.userId === undefined && ask.anonymousId === undefined) return refused(call, NO_USER);
  const tooEarly = mayAsk(call, ask);
  if (tooEarly !== undefined) return refused(call, tooEarly);
  const { ports, principal, now } = call;
  const found = await somebody(ports, principal.tenant, ask, now);
  if ('code' in found) return refused(call, found);
  const tooMuch = mayAsk(call, ask, found);
  if (tooMuch !== undefined) return refused(call, tooMuch);
  const { taste, profile } = found;
  const { limit, exclude } = ask;
  const { config } = ports;
  const { tenant } = principal;
  const made = await page(ports, { tenant, taste, limit, exclude, now, config });
  const without = profile?.stale ? (['profile', ...made.without] as const) : made.without;
  return { ask, found, made: { ...made, without } };
};

type Serve = (call: Call) => Promise<HttpResponse>;

const nameOf = ({ userId, anonymousId }: Ask) =>
  userId === undefined ? { anonymousId } : { userId };

const native = ({ ports, now }: Call, { ask, made }: Answered) => ({
  ...nameOf(ask),
  ...answerPage(made, { decisionId: ports.newId(now), now }),
});

const serveRecommendations: Serve = async (call) => {
  const answered = await answerFor(call, readQuery(call.request));
  return 'statusCode' in answered ? answered : json(200, native(call, answered), CACHING);
};

const servePersonalize: Serve = async (call) => {
  const answered = await answerFor(call, readAsk(call.request));
  if ('statusCode' in answered) return answered;
  const { ports, principal, now } = call;
  const { profile } = answered.found;
  const { userId, anonymousId } = answered.ask;
  const isTold = profile !== undefined && principal.kind !== 'client';
  const answer: PersonalizeAnswer = {
    ...(isTold && {
      profile: answerProfile(userId ?? anonymousId ?? '', profile, ports.definitions, now),
    }),
    recommendations: native(call, answered),
  };
  return json(200, answer, CACHING);
};

/** 000's; it knows users by their id alone. */
const serveFlat: Serve = async (call) => {
  const ask = readQuery(call.request);
  if (!('code' in ask) && ask.userId === undefined)
    return refused(call, { code: 'no_user', detail: 'Say who it is for: `?userId=…`.' });
  const answered = await answerFor(call, ask);
  if ('statusCode' in answered) return answered;
  const { found, made } = answered;
  const profile = answerShortProfile(found.profile?.facets, call.now);
  const short = answerShort(answered.ask.userId ?? '', made);
  return json(200, { ...short, profile }, CACHING);
};

const serveShort: Serve = async (call) => {
  const answered = await answerFor(call, readQuery(call.request));
  if ('statusCode' in answered) return answered;
  return json(200, answerShort(answered.ask.userId ?? '', answered.made), CACHING);
};

/** What goes with one item, for anybody: as if it were all that somebody had looked at. */
const serveSimilar: Serve = async (call) => {
  const { ports, request, principal, now } = call;
  const { id = '' } = request.pathParameters;
  const ask = readQuery(request);
  if ('code' in ask) return refused(call, ask);
  const catalogue = await ports.catalogueOf(principal.tenant);
  const item = catalogue.find(id);
  if (item === undefined && catalogue.size > 0) {
    const detail = 'No such item; an item that was just put can take two minutes.';
    return problem(
      { status: 404, code: 'unknown_item', title: 'No such item', detail },
      request.requestId,
      CACHING,
    );
  }
  const taste: Taste = {
    history: [{ item: id, arrivedAt: now }],
    bought: [],
    interests: (item?.categories ?? []).slice(0, 1).map((category) => [category, 1]),
    region: ask.region,
  };
  const { limit, exclude } = ask;
  const made = await page(ports, {
    tenant: principal.tenant,
    taste,
    limit,
    exclude: new Set([...exclude, id]),
    now,
    config: besideAnItem(ports.config),
  });
  const answer: SimilarAnswer = {
    itemId: id,
    ...answerPage(made, { decisionId: ports.newId(now), now }),
  };
  return json(200, answer, CACHING);
};

/** API Gateway sends these six routes here and no other. */
const routeOf = ({ path, method }: HttpRequest): Serve => {
  if (method === 'POST') return servePersonalize;
  if (path.startsWith('/v1/items/')) return serveSimilar;
  if (path.startsWith('/api/recommendations/')) return serveShort;
  return path === '/v1/recommendations' ? serveRecommendations : serveFlat;
};

export const personalize = (ports: PersonalizePorts) => {
  const buckets = tokenBuckets();
  const answer = async (request: HttpRequest): Promise<HttpResponse> => {
    const serve = routeOf(request);
    const isNative = serve === serveRecommendations || serve === servePersonalize;
    const allowed = isNative ? SERVERS_AND_CLIENTS : SERVERS;
    const principal = await ports.authorize(request, allowed);
    if (isRefusal(principal)) return principal;
    const limit = limitFor(principal, ports.limits);
    const waitMs = buckets(principal.keyId, limit, request.receivedAtMs);
    if (waitMs > 0) return tooFast(waitMs, request.requestId);
    return serve({ ports, request, principal, now: epochMs(request.receivedAtMs) });
  };
  return async (request: HttpRequest): Promise<HttpResponse> =>
    withCors(request, await answer(request), ports.corsOrigins);
};
