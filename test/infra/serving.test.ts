import { expect, test } from 'vitest';
import { grants, ofSize, plain, theOne } from './templates.ts';

const { platformTemplate } = ofSize('standard');

test('profile knows the two tables, and in which of them the timeline is', () => {
  const { Environment } = theOne(platformTemplate, 'AWS::Lambda::Function', 'Serving')
    .Properties as { Environment: { Variables: Record<string, unknown> } };
  expect(
    Object.entries(Environment.Variables).map(([name, value]) => `${name} ${plain(value)}`),
  ).toEqual([
    'PROFILES_TABLE {tablesprofiles}',
    'RECORDS_TABLE {tablesrecords}',
    'TIMELINE_TABLE {tablesrecords}',
  ]);
});

test('profile reads and never writes, but for its own logs and traces', () => {
  const given = grants(platformTemplate, 'Serving');
  expect(given).toMatchInlineSnapshot(`
    [
      "dynamodb:BatchGetItem arn:{AWS::Partition}:dynamodb:{AWS::Region}:{AWS::AccountId}:table/{tablesprofiles}",
      "dynamodb:GetItem arn:{AWS::Partition}:dynamodb:{AWS::Region}:{AWS::AccountId}:table/{tablesrecords}",
      "dynamodb:Query arn:{AWS::Partition}:dynamodb:{AWS::Region}:{AWS::AccountId}:table/{tablesrecords}",
      "kms:Decrypt {key}",
      "kms:DescribeKey {key}",
      "logs:CreateLogStream {ServingFunctionLogs.Arn}",
      "logs:PutLogEvents {ServingFunctionLogs.Arn}",
      "xray:PutTelemetryRecords *",
      "xray:PutTraceSegments *",
    ]
  `);
  expect(
    given.filter((line) => /Put|Update|Delete|Write/.test(line) && !/^(logs|xray):/.test(line)),
  ).toEqual([]);
});

test('profile stays outside the network until it reads the cache', () => {
  expect(theOne(platformTemplate, 'AWS::Lambda::Function', 'Serving').Properties.VpcConfig).toBe(
    undefined,
  );
});
