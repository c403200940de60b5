/** Answers operators, what failed and sending it on again; and whoever keeps the catalogue. */

import { FAILED_STAGES } from '../core/failed/failed-event.ts';
import { DISCARDED_FOLDER } from '../core/failed/failed-keys.ts';
import { OBJECTS_MAX, type RedriveAsk, redriveAsk } from '../core/failed/failed-schemas.ts';
import type { KeyKind } from '../ports/key-store.ts';
import { readBody } from '../runtime/body.ts';
import { type HttpRequest, type HttpResponse, json, problem } from '../runtime/http.ts';
import { groupFailed, listFailed, showFailed } from './list-failed.ts';
import { DISCARDED_OBJECTS_MAX, type RedrivePorts, redriveFailed } from './redrive-failed.ts';
import { ITEMS_PATH, type ItemsPorts, serveItems } from './serve-items.ts';
import type { Scope } from './walk-failed.ts';

export interface AdminPorts extends RedrivePorts, ItemsPorts {
  /** Who asks, or how to refuse. */
  readonly authorize: (
    request: HttpRequest,
    allowed: readonly KeyKind[],
  ) => Promise<{ readonly tenant: string } | HttpResponse>;
}

const OPERATORS: readonly KeyKind[] = ['operator'];
const KEEPERS: readonly KeyKind[] = ['server', 'operator'];
/** It names people: nobody on the way may keep it. */
const CACHING = { 'cache-control': 'no-store' };
const LISTED = 50;
const BODY_BYTES_MAX = 128 * 1_024;

export const admin =
  (ports: AdminPorts) =>
  async (request: HttpRequest): Promise<HttpResponse> => {
    const isOfItems = request.path.startsWith(ITEMS_PATH);
    const principal = await ports.authorize(request, isOfItems ? KEEPERS : OPERATORS);
    if ('statusCode' in principal) return principal;
    if (isOfItems) return serveItems(ports, request, principal.tenant);
    // API Gateway sends these two routes here and no other.
    return request.method === 'POST'
      ? serveRedrive(ports, request, principal.tenant)
      : serveFailed(ports, request, principal.tenant);
  };

const badRequest = (code: string, detail: string, requestId: string): HttpResponse =>
  problem({ status: 400, code, title: 'The request cannot be read', detail }, requestId);

const cursorOf = (key: string): string => Buffer.from(key).toString('base64url');
const keyIn = (cursor: string): string => Buffer.from(cursor, 'base64url').toString('utf8');

const withCursor = <T extends { readonly cursor?: string }>({ cursor, ...rest }: T) => ({
  ...rest,
  ...(cursor !== undefined && { cursor: cursorOf(cursor) }),
});

const scopeIn = ({ query }: HttpRequest, tenant: string): Scope | undefined => {
  const [stage, reason, cursor] = ['stage', 'reason', 'cursor'].map((name) => query.get(name));
  const known = FAILED_STAGES.find((one) => one === stage);
  if (stage && known === undefined) return undefined;
  return {
    tenant,
    discarded: query.get('discarded') === 'true',
    ...(known !== undefined && { stage: known }),
    ...(reason && { reason }),
    ...(cursor && { after: keyIn(cursor) }),
  };
};

const limitIn = ({ query }: HttpRequest): number | undefined => {
  const text = query.get('limit') ?? String(LISTED);
  const limit = /^\d{1,3}$/.test(text) ? Number(text) : 0;
  return limit >= 1 && limit <= OBJECTS_MAX ? limit : undefined;
};

const serveFailed = async (
  { archive }: AdminPorts,
  request: HttpRequest,
  tenant: string,
): Promise<HttpResponse> => {
  const { query, requestId } = request;
  const key = query.get('key');
  if (key !== null) {
    const shown = await showFailed(archive, key, tenant);
    const detail = 'Nothing that failed is kept under this key; GET /v1/failed lists keys.';
    return shown === undefined
      ? problem({ status: 404, code: 'unknown_failed', title: 'Nothing kept', detail }, requestId)
      : json(200, shown, CACHING);
  }
  const scope = scopeIn(request, tenant);
  if (scope === undefined) {
    const detail = `\`stage\` is one of ${FAILED_STAGES.join(', ')}.`;
    return badRequest('bad_stage', detail, requestId);
  }
  const group = query.get('group');
  if (group !== null && group !== 'reason') {
    return badRequest('bad_group', '`group` is `reason`, or left out.', requestId);
  }
  if (group === 'reason') return json(200, withCursor(await groupFailed(archive, scope)), CACHING);
  const limit = limitIn(request);
  if (limit === undefined) {
    const detail = `\`limit\` is a whole number from 1 to ${OBJECTS_MAX}.`;
    return badRequest('bad_limit', detail, requestId);
  }
  return json(200, withCursor(await listFailed(archive, scope, limit)), CACHING);
};

const askIn = (request: HttpRequest): RedriveAsk | string => {
  const body = readBody(request, BODY_BYTES_MAX);
  if ('refused' in body) return 'The body is JSON in UTF-8.';
  let sent: unknown;
  try {
    sent = JSON.parse(body.text);
  } catch {
    return 'The body is not JSON.';
  }
  const read = redriveAsk.safeParse(sent);
  if (!read.success) {
    const [issue] = read.error.issues;
    return `\`${issue?.path.join('.') ?? ''}\`: ${issue?.message ?? 'is wrong'}.`;
  }
  const { keys, all, stage, reason, discarded, cursor, limit } = read.data;
  if ((keys === undefined) === (all === undefined)) return 'Send `keys`, or `"all": true`.';
  const others = [stage, reason, discarded, cursor, limit].some((each) => each !== undefined);
  if (keys !== undefined && others) return '`keys` goes alone, but for `dryRun`.';
  const batches = (keys ?? []).filter((key) => key.startsWith(DISCARDED_FOLDER)).length;
  return batches > DISCARDED_OBJECTS_MAX
    ? `At most ${DISCARDED_OBJECTS_MAX} discarded batches a request.`
    : read.data;
};

const serveRedrive = async (
  ports: AdminPorts,
  request: HttpRequest,
  tenant: string,
): Promise<HttpResponse> => {
  const ask = askIn(request);
  if (typeof ask === 'string') return badRequest('bad_redrive', ask, request.requestId);
  const { keys, stage, reason, cursor, discarded = false, dryRun = false } = ask;
  const answer = await redriveFailed(ports, {
    ...(keys !== undefined && { keys }),
    scope: {
      tenant,
      discarded,
      ...(stage !== undefined && { stage }),
      ...(reason !== undefined && { reason }),
      ...(cursor !== undefined && { after: keyIn(cursor) }),
    },
    dryRun,
    objectsMax: ask.limit ?? OBJECTS_MAX,
  });
  return json(200, withCursor(answer), CACHING);
};
