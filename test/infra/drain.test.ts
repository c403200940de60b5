import { expect, test } from 'vitest';
import { type FunctionConfig, sizes } from '../../lib/config.ts';
import { grants, ofSize, plain, SIZES, theOne } from './templates.ts';

const { platformTemplate } = ofSize('standard');

test('drain may empty the spill queue onto the raw stream, and nothing else', () => {
  expect(grants(platformTemplate, 'Drain')).toMatchInlineSnapshot(`
    [
      "kinesis:PutRecords arn:{AWS::Partition}:kinesis:{AWS::Region}:{AWS::AccountId}:stream/{streamsraw}",
      "kms:Decrypt {key}",
      "kms:GenerateDataKey {key}",
      "logs:CreateLogStream {DrainFunctionLogs.Arn}",
      "logs:PutLogEvents {DrainFunctionLogs.Arn}",
      "sqs:ChangeMessageVisibility arn:{AWS::Partition}:sqs:{AWS::Region}:{AWS::AccountId}:{queuesspill}",
      "sqs:DeleteMessage arn:{AWS::Partition}:sqs:{AWS::Region}:{AWS::AccountId}:{queuesspill}",
      "sqs:GetQueueAttributes arn:{AWS::Partition}:sqs:{AWS::Region}:{AWS::AccountId}:{queuesspill}",
      "sqs:ReceiveMessage arn:{AWS::Partition}:sqs:{AWS::Region}:{AWS::AccountId}:{queuesspill}",
      "xray:PutTelemetryRecords *",
      "xray:PutTraceSegments *",
    ]
  `);
});

test('every option of its mapping is written out', () => {
  const { Properties } = theOne(platformTemplate, 'AWS::Lambda::EventSourceMapping', 'Drain');
  const { EventSourceArn, FunctionName, ...options } = Properties as Record<string, unknown>;
  expect(plain(EventSourceArn)).toContain('{queuesspill}');
  expect(JSON.stringify(FunctionName)).toContain('DrainFunction');
  expect(options).toEqual({
    BatchSize: 10,
    Enabled: true,
    FunctionResponseTypes: ['ReportBatchItemFailures'],
    MaximumBatchingWindowInSeconds: 0,
    MetricsConfig: { Metrics: ['EventCount'] },
    ScalingConfig: { MaximumConcurrency: 2 },
  });
});

test('drain has at least as much reserved concurrency as its mapping calls at once', () => {
  for (const size of SIZES) {
    const { functions, drainsAtOnce } = sizes[size];
    const { reserved }: FunctionConfig = functions.drain;
    if (reserved !== undefined) expect(reserved).toBeGreaterThanOrEqual(drainsAtOnce);
  }
});
