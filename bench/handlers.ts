import { createHash } from 'node:crypto';
import type { APIGatewayProxyEventV2, KinesisStreamEvent } from 'aws-lambda';
import { memoryEventStream } from '../functions/adapters/memory-event-stream.ts';
import { memoryFailedStore } from '../functions/adapters/memory-failed-store.ts';
import { memoryKeyStore } from '../functions/adapters/memory-key-store.ts';
import { MemoryProfileStore } from '../functions/adapters/memory-profile-store.ts';
import { memorySpillQueue } from '../functions/adapters/memory-spill-queue.ts';
import { aggregate } from '../functions/aggregate/aggregate.ts';
import { collect } from '../functions/collect/collect.ts';
import { lookupTables } from '../functions/core/enrichment/lookup-tables.ts';
import { compileProfile } from '../functions/core/profile/facets.ts';
import { enrich } from '../functions/enrich/enrich.ts';
import type { StreamRecord } from '../functions/ports/event-stream.ts';
import { guardedStream } from '../functions/runtime/guarded-stream.ts';
import { overHttp } from '../functions/runtime/http-event.ts';
import { randomBatchId, uuidV7 } from '../functions/runtime/uuid-v7.ts';
import { config } from '../tributary.config.ts';
import { kinesisBatch } from './batches.ts';
import type { Bench } from './bench.ts';
import { bodyOf, type SentBody } from './event-path.ts';
import { cpuSeconds, type Figure, figureOf } from './measure.ts';
import { FIGURE_HEAD, figureCells, number, table } from './report.ts';
import { nativeEvents, requestsOf, START } from './workload.ts';

const EVENTS = 40_000;
const USERS = 1_500;
const EVENTS_PER_REQUEST = [1, 10, 25] as const;
const WARM_UP_ROUNDS = 2;
const ROUNDS = 5;
const ENRICH_RECORDS = 500;
const AGGREGATE_RECORDS = 1_000;
const HANDLERS = ['collect', 'enrich', 'aggregate'] as const;
type Seconds = Readonly<Record<(typeof HANDLERS)[number], number>>;

const KEY = `trb_write_${'0'.repeat(32)}`;
const PLENTY = { perSecond: 1e9, burst: 1e9 };
const CALL = { getRemainingTimeInMillis: () => 60_000 };
const definitions = compileProfile(config);
const fail = (message: string) => (): never => {
  throw new Error(message);
};

/** As API Gateway hands a request over, payload 2.0. */
const requestText = ({ text, atMs }: SentBody, place: number): string =>
  JSON.stringify({
    version: '2.0',
    routeKey: '$default',
    rawPath: '/v1/events',
    rawQueryString: '',
    headers: {
      accept: '*/*',
      'content-length': String(text.length),
      'content-type': 'application/json',
      host: 'abcdefghij.execute-api.eu-west-1.amazonaws.com',
      'user-agent': 'Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36',
      'x-amzn-trace-id': 'Root=1-67405c00-0123456789abcdef01234567',
      'x-api-key': KEY,
      'x-forwarded-for': '203.0.113.7',
      'x-forwarded-port': '443',
      'x-forwarded-proto': 'https',
    },
    requestContext: {
      http: { method: 'POST', path: '/v1/events', protocol: 'HTTP/1.1', sourceIp: '203.0.113.7' },
      requestId: `bench-${place}`,
      timeEpoch: atMs + 40,
    },
    body: text,
    isBase64Encoded: false,
  });

/** As Lambda hands batches over. */
const batchTexts = (
  stream: string,
  records: readonly StreamRecord[],
  size: number,
): readonly string[] => {
  const texts: string[] = [];
  for (let from = 0; from < records.length; from += size) {
    const batch = records.slice(from, from + size);
    texts.push(
      JSON.stringify(kinesisBatch(stream, batch, { first: from, arrivedAtMs: START + from })),
    );
  }
  return texts;
};

/** What the runtime of a function does around a handler: JSON in, JSON out. */
const callEach = async <E>(
  texts: readonly string[],
  handler: (event: E) => Promise<unknown>,
): Promise<number> => {
  let bytes = 0;
  for (const text of texts) bytes += JSON.stringify(await handler(JSON.parse(text))).length;
  return bytes;
};

const quiet = { counted: () => {}, bugs: fail('a bug'), fault: fail('a fault') };
const world = { now: () => START, sleep: async () => {}, deployedAt: undefined };

