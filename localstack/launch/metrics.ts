/** The newest value of each of the engines' own metrics; the console of issue 5 will want more. */
import type { MetricSink } from '../cloud.ts';

const SERIES_MAX = 10_000;

export interface MetricReading {
  readonly value: number;
  readonly atMs: number;
}

export interface Metrics extends MetricSink {
  readonly latest: () => ReadonlyMap<string, MetricReading>;
}

export const createMetrics = (): Metrics => {
  const latest = new Map<string, MetricReading>();
  return {
    put: (namespace, name, dimensions, value, atMs) => {
      const series = `${namespace} ${name} ${Object.values(dimensions).join(' ')}`;
      if (latest.size < SERIES_MAX || latest.has(series)) latest.set(series, { value, atMs });
    },
    latest: () => latest,
  };
};
