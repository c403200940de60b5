/** Lags as the engines' metrics tell them, read over the local CloudWatch. */
import { CloudWatchClient } from '@aws-sdk/client-cloudwatch';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { cloudwatchLagReader } from '../../functions/adapters/cloudwatch-lag-reader.ts';
import { cutAt } from '../../functions/core/nightly/cut.ts';
import { epochMs } from '../../functions/core/time.ts';
import {
  type CloudWatch,
  createCloudWatch,
} from '../../localstack/services/cloudwatch/create-cloudwatch.ts';
import { CREDENTIALS, type Served, serve, stillClock } from '../support/served.ts';

const MINUTE_MS = 60_000;
const NOW = Date.UTC(2026, 10, 24, 2, 0, 30);
const clock = stillClock(NOW);

let cloudWatch: CloudWatch;
let served: Served;
let client: CloudWatchClient;

beforeAll(async () => {
  cloudWatch = createCloudWatch({ clock });
  served = await serve(cloudWatch.handle);
  client = new CloudWatchClient({
    ...{ region: 'us-east-1', endpoint: served.url, credentials: CREDENTIALS, maxAttempts: 1 },
  });
});
afterAll(async () => {
  client.destroy();
  await served.close();
  await cloudWatch.close();
});

const reader = () =>
  cloudwatchLagReader(client, {
    RAW_STREAM: 'raw',
    ENRICH_FUNCTION: 'enrich',
    ENRICHED_DELIVERY: 'enriched',
  });

const put = (
  [namespace, name]: readonly [string, string],
  dimensions: Readonly<Record<string, string>>,
  values: readonly (readonly [minutesAgo: number, value: number])[],
): void => {
  for (const [ago, value] of values) {
    cloudWatch.metrics.put(namespace, name, dimensions, value, NOW - ago * MINUTE_MS);
  }
};

test('without a metric nothing is known, and nothing waits', async () => {
  const lags = await reader().read(epochMs(NOW));
  expect(lags).toEqual({ iteratorAgeMs: [], readLagMs: [], freshnessMs: [], incoming: [] });
  expect(cutAt(epochMs(NOW), lags, undefined).unknown).toEqual([]);
});

test('each lag is the largest of its minute in milliseconds, records that came in are a sum', async () => {
  const enriched = { DeliveryStreamName: 'enriched' };
  put(['AWS/Lambda', 'IteratorAge'], { FunctionName: 'enrich' }, [
    [0, 5],
    [0, 9],
    [0, 7],
    [1_000, 3],
  ]);
  put(['AWS/Lambda', 'IteratorAge'], { FunctionName: 'aggregate' }, [[0, 99_999]]);
  put(['AWS/Firehose', 'KinesisMillisBehindLatest'], enriched, [[3, 1_500]]);
  put(['AWS/Firehose', 'DeliveryToS3.DataFreshness'], enriched, [[3, 61.5]]);
  put(['AWS/Firehose', 'DeliveryToS3.DataFreshness'], { DeliveryStreamName: 'raw' }, [[0, 900]]);
  put(['AWS/Kinesis', 'IncomingRecords'], { StreamName: 'raw' }, [
    [5, 2],
    [5, 3],
  ]);
  put(['AWS/Kinesis', 'IncomingRecords'], { StreamName: 'enriched' }, [[0, 77]]);
  const minute = (ago: number) =>
    epochMs(Math.floor((NOW - ago * MINUTE_MS) / MINUTE_MS) * MINUTE_MS);
  const lags = await reader().read(epochMs(NOW));
  const byTime = (left: { at: number }, right: { at: number }) => left.at - right.at;
  expect({ ...lags, iteratorAgeMs: lags.iteratorAgeMs.toSorted(byTime) }).toEqual({
    iteratorAgeMs: [
      { at: minute(1_000), value: 3 },
      { at: minute(0), value: 9 },
    ],
    readLagMs: [{ at: minute(3), value: 1_500 }],
    freshnessMs: [{ at: minute(3), value: 61_500 }],
    incoming: [{ at: minute(5), value: 5 }],
  });
});
