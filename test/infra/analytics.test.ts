import { expect, test } from 'vitest';
import { grants, ofSize } from './templates.ts';

const { platformTemplate } = ofSize('standard');

test('analytics reads one table and never writes, but for its own logs and traces', () => {
  const given = grants(platformTemplate, 'Analytics');
  expect(given).toMatchInlineSnapshot(`
    [
      "dynamodb:GetItem arn:{AWS::Partition}:dynamodb:{AWS::Region}:{AWS::AccountId}:table/{tablesrecords}",
      "dynamodb:Query arn:{AWS::Partition}:dynamodb:{AWS::Region}:{AWS::AccountId}:table/{tablesrecords}",
      "kms:Decrypt {key}",
      "kms:DescribeKey {key}",
      "logs:CreateLogStream {AnalyticsFunctionLogs.Arn}",
      "logs:PutLogEvents {AnalyticsFunctionLogs.Arn}",
      "xray:PutTelemetryRecords *",
      "xray:PutTraceSegments *",
    ]
  `);
  expect(
    given.filter((line) => /Put|Update|Delete|Write/.test(line) && !/^(logs|xray):/.test(line)),
  ).toEqual([]);
});
