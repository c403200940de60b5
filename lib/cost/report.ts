/** The figures of cost as a document: everything in it comes from the model, nothing by hand. */
import type { PlatformConfig } from '../config.ts';
import type { Floor } from './floor.ts';
import type { MonthlyCost } from './monthly-cost.ts';
import { NIGHT_WEIGHTS, scannedBytes } from './night-volume.ts';
import { NIGHTS_PER_MONTH } from './nights.ts';
import type { Plan } from './plan.ts';
import { PRICES_AS_OF } from './prices.ts';
import { type CostOf, learningUsd, RECOMMENDING, servingUsd } from './recommending.ts';
import { type Assumptions, type CpuMs, METRICS, type Traffic } from './volume.ts';

export interface CostReport {
  readonly floors: readonly {
    readonly size: string;
    readonly floor: Floor;
    readonly config: PlatformConfig;
  }[];
  readonly rates: readonly { readonly name: string; readonly cost: MonthlyCost }[];
  /** What rates take, with no more shards than each needs. */
  readonly plan: readonly Plan[];
  /** Of other requests, at the middle rate. */
  readonly perRequest: readonly { readonly events: number; readonly usdPerMillion: number }[];
  readonly traffic: Traffic;
  readonly assumed: Assumptions;
  readonly cpuMs: CpuMs;
  readonly cpuFrom: string;
}

const row = (...cells: readonly (string | number)[]): string => `| ${cells.join(' | ')} |`;

const table = (head: readonly string[], rows: readonly (readonly (string | number)[])[]): string =>
  [row(...head), row(...head.map(() => '---')), ...rows.map((cells) => row(...cells))].join('\n');

const small = (usd: number): string => (usd === 0 ? '0' : usd.toFixed(usd < 0.001 ? 5 : 4));
const whole = (number: number): string => Math.round(number).toLocaleString('en-US');

export const byWriter = ({ lines }: MonthlyCost): ReadonlyMap<string, number> => {
  const sums = new Map<string, number>();
  for (const { writer, usd } of lines) sums.set(writer, (sums.get(writer) ?? 0) + usd);
  return sums;
};

const shardsOf = ({ streams }: PlatformConfig): string =>
  Object.values(streams)
    .map(({ shards }) => shards)
    .join(' / ');

const costTable = (rates: CostReport['rates']): string => {
  const sums = rates.map(({ cost }) => byWriter(cost));
  const writers = [...new Set(sums.flatMap((sum) => [...sum.keys()]))];
  const perMillion = (place: number, usd: number): number => {
    const { eventsPerSecond = 1 } = rates[place]?.cost ?? {};
    return (usd * 1e6) / (eventsPerSecond * 730 * 3_600);
  };
  return table(
    ['$ per million events', ...rates.map(({ name }) => name)],
    [
      ...writers.map((writer) => [
        writer,
        ...sums.map((sum, place) => small(perMillion(place, sum.get(writer) ?? 0))),
      ]),
      ['**all**', ...rates.map(({ cost }) => `**${small(cost.usdPerMillion)}**`)],
      ['$ a month', ...rates.map(({ cost }) => whole(cost.usd))],
      ['shards: raw / enriched / updates', ...rates.map(({ cost }) => shardsOf(cost.config))],
    ],
  );
};

const MEGABYTE = 1_024 * 1_024;
const GIGABYTE = 1_024 * MEGABYTE;

const NIGHT_WRITERS = /^(Athena|Step Functions|plan|load|reconcile|S3 tables)$/;

const gigabytes = (bytes: number): string => (bytes / GIGABYTE).toFixed(bytes < GIGABYTE ? 3 : 1);

const nightTable = (rates: CostReport['rates']): string => {
  const steps = rates[0]?.cost.night.scans ?? [];
  const usdOf = ({ lines }: MonthlyCost): number =>
    lines.reduce((sum, { writer, usd }) => sum + (NIGHT_WRITERS.test(writer) ? usd : 0), 0);
  return table(
    ['of one night', ...rates.map(({ name }) => name)],
    [
      ['users loaded', ...rates.map(({ cost }) => whole(cost.night.users))],
      ...steps.map(({ step }, place) => [
        `GB read by ${step}`,
        ...rates.map(({ cost }) => {
          const { statements = 0, bytes = 0 } = cost.night.scans[place] ?? {};
          return gigabytes(statements * bytes);
        }),
      ]),
      ['**GB read**', ...rates.map(({ cost }) => `**${gigabytes(scannedBytes(cost.night))}**`)],
      [
        'hours of `load`, all copies',
        ...rates.map(({ cost }) => (cost.night.loadSeconds / 3_600).toFixed(2)),
      ],
      ['GB kept for ever', ...rates.map(({ cost }) => gigabytes(cost.night.keptBytes))],
      ['**$**', ...rates.map(({ cost }) => `**${(usdOf(cost) / NIGHTS_PER_MONTH).toFixed(3)}**`)],
    ],
  );
};

