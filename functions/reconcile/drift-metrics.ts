import { type Metrics, MetricUnit } from '@aws-lambda-powertools/metrics';
import type { ReconcilePorts } from './reconcile.ts';

/** One metric over all tags, which is what alarms, and one for each, which says which tag it was. */
export const driftMetrics =
  (metrics: Metrics): ReconcilePorts['measured'] =>
  (tag, percent) => {
    metrics.addMetric('TagDrift', MetricUnit.Percent, percent);
    const one = metrics.singleMetric();
    one.addDimension('tag', tag);
    one.addMetric('TagDrift', MetricUnit.Percent, percent);
  };
