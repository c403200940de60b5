import { expect, test } from 'vitest';
import { refuseFaults } from '../../lib/tributary-app.ts';
import { grants, ofSize, plain, theOne } from './templates.ts';

const { platformTemplate } = ofSize('standard');

test('personalize knows the two tables, the lake for its snapshots, and the cache', () => {
  const { Environment } = theOne(platformTemplate, 'AWS::Lambda::Function', 'Personalization')
    .Properties as { Environment: { Variables: Record<string, unknown> } };
  expect(
    Object.entries(Environment.Variables).map(([name, value]) => `${name} ${plain(value)}`),
  ).toEqual([
    'PROFILES_TABLE {tablesprofiles}',
    'RECORDS_TABLE {tablesrecords}',
    'LAKE_BUCKET {bucketslake}',
    'CACHE_URL {cacheurl}',
  ]);
});

test('personalize reads and never writes, but for its own logs, traces and interfaces', () => {
  expect(grants(platformTemplate, 'Personalization')).toMatchInlineSnapshot(`
    [
      "dynamodb:BatchGetItem arn:{AWS::Partition}:dynamodb:{AWS::Region}:{AWS::AccountId}:table/{tablesprofiles}",
      "dynamodb:BatchGetItem arn:{AWS::Partition}:dynamodb:{AWS::Region}:{AWS::AccountId}:table/{tablesrecords}",
      "dynamodb:GetItem arn:{AWS::Partition}:dynamodb:{AWS::Region}:{AWS::AccountId}:table/{tablesrecords}",
      "ec2:AssignPrivateIpAddresses *",
      "ec2:CreateNetworkInterface *",
      "ec2:DeleteNetworkInterface *",
      "ec2:DescribeNetworkInterfaces *",
      "ec2:DescribeSubnets *",
      "ec2:UnassignPrivateIpAddresses *",
      "elasticache:Connect {cachearn}",
      "elasticache:Connect {cacheuser}",
      "kms:Decrypt {key}",
      "kms:DescribeKey {key}",
      "logs:CreateLogStream {PersonalizationFunctionLogs.Arn}",
      "logs:PutLogEvents {PersonalizationFunctionLogs.Arn}",
      "s3:GetObject arn:{AWS::Partition}:s3:::{bucketslake}/catalogue/*",
      "s3:ListBucket arn:{AWS::Partition}:s3:::{bucketslake}",
      "xray:PutTelemetryRecords *",
      "xray:PutTraceSegments *",
    ]
  `);
});

test('what the config gets wrong of recommendations is told before anything is deployed', () => {
  refuseFaults({});
  refuseFaults({ recommend: { preset: 'taste' } });
  expect(() => refuseFaults({ recommend: { preset: 'taste', explore: 9 } })).toThrow(
    'tributary.config.ts, recommend: explore is 0 to 5 of ten places',
  );
});
