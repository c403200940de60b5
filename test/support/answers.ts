import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';

/** A request of the table in `docs/api.md`, for the use case and for a running server alike. */
export interface AnswerRequest {
  readonly method: string;
  readonly path: string;
  readonly body: Uint8Array;
  readonly contentType: string;
  /** How the request says who it is; `none` needs a server that adds no key of its own. */
  readonly key: 'operator' | 'basic' | 'in-body' | 'client' | 'unknown' | 'endless' | 'none';
}

export interface AnswerCase {
  readonly name: string;
  readonly status: number;
  /** Empty where the answer is no problem. */
  readonly code: string;
  readonly events?: {
    readonly accepted: number;
    readonly duplicates: number;
    readonly rejected: number;
  };
  readonly reasons: readonly string[];
  /** API Gateway refuses it by itself, so without a problem document. */
  readonly gatewayMayAnswer: boolean;
  /** The text that stands for the key is put into the body where the key travels there. */
  readonly request: (key: string) => AnswerRequest;
}

const bytes = (text: string): Uint8Array => new TextEncoder().encode(text);

const request = (more: Partial<AnswerRequest> & { readonly sent?: unknown }): AnswerRequest => {
  const { sent, ...rest } = more;
  return {
    method: 'POST',
    path: '/events',
    contentType: 'application/json',
    key: 'operator',
    body: sent === undefined ? new Uint8Array() : bytes(JSON.stringify(sent)),
    ...rest,
  };
};

const text = (body: string): AnswerRequest => request({ body: bytes(body) });
const view = { userId: 'user123', eventType: 'VIEW' };
const sending = (sent: unknown): AnswerRequest => request({ sent });
const one = (more: object): AnswerRequest => sending({ ...view, ...more });
const many = (count: number): AnswerRequest =>
  sending(Array.from({ length: count }, (_, index) => ({ ...view, eventId: `e-${index}` })));

/** Levels of nesting of the whole event: the event itself is the first, `properties` the second. */
const nested = (levels: number): string =>
  `{"userId":"u","event":"Deep","properties":${'{"a":'.repeat(levels - 2)}{}${'}'.repeat(levels - 2)}}`;

export const EVENT_OVERHEAD = JSON.stringify({ userId: 'u', event: 'Big', note: '' }).length;
const sized = (size: number) => ({
  userId: 'u',
  event: 'Big',
  note: 'x'.repeat(size - EVENT_OVERHEAD),
});

const USER_EVENT =
  '{"userId":"user123","eventType":"VIEW","timestamp":1714060800000,"context":{"page":"home","itemId":"item001","category":"tech","device":"mobile","geo":"de"}}';
const OCTETS = 'application/octet-stream';
const zipped = (content: string | Buffer): Uint8Array => new Uint8Array(gzipSync(content));
const KIB = 1_024;

const REQUESTS: Readonly<Record<string, (key: string) => AnswerRequest>> = {
  'user-event': () => text(USER_EVENT),
  'good-bad-and-twice': () =>
    sending([{ ...view, eventId: 'a' }, { eventType: 'VIEW' }, { ...view, eventId: 'a' }]),
  'two-users-one-id': () =>
    sending([
      { userId: 'u1', event: 'x', eventId: 'a' },
      { userId: 'u2', event: 'x', eventId: 'a' },
    ]),
  'far-future': () => one({ timestamp: '2099-01-01T00:00:00Z' }),
  'before-1970': () => one({ timestamp: '1950-01-01' }),
  'unknown-name': () => sending({ userId: 'u', event: 'WISH_GRANTED' }),
  'proto-key': () =>
    text(
      '{"userId":"u","event":"x","__proto__":{"admin":true},"constructor":1,"properties":{"__proto__":{"admin":true}}}',
    ),
  gzip: () => request({ body: zipped(JSON.stringify(view)), contentType: OCTETS }),
  'byte-order-mark': () => text(`\ufeff${JSON.stringify(view)}`),
  'text-plain': () => request({ sent: view, contentType: 'text/plain;charset=UTF-8' }),
  slashes: () => request({ sent: view, path: '//events/' }),
  'write-key-in-body': (key) => request({ sent: { ...view, writeKey: key }, key: 'in-body' }),
  'basic-key': () => request({ sent: view, key: 'basic' }),
  '500-events': () => many(500),
  'invalid-json': () => text('{"userId":'),
  scalar: () => text('7'),
  'no-events': () => text('[]'),
  'empty-body': () => text(''),
  'not-utf8': () => request({ body: Uint8Array.of(0x7b, 0xff, 0xfe, 0x7d), contentType: OCTETS }),
  'broken-gzip-text': () => request({ body: zipped(JSON.stringify(view)) }),
  'broken-gzip-bytes': () =>
    request({ body: zipped(JSON.stringify(view)).slice(0, 20), contentType: OCTETS }),
  nulls: () => text('[null, 1, "x", []]'),
  'wrong-types': () => one({ userId: { id: 1 } }),
  'wrong-properties': () => one({ properties: 'red' }),
  'all-bad-native': () => request({ sent: { ...view, userId: [] }, path: '/v1/events' }),
  'no-user': () => sending({ eventType: 'VIEW' }),
  'placeholder-user': () => one({ userId: 'null' }),
  'no-name': () => sending({ userId: 'u' }),
  'long-name': () => sending({ userId: 'u', event: 'x'.repeat(201) }),
  'unknown-kind': () => one({ kind: 'dance' }),
  'bad-timestamp': () => one({ timestamp: 'yesterday' }),
  'huge-number': () => text('{"userId":"u","event":"x","properties":{"price":1e999}}'),
  'unsafe-number-id': () => text('{"userId":12345678901234567890,"event":"x"}'),
  'control-character-id': () => one({ userId: 'a\u0000b' }),
  'long-user-id': () => one({ userId: 'x'.repeat(129) }),
  'long-user-id-bytes': () => one({ userId: '€'.repeat(67) }),
  'long-event-id': () => one({ eventId: 'x'.repeat(101) }),
  '65-deep': () => text(nested(65)),
  'half-a-million-deep': () =>
    text(`{"userId":"u","event":"x","a":${'['.repeat(250_000)}${']'.repeat(250_000)}}`),
  'many-keys': () =>
    sending({
      userId: 'u',
      event: 'x',
      properties: Object.fromEntries(Array.from({ length: 998 }, (_, index) => [`k${index}`, 1])),
    }),
  'oversized-event': () => sending([sized(32 * KIB + 1), view]),
  '501-events': () => many(501),
  '600-events': () => many(600),
  '513-kib': () => text(`${JSON.stringify(view)}${' '.repeat(512 * KIB + 1 - 39)}`),
  '10-mb': () => text(`[${' '.repeat(10 * KIB * KIB)}]`),
  'gzip-bomb': () =>
    request({ body: zipped(Buffer.alloc(50 * KIB * KIB, ' ')), contentType: OCTETS }),
  'no-key': () => request({ sent: view, key: 'none' }),
  'unknown-key': () => request({ sent: view, key: 'unknown' }),
  'endless-key': () => request({ sent: view, key: 'endless' }),
  'client-key': () => request({ sent: view, key: 'client' }),
  'unknown-route': () => request({ sent: view, path: '/nowhere' }),
  'wrong-method': () => request({ method: 'GET' }),
  'wrong-method-profile': () => request({ sent: view, path: '/v1/profiles/user123' }),
  preflight: () => request({ method: 'OPTIONS', key: 'none' }),
  health: () => request({ method: 'GET', path: '/healthz', key: 'none' }),
};

