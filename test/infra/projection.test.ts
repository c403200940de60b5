import { expect, test } from 'vitest';
import type { SizeName } from '../../lib/config.ts';
import { grants, ofSize, plain, SIZES, sorted, theOne } from './templates.ts';

const { platformTemplate } = ofSize('standard');

const mappingOf = (size: SizeName) =>
  theOne(ofSize(size).platformTemplate, 'AWS::Lambda::EventSourceMapping', 'Projection').Properties;

/** The sizes that have somebody to tell. */
const WITH_UPDATES = SIZES.filter((size) => size !== 'starter');

test('starter has no stream of updates, and so nobody who would fill it', () => {
  const { platformTemplate: starter } = ofSize('starter');
  const ids = Object.keys(starter.toJSON().Resources as object);
  expect(ids.filter((id) => id.startsWith('Projection'))).toEqual([]);
});

test('project may do this, each on one resource', () => {
  expect(grants(platformTemplate, 'Projection')).toMatchInlineSnapshot(`
    [
      "dynamodb:BatchGetItem arn:{AWS::Partition}:dynamodb:{AWS::Region}:{AWS::AccountId}:table/{tablesrecords}",
      "dynamodb:DescribeStream {streamsprofiles}",
      "dynamodb:GetItem arn:{AWS::Partition}:dynamodb:{AWS::Region}:{AWS::AccountId}:table/{tablesrecords}",
      "dynamodb:GetRecords {streamsprofiles}",
      "dynamodb:GetShardIterator {streamsprofiles}",
      "dynamodb:ListStreams {streamsprofiles}",
      "ec2:AssignPrivateIpAddresses *",
      "ec2:CreateNetworkInterface *",
      "ec2:DeleteNetworkInterface *",
      "ec2:DescribeNetworkInterfaces *",
      "ec2:DescribeSubnets *",
      "ec2:UnassignPrivateIpAddresses *",
      "elasticache:Connect {cachearn}",
      "elasticache:Connect {cacheuser}",
      "kinesis:PutRecords arn:{AWS::Partition}:kinesis:{AWS::Region}:{AWS::AccountId}:stream/{streamsupdates}",
      "kms:Decrypt {key}",
      "kms:DescribeKey {key}",
      "kms:GenerateDataKey {key}",
      "logs:CreateLogStream {ProjectionFunctionLogs.Arn}",
      "logs:PutLogEvents {ProjectionFunctionLogs.Arn}",
      "s3:GetObject arn:{AWS::Partition}:s3:::{bucketslake}/catalogue/*",
      "s3:ListBucket arn:{AWS::Partition}:s3:::{bucketsfailed}",
      "s3:ListBucket arn:{AWS::Partition}:s3:::{bucketslake}",
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
  ]);
});

test('where it is, it reads in one lane and sees what was applied, loaded and removed', () => {
  for (const size of WITH_UPDATES) {
    expect(mappingOf(size)).toMatchObject({
      Enabled: true,
      StartingPosition: 'TRIM_HORIZON',
      BatchSize: 500,
      MaximumBatchingWindowInSeconds: 0,
      ParallelizationFactor: 1,
      MaximumRecordAgeInSeconds: 22 * 3600,
      MaximumRetryAttempts: -1,
      BisectBatchOnFunctionError: true,
      FunctionResponseTypes: ['ReportBatchItemFailures'],
      FilterCriteria: {
        Filters: [
          {
            Pattern:
              '{"eventName":["INSERT","MODIFY","REMOVE"],"dynamodb":{"Keys":{"sk":{"S":["rt","tr","off"]}}}}',
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
