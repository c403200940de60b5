import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { ofSize, plain, theOne } from './templates.ts';

interface AlarmProperties {
  readonly AlarmActions: readonly unknown[];
  readonly AlarmDescription: string;
  readonly Threshold: number;
}

const { platformTemplate } = ofSize('standard');
const alarms = Object.entries(platformTemplate.findResources('AWS::CloudWatch::Alarm')).map(
  ([id, { Properties }]) => ({
    id: id.replace(/^Alarms|[0-9A-F]{8}$/g, ''),
    ...(Properties as AlarmProperties),
  }),
);

test('these signals are watched, and these of them wake somebody', () => {
  expect(
    alarms.map(({ id, AlarmActions, Threshold }) => {
      const topic = AlarmActions.map(plain).join();
      return `${id} > ${Threshold} ${topic === '{AlarmsPages}' ? 'pages' : topic}`;
    }),
  ).toMatchInlineSnapshot(`
    [
      "EnrichBehind > 60000 {AlarmsTickets}",
      "EnrichFarBehind > 129600000 pages",
      "EnrichDiscarded > 0 pages",
      "EnrichSilent > 0 pages",
      "EnrichStreamFull > 0 {AlarmsTickets}",
      "AggregateBehind > 60000 {AlarmsTickets}",
      "AggregateFarBehind > 129600000 pages",
      "AggregateDiscarded > 0 pages",
      "AggregateSilent > 0 pages",
      "AggregateStreamFull > 0 {AlarmsTickets}",
      "ProjectBehind > 60000 {AlarmsTickets}",
      "ProjectFarBehind > 43200000 pages",
      "ProjectDiscarded > 0 pages",
      "TallyBehind > 60000 {AlarmsTickets}",
      "TallyFarBehind > 43200000 pages",
      "TallyDiscarded > 0 pages",
      "CollectErrors > 0 {AlarmsTickets}",
      "CollectThrottled > 0 {AlarmsTickets}",
      "DrainErrors > 0 {AlarmsTickets}",
      "DrainThrottled > 0 {AlarmsTickets}",
      "EnrichErrors > 0 {AlarmsTickets}",
      "EnrichThrottled > 0 {AlarmsTickets}",
      "AggregateErrors > 0 {AlarmsTickets}",
      "AggregateThrottled > 0 {AlarmsTickets}",
      "ProfileErrors > 0 {AlarmsTickets}",
      "ProfileThrottled > 0 {AlarmsTickets}",
      "PersonalizeErrors > 0 {AlarmsTickets}",
      "PersonalizeThrottled > 0 {AlarmsTickets}",
      "ProjectErrors > 0 {AlarmsTickets}",
      "ProjectThrottled > 0 {AlarmsTickets}",
      "TallyErrors > 0 {AlarmsTickets}",
      "TallyThrottled > 0 {AlarmsTickets}",
      "MinuteErrors > 0 {AlarmsTickets}",
      "MinuteThrottled > 0 {AlarmsTickets}",
      "AnalyticsErrors > 0 {AlarmsTickets}",
      "AnalyticsThrottled > 0 {AlarmsTickets}",
      "AdminErrors > 0 {AlarmsTickets}",
      "AdminThrottled > 0 {AlarmsTickets}",
      "NightlyErrors > 0 {AlarmsTickets}",
      "NightlyThrottled > 0 {AlarmsTickets}",
      "PlanErrors > 0 {AlarmsTickets}",
      "PlanThrottled > 0 {AlarmsTickets}",
      "PlanLoadErrors > 0 {AlarmsTickets}",
      "PlanLoadThrottled > 0 {AlarmsTickets}",
      "LoadErrors > 0 {AlarmsTickets}",
      "LoadThrottled > 0 {AlarmsTickets}",
      "ReconcileErrors > 0 {AlarmsTickets}",
      "ReconcileThrottled > 0 {AlarmsTickets}",
      "RawArchiveBehind > 900 {AlarmsTickets}",
      "EnrichedArchiveBehind > 900 {AlarmsTickets}",
      "SpillFilling > 0 {AlarmsTickets}",
      "SpillWaits > 0 pages",
      "SpillDead > 0 pages",
      "EventsParked > 0 {AlarmsTickets}",
      "StateUnreadable > 0 pages",
      "NightFailed > 0 {AlarmsTickets}",
      "NightRefused > 0 {AlarmsTickets}",
      "NightMissing > 0 {AlarmsTickets}",
      "NightSlow > 21600000 {AlarmsTickets}",
      "TagDrift > 0.01 {AlarmsTickets}",
      "CatalogueFailed > 0 {AlarmsTickets}",
      "CatalogueDropped > 0 {AlarmsTickets}",
      "TrendsFailed > 0 {AlarmsTickets}",
      "ApiServerErrors > 1 pages",
      "LedgerGap > 0 pages",
    ]
  `);
});

