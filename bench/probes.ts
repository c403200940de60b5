/** Requests of a crowd, and a few users whose profiles are looked at until what was sent shows. */
import { setTimeout as pause } from 'node:timers/promises';
import { newCrowd, type ShopperEvent } from '../simulate/crowd.ts';
import { atPace, type Client } from './load.ts';
import { requestsOf } from './workload.ts';

export const EVENTS_PER_REQUEST = 25;
/** Reads are work for the platform too: few, and rarer the longer it takes. */
export const PROBES_PER_SECOND = 2;
export const PROBE_EVERY_MS = 50;
const PROBE_EVERY_SHARE = 0.1;
const PROBED_USERS = 200;
const PROBE_MAX_MS = 180_000;
const USERS = 400;
const GAP_MS = 5;
/** Bodies of one user each, in the order of their newest events, which just happened. */
export const manyBodies = (count: number): readonly string[] => {
  const startMs = Date.now() - count * EVENTS_PER_REQUEST * 2 * GAP_MS;
  const runId = startMs.toString(36);
  const crowd = newCrowd({ seed: 1, users: USERS, runId, prefix: '' });
  const events: ShopperEvent[] = [];
  for (let n = 0; events.length < (count + USERS) * EVENTS_PER_REQUEST; n += 1) {
    const event = crowd.next(startMs + n * GAP_MS);
    if (event.path === '/v1/events' || event.path === '/events') events.push(event);
  }
  return requestsOf(events, EVENTS_PER_REQUEST)
    .map((request) => ({ request, atMs: request.at(-1)?.fact.timestamp ?? 0 }))
    .sort((left, right) => left.atMs - right.atMs)
    .map(({ request }) => JSON.stringify(request.map(({ body }) => body)));
};

export interface Sums {
  accepted: number;
  refused: number;
  readonly answerMs: number[];
  readonly freshMs: number[];
}

export const newSums = (): Sums => ({ accepted: 0, refused: 0, answerMs: [], freshMs: [] });
const probeBody = (user: string, round: number): string => {
  const timestamp = new Date().toISOString();
  const events = Array.from({ length: EVENTS_PER_REQUEST }, (_, n) => ({
    eventId: `${user}-${round}-${n}-${timestamp}`,
    userId: user,
    sessionId: `s-${round}`,
    timestamp,
    event: 'Product Viewed',
    properties: { product_id: `item-${n}`, category: 'books' },
  }));
  return JSON.stringify(events);
};

const versionOf = async (client: Client, user: string): Promise<number> => {
  const { status, body } = await client.ask({ method: 'GET', path: `/v1/profiles/${user}` });
  if (status === 404) return 0;
  if (status !== 200) throw new Error(`a read was answered with ${status}: ${body}`);
  return Number(Object(JSON.parse(body)).version);
};

/** From just before a request is sent until its events show in the profile. */
const probe = async (client: Client, sums: Sums, user: string, round: number): Promise<void> => {
  const before = await versionOf(client, user);
  const sinceMs = performance.now();
  await send(client, sums, probeBody(user, round));
  while ((await versionOf(client, user)) === before) {
    if (performance.now() - sinceMs > PROBE_MAX_MS) throw new Error(`${user} never changed`);
    const waitedMs = performance.now() - sinceMs;
    await pause(Math.max(PROBE_EVERY_MS, waitedMs * PROBE_EVERY_SHARE));
  }
  sums.freshMs.push(performance.now() - sinceMs);
};

export const send = async (client: Client, sums: Sums, body: string): Promise<void> => {
  const { status, ms } = await client.ask({ method: 'POST', path: '/v1/events', body });
  if (status === 202) sums.accepted += EVENTS_PER_REQUEST;
  else sums.refused += EVENTS_PER_REQUEST;
  sums.answerMs.push(ms);
};

/** Looks at a few users all the while; ends when the last of them has been seen. */
export const withProbes = async (
  client: Client,
  sums: Sums,
  durationMs: number,
  work: () => Promise<void>,
): Promise<void> => {
  let round = 0;
  const probes = atPace(PROBES_PER_SECOND, durationMs, () => {
    round += 1;
    return probe(client, sums, `probe-${round % PROBED_USERS}`, round);
  });
  await Promise.all([work(), probes]);
};
