import type { KeyKind, KeyStore, StoredKey } from '../ports/key-store.ts';
import { ExpiringMap } from './expiring-map.ts';
import { type HttpRequest, type HttpResponse, problem } from './http.ts';
import { hashKey, KEY_CHARACTERS_MAX, sameHash } from './keys.ts';

export interface Principal {
  readonly tenant: string;
  readonly kind: KeyKind;
  readonly keyId: string;
  /** The local demo key, whose limits are wider. */
  readonly demo: boolean;
}

/** A revoked or new key is known everywhere after this long. */
export const KEY_CACHE_MS = 60_000;
const KEYS_MAX = 1_000;
/** Apart from the known keys, so that guesses cannot push those out. */
const UNKNOWN_KEYS_MAX = 1_000;

const basicUser = (credentials: string): string | undefined => {
  const [user] = Buffer.from(credentials, 'base64').toString('utf8').split(':');
  return user === '' ? undefined : user;
};

const fromAuthorization = (header: string | undefined): string | undefined => {
  const match = /^(Basic|Bearer)\s+(\S+)\s*$/i.exec(header ?? '');
  const [, scheme, credentials] = match ?? [];
  if (scheme === undefined || credentials === undefined) return undefined;
  return scheme.toLowerCase() === 'bearer' ? credentials : basicUser(credentials);
};

/** The key that the request carries in a header, whatever its kind. */
export const keyInHeaders = ({ headers }: Pick<HttpRequest, 'headers'>): string | undefined =>
  fromAuthorization(headers.authorization) || headers['x-write-key'] || headers['x-api-key'];

const unauthorized = (requestId: string, sent: boolean): HttpResponse =>
  problem(
    {
      status: 401,
      code: sent ? 'unknown_key' : 'no_key',
      title: 'No valid key',
      detail: sent
        ? 'The key of this request is not known, or was revoked.'
        : 'Send a key: `Authorization: Bearer …`, `x-api-key`, `x-write-key`, Basic user or `writeKey`.',
    },
    requestId,
    { 'www-authenticate': 'Bearer realm="tributary"' },
  );

const forbidden = (requestId: string, kind: KeyKind, allowed: readonly KeyKind[]): HttpResponse =>
  problem(
    {
      status: 403,
      code: 'wrong_kind_of_key',
      title: 'Wrong kind of key',
      detail: `A ${kind} key may not do this; a key of kind ${allowed.join(', ')} may.`,
    },
    requestId,
  );

interface Found {
  readonly hash: string;
  readonly key: StoredKey;
}

/** Finds keys, remembering for up to a minute both which are known and which are not. */
const cachedKeys = (store: KeyStore) => {
  const known = new ExpiringMap<Found>({ entriesMax: KEYS_MAX, ttlMs: KEY_CACHE_MS });
  const unknown = new ExpiringMap<string>({ entriesMax: UNKNOWN_KEYS_MAX, ttlMs: KEY_CACHE_MS });
  return async (hash: string, nowMs: number): Promise<StoredKey | undefined> => {
    // Looked up by a part of the hash; the rest is compared in constant time.
    const place = hash.slice(0, 16);
    const cached = known.get(place, nowMs)?.value;
    if (cached !== undefined && sameHash(cached.hash, hash)) return cached.key;
    const refused = unknown.get(place, nowMs)?.value;
    if (refused !== undefined && sameHash(refused, hash)) return undefined;
    const key = await store.find(hash);
    if (key === undefined || key.revokedAt !== undefined) {
      unknown.set(place, hash, nowMs);
      known.delete(place);
      return undefined;
    }
    known.set(place, { hash, key }, nowMs);
    return key;
  };
};

/**
 * Says who a request comes from, or how to refuse it. The tenant comes from the key alone. The
 * third argument is a key found elsewhere, as in the body; headers win over it.
 */
export const authorize = (keys: KeyStore) => {
  const find = cachedKeys(keys);
  return async (
    request: Pick<HttpRequest, 'headers' | 'requestId' | 'receivedAtMs'>,
    allowed: readonly KeyKind[],
    elsewhere?: string,
  ): Promise<Principal | HttpResponse> => {
    const text = keyInHeaders(request) ?? elsewhere;
    if (text === undefined || text === '') return unauthorized(request.requestId, false);
    const key =
      text.length > KEY_CHARACTERS_MAX
        ? undefined
        : await find(hashKey(text), request.receivedAtMs);
    if (key === undefined) return unauthorized(request.requestId, true);
    if (!allowed.includes(key.kind)) return forbidden(request.requestId, key.kind, allowed);
    return { tenant: key.tenant, kind: key.kind, keyId: key.id, demo: key.demo === true };
  };
};

export const isRefusal = (answer: Principal | HttpResponse): answer is HttpResponse =>
  'statusCode' in answer;
