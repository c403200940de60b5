import type { Bench } from './bench.ts';
import { untilCounted } from './counted.ts';
import { atOnce, atPace, type Client, newClient } from './load.ts';
import { quantile } from './measure.ts';
import { callService, type Running, withPlatform } from './platform.ts';
import { manyBodies, newSums, send } from './probes.ts';
import { number, table } from './report.ts';

const REQUESTS_BEFORE = 800;
const WRITERS_AT_ONCE = 4;
const TRIALS = 3;
const TRIAL_MS = 5_000;
const CONNECTIONS = 100;
const PACE = 200;
/** A process that had no catalogue asks again after half a minute. */
const CATALOGUE_MS = 100_000;
const LOOK_EVERY_MS = 500;

interface Trial {
  readonly perSecond: number;
  readonly p50Ms: number;
  readonly p99Ms: number;
  readonly handlerP50Ms: number;
  readonly handlerP99Ms: number;
}

interface Personalized {
  readonly users: number;
  readonly items: number;
  readonly trials: Readonly<Record<string, Trial>>;
}

const WAYS = {
  [`${CONNECTIONS} connections, ${PACE} requests/s`]: (one: () => Promise<void>) =>
    atPace(PACE, TRIAL_MS, one),
  [`${CONNECTIONS} connections, each always waiting for an answer`]: (one: () => Promise<void>) =>
    atOnce(CONNECTIONS, TRIAL_MS, one),
};

const rounded = (value: number): number => Number(value.toPrecision(3));

const handlerMs = (headers: NodeJS.Dict<string | string[]>): number =>
  Number(/dur=([\d.]+)/.exec(String(headers['server-timing']))?.[1]);

const trial = async (
  client: Client,
  users: readonly string[],
  work: (one: () => Promise<void>) => Promise<void>,
): Promise<Trial> => {
  const whole: number[] = [];
  const inside: number[] = [];
  let place = 0;
  const sinceMs = performance.now();
  await work(async () => {
    place += 1;
    const path = `/v1/recommendations?userId=${users[place % users.length]}`;
    const { status, ms, body, headers } = await client.ask({ method: 'GET', path });
    if (status !== 200) throw new Error(`answered with ${status}: ${body}`);
    whole.push(ms);
    inside.push(handlerMs(headers));
  });
  const seconds = (performance.now() - sinceMs) / 1_000;
  return {
    perSecond: Math.round(whole.length / seconds),
    p50Ms: rounded(quantile(whole, 0.5)),
    p99Ms: rounded(quantile(whole, 0.99)),
    handlerP50Ms: rounded(quantile(inside, 0.5)),
    handlerP99Ms: rounded(quantile(inside, 0.99)),
  };
};

/** Users with some hundred events each, whose items are in a catalogue, and pairs of them learnt. */
const fill = async (running: Running): Promise<{ users: readonly string[]; items: number }> => {
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
  const items = await untilStocked(running);
  client.close();
  return { users: [...new Set(users)], items };
};

const sleep = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms));

/** Items that events named are in a snapshot by the next minute but one. */
const untilStocked = async (running: Running): Promise<number> => {
  const { TableNames } = await callService(running, 'DynamoDB_20120810.ListTables', {});
  const TableName = (TableNames as readonly string[]).find((name) => name.includes('Records'));
  const deadline = Date.now() + CATALOGUE_MS;
  const count = async (pk: string): Promise<number> => {
    const asked = {
      ...{ TableName, Select: 'COUNT', KeyConditionExpression: 'pk = :pk' },
      ExpressionAttributeValues: { ':pk': { S: pk } },
    };
    return Number((await callService(running, 'DynamoDB_20120810.Query', asked)).Count);
  };
  while (Date.now() < deadline) {
    const { Item } = await callService(running, 'DynamoDB_20120810.GetItem', {
      TableName,
      Key: { pk: { S: 'rec#main' }, sk: { S: 'catalogue' } },
    });
    if (Item !== undefined && (await count('chg#main')) === 0) break;
    await sleep(LOOK_EVERY_MS);
  }
  const answer = await fetch(`${running.apiUrl}/v1/recommendations?userId=nobody&limit=100`);
  const { items } = Object(await answer.json());
  if (items.length === 0) throw new Error('there is no catalogue');
  return items.length;
};

const run = async (): Promise<Personalized> =>
  withPlatform(async (running) => {
    const { users, items } = await fill(running);
    const client = newClient(running.apiUrl, running.demoKey, CONNECTIONS);
    const trials: Record<string, Trial> = {};
    for (const [name, work] of Object.entries(WAYS)) {
      await trial(client, users, work);
      const all: Trial[] = [];
      for (let n = 0; n < TRIALS; n += 1) all.push(await trial(client, users, work));
      const ordered = all.toSorted((left, right) => left.p99Ms - right.p99Ms);
      const middle = ordered[Math.floor(TRIALS / 2)];
      if (middle !== undefined) trials[name] = middle;
    }
    client.close();
    return { users: users.length, items, trials };
  });

export const personalized: Bench<Personalized> = {
  name: 'personalize',
  run,
  section: ({ users, items, trials }) => `## Recommendations over HTTP

\`GET /v1/recommendations\` of ${number(users)} users on \`npm start\` with a cache (a server on this machine), items of the catalogue (at least ${number(items)})
and increments of pairs; the client on the same machine, connections kept alive; the middle of ${TRIALS} trials of ${TRIAL_MS / 1_000} s
after one of warm-up. Beside it the function's own time, as its header \`Server-Timing\` says. Aim: p99 ≤ 10 ms at ${PACE} requests/s over ${CONNECTIONS} connections.

${table(
  ['how', 'requests/s', 'p50 ms', 'p99 ms', 'handler p50 ms', 'handler p99 ms'],
  Object.entries(trials).map(([name, one]) => [
    name,
    number(one.perSecond),
    one.p50Ms,
    one.p99Ms,
    one.handlerP50Ms,
    one.handlerP99Ms,
  ]),
)}
`,
};
