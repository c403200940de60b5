import { expect, test } from 'vitest';
import { RECORDS_FULL } from '../../functions/tally/tally.ts';
import type { SizeName } from '../../lib/config.ts';
import { grants, ofSize, plain, SIZES, sorted, theOne } from './templates.ts';

const { platformTemplate } = ofSize('standard');

const mappingOf = (size: SizeName) =>
  theOne(ofSize(size).platformTemplate, 'AWS::Lambda::EventSourceMapping', 'Tally').Properties;

test('tally may do this, each on one resource', () => {
  expect(grants(platformTemplate, 'Tally')).toMatchInlineSnapshot(`
    [
      "dynamodb:DescribeStream {streamsprofiles}",
      "dynamodb:GetItem arn:{AWS::Partition}:dynamodb:{AWS::Region}:{AWS::AccountId}:table/{tablesrecords}",
      "dynamodb:GetRecords {streamsprofiles}",
      "dynamodb:GetShardIterator {streamsprofiles}",
      "dynamodb:ListStreams {streamsprofiles}",
      "dynamodb:PutItem arn:{AWS::Partition}:dynamodb:{AWS::Region}:{AWS::AccountId}:table/{tablesrecords}",
      "dynamodb:UpdateItem arn:{AWS::Partition}:dynamodb:{AWS::Region}:{AWS::AccountId}:table/{tablesrecords}",
      "kms:Decrypt {key}",
      "kms:DescribeKey {key}",
      "kms:Encrypt {key}",
      "kms:GenerateDataKey {key}",
      "kms:ReEncryptFrom {key}",
      "kms:ReEncryptTo {key}",
      "logs:CreateLogStream {TallyFunctionLogs.Arn}",
      "logs:PutLogEvents {TallyFunctionLogs.Arn}",
      "s3:ListBucket arn:{AWS::Partition}:s3:::{bucketsfailed}",
      "s3:PutObject arn:{AWS::Partition}:s3:::{bucketsfailed}/aws/lambda/*",
      "xray:PutTelemetryRecords *",
      "xray:PutTraceSegments *",
    ]
  `);
});

test('every option of the mapping is rendered', () => {
  expect(sorted(Object.keys(mappingOf('standard')))).toEqual([
    'BatchSize',
    'BisectBatchOnFunctionError',
    'DestinationConfig',
    'Enabled',
    'EventSourceArn',
    'FilterCriteria',
    'FunctionName',
    'FunctionResponseTypes',
    'MaximumBatchingWindowInSeconds',
    'MaximumRecordAgeInSeconds',
    'MaximumRetryAttempts',
    'MetricsConfig',
    'ParallelizationFactor',
    'StartingPosition',
    'TumblingWindowInSeconds',
  ]);
});

test('in every size it is told the shard, reads it in one lane, and sees only what was applied', () => {
  for (const size of SIZES) {
    expect(mappingOf(size)).toMatchObject({
      Enabled: true,
      StartingPosition: 'TRIM_HORIZON',
      // What `tally` takes for a full batch.
      BatchSize: RECORDS_FULL,
      MaximumBatchingWindowInSeconds: 0,
      ParallelizationFactor: 1,
      TumblingWindowInSeconds: 900,
      MaximumRecordAgeInSeconds: 22 * 3600,
      MaximumRetryAttempts: -1,
      BisectBatchOnFunctionError: true,
      FunctionResponseTypes: ['ReportBatchItemFailures'],
      FilterCriteria: {
        Filters: [
          {
            Pattern: '{"eventName":["INSERT","MODIFY"],"dynamodb":{"Keys":{"sk":{"S":["rt"]}}}}',
          },
        ],
      },
    });
    const { DestinationConfig, EventSourceArn } = mappingOf(size) as {
      DestinationConfig: { OnFailure: { Destination: unknown } };
      EventSourceArn: unknown;
    };
    expect(plain(DestinationConfig.OnFailure.Destination)).toContain('{bucketsfailed}');
    expect(plain(EventSourceArn)).toBe('{streamsprofiles}');
  }
});