test('the ledger’s metric is what its command line in docs/operating.md puts', () => {
  const { Properties } = theOne(platformTemplate, 'AWS::CloudWatch::Alarm', 'AlarmsLedgerGap');
  const { Namespace, MetricName, Dimensions, TreatMissingData } = Properties as {
    Namespace: string;
    MetricName: string;
    Dimensions: { Name: string; Value: string }[];
    TreatMissingData: string;
  };
  const dimensions = Dimensions.map(({ Name, Value }) => `${Name}=${Value}`).join();
  expect(readFileSync('docs/operating.md', 'utf8').replaceAll(/\\\n\s+/g, '')).toContain(
    `aws cloudwatch put-metric-data --namespace ${Namespace} --metric-name ${MetricName} --dimensions ${dimensions} --value $?`,
  );
  // Between two runs nobody knows anything.
  expect(TreatMissingData).toBe('notBreaching');
});

test('a night is missed when nothing says for 26 hours that one ended well', () => {
  const { Properties } = theOne(platformTemplate, 'AWS::CloudWatch::Alarm', 'AlarmsNightMissing');
  // Where nothing ends there is no datapoint: that is the very thing.
  expect(Properties).toMatchObject({
    TreatMissingData: 'breaching',
    EvaluationPeriods: 26,
    DatapointsToAlarm: 26,
  });
  const metrics = Properties.Metrics as readonly {
    readonly Expression?: string;
    readonly MetricStat?: { readonly Period: number; readonly Metric: { MetricName: string } };
  }[];
  expect(metrics.map(({ Expression }) => Expression ?? '')).toContain('IF(ended > 0, 0, 1)');
  expect(metrics.flatMap(({ MetricStat }) => MetricStat ?? [])).toMatchObject([
    { Period: 3_600, Metric: { MetricName: 'ExecutionsSucceeded' } },
  ]);
  const others = Object.values(platformTemplate.findResources('AWS::CloudWatch::Alarm')).filter(
    ({ Properties: { TreatMissingData } }) => TreatMissingData !== 'notBreaching',
  );
  expect(others).toHaveLength(1);
});

test('a night that was stopped, or ran out of time, has failed as well', () => {
  const { Properties } = theOne(platformTemplate, 'AWS::CloudWatch::Alarm', 'AlarmsNightFailed');
  const names = (Properties.Metrics as { MetricStat?: { Metric: { MetricName: string } } }[]).map(
    ({ MetricStat }) => MetricStat?.Metric.MetricName,
  );
  expect(names.filter(Boolean)).toEqual([
    'ExecutionsFailed',
    'ExecutionsTimedOut',
    'ExecutionsAborted',
  ]);
});

test('starter watches nothing and pays for nothing', () => {
  const { platformTemplate: starter } = ofSize('starter');
  starter.resourceCountIs('AWS::CloudWatch::Alarm', 0);
  starter.resourceCountIs('AWS::SNS::Topic', 0);
});

const linked = (description: string): string =>
  /Runbook: (docs\/runbooks\/[a-z0-9-]+\.md)$/.exec(description)?.[1] ?? '';

test('every alarm links to a runbook that names it, and no runbook is without its alarm', () => {
  for (const { id, AlarmDescription } of alarms) {
    const path = linked(AlarmDescription);
    expect(existsSync(path), `${id}: ${path}`).toBe(true);
    expect(readFileSync(path, 'utf8'), path).toContain(`\`${id}\``);
  }
  const used = new Set(alarms.map(({ AlarmDescription }) => linked(AlarmDescription)));
  expect(readdirSync('docs/runbooks').filter((name) => !used.has(`docs/runbooks/${name}`))).toEqual(
    [],
  );
});

test('half a retention is the last call: 36 of 72 hours, 12 of the 24 of a table’s stream', () => {
  const far = alarms.filter(({ id }) => id.endsWith('FarBehind'));
  expect(far.map(({ Threshold }) => Threshold)).toEqual([
    36 * 3_600_000,
    36 * 3_600_000,
    12 * 3_600_000,
    12 * 3_600_000,
  ]);
});

test('alarms may be published to the encrypted topics', () => {
  const policy = theOne(platformTemplate, 'AWS::SNS::TopicPolicy', 'AlarmsPages').Properties as {
    PolicyDocument: { Statement: { Effect: string; Principal: unknown; Action: string }[] };
  };
  expect(policy.PolicyDocument.Statement).toContainEqual(
    expect.objectContaining({
      Effect: 'Allow',
      Action: 'sns:Publish',
      Principal: { Service: 'cloudwatch.amazonaws.com' },
    }),
  );
  const key = theOne(ofSize('standard').dataTemplate, 'AWS::KMS::Key').Properties as {
    KeyPolicy: { Statement: unknown[] };
  };
  expect(key.KeyPolicy.Statement).toContainEqual(
    expect.objectContaining({
      Action: ['kms:Decrypt', 'kms:GenerateDataKey'],
      Principal: { Service: 'cloudwatch.amazonaws.com' },
    }),
  );
});
