import { App } from 'aws-cdk-lib';
import { Template } from 'aws-cdk-lib/assertions';
import { expect, test } from 'vitest';
import { sizes } from '../../lib/config.ts';
import { floorText, monthlyFloor } from '../../lib/cost/floor.ts';
import { tributary } from '../../lib/tributary-app.ts';
import { ofSize, outputFolder, plain, SIZES, sorted } from './templates.ts';

const outputs = (size: (typeof SIZES)[number]): Record<string, string> =>
  Object.fromEntries(
    Object.entries(ofSize(size).platformTemplate.findOutputs('*')).map(([name, { Value }]) => [
      name,
      plain(Value),
    ]),
  );

test('the first output says what a month costs before the first event', () => {
  const [first] = sorted(Object.keys(outputs('standard')));
  expect(first).toBe('AboutUsdPerMonth');
  expect(outputs('starter').AboutUsdPerMonth).toBe(
    '22.30 before the first event, us-east-1 (2 shards 21.90, minutes 0.31, nights 0.09)',
  );
  expect(outputs('standard').AboutUsdPerMonth).toBe(
    '90.68 before the first event, us-east-1 (3 shards 32.85, longer retention of 2 shards 29.20, cache 6.13, endpoint of Kinesis 14.60, customer key 1.00, 65 alarms 6.50, minutes 0.31, nights 0.09)',
  );
});

test('the floor counts the alarms that the template has', () => {
  for (const size of SIZES) {
    const alarms = Object.keys(
      ofSize(size).platformTemplate.findResources('AWS::CloudWatch::Alarm'),
    ).length;
    expect(outputs(size).AboutUsdPerMonth).toBe(floorText(monthlyFloor(sizes[size], { alarms })));
  }
});

test('outputs show how to get the first key, and which quota to raise', () => {
  expect(outputs('standard').FirstKey).toBe(
    'npm run keys -- create --kind operator --table {tablesrecords}',
  );
  expect(outputs('standard').QuotaToRaise).toMatch(/L-B99A9384.*a new account has 10/);
  expect(outputs('scale').QuotaToRaise).toMatch(/at least 2423, of which 2323 are reserved/);
  expect(outputs('standard').ApiUrl).toBe('{FrontApi.ApiEndpoint}');
  expect(outputs('standard').ApiId).toBe('{FrontApi}');
});

test('Platform learns of Data by parameters alone, each of which Data writes', () => {
  for (const size of SIZES) {
    const { dataTemplate, platformTemplate } = ofSize(size);
    const read = Object.values(platformTemplate.findParameters('*')).map(
      ({ Type, Default }) => `${Type} ${Default}`,
    );
    const written = Object.values(dataTemplate.findResources('AWS::SSM::Parameter')).map(
      ({ Properties }) => `AWS::SSM::Parameter::Value<String> ${Properties.Name}`,
    );
    expect(read.length).toBeGreaterThan(4);
    expect(read.filter((parameter) => !written.includes(parameter))).toEqual([]);
    expect(JSON.stringify([dataTemplate.toJSON(), platformTemplate.toJSON()])).not.toContain(
      'Fn::ImportValue',
    );
  }
});

test('a stage has stacks and parameters of its own', () => {
  const { data, platform } = tributary({
    app: { outdir: outputFolder(), context: { size: 'starter', stage: 'blue' } },
  });
  expect([data.stackName, platform.stackName]).toEqual([
    'tributary-blue-data',
    'tributary-blue-platform',
  ]);
  const names = Object.values(Template.fromStack(data).findResources('AWS::SSM::Parameter')).map(
    ({ Properties }) => Properties.Name as string,
  );
  expect(names.length).toBeGreaterThan(4);
  expect(names.every((name) => name.startsWith('/tributary/blue/'))).toBe(true);
  expect(platform.dependencies).toContain(data);
});

test('a stage that cannot name a stack is refused with the reason', () => {
  expect(() => tributary({ app: { outdir: outputFolder(), context: { stage: 'Prod!' } } })).toThrow(
    '"Prod!" is no stage: lower-case letters, digits and dashes, at most 20',
  );
});

test('nothing has a physical name but parameters and what SQL must call by name', () => {
  expect(App.isApp(ofSize('standard').app)).toBe(true);
  const named = (['dataTemplate', 'platformTemplate'] as const).flatMap((which) =>
    Object.entries(
      ofSize('standard')[which].toJSON().Resources as Record<
        string,
        { Type: string; Properties?: Record<string, unknown> }
      >,
    ).flatMap(([, { Type, Properties }]) =>
      [
        'Name',
        'TableName',
        'BucketName',
        'RoleName',
        'TopicName',
        'AlarmName',
        'DeliveryStreamName',
        'StateMachineName',
        'GroupName',
      ]
        .filter((key) => Properties?.[key] !== undefined)
        .map((key) => `${Type}.${key}`),
    ),
  );
  expect(sorted(new Set(named))).toEqual([
    'AWS::ApiGatewayV2::Api.Name',
    'AWS::Athena::WorkGroup.Name',
    'AWS::Glue::Table.Name',
    'AWS::SSM::Parameter.Name',
  ]);
});