const newCollect = () => {
  const raw = memoryEventStream();
  const key = { tenant: 'main', kind: 'write', id: '5a1e0c9d', createdAt: '' } as const;
  const hash = createHash('sha256').update(KEY).digest('hex');
  const serve = collect({
    ...world,
    keys: memoryKeyStore(new Map([[hash, key]])),
    stream: guardedStream(raw, world.now),
    spill: memorySpillQueue(fail('nothing is spilled')),
    failed: memoryFailedStore(),
    limits: { write: PLENTY, client: PLENTY, server: PLENTY, operator: PLENTY },
    corsOrigins: config.corsOrigins,
    money: config,
    random: Math.random,
    newEventId: uuidV7,
    newBatchId: randomBatchId,
    count: () => {},
    report: fail('a fault'),
  });
  const handler = async (event: APIGatewayProxyEventV2) => {
    const answer = await overHttp(serve, fail('a fault'))(event);
    if (answer.statusCode !== 202) throw new Error(`collect answered ${answer.body}`);
    return answer;
  };
  return { raw, handler };
};

const newEnrich = () => {
  const enriched = memoryEventStream();
  const failed = memoryFailedStore();
  const run = enrich({ ...world, enriched, failed, tables: lookupTables, report: quiet });
  return { enriched, handler: (event: KinesisStreamEvent) => run(event, CALL) };
};

const newAggregate = () => {
  let applied = 0;
  const counted = (counts: { readonly applied: number }): void => {
    applied += counts.applied;
  };
  const failed = memoryFailedStore();
  const run = aggregate({
    ...world,
    profiles: new MemoryProfileStore(),
    failed,
    outcomes: failed,
    definitions,
    report: { ...quiet, counted },
  });
  return { applied: () => applied, handler: (event: KinesisStreamEvent) => run(event, CALL) };
};

/** All events through the three, each hop as text; streams and Lambda's own work are not counted. */
const round = async (requests: readonly string[], events: number): Promise<Seconds> => {
  const first = newCollect();
  const collected = await cpuSeconds(() => callEach(requests, first.handler));
  const second = newEnrich();
  const raw = batchTexts('raw-user-events', first.raw.records(), ENRICH_RECORDS);
  const enriched = await cpuSeconds(() => callEach(raw, second.handler));
  const third = newAggregate();
  const lines = batchTexts('enriched-events', second.enriched.records(), AGGREGATE_RECORDS);
  const aggregated = await cpuSeconds(() => callEach(lines, third.handler));
  if (third.applied() !== events) throw new Error(`${third.applied()} of ${events} events applied`);
  return { collect: collected, enrich: enriched, aggregate: aggregated };
};

const figuresOf = async (size: number): Promise<Record<string, Figure>> => {
  const bodies = requestsOf(nativeEvents(USERS, EVENTS), size)
    .map(bodyOf)
    .sort((left, right) => left.atMs - right.atMs);
  const events = bodies.length * size;
  const requests = bodies.map(requestText);
  for (let n = 0; n < WARM_UP_ROUNDS; n += 1) await round(requests, events);
  const rounds: Seconds[] = [];
  for (let n = 0; n < ROUNDS; n += 1) rounds.push(await round(requests, events));
  const each = HANDLERS.map((name) => [
    name,
    figureOf(
      events,
      rounds.map((seconds) => seconds[name]),
    ),
  ]);
  const sums = rounds.map((seconds) => seconds.collect + seconds.enrich + seconds.aggregate);
  return { ...Object.fromEntries(each), 'the three': figureOf(events, sums) };
};

interface Handlers {
  /** By events a request, then by handler. */
  readonly handlers: Readonly<Record<string, Readonly<Record<string, Figure>>>>;
}

export const handlers: Bench<Handlers> = {
  name: 'handlers',
  run: async () => {
    const bySize: Record<string, Record<string, Figure>> = {};
    for (const size of EVENTS_PER_REQUEST) bySize[size] = await figuresOf(size);
    return { handlers: bySize };
  },
  section: ({ handlers: bySize }) => `## The three handlers

The shipped use cases over ports in memory, JSON on every hop: \`collect\` from API Gateway's event to
its answer, \`enrich\` from Lambda's batch of ${ENRICH_RECORDS} records (base64), \`aggregate\` from one of ${number(AGGREGATE_RECORDS)}, with keys, rate
limit, answers, joined records, stored items and effects. Requests of ${number(USERS)} users in the order
of time. Median of ${ROUNDS} rounds after ${WARM_UP_ROUNDS} of warm-up. Not counted: the
streams, the network, the clients of AWS's SDK, logs and metrics. Aim at 10 events a request:
\`aggregate\` ≤ 8, the three ≤ 16 CPU seconds per million events.

${table(
  ['events a request', 'handler', ...FIGURE_HEAD],
  Object.entries(bySize).flatMap(([size, figures]) =>
    Object.entries(figures).map(([name, figure]) => [size, name, ...figureCells(figure)]),
  ),
)}

What limits them, by \`node --cpu-prof\` of an earlier run: each event's JSON is parsed three times, since each hop takes bytes
and trusts none (about 14 % of the time, lines of some 940 bytes in \`aggregate\`), garbage collection of all
that text is 15 %, the folding is 21 %, and reading and checking events 19 %.`,
};
