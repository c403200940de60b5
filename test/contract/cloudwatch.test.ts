/** CloudWatch of the local cloud, asked by the AWS SDK and in the CLI's CBOR. */
import {
  CloudWatchClient,
  GetMetricDataCommand,
  ListMetricsCommand,
  PutMetricDataCommand,
} from '@aws-sdk/client-cloudwatch';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { decodeCbor, encodeCbor } from '../../localstack/services/cbor.ts';
import {
  type CloudWatch,
  createCloudWatch,
} from '../../localstack/services/cloudwatch/create-cloudwatch.ts';
import { SERIES_MAX } from '../../localstack/services/cloudwatch/minutes.ts';
import { CREDENTIALS, type Served, serve, stillClock } from '../support/served.ts';

const MINUTE_MS = 60_000;
const NOON = Date.UTC(2026, 10, 24, 12);
const ENRICH = { FunctionName: 'enrich' };

let clock: ReturnType<typeof stillClock>;
let cloudWatch: CloudWatch;
let served: Served;
let client: CloudWatchClient;

beforeEach(async () => {
  clock = stillClock(NOON);
  cloudWatch = createCloudWatch({ clock });
  served = await serve(cloudWatch.handle);
  client = new CloudWatchClient({
    region: 'us-east-1',
    endpoint: served.url,
    credentials: CREDENTIALS,
    maxAttempts: 1,
  });
});

afterEach(async () => {
  client.destroy();
  await served.close();
  await cloudWatch.close();
});

const ageOf = (value: number, atMs = clock.now()): void =>
  cloudWatch.metrics.put('AWS/Lambda', 'IteratorAge', ENRICH, value, atMs);

interface Asked {
  readonly namespace?: string;
  readonly name?: string;
  readonly dimensions?: Readonly<Record<string, string>>;
  readonly stat?: string;
  readonly periodSeconds?: number;
  readonly fromMs?: number;
  readonly toMs?: number;
  readonly unit?: 'Milliseconds' | 'Seconds' | 'Count';
}

const ask = async (asked: Asked = {}) => {
  const dimensions = Object.entries(asked.dimensions ?? ENRICH);
  const { MetricDataResults = [] } = await client.send(
    new GetMetricDataCommand({
      StartTime: new Date(asked.fromMs ?? NOON - 15 * MINUTE_MS),
      EndTime: new Date(asked.toMs ?? clock.now() + MINUTE_MS),
      ScanBy: 'TimestampAscending',
      MetricDataQueries: [
        {
          Id: 'one',
          MetricStat: {
            Metric: {
              Namespace: asked.namespace ?? 'AWS/Lambda',
              MetricName: asked.name ?? 'IteratorAge',
              Dimensions: dimensions.map(([Name, Value]) => ({ Name, Value })),
            },
            Period: asked.periodSeconds ?? 60,
            Stat: asked.stat ?? 'Maximum',
            Unit: asked.unit,
          },
        },
      ],
    }),
  );
  const [result] = MetricDataResults;
  return (result?.Timestamps ?? []).map(
    (at, index) => [at.getTime() - NOON, result?.Values?.[index]] as const,
  );
};

test('a minute has one datapoint, by each statistic', async () => {
  ageOf(10);
  clock.advance(MINUTE_MS - 1);
  ageOf(30);
  clock.advance(1);
  ageOf(50);
  const inMinutes = (first: number, second: number) => [
    [0, first],
    [MINUTE_MS, second],
  ];
  expect(await ask({ stat: 'Maximum' })).toEqual(inMinutes(30, 50));
  expect(await ask({ stat: 'Minimum' })).toEqual(inMinutes(10, 50));
  expect(await ask({ stat: 'Sum' })).toEqual(inMinutes(40, 50));
  expect(await ask({ stat: 'Average' })).toEqual(inMinutes(20, 50));
  expect(await ask({ stat: 'SampleCount' })).toEqual(inMinutes(2, 1));
});

test('a longer period takes its minutes together and begins where its length divides the day', async () => {
  for (let minute = 0; minute < 12; minute += 1) {
    ageOf(minute);
    clock.advance(MINUTE_MS);
  }
  expect(await ask({ periodSeconds: 300, stat: 'Maximum' })).toEqual([
    [0, 4],
    [300_000, 9],
    [600_000, 11],
  ]);
});

test('the start is part of what was asked for, the end is not', async () => {
  ageOf(1, NOON - MINUTE_MS);
  ageOf(2, NOON);
  ageOf(3, NOON + MINUTE_MS);
  expect(await ask({ fromMs: NOON, toMs: NOON + MINUTE_MS })).toEqual([[0, 2]]);
});

test('what nothing was measured of is an empty answer, not a zero', async () => {
  expect(await ask()).toEqual([]);
});

test('dimensions are met in any order, and a metric with more of them is another one', async () => {
  const both = { FunctionName: 'enrich', EventSourceMappingUUID: 'u' };
  cloudWatch.metrics.put('AWS/Lambda', 'IteratorAge', both, 7, NOON);
  expect(await ask()).toEqual([]);
  const turned = { EventSourceMappingUUID: 'u', FunctionName: 'enrich' };
  expect(await ask({ dimensions: turned })).toEqual([[0, 7]]);
});

test('a metric of another unit is not found', async () => {
  ageOf(5);
  expect(await ask({ unit: 'Milliseconds' })).toEqual([[0, 5]]);
  expect(await ask({ unit: 'Seconds' })).toEqual([]);
});

