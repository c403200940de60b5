import { setTimeout as pause } from 'node:timers/promises';
import type { Bench } from './bench.ts';
import { untilCounted } from './counted.ts';
import { atOnce, atPace, type Client, newClient } from './load.ts';
import { quantile } from './measure.ts';
import { callService, cpuSecondsOfTree, type Running, withPlatform } from './platform.ts';
import {
  EVENTS_PER_REQUEST,
  manyBodies,
  newSums,
  PROBE_EVERY_MS,
  PROBES_PER_SECOND,
  type Sums,
  send,
  withProbes,
} from './probes.ts';
import { number, table } from './report.ts';

const AIM_PER_SECOND = 2_000;
const WARM_UP_MS = 20_000;
const HALF_MS = 30_000;
const PACED_MS = 60_000;
const SHARDS = 4;
const GROWN = [/RawUserEvents/, /EnrichedEvents/];
const CONNECTIONS = 64;
/** More than is sent, so that no request is sent twice. */
const REQUESTS = 14_000;
const FULL_CONNECTIONS = 8;
const FULL_MS = 20_000;

const grow = async (running: Running): Promise<void> => {
  const describe = async (StreamName: string): Promise<Readonly<Record<string, unknown>>> => {
    const said = await callService(running, 'Kinesis_20131202.DescribeStreamSummary', {
      StreamName,
    });
    return Object(said.StreamDescriptionSummary);
  };
  const { StreamNames } = await callService(running, 'Kinesis_20131202.ListStreams', {});
  for (const part of GROWN) {
    const StreamName = (StreamNames as readonly string[]).find((name) => part.test(name));
    if (StreamName === undefined) throw new Error(`no stream is named ${part}`);
    for (let shards = 2; shards <= SHARDS; shards *= 2) {
      await callService(running, 'Kinesis_20131202.UpdateShardCount', {
        StreamName,
        TargetShardCount: shards,
        ScalingType: 'UNIFORM_SCALING',
      });
      while ((await describe(StreamName)).StreamStatus !== 'ACTIVE') await pause(100);
    }
  }
};

interface Part {
  readonly offered: string;
  readonly seconds: number;
  readonly accepted: number;
  readonly refused: number;
  readonly acceptedPerSecond: number;
  /** From the first request until the last event was counted, with nothing left in flight. */
  readonly countedPerSecond: number;
  readonly secondsToSettle: number;
  readonly answerP50Ms: number;
  readonly answerP99Ms: number;
  readonly probes: number;
  readonly freshP50Ms: number;
  readonly freshP99Ms: number;
  readonly cpuSecondsPerMillionEvents: number | undefined;
}

interface Bodies {
  readonly next: () => string;
}

interface Paced extends Bodies {
  readonly perSecond: number;
}

const measurePart = async (
  running: Running,
  client: Client,
  before: number,
  { offered, work }: { readonly offered: string; readonly work: (sums: Sums) => Promise<void> },
): Promise<Part> => {
  const sums = newSums();
  const cpuBefore = cpuSecondsOfTree(running.pid);
  const startMs = performance.now();
  await work(sums);
  const seconds = (performance.now() - startMs) / 1_000;
  await untilCounted(client, before + sums.accepted);
  const allSeconds = (performance.now() - startMs) / 1_000;
  const cpuAfter = cpuSecondsOfTree(running.pid);
  return {
    offered,
    seconds: Number(seconds.toFixed(1)),
    accepted: sums.accepted,
    refused: sums.refused,
    acceptedPerSecond: Math.round(sums.accepted / seconds),
    countedPerSecond: Math.round(sums.accepted / allSeconds),
    secondsToSettle: Number((allSeconds - seconds).toFixed(1)),
    answerP50Ms: Math.round(quantile(sums.answerMs, 0.5)),
    answerP99Ms: Math.round(quantile(sums.answerMs, 0.99)),
    probes: sums.freshMs.length,
    freshP50Ms: Math.round(quantile(sums.freshMs, 0.5)),
    freshP99Ms: Math.round(quantile(sums.freshMs, 0.99)),
    cpuSecondsPerMillionEvents:
      cpuBefore === undefined || cpuAfter === undefined
        ? undefined
        : Math.round(((cpuAfter - cpuBefore) / sums.accepted) * 1_000_000),
  };
};

const paced = (client: Client, sums: Sums, { next, perSecond }: Paced, ms: number): Promise<void> =>
  withProbes(client, sums, ms, () => {
    const requests = perSecond / EVENTS_PER_REQUEST - PROBES_PER_SECOND;
    return atPace(requests, ms, () => send(client, sums, next()));
  });

