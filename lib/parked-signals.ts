import { type IMetric, MathExpression, Metric } from 'aws-cdk-lib/aws-cloudwatch';
import { minute, type Signal } from './signal.ts';

/** What functions count of events that they set aside for people. */
export const parkedSignals = (): readonly Signal[] => [
  {
    id: 'EventsParked',
    says: 'Events were parked: they are in the failed bucket and in no profile.',
    runbook: 'parked',
    pages: false,
    metric: parked,
    above: 0,
    minutes: 1,
    of: 1,
  },
  {
    id: 'StateUnreadable',
    says: 'A profile cannot be read: the events of its user wait in the failed bucket.',
    runbook: 'state-unreadable',
    pages: true,
    metric: ofFunction('aggregate', 'EventsOfUnreadableState'),
    above: 0,
    minutes: 1,
    of: 1,
  },
];

const ofFunction = (service: string, metricName: string): Metric =>
  new Metric({
    namespace: 'Tributary',
    metricName,
    dimensionsMap: { service },
    statistic: 'Sum',
    period: minute,
  });

const parked: IMetric = new MathExpression({
  label: 'events parked',
  expression: 'FILL(enriching, 0) + FILL(aggregating, 0)',
  period: minute,
  usingMetrics: {
    enriching: ofFunction('enrich', 'EventsParked'),
    aggregating: ofFunction('aggregate', 'EventsParked'),
  },
});
