/** What everything but the tables costs. */
import type { StreamConfig } from '../config.ts';
import { streamLines } from './floor.ts';
import { PRICES } from './prices.ts';
import { type CostLine, monthly, type Rates } from './rates.ts';
import { BYTES_PER_KB, billedMs, type Calls, METRICS, payloadUnits } from './volume.ts';

const GB = 1_024 ** 3;
/** Records that one PutRecords takes. */
const PUT_RECORDS_MAX = 500;
/** Users whose items `aggregate` works on at once. */
const USERS_AT_ONCE = 32;
const FUNCTIONS_WITH_KEYS = 8;

const tiered = (amount: number, atFirst: number, [first, then]: readonly [number, number]) =>
  Math.min(amount, atFirst) * first + Math.max(0, amount - atFirst) * then;

export const frontLines = ({ requests, traffic }: Rates): readonly CostLine[] => [
  {
    writer: 'API Gateway',
    what: 'requests',
    usd: tiered(monthly(requests), PRICES.apiRequestsAtFirst, PRICES.apiRequest),
  },
  {
    writer: 'API Gateway',
    what: 'answers, out to the internet',
    usd: (monthly(requests) * traffic.answerBytes * PRICES.outGb) / GB,
  },
];

export interface Work {
  readonly name: 'collect' | 'enrich' | 'aggregate' | 'tally';
  readonly callsPerSecond: number;
  /** Billed for each call. */
  readonly ms: number;
}

/** `tally` has no figure in the bench: what a change takes is assumed. */
const TALLY_CPU_MS = 0.02;

export const workOf = (rates: Rates): readonly Work[] => {
  const { config, requests, enrich, aggregate, tally, cpuMs, assumed, eventsPerRecord } = rates;
  const { putMs, itemMs, callCpuMs } = assumed;
  const puts = Math.ceil(enrich.recordsEach / PUT_RECORDS_MAX);
  const users = Math.ceil(aggregate.recordsEach / USERS_AT_ONCE);
  const eventsOf = ({ recordsEach }: Calls): number => recordsEach * eventsPerRecord;
  const work = (name: Work['name'], callsPerSecond: number, waitMs: number, eventsMs: number) => {
    const ms = billedMs(waitMs, eventsMs + callCpuMs, config.functions[name].memoryMb);
    return { name, callsPerSecond, ms };
  };
  return [
    work('collect', requests, putMs, cpuMs.collect * rates.traffic.eventsPerRequest),
    work('enrich', enrich.perSecond, putMs * puts, cpuMs.enrich * eventsOf(enrich)),
    work(
      'aggregate',
      aggregate.perSecond,
      2 * itemMs * users,
      cpuMs.aggregate * eventsOf(aggregate),
    ),
    work('tally', tally.perSecond, 2 * itemMs, TALLY_CPU_MS * tally.recordsEach),
  ];
};

/** Calls and the time for which each is billed; the account's tiers are shared by all of them. */
export const functionLines = (rates: Rates): readonly CostLine[] => {
  const work = workOf(rates);
  const gbSeconds = work.map(({ name, callsPerSecond, ms }) => {
    const gb = rates.config.functions[name].memoryMb / BYTES_PER_KB;
    return (monthly(callsPerSecond) * ms * gb) / 1_000;
  });
  const all = gbSeconds.reduce((sum, one) => sum + one, 0);
  const usd = tiered(all, PRICES.gbSecondsAtFirst, PRICES.gbSecond);
  return work.flatMap(({ name: writer, callsPerSecond }, place) => [
    { writer, what: 'calls', usd: monthly(callsPerSecond) * PRICES.functionCall },
    { writer, what: 'time', usd: all === 0 ? 0 : (usd * (gbSeconds[place] ?? 0)) / all },
  ]);
};

const streamCost = (name: string, stream: StreamConfig, perSecond: number, bytes: number) => [
  ...streamLines([stream]).map((line) => ({ writer: `Kinesis ${name}`, ...line })),
  {
    writer: `Kinesis ${name}`,
    what: 'payload units',
    usd: monthly(perSecond) * payloadUnits(bytes) * PRICES.payloadUnit,
  },
];

export const kinesisLines = ({ config, records, traffic }: Rates): readonly CostLine[] => [
  ...streamCost('raw', config.streams.raw, records, traffic.rawRecordBytes),
  ...streamCost('enriched', config.streams.enriched, records, traffic.enrichedRecordBytes),
  ...(config.streams.updates ? streamCost('updates', config.streams.updates, 0, 0) : []),
];

export const lakeLines = ({ records, traffic, config }: Rates): readonly CostLine[] => {
  const { seconds, megabytes } = config.archive;
  const of = (name: string, bytes: number, stored: number): readonly CostLine[] => {
    const billed = Math.ceil(bytes / PRICES.deliveryStepBytes) * PRICES.deliveryStepBytes;
    const perSecond = records * bytes;
    const objects =
      records === 0 ? 0 : Math.max(Math.min(1 / seconds, records), perSecond / (megabytes * 1e6));
    const gb = (monthly(records) * stored) / GB;
    return [
      {
        writer: `Firehose ${name}`,
        what: 'delivery, in steps of 5 KB',
        usd: (monthly(records) * billed * PRICES.deliveryGb) / GB,
      },
      { writer: `S3 ${name}`, what: 'objects put', usd: monthly(objects) * PRICES.objectPut },
      { writer: `S3 ${name}`, what: 'one month kept', usd: gb * PRICES.storedGbMonth },
    ];
  };
  return [
    ...of('raw', traffic.rawRecordBytes, traffic.rawGzipBytes),
    ...of('enriched', traffic.enrichedRecordBytes, traffic.enrichedGzipBytes),
  ];
};

export const watchingLines = (rates: Rates): readonly CostLine[] => {
  const { requests, enrich, aggregate, tally, config, assumed } = rates;
  const calls = [requests, enrich.perSecond, aggregate.perSecond, tally.perSecond];
  const all = calls.reduce((sum, each) => sum + each, 0);
  const logBytes = all * assumed.logBytesPerCall + requests * assumed.accessLogBytes;
  // X-Ray takes the first call of a second and a share of the others, of each function.
  const traces = calls.reduce(
    (sum, each) => sum + Math.min(each, 1 + Math.max(0, each - 1) * assumed.tracedShare),
    0,
  );
  const metrics = METRICS.always + (config.alarms ? METRICS.withAlarms : 0);
  const isUsed = requests > 0;
  return [
    { writer: 'CloudWatch', what: 'logs', usd: (monthly(logBytes) * PRICES.logGb) / GB },
    { writer: 'CloudWatch', what: 'metrics', usd: isUsed ? metrics * PRICES.metricMonth : 0 },
    { writer: 'X-Ray', what: 'traces', usd: monthly(traces) * PRICES.trace },
    ...(config.customerKey ? [keyLine(rates)] : []),
  ];
};

/** Each service keeps a data key for minutes, per shard or per caller. */
const keyLine = ({ config, requests, assumed }: Rates): CostLine => {
  const shards = Object.values(config.streams).reduce((sum, stream) => sum + stream.shards, 0);
  const calls = (2 * shards + FUNCTIONS_WITH_KEYS) / assumed.keyCallsEverySeconds;
  const usd = requests > 0 ? monthly(calls) * PRICES.keyCall : 0;
  return { writer: 'KMS', what: 'calls', usd };
};
