import { join } from 'node:path';
import type { LocalService, MetricSink, RecordSource } from '../../cloud.ts';
import { STORED_BYTES_MAX } from '../../engines/kinesis/limits.ts';
import { kinesisHandler } from './http.ts';
import { streamType } from './resource-type.ts';
import { streamSource } from './source.ts';
import { openStore } from './store.ts';

export interface KinesisOptions {
  /** Streams live in the folder `kinesis` below it. */
  readonly dataDir: string;
  readonly clock: () => number;
  readonly random: () => number;
  readonly metrics: MetricSink;
  readonly region?: string;
  readonly accountId?: string;
  readonly storedBytesMax?: number;
}

export interface LocalKinesis extends LocalService {
  readonly recordSource: (arn: string) => RecordSource | undefined;
}

const TRIM_EVERY_MS = 60_000;

/** Kinesis Data Streams on a laptop: the pure engine, its files, and both of AWS's wire formats. */
export const createKinesis = (options: KinesisOptions): LocalKinesis => {
  const { clock, random, metrics } = options;
  const settings = {
    region: options.region ?? 'us-east-1',
    accountId: options.accountId ?? '000000000000',
    storedBytesMax: options.storedBytesMax ?? STORED_BYTES_MAX,
  };
  const store = openStore({ folder: join(options.dataDir, 'kinesis'), settings, clock, random });
  store.trim();
  const timer = setInterval(() => store.trim(), TRIM_EVERY_MS);
  timer.unref();
  return {
    handle: kinesisHandler({
      random,
      call: (operation, parameters) => {
        const body = store.call(operation, parameters);
        measure(metrics, clock(), operation, parameters, body);
        return body;
      },
    }),
    resourceTypes: [streamType(store, settings)],
    recordSource: (arn) => {
      const name = arn.split(':stream/')[1];
      if (name === undefined || !store.state.streams.has(name)) return undefined;
      return streamSource(store, { arn, name, region: settings.region });
    },
    close: async () => {
      clearInterval(timer);
      store.close();
    },
  };
};

/** https://docs.aws.amazon.com/streams/latest/dev/monitoring-with-cloudwatch.html */
const measure = (
  metrics: MetricSink,
  nowMs: number,
  operation: string,
  parameters: Readonly<Record<string, unknown>>,
  body: Readonly<Record<string, unknown>>,
): void => {
  if (operation !== 'PutRecord' && operation !== 'PutRecords') return;
  const stream = String(parameters.StreamName ?? String(parameters.StreamARN).split('/')[1]);
  const put = (name: string, value: number): void =>
    metrics.put('AWS/Kinesis', name, { StreamName: stream }, value, nowMs);
  const offered = operation === 'PutRecord' ? 1 : (parameters.Records as unknown[]).length;
  const refused = Number(body.FailedRecordCount ?? 0);
  put('IncomingRecords', offered - refused);
  if (refused > 0) put('WriteProvisionedThroughputExceeded', refused);
};
