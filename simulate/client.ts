import type { ShopperEvent } from './crowd.ts';
import type { Random } from './random.ts';
import { bodyOf, type EventRequest } from './requests.ts';
import type { Reply, Transport } from './transport.ts';

export interface ClientPorts {
  readonly transport: Transport;
  readonly now: () => number;
  readonly sleep: (ms: number) => Promise<void>;
  readonly random: Random;
}

/** What became of a request's events. */
export interface Delivery {
  readonly acknowledged: readonly ShopperEvent[];
  readonly rejected: readonly ShopperEvent[];
  /** Nobody knows: no answer came before patience ended. */
  readonly uncertain: readonly ShopperEvent[];
  readonly retries: number;
  /** Of the try that was answered. */
  readonly latencyMs: number;
  /** The first words of a refusal. */
  readonly complaint?: string;
}

const TRIES_MAX = 12;
const BACKOFF_MS = 100;
const BACKOFF_MS_MAX = 10_000;

const isTemporary = (status: number): boolean => status === 429 || status >= 500;

const pauseMs = (reply: Reply | undefined, tries: number, random: Random): number => {
  if (reply?.retryAfterSeconds !== undefined) return reply.retryAfterSeconds * 1_000;
  // Full jitter, so that clients that failed together do not come back together.
  return random.next() * Math.min(BACKOFF_MS_MAX, BACKOFF_MS * 2 ** tries);
};

/** Sends one request like a good client: the same bytes and ids again until they are answered. */
export const sendRequest = async (
  { transport, now, sleep, random }: ClientPorts,
  request: EventRequest,
): Promise<Delivery> => {
  const call = { method: 'POST', path: request.path, body: bodyOf(request) } as const;
  let reply: Reply | undefined;
  let complaint = 'no answer';
  for (let tries = 0; tries < TRIES_MAX; tries += 1) {
    const startedAtMs = now();
    reply = await transport(call).catch((fault: unknown) => {
      complaint = fault instanceof Error ? fault.message : String(fault);
      return undefined;
    });
    if (reply !== undefined && !isTemporary(reply.status)) {
      return { ...outcomes(request, reply), retries: tries, latencyMs: now() - startedAtMs };
    }
    if (reply !== undefined) complaint = `${reply.status} ${reply.body.slice(0, 200)}`;
    if (tries + 1 < TRIES_MAX) await sleep(pauseMs(reply, tries, random));
  }
  const { events } = request;
  const retries = TRIES_MAX - 1;
  return { acknowledged: [], rejected: [], uncertain: events, retries, latencyMs: 0, complaint };
};

interface EventResult {
  readonly index: number;
  readonly status: 'accepted' | 'duplicate' | 'rejected';
}

const outcomes = (
  { events }: EventRequest,
  { status, body }: Reply,
): Pick<Delivery, 'acknowledged' | 'rejected' | 'uncertain' | 'complaint'> => {
  const none = { acknowledged: [], rejected: [], uncertain: [] };
  if (status !== 202) {
    return { ...none, rejected: events, complaint: `${status} ${body.slice(0, 200)}` };
  }
  const { results } = JSON.parse(body) as { readonly results: readonly EventResult[] };
  const refused = new Set(
    results.filter((each) => each.status === 'rejected').map(({ index }) => index),
  );
  return {
    ...none,
    acknowledged: events.filter((_, index) => !refused.has(index)),
    rejected: events.filter((_, index) => refused.has(index)),
    ...(refused.size === 0 ? {} : { complaint: body.slice(0, 200) }),
  };
};
