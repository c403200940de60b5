import { expect, test } from 'vitest';
import { ofSize, theOne } from './templates.ts';

const { platformTemplate } = ofSize('standard');

test('events that either function parked make one alarm, in their first minute', () => {
  const { Properties } = theOne(platformTemplate, 'AWS::CloudWatch::Alarm', 'AlarmsEventsParked');
  expect(Properties).toMatchObject({ EvaluationPeriods: 1, DatapointsToAlarm: 1, Threshold: 0 });
  const metrics = Properties.Metrics as readonly {
    readonly Expression?: string;
    readonly MetricStat?: { readonly Metric: object; readonly Stat: string };
  }[];
  expect(metrics[0]?.Expression).toBe('FILL(enriching, 0) + FILL(aggregating, 0)');
  expect(metrics.slice(1).map(({ MetricStat }) => MetricStat)).toEqual(
    ['enrich', 'aggregate'].map((service) => ({
      Metric: {
        Namespace: 'Tributary',
        MetricName: 'EventsParked',
        Dimensions: [{ Name: 'service', Value: service }],
      },
      Period: 60,
      Stat: 'Sum',
    })),
  );
});

test('a profile that cannot be read pages', () => {
  expect(
    theOne(platformTemplate, 'AWS::CloudWatch::Alarm', 'AlarmsStateUnreadable').Properties,
  ).toMatchObject({
    Namespace: 'Tributary',
    MetricName: 'EventsOfUnreadableState',
    Dimensions: [{ Name: 'service', Value: 'aggregate' }],
  });
});