test('what is put by the SDK is read back, long and therefore gzipped bodies too', async () => {
  const data = Array.from({ length: 300 }, (_, index) => ({
    MetricName: `Drift${index}`,
    Dimensions: [{ Name: 'tag', Value: `views_${index}` }],
    Value: index,
    Unit: 'Count' as const,
  }));
  await client.send(new PutMetricDataCommand({ Namespace: 'Tributary', MetricData: data }));
  const asked = { namespace: 'Tributary', name: 'Drift299', dimensions: { tag: 'views_299' } };
  expect(await ask({ ...asked, stat: 'Sum' })).toEqual([[0, 299]]);
});

test('values with counts and sets of statistics are summed up', async () => {
  const put = (datum: object) =>
    client.send(
      new PutMetricDataCommand({
        Namespace: 'Tributary',
        MetricData: [{ MetricName: 'Rows', Timestamp: new Date(NOON), ...datum }],
      }),
    );
  await put({ Values: [1, 10], Counts: [3, 2] });
  await put({ StatisticValues: { Sum: 7, SampleCount: 2, Minimum: 0, Maximum: 7 } });
  const asked = { namespace: 'Tributary', name: 'Rows', dimensions: {} };
  expect(await ask({ ...asked, stat: 'Sum' })).toEqual([[0, 30]]);
  expect(await ask({ ...asked, stat: 'SampleCount' })).toEqual([[0, 7]]);
  expect(await ask({ ...asked, stat: 'Minimum' })).toEqual([[0, 0]]);
});

test('a line of a function in the embedded metric format is measured, any other is not', async () => {
  const line = {
    _aws: {
      Timestamp: NOON + 1,
      CloudWatchMetrics: [
        {
          Namespace: 'Tributary',
          Dimensions: [['service']],
          Metrics: [{ Name: 'Accepted', Unit: 'Count' }, { Name: 'Absent' }],
        },
      ],
    },
    service: 'collect',
    Accepted: [3, 4],
  };
  for (const text of ['{"_aws":"CloudWatchMetrics"', '{"CloudWatchMetrics":1}', 'INFO', '']) {
    cloudWatch.readLine(text);
  }
  cloudWatch.readLine(JSON.stringify(line));
  const asked = { namespace: 'Tributary', name: 'Accepted', dimensions: { service: 'collect' } };
  expect(await ask({ ...asked, stat: 'Sum' })).toEqual([[0, 7]]);
  const { Metrics = [] } = await client.send(new ListMetricsCommand({}));
  expect(Metrics).toEqual([
    {
      Namespace: 'Tributary',
      MetricName: 'Accepted',
      Dimensions: [{ Name: 'service', Value: 'collect' }],
    },
  ]);
});

test('a day later the first datapoints are forgotten', async () => {
  ageOf(1);
  clock.advance(24 * 60 * MINUTE_MS);
  ageOf(2);
  expect(await ask()).toHaveLength(2);
  clock.advance(60 * MINUTE_MS);
  ageOf(3);
  expect((await ask()).map(([, value]) => value)).toEqual([2, 3]);
});

test('series are bounded: old ones make room, new ones wait for it', async () => {
  const fill = () => {
    for (let index = 0; index < SERIES_MAX; index += 1) {
      cloudWatch.metrics.put('N', 'm', { id: `${clock.now()}-${index}` }, 1, clock.now());
    }
  };
  fill();
  ageOf(1);
  expect(await ask()).toEqual([]);
  clock.advance(26 * 60 * MINUTE_MS);
  ageOf(2);
  expect(await ask()).toHaveLength(1);
});

test('what it cannot compute is refused with a sentence', async () => {
  await expect(ask({ stat: 'p99' })).rejects.toThrow('Stat is one of Average');
  await expect(ask({ periodSeconds: 10 })).rejects.toThrow('whole number of minutes');
  await expect(ask({ toMs: NOON - 60 * MINUTE_MS })).rejects.toThrow('StartTime must be before');
});

test('the AWS CLI speaks CBOR, with seconds as instants', async () => {
  ageOf(9);
  const query = {
    Id: 'one',
    MetricStat: {
      Metric: {
        Namespace: 'AWS/Lambda',
        MetricName: 'IteratorAge',
        Dimensions: [{ Name: 'FunctionName', Value: 'enrich' }],
      },
      Period: 60,
      Stat: 'Maximum',
    },
  };
  const call = (operation: string, input: object) =>
    fetch(`${served.url}/service/GraniteServiceVersion20100801/operation/${operation}`, {
      method: 'POST',
      headers: { 'smithy-protocol': 'rpc-v2-cbor', 'content-type': 'application/cbor' },
      body: new Uint8Array(encodeCbor(input)),
    });
  const body = {
    StartTime: NOON / 1_000,
    EndTime: NOON / 1_000 + 60,
    MetricDataQueries: [query],
  };
  const answer = await call('GetMetricData', body);
  expect(answer.headers.get('smithy-protocol')).toBe('rpc-v2-cbor');
  const decoded = Object(decodeCbor(Buffer.from(await answer.arrayBuffer())));
  expect(decoded.MetricDataResults[0]).toMatchObject({ Timestamps: [NOON / 1_000], Values: [9] });
  const refused = await call('Unheard', {});
  expect(refused.status).toBe(400);
});
