import type { Bench } from './bench.ts';
import { untilCounted } from './counted.ts';
import { atOnce, atPace, type Client, newClient } from './load.ts';
import { quantile } from './measure.ts';
import { type Running, withPlatform } from './platform.ts';
import { manyBodies, newSums, send } from './probes.ts';
import { number, table } from './report.ts';

const REQUESTS_BEFORE = 800;
const WRITERS_AT_ONCE = 4;
const TRIALS = 3;
const TRIAL_MS = 4_000;
const MOST_CONNECTIONS = 1_000;
const CONNECTIONS = 100;
const PACE = 200;

interface Way {
  readonly name: string;
  readonly connections: number;
  readonly work: (connections: number, one: () => Promise<void>) => Promise<void>;
}

const WAYS: readonly Way[] = [
  {
    name: `${CONNECTIONS} connections, ${PACE} reads/s`,
    connections: CONNECTIONS,
    work: (_, one) => atPace(PACE, TRIAL_MS, one),
  },
  {
    name: `${CONNECTIONS} connections, each always waiting for an answer`,
    connections: CONNECTIONS,
    work: (connections, one) => atOnce(connections, TRIAL_MS, one),
  },
  {
    name: `${number(MOST_CONNECTIONS)} connections, each always waiting for an answer`,
    connections: MOST_CONNECTIONS,
    work: (connections, one) => atOnce(connections, TRIAL_MS, one),
  },
];

interface Trial {
  readonly perSecond: number;
  readonly meanMs: number;
  readonly p50Ms: number;
  readonly p99Ms: number;
}

const rounded = (value: number): number => Number(value.toPrecision(3));

const trial = async (client: Client, users: readonly string[], way: Way): Promise<Trial> => {
  const ms: number[] = [];
  let place = 0;
  const sinceMs = performance.now();
  await way.work(way.connections, async () => {
    place += 1;
    const path = `/v1/profiles/${users[place % users.length]}`;
    const { status, ms: took, body } = await client.ask({ method: 'GET', path });
    if (status !== 200) throw new Error(`a read was answered with ${status}: ${body}`);
    ms.push(took);
  });
  const seconds = (performance.now() - sinceMs) / 1_000;
  return {
    perSecond: Math.round(ms.length / seconds),
    meanMs: rounded(ms.reduce((sum, each) => sum + each, 0) / ms.length),
    p50Ms: rounded(quantile(ms, 0.5)),
    p99Ms: rounded(quantile(ms, 0.99)),
  };
};

/** The trial in the middle by its p99; a first one warms up. */
const trials = async (running: Running, users: readonly string[], way: Way): Promise<Trial> => {
  const client = newClient(running.apiUrl, running.demoKey, way.connections);
  try {
    await trial(client, users, way);
    const all: Trial[] = [];
    for (let n = 0; n < TRIALS; n += 1) all.push(await trial(client, users, way));
    const ordered = all.toSorted((left, right) => left.p99Ms - right.p99Ms);
    const middle = ordered[Math.floor(TRIALS / 2)];
    if (middle === undefined) throw new Error('there are trials');
    return middle;
  } finally {
    client.close();
  }
};

/** Profiles of a few hundred users, with some hundred events each in the end. */
const fill = async (running: Running): Promise<readonly string[]> => {
  const bodies = manyBodies(REQUESTS_BEFORE);
  const users = bodies.map((body) => String(Object(JSON.parse(body)[0]).userId));
  const client = newClient(running.apiUrl, running.demoKey, WRITERS_AT_ONCE);
  const sums = newSums();
  const waiting = bodies.values();
  const worker = async (): Promise<void> => {
    for (const body of waiting) await send(client, sums, body);
  };
  await Promise.all(Array.from({ length: WRITERS_AT_ONCE }, worker));
  await untilCounted(client, sums.accepted);
  client.close();
  return [...new Set(users)];
};

/** As the running platform says; undefined where it has none. */
const cacheOf = async ({ endpointUrl }: Running): Promise<boolean> => {
  const response = await fetch(`${endpointUrl}/_tributary/health`);
  return Object(await response.json()).cache !== undefined;
};

interface Reads {
  readonly users: number;
  readonly cache: boolean;
  readonly reads: Readonly<Record<string, Trial>>;
}

const run = async (): Promise<Reads> => {
  return withPlatform(async (running) => {
    const users = await fill(running);
    const reads: Record<string, Trial> = {};
    for (const way of WAYS) reads[way.name] = await trials(running, users, way);
    return { users: users.length, cache: await cacheOf(running), reads };
  });
};

export const reads: Bench<Reads> = {
  name: 'reads',
  run,
  section: ({ users, cache, reads: byWay }) => `## Profile reads

\`GET /v1/profiles/{userId}\` of ${number(users)} users on \`npm start\`, ${cache ? 'from the cache (a server on this machine)' : 'without a cache, from the local table'}, the client on the
same machine, connections kept alive; the middle of ${TRIALS} trials of ${TRIAL_MS / 1_000} s after one of warm-up. Aim: p99 ≤ 10 ms at ${CONNECTIONS} connections with a cache.

${table(
  ['how', 'reads/s', 'mean ms', 'p50 ms', 'p99 ms'],
  Object.entries(byWay).map(([name, { perSecond, meanMs, p50Ms, p99Ms }]) => [
    name,
    number(perSecond),
    meanMs,
    p50Ms,
    p99Ms,
  ]),
)}

A local function serves one call at a time, as Lambda's copies do, and there are at most eight copies, on as
many cores as the machine has: whoever is always waiting for an answer waits for all the others, so there
the time is the number of connections divided by reads/s.`,
};