const planTable = (plan: CostReport['plan']): string =>
  table(
    [
      'events/s',
      'requests/s',
      'MB/s raw, enriched',
      'payload units/s, both',
      'shards raw, enriched',
      'lanes of `enrich`, `aggregate`',
      'calls at once: collect, enrich, aggregate',
      'write units/s of `profiles`',
    ],
    plan.map((one) => [
      whole(one.eventsPerSecond),
      whole(one.requests),
      one.bytes.map((bytes) => (bytes / MEGABYTE).toFixed(1)).join(', '),
      whole(one.payloadUnits),
      one.shards.join(', '),
      one.lanes.join(', '),
      one.callsAtOnce.map((calls) => Math.ceil(calls)).join(', '),
      whole(one.writeUnits),
    ]),
  );

const micros = (...ms: readonly number[]): string =>
  ms.map((each) => (each * 1_000).toFixed(1)).join(', ');

const measured = ({ traffic, cpuMs }: CostReport): readonly (readonly (string | number)[])[] => [
  ['events a request, all of one user', traffic.eventsPerRequest],
  ['records a request', traffic.recordsPerRequest],
  ['bytes of a record in `raw`', whole(traffic.rawRecordBytes)],
  ['bytes of a record in `enriched`', whole(traffic.enrichedRecordBytes)],
  [
    'bytes of each in an object of the lake',
    `${whole(traffic.rawGzipBytes)}, ${whole(traffic.enrichedGzipBytes)}`,
  ],
  ['bytes of the item `rt` with `fx`, as written', whole(traffic.itemBytes)],
  ['write units of it', traffic.itemWriteUnits.toFixed(2)],
  ['records that change traits', `${whole(traffic.traitsShare * 100)} %`],
  [
    'bytes of the tally’s rows: busy minute, day, feed',
    Object.values(traffic.tallyRowBytes).map(whole).join(', '),
  ],
  [
    'bytes of a row of the timeline, its write units',
    `${whole(traffic.timelineRow.bytes)}, ${traffic.timelineRow.writeUnits.toFixed(2)}`,
  ],
  ['bytes of an update of a profile', whole(traffic.updateBytes)],
  ['bytes of a write of a profile to the cache', whole(traffic.cacheWriteBytes)],
  [
    'CPU µs of an event: `collect`, `enrich`, `aggregate`',
    micros(cpuMs.collect, cpuMs.enrich, cpuMs.aggregate),
  ],
  [
    'CPU µs of a row of the timeline, of a change in `tally`, in `project`',
    micros(cpuMs.timelineRow, cpuMs.tally, cpuMs.project),
  ],
];

const assumptions = ({ assumed }: CostReport): readonly string[] => [
  'a request holds events of one user, and no two records of a user meet in a batch of `aggregate` or `project`: one read, one write, one row of the timeline, one update each',
  `shards are used to ${assumed.shardUse * 100} %, provisioned tables to ${assumed.tableUse * 100} %`,
  `a put takes ${assumed.putMs} ms, a read or write of an item ${assumed.itemMs} ms, all entries that a call writes to the cache ${assumed.cacheMs} ms, a call beside its events ${assumed.callCpuMs} ms of CPU; a core of Lambda is as fast as the one that the bench ran on`,
  'CPU is that of ten events a request, and of calls of 100 changes, whatever a request and a call hold; the table’s streams are read for nothing, as Lambda reads them',
  'a write to a serverless cache is as many units as it has kilobytes, that of traits one; the script is sent each time, and takes no longer than that is worth',
  `a lane is polled ${assumed.pollsPerSecond} × a second and takes what is there; a shard of the table’s stream carries ${whole(assumed.changesPerShard)} changes a second`,
  `a call writes ${whole(assumed.logBytesPerCall)} bytes of logs (two lines of Lambda’s own, one of metrics), a request ${assumed.accessLogBytes} more`,
  `X-Ray takes the first call of each second and ${assumed.tracedShare * 100} % of the others, of each function`,
  `${METRICS.always} metrics of ours, and ${METRICS.withAlarms} of mappings and routes where there are alarms`,
  'a night curates four days of arrival, adds one, tends the tables once a week; every user of the day is loaded, with one item; nothing is retried',
  `a data key is asked for every ${assumed.keyCallsEverySeconds} s by each shard’s two sides and by each function`,
];

const recommendingTable = (sizes: CostReport['floors'], of: 'learning' | 'serving'): string => {
  const costs = sizes.map(({ config }) =>
    of === 'learning' ? learningUsd(config, LEARNING_EVENTS_PER_SECOND) : servingUsd(config),
  );
  const whats = [...new Set(costs.flatMap((cost) => cost.map(({ what }) => what)))];
  const usdOf = (cost: readonly CostOf[], what: string): number =>
    cost.find((line) => line.what === what)?.usd ?? 0;
  return table(
    [`$ per million ${of === 'learning' ? 'events' : 'pages'}`, ...sizes.map(({ size }) => size)],
    [
      ...whats.map((what) => [what, ...costs.map((cost) => small(usdOf(cost, what)))]),
      [
        '**all**',
        ...costs.map((cost) => `**${small(cost.reduce((sum, { usd }) => sum + usd, 0))}**`),
      ],
    ],
  );
};

