/** The event of payload format 2.0, as API Gateway hands it to a function. */
import { ACCOUNT } from '../../template/pseudo.ts';

export interface HttpRequest {
  readonly method: string;
  /** Path and query as the client sent them. */
  readonly url: string;
  /** Name and value in turn, repeated names kept. */
  readonly rawHeaders: readonly string[];
  readonly body: Uint8Array;
  readonly sourceIp: string;
  readonly protocol: string;
}

export interface EventContext {
  readonly apiId: string;
  readonly stage: string;
  readonly routeKey: string;
  readonly pathParameters: Readonly<Record<string, string>>;
  readonly requestId: string;
  readonly nowMs: number;
}

/** A body of these types arrives as a string; every other one, and one without type, as base64. */
const TEXT_TYPE = /^(text\/.*|application\/(json|xml|javascript))$/;
const MONTHS = ['Jan', 'Feb', 'Mar', 'Apr', 'May', 'Jun', 'Jul', 'Aug', 'Sep', 'Oct', 'Nov', 'Dec'];

/** Lower-case names; repeated ones joined by a comma; cookies travel apart. */
export const headersOf = (
  rawHeaders: readonly string[],
): {
  readonly headers: Readonly<Record<string, string | undefined>>;
  readonly cookies: readonly string[];
} => {
  const headers = new Map<string, string>();
  const cookies: string[] = [];
  for (let at = 0; at + 1 < rawHeaders.length; at += 2) {
    const name = (rawHeaders[at] ?? '').toLowerCase();
    const value = rawHeaders[at + 1] ?? '';
    if (name === 'cookie') cookies.push(...value.split(';').map((cookie) => cookie.trim()));
    else headers.set(name, headers.has(name) ? `${headers.get(name)},${value}` : value);
  }
  return { headers: Object.fromEntries(headers), cookies: cookies.filter(Boolean) };
};

const queryOf = (rawQueryString: string): Record<string, string> => {
  const query = new Map<string, string>();
  for (const [name, value] of new URLSearchParams(rawQueryString)) {
    query.set(name, query.has(name) ? `${query.get(name)},${value}` : value);
  }
  return Object.fromEntries(query);
};

/** `24/Nov/2026:20:17:03 +0000` */
const clfTime = (nowMs: number): string => {
  const [year = '', month = '', rest = ''] = new Date(nowMs).toISOString().split('-');
  return `${rest.slice(0, 2)}/${MONTHS[Number(month) - 1]}/${year}:${rest.slice(3, 11)} +0000`;
};

/** API Gateway decodes the path of an HTTP API, for matching and in the event alike. */
export const decodedPath = (path: string): string => {
  try {
    return decodeURIComponent(path);
  } catch {
    return path;
  }
};

export const splitUrl = (url: string): readonly [path: string, rawQueryString: string] => {
  const mark = url.indexOf('?');
  return mark < 0 ? [url, ''] : [url.slice(0, mark), url.slice(mark + 1)];
};

const bodyOf = (body: Uint8Array, contentType: string | undefined) => {
  const [type = ''] = (contentType ?? '').split(';');
  const isText = TEXT_TYPE.test(type.trim().toLowerCase());
  if (body.byteLength === 0) return { isBase64Encoded: false };
  const text = Buffer.from(body).toString(isText ? 'utf8' : 'base64');
  return { body: text, isBase64Encoded: !isText };
};

const contextOf = (request: HttpRequest, context: EventContext, path: string, host: string) => ({
  accountId: ACCOUNT,
  apiId: context.apiId,
  domainName: host,
  domainPrefix: host.split('.')[0] ?? '',
  http: {
    method: request.method,
    path,
    protocol: request.protocol,
    sourceIp: request.sourceIp,
    userAgent: headersOf(request.rawHeaders).headers['user-agent'] ?? '',
  },
  requestId: context.requestId,
  routeKey: context.routeKey,
  stage: context.stage,
  time: clfTime(context.nowMs),
  timeEpoch: context.nowMs,
});

export const eventOf = (request: HttpRequest, context: EventContext): Record<string, unknown> => {
  const [rawPath, rawQueryString] = splitUrl(request.url);
  const path = decodedPath(rawPath);
  const { headers, cookies } = headersOf(request.rawHeaders);
  const host = headers.host ?? 'localhost';
  return {
    version: '2.0',
    routeKey: context.routeKey,
    rawPath: path,
    rawQueryString,
    ...(cookies.length === 0 ? {} : { cookies }),
    headers: {
      ...headers,
      'x-amzn-trace-id': `Root=1-${Math.floor(context.nowMs / 1_000).toString(16)}-${context.requestId.replaceAll('-', '').slice(0, 24)}`,
      'x-forwarded-for': request.sourceIp,
      'x-forwarded-port': host.split(':')[1] ?? '80',
      'x-forwarded-proto': 'http',
    },
    ...(rawQueryString === '' ? {} : { queryStringParameters: queryOf(rawQueryString) }),
    requestContext: contextOf(request, context, path, host),
    ...(Object.keys(context.pathParameters).length === 0
      ? {}
      : { pathParameters: context.pathParameters }),
    ...bodyOf(request.body, headers['content-type']),
  };
};
