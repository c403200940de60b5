import { cutEnvelopes } from '../core/event/envelope.ts';
import type { Json } from '../core/event/event.ts';
import { inventEvent } from '../core/event/invent.ts';
import { REQUEST_BYTES_MAX, REQUEST_EVENTS_MAX } from '../core/event/limits.ts';
import { isJsonObject, own } from '../core/event/members.ts';
import { type Judged, judgeEvents, readRequest } from '../core/event/request.ts';
import type { RateLimit } from '../core/tags/config.ts';
import { epochMs } from '../core/time.ts';
import type { FailedStore } from '../ports/failed-store.ts';
import type { KeyKind, KeyStore } from '../ports/key-store.ts';
import { authorize, isRefusal, keyInHeaders, type Principal } from '../runtime/authorize.ts';
import { readBody } from '../runtime/body.ts';
import type { HttpRequest, HttpResponse } from '../runtime/http.ts';
import { limitFor, tokenBuckets, tooFast } from '../runtime/rate-limit.ts';
import { notStored, type Refusal, refuse, resultAnswer } from './answers.ts';
import { keepRejected } from './keep-rejected.ts';
import type { IngestRoute } from './routes.ts';
import { type StorePorts, store } from './store.ts';

export interface IngestPorts extends StorePorts {
  readonly keys: KeyStore;
  readonly failed: FailedStore;
  readonly limits: Readonly<Record<KeyKind, RateLimit>>;
  readonly money: { readonly currency: string; readonly rates: Readonly<Record<string, string>> };
  /** Numbers in [0, 1), for made-up events only. */
  readonly random: () => number;
  readonly newEventId: (atMs: number) => string;
  readonly newBatchId: () => string;
}

/** A client key is public and reads; it may not write. */
const MAY_INGEST: readonly KeyKind[] = ['write', 'server', 'operator'];

type Body = { readonly json: Json } | { readonly refused: Refusal } | { readonly empty: true };

const bodyOf = (request: HttpRequest): Body => {
  const read = readBody(request, REQUEST_BYTES_MAX);
  if ('refused' in read) return read;
  if (read.text.trim() === '') return { empty: true };
  try {
    return { json: JSON.parse(read.text) as Json };
  } catch {
    return { refused: 'not_json' };
  }
};

const keyInBody = (body: Body): string | undefined => {
  const key = 'json' in body && isJsonObject(body.json) ? own(body.json, 'writeKey') : undefined;
  return typeof key === 'string' ? key : undefined;
};

/** Everything that one request needs on its way. */
interface Call {
  readonly request: HttpRequest;
  readonly route: IngestRoute;
  readonly principal: Principal;
}

/** Takes the events of a request: judged one by one, on the stream before the answer. */
export const ingest = (ports: IngestPorts) => {
  const identify = authorize(ports.keys);
  const requestBuckets = tokenBuckets();
  const keep = keepRejected(ports);
  const put = store(ports);

  const storeAll = ({ request, route, principal }: Call, judged: readonly Judged[]) => {
    const drafts = judged.flatMap((one) => (one.status === 'accepted' ? [one.draft] : []));
    const { traceparent } = request.headers;
    const envelopes = cutEnvelopes(drafts, {
      origin: {
        protocol: route.protocol,
        path: route.path,
        requestId: request.requestId,
        keyId: principal.keyId,
        ...(traceparent === undefined ? {} : { traceparent: traceparent.slice(0, 100) }),
      },
      newBatchId: ports.newBatchId,
    });
    return put(envelopes, request.requestId);
  };

  const take = async (call: Call, json: Json): Promise<HttpResponse> => {
    const { request, route, principal } = call;
    const sent = readRequest(json);
    if ('refused' in sent) return refuse('not_events', request.requestId, sent.refused);
    if (sent.events.length === 0) return refuse('no_events', request.requestId);
    if (sent.events.length > REQUEST_EVENTS_MAX)
      return refuse('too_many_events', request.requestId);

    const judged = judgeEvents(sent, {
      ...ports.money,
      tenant: principal.tenant,
      receivedAt: epochMs(request.receivedAtMs),
      hints: route.hints,
      newEventId: () => ports.newEventId(request.receivedAtMs),
    });
    ports.count('received', judged.length);
    const [stored] = await Promise.all([storeAll(call, judged), keep.events(call, sent, judged)]);
    if (!stored) {
      ports.count('notStored', 1);
      return notStored(request.requestId);
    }
    for (const status of ['accepted', 'duplicate', 'rejected'] as const)
      ports.count(status, judged.filter((one) => one.status === status).length);
    return resultAnswer(judged, route, request.requestId);
  };

  const takeEmpty = async (call: Call): Promise<HttpResponse> => {
    const { invents } = call.route;
    return invents !== undefined && (await ports.keys.simulates(call.principal.tenant))
      ? take(call, inventEvent(invents, ports.random))
      : refuse('empty_body', call.request.requestId);
  };

  return async (request: HttpRequest, route: IngestRoute): Promise<HttpResponse> => {
    // The body is read before the key is known only where the key may be in the body.
    const early = keyInHeaders(request) === undefined ? bodyOf(request) : undefined;
    const principal = await identify(
      request,
      MAY_INGEST,
      early === undefined ? undefined : keyInBody(early),
    );
    if (isRefusal(principal)) return principal;
    const limit = limitFor(principal, ports.limits);
    const waitMs = requestBuckets(principal.keyId, limit, request.receivedAtMs);
    if (waitMs > 0) {
      ports.count('throttled', 1);
      return tooFast(waitMs, request.requestId);
    }
    const body = early ?? bodyOf(request);
    const call = { request, route, principal };
    if ('empty' in body) return takeEmpty(call);
    if ('json' in body) return take(call, body.json);
    ports.count('refused', 1);
    await keep.body(call, body.refused);
    return refuse(body.refused, request.requestId);
  };
};
