import { Metric } from 'aws-cdk-lib/aws-cloudwatch';
import { minute, type Signal } from './signal.ts';

/** What `minute` counts of catalogues and of what is in demand. */
export const minuteSignals = (): readonly Signal[] => [
  {
    id: 'CatalogueFailed',
    says: 'A catalogue has changed and gets no new snapshot: recommendations know the old one.',
    runbook: 'catalogue-failed',
    pages: false,
    metric: ofMinute('CatalogueFailed'),
    above: 0,
    minutes: 3,
    of: 5,
  },
  {
    id: 'CatalogueDropped',
    says: 'A catalogue is larger than a snapshot: its oldest items are not recommended.',
    runbook: 'catalogue-dropped',
    pages: false,
    metric: ofMinute('CatalogueDropped'),
    above: 0,
    minutes: 1,
    of: 1,
  },
  {
    id: 'TrendsFailed',
    says: 'What is in demand is not merged: recommendations know what was in demand before.',
    runbook: 'trends-failed',
    pages: false,
    metric: ofMinute('TrendsFailed'),
    above: 0,
    minutes: 3,
    of: 5,
  },
];

const ofMinute = (metricName: string): Metric =>
  new Metric({
    namespace: 'Tributary',
    metricName,
    dimensionsMap: { service: 'minute' },
    statistic: 'Sum',
    period: minute,
  });
