import { App, Stack } from 'aws-cdk-lib';
import { Function as LambdaFunction } from 'aws-cdk-lib/aws-lambda';
import { expect, test } from 'vitest';
import { NightlySchedule } from '../../lib/nightly-schedule.ts';
import { config } from '../../tributary.config.ts';
import { grants, ofSize, plain, theOne } from './templates.ts';

const { platformTemplate } = ofSize('standard');

const variables = (name: string): Readonly<Record<string, string>> => {
  const [, found] =
    Object.entries(platformTemplate.findResources('AWS::Lambda::Function')).find(
      ([id]) => id.replace(/[0-9A-F]{8}$/, '') === name,
    ) ?? [];
  return Object.fromEntries(
    Object.entries(found?.Properties.Environment.Variables).map(([variable, value]) => [
      variable,
      plain(value),
    ]),
  );
};

/** Without what every function has: its logs, its trace, the key. */
const own = (beginning: string): readonly string[] =>
  grants(platformTemplate, beginning).filter((grant) => !/^(logs|xray|kms):/.test(grant));

const machine = theOne(platformTemplate, 'AWS::StepFunctions::StateMachine').Properties;

test('plan knows the run, what the pipeline is behind, and what a statement found', () => {
  expect(own('NightlyPlanRole')).toMatchInlineSnapshot(`
    [
      "athena:GetQueryResults arn:{AWS::Partition}:athena:{AWS::Region}:{AWS::AccountId}:workgroup/{lakeworkgroup}",
      "cloudwatch:GetMetricData *",
      "dynamodb:DeleteItem arn:{AWS::Partition}:dynamodb:{AWS::Region}:{AWS::AccountId}:table/{tablesrecords}",
      "dynamodb:GetItem arn:{AWS::Partition}:dynamodb:{AWS::Region}:{AWS::AccountId}:table/{tablesrecords}",
      "dynamodb:PutItem arn:{AWS::Partition}:dynamodb:{AWS::Region}:{AWS::AccountId}:table/{tablesrecords}",
      "dynamodb:UpdateItem arn:{AWS::Partition}:dynamodb:{AWS::Region}:{AWS::AccountId}:table/{tablesrecords}",
      "s3:GetObject arn:{AWS::Partition}:s3:::{bucketslake}/athena/*",
      "s3:ListBucket arn:{AWS::Partition}:s3:::{bucketslake}",
    ]
  `);
  expect(variables('NightlyPlan')).toMatchInlineSnapshot(`
    {
      "ENRICHED_DELIVERY": "{deliveriesenriched}",
      "ENRICH_FUNCTION": "{EnrichmentFunction}",
      "LAKE_BUCKET": "{bucketslake}",
      "LAKE_DATABASE": "{lakedatabase}",
      "RAW_STREAM": "{streamsraw}",
      "RECORDS_TABLE": "{tablesrecords}",
    }
  `);
});

test('plan-load lists what was unloaded', () => {
  expect(own('NightlyPlanLoadRole')).toMatchInlineSnapshot(`
    [
      "dynamodb:UpdateItem arn:{AWS::Partition}:dynamodb:{AWS::Region}:{AWS::AccountId}:table/{tablesrecords}",
      "s3:ListBucket arn:{AWS::Partition}:s3:::{bucketslake}",
    ]
  `);
});

test('load reads what was unloaded and writes items; it reads no profile', () => {
  expect(own('NightlyLoadRole')).toMatchInlineSnapshot(`
    [
      "dynamodb:PutItem arn:{AWS::Partition}:dynamodb:{AWS::Region}:{AWS::AccountId}:table/{tablesprofiles}",
      "dynamodb:PutItem arn:{AWS::Partition}:dynamodb:{AWS::Region}:{AWS::AccountId}:table/{tablesrecords}",
      "dynamodb:UpdateItem arn:{AWS::Partition}:dynamodb:{AWS::Region}:{AWS::AccountId}:table/{tablesrecords}",
      "s3:GetObject arn:{AWS::Partition}:s3:::{bucketslake}/nightly/*",
      "s3:ListBucket arn:{AWS::Partition}:s3:::{bucketslake}",
    ]
  `);
  expect(variables('NightlyLoad').WRITES_PER_SECOND).toBe('500');
});

