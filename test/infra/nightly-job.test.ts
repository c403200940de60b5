import { expect, test } from 'vitest';
import { nightlyMachine } from '../../lib/nightly-machine.ts';
import { grants, ofSize, plain, SIZES, theOne } from './templates.ts';

const { platformTemplate } = ofSize('standard');

/** Without its logs, its trace and the key. */
const own = (beginning: string): readonly string[] =>
  grants(platformTemplate, beginning).filter((grant) => !/^(logs|xray|kms):/.test(grant));

const machine = theOne(platformTemplate, 'AWS::StepFunctions::StateMachine').Properties;

test('the machine is the text, and its names stand for what the template made', () => {
  expect(JSON.parse(String(machine.DefinitionString))).toEqual(
    JSON.parse(JSON.stringify(nightlyMachine({ loadsAtOnce: 4 }))),
  );
  const { DefinitionSubstitutions } = machine as {
    DefinitionSubstitutions: Record<string, unknown>;
  };
  const substituted = Object.entries(DefinitionSubstitutions).map(([name, value]) => [
    name,
    plain(value),
  ]);
  expect(Object.fromEntries(substituted)).toEqual({
    Plan: '{NightlyPlan.Arn}',
    PlanLoad: '{NightlyPlanLoad.Arn}',
    Load: '{NightlyLoad.Arn}',
    Reconcile: '{NightlyReconcile.Arn}',
    WorkGroup: '{lakeworkgroup}',
  });
  const named = String(machine.DefinitionString).match(/\$\{\w+\}/g) ?? [];
  expect(new Set(named.map((name) => name.slice(2, -1)))).toEqual(
    new Set(Object.keys(DefinitionSubstitutions)),
  );
});

test('commands find the machine by a parameter', () => {
  const { Name, Value } = theOne(platformTemplate, 'AWS::SSM::Parameter').Properties;
  expect([Name, plain(Value)]).toEqual(['/tributary/dev/machines/nightly', '{NightlyJobMachine}']);
});

test('it is a standard machine, logs what fails, and no data of anybody', () => {
  expect(machine).toMatchObject({
    StateMachineType: 'STANDARD',
    LoggingConfiguration: { Level: 'ERROR', IncludeExecutionData: false },
    TracingConfiguration: { Enabled: true },
  });
});

test('more is loaded at once where the tables take more', () => {
  const atOnce = SIZES.map((size) => {
    const { DefinitionString } = theOne(
      ofSize(size).platformTemplate,
      'AWS::StepFunctions::StateMachine',
    ).Properties;
    return JSON.parse(String(DefinitionString)).States.load.MaxConcurrency;
  });
  expect(atOnce).toEqual([4, 4, 40]);
});

