/** What everything but the functions and the tables costs. */
import type { StreamConfig } from '../config.ts';
import { streamLines } from './floor.ts';
import { PRICES, tiered } from './prices.ts';
import { type CostLine, monthly, type Rates } from './rates.ts';
import { BYTES_PER_GB as GB, METRICS, payloadUnits } from './volume.ts';

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
  // Each change is a record, and no batch of `project` holds two of one user.
  ...(config.streams.updates
    ? streamCost('updates', config.streams.updates, records, traffic.updateBytes)
    : []),
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
  const { requests, enrich, aggregate, tally, project, config, assumed } = rates;
  const readers = [enrich, aggregate, tally, ...(project ? [project] : [])];
  const calls = [requests, ...readers.map(({ perSecond }) => perSecond)];
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
  const functions = Object.keys(config.functions).length;
  const shards = Object.values(config.streams).reduce((sum, stream) => sum + stream.shards, 0);
  const calls = (2 * shards + functions) / assumed.keyCallsEverySeconds;
  const usd = requests > 0 ? monthly(calls) * PRICES.keyCall : 0;
  return { writer: 'KMS', what: 'calls', usd };
};
