import { expect, test } from 'vitest';
import type { SizeName } from '../../lib/config.ts';
import { grants, ofSize, plain, theOne } from './templates.ts';

const { platformTemplate } = ofSize('standard');

test('profile knows the two tables, in which of them the timeline is, and the cache', () => {
  const { Environment } = theOne(platformTemplate, 'AWS::Lambda::Function', 'Serving')
    .Properties as { Environment: { Variables: Record<string, unknown> } };
  expect(
    Object.entries(Environment.Variables).map(([name, value]) => `${name} ${plain(value)}`),
  ).toEqual([
    'PROFILES_TABLE {tablesprofiles}',
    'RECORDS_TABLE {tablesrecords}',
    'TIMELINE_TABLE {tablesrecords}',
    'CACHE_URL {cacheurl}',
  ]);
});

test('profile reads and never writes, but for its own logs, traces and interfaces', () => {
  const given = grants(platformTemplate, 'Serving');
  expect(given).toMatchInlineSnapshot(`
    [
      "dynamodb:BatchGetItem arn:{AWS::Partition}:dynamodb:{AWS::Region}:{AWS::AccountId}:table/{tablesprofiles}",
      "dynamodb:GetItem arn:{AWS::Partition}:dynamodb:{AWS::Region}:{AWS::AccountId}:table/{tablesrecords}",
      "dynamodb:Query arn:{AWS::Partition}:dynamodb:{AWS::Region}:{AWS::AccountId}:table/{tablesrecords}",
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
      "logs:CreateLogStream {ServingFunctionLogs.Arn}",
      "logs:PutLogEvents {ServingFunctionLogs.Arn}",
      "xray:PutTelemetryRecords *",
      "xray:PutTraceSegments *",
    ]
  `);
  expect(
    given.filter((line) => /Put|Update|Delete|Write/.test(line) && !/^(logs|xray|ec2):/.test(line)),
  ).toEqual([]);
});

test('profile is in the network where there is a cache, and nowhere where there is none', () => {
  const lambdaOf = (size: SizeName) =>
    theOne(ofSize(size).platformTemplate, 'AWS::Lambda::Function', 'Serving').Properties;
  for (const size of ['standard', 'scale'] as const) {
    const { VpcConfig, Environment } = lambdaOf(size) as {
      VpcConfig: Readonly<Record<string, unknown>>;
      Environment: { Variables: Readonly<Record<string, unknown>> };
    };
    expect(JSON.stringify(VpcConfig.SecurityGroupIds)).toContain('networkfunctions');
    expect(JSON.stringify(VpcConfig.SubnetIds)).toContain('networksubnets');
    expect(plain(Environment.Variables.CACHE_URL)).toBe('{cacheurl}');
  }
  expect(lambdaOf('starter').VpcConfig).toBeUndefined();
  expect(lambdaOf('starter').Environment).toMatchObject({ Variables: { CACHE_URL: 'none' } });
});