/** A million and more a day. */
const LEARNING_EVENTS_PER_SECOND = 1_000;

const NOT_IN_IT = [
  '`drain` and its queue: nothing is called and no message sent while nothing spills. Lambda asks the empty queue all the same, about 660,000 times a month: $0.26 at list price, within the million that SQS gives',
  '`admin`, `profile`, `analytics`, `nightly`, `personalize`: nothing while nobody calls them',
  'the customer key’s yearly rotations: the first two add $1 a month each',
  'free tiers (Lambda’s 400,000 GB-s and 1 M calls, SQS’s 1 M requests, CloudWatch’s 10 metrics, 10 alarms and 5 GB of logs, X-Ray’s 100,000 traces, 20,000 KMS calls, DynamoDB’s 25 GB, 100 GB out)',
  'reads: a profile read is about $1.30 per million (API, function, table; less where the cache answers)',
  'what tables keep but for the timeline ($0.25 a GB and month, backup $0.20), objects beyond their first month, old versions',
  'cold starts, retries, rejected events, spill and drain, a burst above the planned share of a shard',
  'taxes, support, contracts; data transfer between regions; other regions',
  'backfills, runs by hand, and whoever else asks the lake',
  'the console, which joins with a later issue',
];

export const costDocument = (report: CostReport): string => `# What it costs

Written by \`npm run cost -- --write\`; do not edit by hand. List prices of us-east-1, ${PRICES_AS_OF}
(\`lib/cost/prices.ts\`); no bill has been compared with it. The model is \`lib/cost/monthly-cost.ts\`.

## Before the first event

What is billed by the hour or by the piece; the stack's output \`AboutUsdPerMonth\` is the same figure.

${table(
  ['size', '$ a month', 'of what'],
  report.floors.map(({ size, floor }) => [
    size,
    floor.usd.toFixed(2),
    floor.lines.map(({ what, usd }) => `${what} ${usd.toFixed(2)}`).join(', '),
  ]),
)}

## Per million events, by writer

At ${report.traffic.eventsPerRequest} events a request. A size that has too few shards for a rate is reckoned with more.

${costTable(report.rates)}

The client decides most of it. At ${report.rates[1]?.name ?? 'the middle rate'}:

${table(
  ['events a request', '$ per million events'],
  report.perRequest.map(({ events, usdPerMillion }) => [events, small(usdPerMillion)]),
)}

## Recommendations

Learning is beside what events cost above, at ${LEARNING_EVENTS_PER_SECOND} events a second, ${RECOMMENDING.positiveShare * 100} % of which speak for an item: ${RECOMMENDING.incrementsPerEvent} increments of the cache each.

${recommendingTable(report.floors, 'learning')}

A page is one request. ${RECOMMENDING.servingMs} ms of the function, ${RECOMMENDING.listsReadPerPage} lists and ${RECOMMENDING.rowsReadPerPage} rows of items that its process does not hold, ${RECOMMENDING.cacheUnitsPerPage} units of the cache: assumptions (\`lib/cost/recommending.ts\`).

${recommendingTable(report.floors, 'serving')}

Looking once a minute for changes of the catalogue and for demand is \`minutes\` above; what a snapshot and a minute's trends cost is in
[recommendations.md](recommendations.md).

## A night

Bytes follow the new data, thirty days of keys, and the number of users known; not the days of history. A user has
${NIGHT_WEIGHTS.eventsPerUserDay} events on a day, and for each user of a day ${NIGHT_WEIGHTS.usersKnownPerActive} are known. Nobody has measured these weights yet: bytes of a row of
\`events\` ${NIGHT_WEIGHTS.eventRowBytes}, its key ${NIGHT_WEIGHTS.eventKeyBytes}, a row of \`user_day\` and \`user_total\` ${NIGHT_WEIGHTS.dayRowBytes} each (\`lib/cost/night-volume.ts\`).

${nightTable(report.rates)}

## What a rate takes

At ${report.traffic.eventsPerRequest} events a request, shards used to ${report.assumed.shardUse * 100} %, ${report.plan[0]?.lanesPerShard ?? 1} lanes a shard as in \`scale\`.

${planTable(report.plan)}

## What was measured

With the shipped core over the simulator's events (\`bench/traffic.ts\`); CPU as in [performance.md](performance.md):
${report.cpuFrom}.
The simulator's events repeat each other more than real ones do: the bytes in the lake are too few.

${table(['what', 'value'], measured(report))}

## What is assumed

${assumptions(report)
  .map((line) => `- ${line}`)
  .join('\n')}

## What is not in it

${NOT_IN_IT.map((line) => `- ${line}`).join('\n')}
`;