test('the machine calls its four functions, and asks in the one workgroup', () => {
  expect(own('NightlyJobRole')).toMatchInlineSnapshot(`
    [
      "athena:GetDataCatalog arn:{AWS::Partition}:athena:{AWS::Region}:{AWS::AccountId}:datacatalog/AwsDataCatalog",
      "athena:GetQueryExecution arn:{AWS::Partition}:athena:{AWS::Region}:{AWS::AccountId}:workgroup/{lakeworkgroup}",
      "athena:StartQueryExecution arn:{AWS::Partition}:athena:{AWS::Region}:{AWS::AccountId}:workgroup/{lakeworkgroup}",
      "athena:StopQueryExecution arn:{AWS::Partition}:athena:{AWS::Region}:{AWS::AccountId}:workgroup/{lakeworkgroup}",
      "glue:GetDatabase arn:{AWS::Partition}:glue:{AWS::Region}:{AWS::AccountId}:catalog",
      "glue:GetDatabase arn:{AWS::Partition}:glue:{AWS::Region}:{AWS::AccountId}:database/{lakedatabase}",
      "glue:GetDatabase arn:{AWS::Partition}:glue:{AWS::Region}:{AWS::AccountId}:table/{lakedatabase}/enriched_lines",
      "glue:GetDatabase arn:{AWS::Partition}:glue:{AWS::Region}:{AWS::AccountId}:table/{lakedatabase}/events",
      "glue:GetDatabase arn:{AWS::Partition}:glue:{AWS::Region}:{AWS::AccountId}:table/{lakedatabase}/pairs_day",
      "glue:GetDatabase arn:{AWS::Partition}:glue:{AWS::Region}:{AWS::AccountId}:table/{lakedatabase}/positives",
      "glue:GetDatabase arn:{AWS::Partition}:glue:{AWS::Region}:{AWS::AccountId}:table/{lakedatabase}/raw_lines",
      "glue:GetDatabase arn:{AWS::Partition}:glue:{AWS::Region}:{AWS::AccountId}:table/{lakedatabase}/run_lines",
      "glue:GetDatabase arn:{AWS::Partition}:glue:{AWS::Region}:{AWS::AccountId}:table/{lakedatabase}/tags_loaded",
      "glue:GetDatabase arn:{AWS::Partition}:glue:{AWS::Region}:{AWS::AccountId}:table/{lakedatabase}/user_day",
      "glue:GetDatabase arn:{AWS::Partition}:glue:{AWS::Region}:{AWS::AccountId}:table/{lakedatabase}/user_total",
      "glue:GetTable arn:{AWS::Partition}:glue:{AWS::Region}:{AWS::AccountId}:catalog",
      "glue:GetTable arn:{AWS::Partition}:glue:{AWS::Region}:{AWS::AccountId}:database/{lakedatabase}",
      "glue:GetTable arn:{AWS::Partition}:glue:{AWS::Region}:{AWS::AccountId}:table/{lakedatabase}/enriched_lines",
      "glue:GetTable arn:{AWS::Partition}:glue:{AWS::Region}:{AWS::AccountId}:table/{lakedatabase}/events",
      "glue:GetTable arn:{AWS::Partition}:glue:{AWS::Region}:{AWS::AccountId}:table/{lakedatabase}/pairs_day",
      "glue:GetTable arn:{AWS::Partition}:glue:{AWS::Region}:{AWS::AccountId}:table/{lakedatabase}/positives",
      "glue:GetTable arn:{AWS::Partition}:glue:{AWS::Region}:{AWS::AccountId}:table/{lakedatabase}/raw_lines",
      "glue:GetTable arn:{AWS::Partition}:glue:{AWS::Region}:{AWS::AccountId}:table/{lakedatabase}/run_lines",
      "glue:GetTable arn:{AWS::Partition}:glue:{AWS::Region}:{AWS::AccountId}:table/{lakedatabase}/tags_loaded",
      "glue:GetTable arn:{AWS::Partition}:glue:{AWS::Region}:{AWS::AccountId}:table/{lakedatabase}/user_day",
      "glue:GetTable arn:{AWS::Partition}:glue:{AWS::Region}:{AWS::AccountId}:table/{lakedatabase}/user_total",
      "glue:UpdateTable arn:{AWS::Partition}:glue:{AWS::Region}:{AWS::AccountId}:catalog",
      "glue:UpdateTable arn:{AWS::Partition}:glue:{AWS::Region}:{AWS::AccountId}:database/{lakedatabase}",
      "glue:UpdateTable arn:{AWS::Partition}:glue:{AWS::Region}:{AWS::AccountId}:table/{lakedatabase}/events",
      "glue:UpdateTable arn:{AWS::Partition}:glue:{AWS::Region}:{AWS::AccountId}:table/{lakedatabase}/pairs_day",
      "glue:UpdateTable arn:{AWS::Partition}:glue:{AWS::Region}:{AWS::AccountId}:table/{lakedatabase}/positives",
      "glue:UpdateTable arn:{AWS::Partition}:glue:{AWS::Region}:{AWS::AccountId}:table/{lakedatabase}/tags_loaded",
      "glue:UpdateTable arn:{AWS::Partition}:glue:{AWS::Region}:{AWS::AccountId}:table/{lakedatabase}/user_day",
      "glue:UpdateTable arn:{AWS::Partition}:glue:{AWS::Region}:{AWS::AccountId}:table/{lakedatabase}/user_total",
      "lambda:InvokeFunction {NightlyLoad.Arn}",
      "lambda:InvokeFunction {NightlyPlan.Arn}",
      "lambda:InvokeFunction {NightlyPlanLoad.Arn}",
      "lambda:InvokeFunction {NightlyReconcile.Arn}",
      "s3:AbortMultipartUpload arn:{AWS::Partition}:s3:::{bucketslake}/athena/*",
      "s3:AbortMultipartUpload arn:{AWS::Partition}:s3:::{bucketslake}/nightly/*",
      "s3:AbortMultipartUpload arn:{AWS::Partition}:s3:::{bucketslake}/tables/*",
      "s3:DeleteObject arn:{AWS::Partition}:s3:::{bucketslake}/tables/*",
      "s3:GetBucketLocation arn:{AWS::Partition}:s3:::{bucketslake}",
      "s3:GetObject arn:{AWS::Partition}:s3:::{bucketslake}/athena/*",
      "s3:GetObject arn:{AWS::Partition}:s3:::{bucketslake}/enriched/*",
      "s3:GetObject arn:{AWS::Partition}:s3:::{bucketslake}/nightly/*",
      "s3:GetObject arn:{AWS::Partition}:s3:::{bucketslake}/tables/*",
      "s3:ListBucket arn:{AWS::Partition}:s3:::{bucketslake}",
      "s3:ListBucketMultipartUploads arn:{AWS::Partition}:s3:::{bucketslake}",
      "s3:ListMultipartUploadParts arn:{AWS::Partition}:s3:::{bucketslake}/athena/*",
      "s3:ListMultipartUploadParts arn:{AWS::Partition}:s3:::{bucketslake}/nightly/*",
      "s3:ListMultipartUploadParts arn:{AWS::Partition}:s3:::{bucketslake}/tables/*",
      "s3:PutObject arn:{AWS::Partition}:s3:::{bucketslake}/athena/*",
      "s3:PutObject arn:{AWS::Partition}:s3:::{bucketslake}/nightly/*",
      "s3:PutObject arn:{AWS::Partition}:s3:::{bucketslake}/tables/*",
    ]
  `);
});

test('a statement writes three folders and deletes in one', () => {
  const granted = own('NightlyJobRole');
  const folders = (action: string) =>
    granted
      .filter((grant) => grant.startsWith(`${action} `))
      .map((grant) => grant.split('{bucketslake}/')[1]);
  expect(folders('s3:PutObject')).toEqual(['athena/*', 'nightly/*', 'tables/*']);
  expect(folders('s3:DeleteObject')).toEqual(['tables/*']);
  expect(folders('s3:GetObject')).toEqual(['athena/*', 'enriched/*', 'nightly/*', 'tables/*']);
});
