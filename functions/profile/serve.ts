/** What the routes of this function have in common. */
import type { AnsweredProfile } from '../core/profile/answer.ts';
import type { ProfileDefinitions } from '../core/profile/facets.ts';
import { toRfc3339 } from '../core/time.ts';
import type { KeyKind } from '../ports/key-store.ts';
import type { ProfileReader } from '../ports/profile-reader.ts';
import type { TimelineReader } from '../ports/timeline.ts';
import { type HttpRequest, type HttpResponse, problem } from '../runtime/http.ts';

export interface ProfilePorts {
  readonly profiles: ProfileReader;
  /** Absent in a size that keeps no timeline. */
  readonly timeline?: TimelineReader | undefined;
  readonly definitions: ProfileDefinitions;
  /** Who asks, or how to refuse. */
  readonly authorize: (
    request: HttpRequest,
    allowed: readonly KeyKind[],
  ) => Promise<{ readonly tenant: string } | HttpResponse>;
}

export type Serve = (
  ports: ProfilePorts,
  request: HttpRequest,
  tenant: string,
) => Promise<HttpResponse>;

/** Windows move without an event: a cache has to ask each time. */
export const CACHING = { 'cache-control': 'private, no-cache' };

export const badRequest = (code: string, detail: string, requestId: string): HttpResponse =>
  problem({ status: 400, code, title: 'The request cannot be read', detail }, requestId);

export const unknownUser = ({ requestId }: HttpRequest): HttpResponse => {
  const detail = 'No event of this user has been counted yet, or the profile has expired.';
  return problem(
    { status: 404, code: 'unknown_user', title: 'Unknown user', detail },
    requestId,
    CACHING,
  );
};

/** For bodies without a place for it: the newest arrival that is counted, or that nobody knew. */
export const freshnessOf = (found: AnsweredProfile | undefined): Record<string, string> => {
  if (found === undefined) return {};
  if (found.stale) return { 'tributary-stale': 'true' };
  return { 'tributary-as-of': toRfc3339(found.newestArrivedAt) };
};

/** Where a default would be a lie. */
export const notNow = ({ requestId }: HttpRequest): HttpResponse => {
  const detail = 'Neither the cache nor the table answered: ask again.';
  return problem(
    { status: 503, code: 'profiles_away', title: 'Not to be told now', detail },
    requestId,
    { ...CACHING, 'retry-after': '1' },
  );
};

export const readOne = async (
  { profiles }: ProfilePorts,
  tenant: string,
  user: string,
): Promise<AnsweredProfile | undefined> => (await profiles.read([{ tenant, user }]))[0];