const GATEWAY_ANSWERS: ReadonlySet<string> = new Set(['10-mb']);

const cellsOf = (line: string): readonly string[] =>
  line
    .split('|')
    .slice(1, -1)
    .map((cell) => cell.trim());

const caseOf = (line: string): AnswerCase => {
  const [quoted = '', , status = '', code = '', events = '', reasons = ''] = cellsOf(line);
  const name = quoted.replaceAll('`', '');
  const build = REQUESTS[name];
  if (build === undefined) throw new Error(`docs/api.md has a case that nobody sends: ${name}`);
  const [accepted, duplicates, rejected] = events.split('/').map(Number);
  return {
    name,
    status: Number(status),
    code,
    reasons: reasons === '' ? [] : reasons.split(' '),
    ...(accepted === undefined || duplicates === undefined || rejected === undefined
      ? {}
      : { events: { accepted, duplicates, rejected } }),
    gatewayMayAnswer: GATEWAY_ANSWERS.has(name),
    request: build,
  };
};

/** The table of `docs/api.md` between its two marks. */
export const answerCases = (): readonly AnswerCase[] => {
  const page = readFileSync(join(import.meta.dirname, '../../docs/api.md'), 'utf8');
  const [, table = ''] = /<!-- answers: begin -->(.*)<!-- answers: end -->/s.exec(page) ?? [];
  return table
    .split('\n')
    .filter((line) => line.startsWith('| `'))
    .map(caseOf);
};

export const namedRequests: readonly string[] = Object.keys(REQUESTS);

/** The headers that carry the key; none where it travels in the body or not at all. */
export const keyHeaders = (
  { key }: Pick<AnswerRequest, 'key'>,
  keys: { readonly operator: string; readonly client: string },
): Readonly<Record<string, string>> => {
  if (key === 'operator') return { authorization: `Bearer ${keys.operator}` };
  if (key === 'basic')
    return { authorization: `Basic ${Buffer.from(`${keys.operator}:`).toString('base64')}` };
  if (key === 'client') return { 'x-api-key': keys.client };
  if (key === 'unknown') return { 'x-write-key': 'trb_write_00000000000000000000000000000000' };
  return key === 'endless' ? { 'x-api-key': 'k'.repeat(5_000) } : {};
};

/** What API Gateway does to a body on its way to the function, by its content type alone. */
const TEXT_TYPES = /^(text\/|application\/(json|xml|javascript)\b)/;
export const throughGateway = ({
  body,
  contentType,
}: Pick<AnswerRequest, 'body' | 'contentType'>): {
  readonly body: Uint8Array;
  readonly bodyIsBytes: boolean;
} =>
  TEXT_TYPES.test(contentType)
    ? {
        body: bytes(new TextDecoder('utf-8', { ignoreBOM: true }).decode(body)),
        bodyIsBytes: false,
      }
    : { body, bodyIsBytes: true };
