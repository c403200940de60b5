/** Minutes put together to the periods and the statistic that somebody asked for. */
import { MINUTE_MS, type Summary } from './minutes.ts';

const STATISTICS = {
  Average: ({ sum, count }: Summary) => sum / count,
  Maximum: ({ most }: Summary) => most,
  Minimum: ({ least }: Summary) => least,
  SampleCount: ({ count }: Summary) => count,
  Sum: ({ sum }: Summary) => sum,
} as const;

export type Statistic = keyof typeof STATISTICS;

export const isStatistic = (name: unknown): name is Statistic =>
  typeof name === 'string' && Object.hasOwn(STATISTICS, name);

export const STATISTIC_NAMES = Object.keys(STATISTICS).join(', ');

export interface Datapoint {
  readonly startMs: number;
  readonly value: number;
}

/** A period that no measurement fell into has no datapoint. */
export const datapoints = (
  minutes: readonly (readonly [number, Summary])[],
  periodMs: number,
  statistic: Statistic,
): readonly Datapoint[] => {
  const periods = new Map<number, Summary>();
  for (const [minuteMs, { sum, count, least, most }] of minutes) {
    const startMs = Math.floor(minuteMs / periodMs) * periodMs;
    const before = periods.get(startMs);
    periods.set(startMs, {
      sum: (before?.sum ?? 0) + sum,
      count: (before?.count ?? 0) + count,
      least: Math.min(before?.least ?? least, least),
      most: Math.max(before?.most ?? most, most),
    });
  }
  return [...periods].map(([startMs, all]) => ({ startMs, value: STATISTICS[statistic](all) }));
};

/** CloudWatch's own periods below a minute need high resolution, which nothing of ours has. */
export const periodMsOf = (seconds: unknown): number | undefined => {
  const ms = Number(seconds) * 1_000;
  return ms >= MINUTE_MS && ms <= 86_400_000 && ms % MINUTE_MS === 0 ? ms : undefined;
};
