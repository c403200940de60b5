import {
  type CloudWatchClient,
  type MetricDataQuery,
  type MetricDataResult,
  paginateGetMetricData,
} from '@aws-sdk/client-cloudwatch';
import { LAGS_LOOKED_BACK, type Lags, type Reading } from '../core/nightly/cut.ts';
import { epochMs } from '../core/time.ts';
import type { LagReader } from '../ports/lag-reader.ts';

/** As the environment names them. */
export interface LagNames {
  readonly RAW_STREAM: string;
  readonly ENRICH_FUNCTION: string;
  readonly ENRICHED_DELIVERY: string;
}

const MINUTE_MS = 60_000;

type Asked = readonly [Namespace: string, MetricName: string, Dimension: string, Value: string];

const queryOf = (
  id: string,
  [Namespace, MetricName, Name, Value]: Asked,
  Stat: string,
): MetricDataQuery => ({
  Id: id.toLowerCase(),
  MetricStat: {
    Metric: { Namespace, MetricName, Dimensions: [{ Name, Value }] },
    Period: MINUTE_MS / 1_000,
    Stat,
  },
});

const queriesOf = ({ RAW_STREAM, ENRICH_FUNCTION, ENRICHED_DELIVERY }: LagNames) => {
  const delivery = (metric: string): Asked => [
    'AWS/Firehose',
    metric,
    'DeliveryStreamName',
    ENRICHED_DELIVERY,
  ];
  return [
    queryOf(
      'iteratorAgeMs',
      ['AWS/Lambda', 'IteratorAge', 'FunctionName', ENRICH_FUNCTION],
      'Maximum',
    ),
    queryOf('readLagMs', delivery('KinesisMillisBehindLatest'), 'Maximum'),
    queryOf('freshnessMs', delivery('DeliveryToS3.DataFreshness'), 'Maximum'),
    queryOf('incoming', ['AWS/Kinesis', 'IncomingRecords', 'StreamName', RAW_STREAM], 'Sum'),
  ];
};

const readingsOf = (
  results: readonly MetricDataResult[],
  name: keyof Lags,
  unitMs = 1,
): readonly Reading[] =>
  results
    .filter(({ Id }) => Id === name.toLowerCase())
    .flatMap(({ Timestamps = [], Values = [] }) =>
      Timestamps.map((at, place) => ({
        at: epochMs(at.getTime()),
        value: (Values[place] ?? 0) * unitMs,
      })),
    );

/** All metrics of one day in one question, by the minute: 5,760 values at most. */
export const cloudwatchLagReader = (client: CloudWatchClient, names: LagNames): LagReader => ({
  read: async (now) => {
    const results: MetricDataResult[] = [];
    const pages = paginateGetMetricData(
      { client },
      {
        StartTime: new Date(Math.floor((now - LAGS_LOOKED_BACK) / MINUTE_MS) * MINUTE_MS),
        // The minute that is not over yet counts with what it has so far.
        EndTime: new Date((Math.floor(now / MINUTE_MS) + 1) * MINUTE_MS),
        MetricDataQueries: queriesOf(names),
      },
    );
    for await (const { MetricDataResults = [] } of pages) results.push(...MetricDataResults);
    return {
      iteratorAgeMs: readingsOf(results, 'iteratorAgeMs'),
      readLagMs: readingsOf(results, 'readLagMs'),
      // In seconds.
      freshnessMs: readingsOf(results, 'freshnessMs', 1_000),
      incoming: readingsOf(results, 'incoming'),
    };
  },
});
