import { Metrics, MetricUnit } from '@aws-lambda-powertools/metrics';

/** Counts something that happened; metrics may over-count, the ledger is closed from the lake. */
export type Count = (name: string, count: number) => void;

export const METRICS_NAMESPACE = 'Tributary';

export const newMetrics = (serviceName: string): Metrics =>
  new Metrics({ namespace: METRICS_NAMESPACE, serviceName });

export const countIn =
  (metrics: Metrics): Count =>
  (name, count) => {
    if (count !== 0) metrics.addMetric(name, MetricUnit.Count, count);
  };
