import { expect, test } from 'vitest';
import { grants, ofSize, plain, theOne } from './templates.ts';

const { platformTemplate } = ofSize('standard');

test('collect knows the raw stream, the records table, the failed bucket and the spill queue, and nothing else', () => {
  const { Environment } = theOne(platformTemplate, 'AWS::Lambda::Function', 'Collection')
    .Properties as { Environment: { Variables: Record<string, unknown> } };
  expect(
    Object.entries(Environment.Variables).map(([name, value]) => `${name} ${plain(value)}`),
  ).toEqual([
    'RAW_STREAM {streamsraw}',
    'RECORDS_TABLE {tablesrecords}',
    'FAILED_BUCKET {bucketsfailed}',
    'SPILL_QUEUE_URL {queuesspillurl}',
  ]);
});

test('collect may put events, spill them, look a key up and park; it can read no profile and no event', () => {
  expect(grants(platformTemplate, 'Collection')).toMatchInlineSnapshot(`
    [
      "dynamodb:GetItem arn:{AWS::Partition}:dynamodb:{AWS::Region}:{AWS::AccountId}:table/{tablesrecords}",
      "kinesis:PutRecords arn:{AWS::Partition}:kinesis:{AWS::Region}:{AWS::AccountId}:stream/{streamsraw}",
      "kms:Decrypt {key}",
      "kms:DescribeKey {key}",
      "kms:GenerateDataKey {key}",
      "logs:CreateLogStream {CollectionFunctionLogs.Arn}",
      "logs:PutLogEvents {CollectionFunctionLogs.Arn}",
      "s3:PutObject arn:{AWS::Partition}:s3:::{bucketsfailed}/failed/collect/*",
      "sqs:SendMessage arn:{AWS::Partition}:sqs:{AWS::Region}:{AWS::AccountId}:{queuesspill}",
      "xray:PutTelemetryRecords *",
      "xray:PutTraceSegments *",
    ]
  `);
});

test('collect reads no stream', () => {
  expect(
    Object.keys(platformTemplate.findResources('AWS::Lambda::EventSourceMapping')).filter((id) =>
      id.startsWith('Collection'),
    ),
  ).toEqual([]);
});
