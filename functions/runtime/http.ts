/**
 * HTTP as a use case sees it: API Gateway's payload 2.0 on the way in, RFC 9457 problems on the
 * way out. Nothing here knows a route.
 */
export interface HttpRequest {
  readonly method: string;
  /** As sent, from the domain root. */
  readonly path: string;
  readonly query: URLSearchParams;
  /** Lower-case names. */
  readonly headers: Readonly<Record<string, string>>;
  readonly pathParameters: Readonly<Record<string, string>>;
  readonly body: Uint8Array;
  /** API Gateway handed the body over as base64: the bytes are as sent. Else it decoded text. */
  readonly bodyIsBytes: boolean;
  readonly requestId: string;
  readonly receivedAtMs: number;
}

export interface HttpResponse {
  readonly statusCode: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
}

export interface Problem {
  readonly status: number;
  /** Machine-readable, such as `unknown_key`; also the tail of the problem's `type` URI. */
  readonly code: string;
  readonly title: string;
  /** What happened and what to do. */
  readonly detail: string;
}

export const json = (
  statusCode: number,
  body: unknown,
  headers: Readonly<Record<string, string>> = {},
): HttpResponse => ({
  statusCode,
  headers: { 'content-type': 'application/json; charset=utf-8', ...headers },
  body: JSON.stringify(body),
});

export const problem = (
  { status, code, title, detail }: Problem,
  requestId: string,
  headers: Readonly<Record<string, string>> = {},
  more: Readonly<Record<string, unknown>> = {},
): HttpResponse => ({
  statusCode: status,
  headers: { 'content-type': 'application/problem+json', ...headers },
  body: JSON.stringify({
    type: `/docs#${code}`,
    title,
    status,
    detail,
    instance: requestId,
    code,
    ...more,
  }),
});