test('reconcile reads profiles and writes none', () => {
  expect(own('NightlyReconcileRole')).toMatchInlineSnapshot(`
    [
      "athena:GetQueryResults arn:{AWS::Partition}:athena:{AWS::Region}:{AWS::AccountId}:workgroup/{lakeworkgroup}",
      "dynamodb:BatchGetItem arn:{AWS::Partition}:dynamodb:{AWS::Region}:{AWS::AccountId}:table/{tablesprofiles}",
      "dynamodb:UpdateItem arn:{AWS::Partition}:dynamodb:{AWS::Region}:{AWS::AccountId}:table/{tablesrecords}",
      "s3:GetObject arn:{AWS::Partition}:s3:::{bucketslake}/athena/*",
    ]
  `);
});

test('nightly starts the machine and asks how it goes, and is no part of it', () => {
  expect(own('NightlyNightlyRole')).toMatchInlineSnapshot(`
    [
      "dynamodb:GetItem arn:{AWS::Partition}:dynamodb:{AWS::Region}:{AWS::AccountId}:table/{tablesrecords}",
      "dynamodb:PutItem arn:{AWS::Partition}:dynamodb:{AWS::Region}:{AWS::AccountId}:table/{tablesrecords}",
      "dynamodb:UpdateItem arn:{AWS::Partition}:dynamodb:{AWS::Region}:{AWS::AccountId}:table/{tablesrecords}",
      "states:DescribeExecution arn:{AWS::Partition}:states:{AWS::Region}:{AWS::AccountId}:execution:{NightlyJobMachine.Name}:*",
      "states:StartExecution {NightlyJobMachine}",
    ]
  `);
  expect(variables('Nightly').NIGHTLY_MACHINE).toBe('{NightlyJobMachine}');
  expect(JSON.stringify(machine)).not.toMatch(/Nightly[0-9A-F]{8}/);
});

test('every night at the configured hour the same function is called as by anybody else', () => {
  const { ScheduleExpression, ScheduleExpressionTimezone, State, Target, FlexibleTimeWindow } =
    theOne(platformTemplate, 'AWS::Scheduler::Schedule', 'Nightly').Properties as {
      Target: { Arn: unknown; Input: string; RetryPolicy: unknown };
    } & Record<string, unknown>;
  expect([ScheduleExpression, ScheduleExpressionTimezone, State]).toEqual([
    `cron(0 ${config.nightly?.hourUtc ?? 3} * * ? *)`,
    'UTC',
    'ENABLED',
  ]);
  expect(FlexibleTimeWindow).toEqual({ Mode: 'OFF' });
  expect(plain(Target.Arn)).toBe('{Nightly.Arn}');
  expect(JSON.parse(Target.Input)).toEqual({ source: 'schedule' });
  expect(Target.RetryPolicy).toEqual({
    MaximumRetryAttempts: 10,
    MaximumEventAgeInSeconds: 3_600,
  });
  expect(own('NightlyScheduleRole')).toEqual(['lambda:InvokeFunction {Nightly.Arn}']);
});

test.each([-1, 24, 3.5, Number.NaN])(
  '%s is no hour, and a sentence says so at synth',
  (hourUtc) => {
    const stack = new Stack(new App(), 'Hours');
    const starts = LambdaFunction.fromFunctionArn(
      stack,
      'Starts',
      'arn:aws:lambda:us-east-1:000000000000:function:starts',
    );
    expect(() => new NightlySchedule(stack, 'Schedule', { starts, hourUtc })).toThrow(
      `nightly.hourUtc in tributary.config.ts is an hour of UTC, 0 to 23, not ${hourUtc}`,
    );
  },
);
