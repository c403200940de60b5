/**
 * Metrics in a function's log, in CloudWatch's embedded metric format.
 * https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/CloudWatch_Embedded_Metric_Format_Specification.html
 */
import type { Measurement } from './minutes.ts';

interface Directive {
  readonly Namespace: string;
  readonly Dimensions?: readonly (readonly string[])[];
  readonly Metrics?: readonly { readonly Name: string; readonly Unit?: string }[];
}

type Line = Readonly<Record<string, unknown>> & {
  readonly _aws: { readonly Timestamp: number; readonly CloudWatchMetrics: readonly Directive[] };
};

/** AWS takes 100 metrics of a line. */
const METRICS_PER_LINE_MAX = 100;
const VALUES_PER_METRIC_MAX = 100;

const parse = (text: string): Line | undefined => {
  // Most lines are none; a parse of each would cost more than all the rest.
  if (!text.startsWith('{') || !text.includes('"CloudWatchMetrics"')) return undefined;
  try {
    const line: unknown = JSON.parse(text);
    const { Timestamp, CloudWatchMetrics } = Object(Object(line)._aws);
    const isOne = typeof Timestamp === 'number' && Array.isArray(CloudWatchMetrics);
    return isOne ? (line as Line) : undefined;
  } catch {
    return undefined;
  }
};

const valuesOf = (value: unknown): readonly number[] =>
  (Array.isArray(value) ? value : [value])
    .slice(0, VALUES_PER_METRIC_MAX)
    .filter((one): one is number => typeof one === 'number' && Number.isFinite(one));

const measured = (
  line: Line,
  { Namespace, Dimensions = [[]], Metrics = [] }: Directive,
): readonly Measurement[] =>
  Metrics.slice(0, METRICS_PER_LINE_MAX).flatMap(({ Name, Unit = 'None' }) => {
    const values = valuesOf(line[Name]);
    if (values.length === 0) return [];
    return Dimensions.map((names) => ({
      namespace: Namespace,
      name: Name,
      dimensions: Object.fromEntries(names.map((name) => [name, String(line[name])])),
      unit: Unit,
      atMs: line._aws.Timestamp,
      sum: values.reduce((total, value) => total + value, 0),
      count: values.length,
      least: Math.min(...values),
      most: Math.max(...values),
    }));
  });

export const measurementsIn = (text: string): readonly Measurement[] => {
  const line = parse(text);
  return line?._aws.CloudWatchMetrics.flatMap((directive) => measured(line, directive)) ?? [];
};
