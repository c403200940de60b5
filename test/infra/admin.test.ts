import { expect, test } from 'vitest';
import { grants, ofSize } from './templates.ts';

const { platformTemplate } = ofSize('standard');

test('admin reads what failed, sends it on and notes that it did; it deletes items of the catalogue alone', () => {
  const given = grants(platformTemplate, 'Admin');
  expect(given).toMatchInlineSnapshot(`
    [
      "dynamodb:DeleteItem arn:{AWS::Partition}:dynamodb:{AWS::Region}:{AWS::AccountId}:table/{tablesrecords}",
      "dynamodb:GetItem arn:{AWS::Partition}:dynamodb:{AWS::Region}:{AWS::AccountId}:table/{tablesrecords}",
      "dynamodb:UpdateItem arn:{AWS::Partition}:dynamodb:{AWS::Region}:{AWS::AccountId}:table/{tablesrecords}",
      "kinesis:PutRecords arn:{AWS::Partition}:kinesis:{AWS::Region}:{AWS::AccountId}:stream/{streamsraw}",
      "kms:Decrypt {key}",
      "kms:DescribeKey {key}",
      "kms:Encrypt {key}",
      "kms:GenerateDataKey {key}",
      "kms:ReEncryptFrom {key}",
      "kms:ReEncryptTo {key}",
      "logs:CreateLogStream {AdminFunctionLogs.Arn}",
      "logs:PutLogEvents {AdminFunctionLogs.Arn}",
      "s3:GetObject arn:{AWS::Partition}:s3:::{bucketsfailed}/aws/lambda/*",
      "s3:GetObject arn:{AWS::Partition}:s3:::{bucketsfailed}/failed/*",
      "s3:ListBucket arn:{AWS::Partition}:s3:::{bucketsfailed}",
      "s3:PutObject arn:{AWS::Partition}:s3:::{bucketsfailed}/failed/redriven/aws/lambda/*",
      "s3:PutObject arn:{AWS::Partition}:s3:::{bucketsfailed}/failed/redriven/failed/*",
      "xray:PutTelemetryRecords *",
      "xray:PutTraceSegments *",
    ]
  `);
  expect(given.filter((line) => /Delete/.test(line))).toEqual([
    'dynamodb:DeleteItem arn:{AWS::Partition}:dynamodb:{AWS::Region}:{AWS::AccountId}:table/{tablesrecords}',
  ]);
});
