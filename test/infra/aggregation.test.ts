import { expect, test } from 'vitest';
import type { SizeName } from '../../lib/config.ts';
import { grants, ofSize, plain, SIZES, sorted, theOne } from './templates.ts';

const { platformTemplate } = ofSize('standard');

const mappingOf = (size: SizeName) =>
  theOne(ofSize(size).platformTemplate, 'AWS::Lambda::EventSourceMapping', 'Aggregation')
    .Properties;

test('aggregate may do this, each on one resource', () => {
  expect(grants(platformTemplate, 'Aggregation')).toMatchInlineSnapshot(`
    [
      "dynamodb:GetItem arn:{AWS::Partition}:dynamodb:{AWS::Region}:{AWS::AccountId}:table/{tablesprofiles}",
      "dynamodb:PutItem arn:{AWS::Partition}:dynamodb:{AWS::Region}:{AWS::AccountId}:table/{tablesprofiles}",
      "dynamodb:PutItem arn:{AWS::Partition}:dynamodb:{AWS::Region}:{AWS::AccountId}:table/{tablesrecords}",
      "kinesis:DescribeStream arn:{AWS::Partition}:kinesis:{AWS::Region}:{AWS::AccountId}:stream/{streamsenriched}",
      "kinesis:DescribeStreamSummary arn:{AWS::Partition}:kinesis:{AWS::Region}:{AWS::AccountId}:stream/{streamsenriched}",
      "kinesis:GetRecords arn:{AWS::Partition}:kinesis:{AWS::Region}:{AWS::AccountId}:stream/{streamsenriched}",
      "kinesis:GetShardIterator arn:{AWS::Partition}:kinesis:{AWS::Region}:{AWS::AccountId}:stream/{streamsenriched}",
      "kinesis:ListShards arn:{AWS::Partition}:kinesis:{AWS::Region}:{AWS::AccountId}:stream/{streamsenriched}",
      "kinesis:ListStreams arn:{AWS::Partition}:kinesis:{AWS::Region}:{AWS::AccountId}:stream/{streamsenriched}",
      "kms:Decrypt {key}",
      "kms:DescribeKey {key}",
      "kms:Encrypt {key}",
      "kms:GenerateDataKey {key}",
      "kms:ReEncryptFrom {key}",
      "kms:ReEncryptTo {key}",
      "logs:CreateLogStream {AggregationFunctionLogs.Arn}",
      "logs:PutLogEvents {AggregationFunctionLogs.Arn}",
      "s3:ListBucket arn:{AWS::Partition}:s3:::{bucketsfailed}",
      "s3:PutObject arn:{AWS::Partition}:s3:::{bucketsfailed}/aws/lambda/*",
      "s3:PutObject arn:{AWS::Partition}:s3:::{bucketsfailed}/failed/aggregate/*",
      "s3:PutObject arn:{AWS::Partition}:s3:::{bucketsfailed}/failed/outcome/*",
      "s3:PutObject arn:{AWS::Partition}:s3:::{bucketsfailed}/failed/state/*",
      "xray:PutTelemetryRecords *",
      "xray:PutTraceSegments *",
    ]
  `);
});

test('every option of the mapping is rendered; what is absent is absent on purpose', () => {
  expect(sorted(Object.keys(mappingOf('standard')))).toEqual([
    'BatchSize',
    'BisectBatchOnFunctionError',
    'DestinationConfig',
    'Enabled',
    'EventSourceArn',
    'FunctionName',
    'FunctionResponseTypes',
    'MaximumBatchingWindowInSeconds',
    'MaximumRecordAgeInSeconds',
    'MaximumRetryAttempts',
    'MetricsConfig',
    'ParallelizationFactor',
    'StartingPosition',
  ]);
});

// Not rendered: FilterCriteria (a format mismatch drops records in silence), TumblingWindowInSeconds
// (may reorder what it processes again), StartingPositionTimestamp (we start at the oldest record).

test('a mapping retries for ever, names what is unfinished, and keeps what it gives up on', () => {
  for (const size of SIZES) {
    expect(mappingOf(size)).toMatchObject({
      Enabled: true,
      StartingPosition: 'TRIM_HORIZON',
      BatchSize: 1000,
      FunctionResponseTypes: ['ReportBatchItemFailures'],
      BisectBatchOnFunctionError: true,
      MaximumRetryAttempts: -1,
    });
    const { DestinationConfig, EventSourceArn } = mappingOf(size) as {
      DestinationConfig: { OnFailure: { Destination: unknown } };
      EventSourceArn: unknown;
    };
    expect(plain(DestinationConfig.OnFailure.Destination)).toBe(
      'arn:{AWS::Partition}:s3:::{bucketsfailed}',
    );
    expect(plain(EventSourceArn)).toBe(
      'arn:{AWS::Partition}:kinesis:{AWS::Region}:{AWS::AccountId}:stream/{streamsenriched}',
    );
  }
});

test('records are set aside two hours before the stream would forget them', () => {
  const hour = 3600;
  expect(SIZES.map((size) => mappingOf(size).MaximumRecordAgeInSeconds)).toEqual([
    22 * hour,
    70 * hour,
    70 * hour,
  ]);
});

test('only scale reads a shard in several lanes', () => {
  expect(
    SIZES.map((size) => [
      mappingOf(size).ParallelizationFactor,
      mappingOf(size).MaximumBatchingWindowInSeconds,
    ]),
  ).toEqual([
    [1, 0],
    [1, 0],
    [4, 1],
  ]);
});

test('a size without alarms does not pay for the counts that feed them', () => {
  expect(SIZES.map((size) => mappingOf(size).MetricsConfig)).toEqual([
    undefined,
    { Metrics: ['EventCount'] },
    { Metrics: ['EventCount'] },
  ]);
});
