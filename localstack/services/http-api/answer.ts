/** What a client receives: a function's result by the inference of format 2.0, or the gateway's own. */
import type { Invocation } from '../../cloud.ts';
import { isRecord } from '../../template/json.ts';

export interface HttpAnswer {
  readonly status: number;
  readonly headers: readonly (readonly [name: string, value: string])[];
  readonly body: Uint8Array;
}

/** API Gateway's own words; they are not problem documents. */
export const gatewayAnswer = (status: number, message: string): HttpAnswer => ({
  status,
  headers: [['content-type', 'application/json']],
  body: Buffer.from(JSON.stringify({ message })),
});

export const NOT_FOUND = gatewayAnswer(404, 'Not Found');
export const TOO_LARGE = gatewayAnswer(413, 'Request Entity Too Large');
export const TOO_MANY = gatewayAnswer(429, 'Too Many Requests');
export const INTERNAL = gatewayAnswer(500, 'Internal Server Error');
export const UNAVAILABLE = gatewayAnswer(503, 'Service Unavailable');

/** Headers that belong to one connection: the front writes its own. */
const OF_THE_CONNECTION = new Set([
  'connection',
  'content-length',
  'keep-alive',
  'transfer-encoding',
  'upgrade',
]);

const bytesOf = (body: unknown, isBase64Encoded: boolean): Uint8Array => {
  if (body === undefined || body === null) return Buffer.alloc(0);
  const text = typeof body === 'string' ? body : JSON.stringify(body);
  return Buffer.from(text, isBase64Encoded ? 'base64' : 'utf8');
};

const headersOf = (result: Readonly<Record<string, unknown>>): [string, string][] => {
  const named = isRecord(result.headers) ? Object.entries(result.headers) : [];
  const cookies = Array.isArray(result.cookies) ? result.cookies : [];
  const headers = named
    .map(([name, value]): [string, string] => [name.toLowerCase(), String(value)])
    .filter(([name]) => !OF_THE_CONNECTION.has(name));
  return [...headers, ...cookies.map((cookie): [string, string] => ['set-cookie', String(cookie)])];
};

/** A result without a status is the body itself. */
const inferred = (result: unknown): HttpAnswer => ({
  status: 200,
  headers: [['content-type', 'application/json']],
  body: bytesOf(result, false),
});

export const answerOf = ({ payload, error }: Invocation): HttpAnswer => {
  if (error === 'throttled') return UNAVAILABLE;
  if (error !== undefined) return INTERNAL;
  let result: unknown;
  try {
    result = JSON.parse(payload);
  } catch {
    return INTERNAL;
  }
  if (!isRecord(result) || result.statusCode === undefined) return inferred(result);
  const status = Number(result.statusCode);
  if (!Number.isInteger(status) || status < 100 || status > 599) return INTERNAL;
  const headers = headersOf(result);
  if (!headers.some(([name]) => name === 'content-type')) {
    headers.push(['content-type', 'text/plain; charset=utf-8']);
  }
  return { status, headers, body: bytesOf(result.body, result.isBase64Encoded === true) };
};
