import type { HttpRequest, HttpResponse } from './http.ts';

/** What browsers' SDKs send beside their bodies; a header that is missing here is lost in silence. */
const ALLOWED_HEADERS = [
  'authorization',
  'content-type',
  'x-api-key',
  'x-write-key',
  'x-retry-count',
  'if-none-match',
  'traceparent',
  'idempotency-key',
  'anonymousid',
  'sentat',
].join(', ');

/** Chromium caches a preflight no longer than this. */
const PREFLIGHT_SECONDS = 7_200;

const allowOrigin = (
  { headers }: Pick<HttpRequest, 'headers'>,
  origins: readonly string[],
): Readonly<Record<string, string>> => {
  const { origin } = headers;
  if (origin === undefined || !(origins.includes('*') || origins.includes(origin)))
    return { vary: 'Origin' };
  // Beacons are always sent with credentials, and with those the origin must be named, not `*`.
  return {
    'access-control-allow-origin': origin,
    'access-control-allow-credentials': 'true',
    'access-control-expose-headers': 'ETag, Retry-After',
    vary: 'Origin',
  };
};

export const withCors = (
  request: Pick<HttpRequest, 'headers'>,
  response: HttpResponse,
  origins: readonly string[],
): HttpResponse => ({
  ...response,
  headers: { ...response.headers, ...allowOrigin(request, origins) },
});

/** OPTIONS never needs a key. */
export const preflight = (
  request: Pick<HttpRequest, 'headers'>,
  methods: readonly string[],
  origins: readonly string[],
): HttpResponse => ({
  statusCode: 204,
  headers: {
    ...allowOrigin(request, origins),
    allow: [...methods, 'OPTIONS'].join(', '),
    'access-control-allow-methods': [...methods, 'OPTIONS'].join(', '),
    'access-control-allow-headers': ALLOWED_HEADERS,
    'access-control-max-age': String(PREFLIGHT_SECONDS),
  },
  body: '',
});
