import { expect, test } from 'vitest';
import { grants, ofSize, plain, SIZES } from './templates.ts';

const { platformTemplate } = ofSize('standard');

test('minute reads what has changed and the items, and writes pointers and snapshots; lib/minute.ts', () => {
  const own = grants(platformTemplate, 'MinuteFunction').filter(
    (grant) => !/^(logs|xray|kms):/.test(grant),
  );
  expect(own).toMatchInlineSnapshot(`
    [
      "dynamodb:BatchGetItem arn:{AWS::Partition}:dynamodb:{AWS::Region}:{AWS::AccountId}:table/{tablesrecords}",
      "dynamodb:DeleteItem arn:{AWS::Partition}:dynamodb:{AWS::Region}:{AWS::AccountId}:table/{tablesrecords}",
      "dynamodb:GetItem arn:{AWS::Partition}:dynamodb:{AWS::Region}:{AWS::AccountId}:table/{tablesrecords}",
      "dynamodb:PutItem arn:{AWS::Partition}:dynamodb:{AWS::Region}:{AWS::AccountId}:table/{tablesrecords}",
      "dynamodb:Query arn:{AWS::Partition}:dynamodb:{AWS::Region}:{AWS::AccountId}:table/{tablesrecords}",
      "s3:DeleteObject arn:{AWS::Partition}:s3:::{bucketslake}/catalogue/*",
      "s3:GetObject arn:{AWS::Partition}:s3:::{bucketslake}/catalogue/*",
      "s3:ListBucket arn:{AWS::Partition}:s3:::{bucketslake}",
      "s3:PutObject arn:{AWS::Partition}:s3:::{bucketslake}/catalogue/*",
    ]
  `);
});

test('rows that are not its own are out of its reach', () => {
  const [policy] = Object.entries(platformTemplate.findResources('AWS::IAM::Policy')).flatMap(
    ([id, { Properties }]) =>
      id.startsWith('MinuteFunction') ? [Properties.PolicyDocument.Statement] : [],
  );
  const rows = (policy as readonly { Action: string | string[]; Condition?: object }[])
    .filter(({ Action }) => [Action].flat().some((action) => action.startsWith('dynamodb:')))
    .map(({ Action, Condition }) => [Action, Condition]);
  const leading = (...keys: readonly string[]) => ({
    'ForAllValues:StringLike': { 'dynamodb:LeadingKeys': keys },
  });
  expect(rows).toEqual([
    ['dynamodb:Query', leading('chg#*', 'm#*', 'dem#')],
    ['dynamodb:DeleteItem', leading('chg#*')],
    ['dynamodb:BatchGetItem', leading('i#*')],
    ['dynamodb:GetItem', leading('rec#*', 'tick#*')],
    ['dynamodb:PutItem', leading('rec#*', 'tick#*', 'i#*#trend#*')],
  ]);
});

test('in every size it is called each minute, outside the network', () => {
  for (const size of SIZES) {
    const { platformTemplate: template } = ofSize(size);
    const schedules = Object.values(template.findResources('AWS::Scheduler::Schedule'));
    const mine = schedules.filter(({ Properties }) =>
      plain(Properties.Target.Arn).includes('Minute'),
    );
    expect(mine.map(({ Properties }) => Properties)).toMatchObject([
      {
        ScheduleExpression: 'cron(* * * * ? *)',
        FlexibleTimeWindow: { Mode: 'OFF' },
        State: 'ENABLED',
        Target: { RetryPolicy: { MaximumRetryAttempts: 1, MaximumEventAgeInSeconds: 60 } },
      },
    ]);
    const [call] = Object.entries(template.findResources('AWS::Lambda::Function')).flatMap(
      ([id, { Properties }]) => (id.startsWith('MinuteFunction') ? [Properties] : []),
    );
    expect(call.VpcConfig).toBeUndefined();
    expect(Object.keys(call.Environment.Variables)).toEqual(['RECORDS_TABLE', 'LAKE_BUCKET']);
  }
});

test('its schedule calls it and nothing else', () => {
  expect(grants(platformTemplate, 'MinuteSchedule')).toMatchInlineSnapshot(`
    [
      "lambda:InvokeFunction {MinuteFunction.Arn}",
    ]
  `);
});
