import {
  type MemoryEventStream,
  memoryEventStream,
} from '../../functions/adapters/memory-event-stream.ts';
import { memoryFailedStore } from '../../functions/adapters/memory-failed-store.ts';
import { type MemoryKeyStore, memoryKeyStore } from '../../functions/adapters/memory-key-store.ts';
import {
  type MemorySpillQueue,
  memorySpillQueue,
} from '../../functions/adapters/memory-spill-queue.ts';
import { type CollectPorts, collect } from '../../functions/collect/collect.ts';
import { parseLine } from '../../functions/core/event/envelope.ts';
import type { CanonicalEvent } from '../../functions/core/event/event.ts';
import type { KeyKind, StoredKey } from '../../functions/ports/key-store.ts';
import { guardedStream } from '../../functions/runtime/guarded-stream.ts';
import type { HttpRequest, HttpResponse } from '../../functions/runtime/http.ts';
import { hashKey } from '../../functions/runtime/keys.ts';
import { config } from '../../tributary.config.ts';

export const NOW_MS = Date.parse('2026-11-24T12:00:00.000Z');
export const KEYS = {
  write: 'trb_write_1',
  client: 'trb_client_1',
  server: 'trb_server_1',
  operator: 'trb_operator_1',
} as const;

const storedKey = (kind: KeyKind): StoredKey => ({
  tenant: 'main',
  kind,
  id: `${kind}-id`,
  createdAt: '2026-11-01T00:00:00.000Z',
});

export const keyRows = (): Map<string, StoredKey> =>
  new Map(
    (Object.entries(KEYS) as [KeyKind, string][]).map(([kind, key]) => [
      hashKey(key),
      storedKey(kind),
    ]),
  );

export interface Collecting {
  readonly serve: (request: HttpRequest) => Promise<HttpResponse>;
  readonly stream: MemoryEventStream;
  readonly spill: MemorySpillQueue;
  readonly keys: MemoryKeyStore;
  readonly kept: ReadonlyMap<string, string>;
  readonly counts: ReadonlyMap<string, number>;
  readonly events: () => readonly CanonicalEvent[];
}

/** `collect` over memory, with ids that count and a clock that only sleeping moves. */
export const collecting = (
  more: Partial<Omit<CollectPorts, 'stream' | 'spill'>> & {
    readonly stream?: MemoryEventStream;
    readonly spill?: MemorySpillQueue;
    readonly simulating?: readonly string[];
  } = {},
): Collecting => {
  const stream = more.stream ?? memoryEventStream();
  const spill = more.spill ?? memorySpillQueue();
  const keys = memoryKeyStore(keyRows(), new Set(more.simulating));
  const failed = memoryFailedStore('2026-11-24');
  const counts = new Map<string, number>();
  let clockMs = 0;
  let ids = 0;
  const nextId = (): number => {
    ids += 1;
    return ids;
  };
  const serve = collect({
    keys,
    failed,
    limits: config.limits,
    corsOrigins: ['*'],
    money: { currency: 'USD', rates: {} },
    random: () => 0.25,
    newEventId: () => `ours-${nextId()}`,
    newBatchId: () => String(nextId()).padStart(16, '0'),
    now: () => clockMs,
    sleep: async (ms) => {
      clockMs += ms;
    },
    count: (name, count) => {
      counts.set(name, (counts.get(name) ?? 0) + count);
    },
    report: () => undefined,
    ...more,
    stream: guardedStream(stream, () => clockMs),
    spill,
  });
  return {
    serve,
    stream,
    spill,
    keys,
    kept: failed.objects,
    counts,
    events: () =>
      stream
        .records()
        .flatMap(({ data }) => data.trimEnd().split('\n'))
        .map((line) => {
          const parsed = parseLine(line);
          if (!('event' in parsed)) throw new Error(`${parsed.detail}: ${line}`);
          return parsed.event;
        }),
  };
};

export const httpRequest = (
  more: Partial<HttpRequest> & { readonly sent?: unknown } = {},
): HttpRequest => {
  const { sent, ...rest } = more;
  return {
    method: 'POST',
    path: '/v1/events',
    query: new URLSearchParams(),
    headers: { authorization: `Bearer ${KEYS.operator}` },
    pathParameters: {},
    body: sent === undefined ? new Uint8Array() : new TextEncoder().encode(JSON.stringify(sent)),
    bodyIsBytes: false,
    requestId: 'request-1',
    receivedAtMs: NOW_MS,
    ...rest,
  };
};