const full = (client: Client, sums: Sums, { next }: Bodies): Promise<void> =>
  withProbes(client, sums, FULL_MS, () =>
    atOnce(FULL_CONNECTIONS, FULL_MS, () => send(client, sums, next())),
  );

interface EndToEnd {
  readonly parts: readonly Part[];
}

const run = async (): Promise<EndToEnd> => {
  const prepared = manyBodies(REQUESTS);
  let taken = 0;
  const next = (): string => {
    const body = prepared[taken];
    if (body === undefined) throw new Error('every request was sent already');
    taken += 1;
    return body;
  };
  return withPlatform(async (running) => {
    await grow(running);
    const client = newClient(running.apiUrl, running.demoKey, CONNECTIONS);
    try {
      const warmUp = await measurePart(running, client, 0, {
        offered: 'warm-up',
        work: (sums) => paced(client, sums, { next, perSecond: AIM_PER_SECOND / 2 }, WARM_UP_MS),
      });
      const half = await measurePart(running, client, warmUp.accepted, {
        offered: `${number(AIM_PER_SECOND / 2)} events/s`,
        work: (sums) => paced(client, sums, { next, perSecond: AIM_PER_SECOND / 2 }, HALF_MS),
      });
      const soFar = warmUp.accepted + half.accepted;
      const first = await measurePart(running, client, soFar, {
        offered: `${number(AIM_PER_SECOND)} events/s`,
        work: (sums) => paced(client, sums, { next, perSecond: AIM_PER_SECOND }, PACED_MS),
      });
      const second = await measurePart(running, client, soFar + first.accepted, {
        offered: `all that ${FULL_CONNECTIONS} connections bring`,
        work: (sums) => full(client, sums, { next }),
      });
      return { parts: [half, first, second] };
    } finally {
      client.close();
    }
  });
};

/** CPU seconds per million events, what a whole core would carry, and how much of one it had. */
const costOf = ({ cpuSecondsPerMillionEvents: cost, countedPerSecond }: Part) =>
  cost === undefined
    ? ['unknown', 'unknown', 'unknown']
    : [cost, number(Math.round(1e6 / cost)), ((cost * countedPerSecond) / 1e6).toFixed(2)];

const row = (part: Part): readonly (string | number)[] => [
  part.offered,
  part.seconds,
  number(part.accepted),
  number(part.acceptedPerSecond),
  number(part.countedPerSecond),
  `${number(part.answerP50Ms)} / ${number(part.answerP99Ms)}`,
  `${number(part.freshP50Ms)} / ${number(part.freshP99Ms)}`,
  ...costOf(part),
];

export const endToEnd: Bench<EndToEnd> = {
  name: 'end-to-end',
  run,
  section: ({ parts }) => `## End to end

\`npm start\` as a child process, the client on the same machine, ${EVENTS_PER_REQUEST} events of a user a request, ${CONNECTIONS}
connections kept alive, after ${WARM_UP_MS / 1_000} s of warm-up. Each part ends when the live figures have counted every
event that was accepted, exactly: nothing is in flight. *Event to profile* is from just before a request is
sent until \`GET /v1/profiles/{userId}\` shows it, for ${PROBES_PER_SECOND} users a second, asked every
${PROBE_EVERY_MS} ms, or every tenth of the time so far. CPU is of all processes but the client's. Aim: 2,000 events/s, p99 of
event to profile ≤ 3 s.

${table(
  [
    'offered',
    'seconds',
    'events accepted',
    'accepted/s',
    'accepted and counted/s',
    'answer p50 / p99 ms',
    'event to profile p50 / p99 ms',
    'CPU seconds per million events',
    'events/s per core',
    'cores it had',
  ],
  parts.map(row),
)}

Of one shard of size \`standard\` the platform takes what Kinesis takes, 1 MB/s: about 1,600 events/s of raw
records and 1,100 of enriched ones; what is more is spilled and drained later. So both streams were given
${SHARDS} shards before, by \`UpdateShardCount\` as an operator would. After that the processor is the limit: two
cores carry the platform and the client, and \`top\` shows both full at 2,000 events/s. By \`--cpu-prof\` of other runs, at 800 and 1,000 events/s on a busy machine, no place stands out in the functions: what the pure path takes is about a
sixtieth of the whole; the rest is calls over HTTP, that is signing, sockets, promises and garbage of the
SDK's clients, and starts of up to eight copies of \`collect\` in a burst. Of 100 parts the services in one
process take 27, \`aggregate\` 23, \`collect\` 21, \`project\` 12, \`enrich\` 11, the reads 3 and \`tally\` 3.`,
};
