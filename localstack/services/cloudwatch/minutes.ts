/**
 * What was measured in the last 24 hours, summed up by minute and series.
 *
 * It is kept in memory: a restart forgets it. Nothing that was acknowledged to anybody is lost by
 * that, and whoever asks must know a missing datapoint anyway.
 */
export interface Series {
  readonly namespace: string;
  readonly name: string;
  readonly dimensions: Readonly<Record<string, string>>;
}

export interface Measurement extends Series {
  readonly unit: string;
  readonly atMs: number;
  readonly sum: number;
  readonly count: number;
  readonly least: number;
  readonly most: number;
}

export interface Summary {
  readonly sum: number;
  readonly count: number;
  readonly least: number;
  readonly most: number;
}

export interface Minutes {
  readonly add: (measurement: Measurement) => void;
  /** By the start of their minute, oldest first, from an instant to before another. */
  readonly read: (
    series: Series,
    fromMs: number,
    toMs: number,
  ) => readonly (readonly [number, Summary])[];
  readonly unitOf: (series: Series) => string | undefined;
  readonly all: () => readonly Series[];
}

export const MINUTE_MS = 60_000;
const HOUR_MS = 3_600_000;
const HOURS_KEPT = 24;
export const SERIES_MAX = 1_000;

/** Minutes of one hour that have a datapoint. */
type Hour = Map<number, Summary>;
interface Kept extends Series {
  readonly unit: string;
  readonly hours: Map<number, Hour>;
}

const keyOf = ({ namespace, name, dimensions }: Series): string =>
  JSON.stringify([
    namespace,
    name,
    Object.entries(dimensions).toSorted(([left], [right]) => (left < right ? -1 : 1)),
  ]);

const merged = (before: Summary | undefined, { sum, count, least, most }: Summary): Summary =>
  before === undefined
    ? { sum, count, least, most }
    : {
        sum: before.sum + sum,
        count: before.count + count,
        least: Math.min(before.least, least),
        most: Math.max(before.most, most),
      };

export const createMinutes = (now: () => number): Minutes => {
  const kept = new Map<string, Kept>();

  /** Both ways: the clock of the local cloud can be moved back. */
  const isKept = (hour: number): boolean =>
    Math.abs(Math.floor(now() / HOUR_MS) - hour) <= HOURS_KEPT;

  const forgetOldHours = ({ hours }: Kept): void => {
    for (const hour of hours.keys()) if (!isKept(hour)) hours.delete(hour);
  };

  const makeRoom = (): void => {
    if (kept.size < SERIES_MAX) return;
    for (const [key, series] of kept) {
      forgetOldHours(series);
      if (series.hours.size === 0) kept.delete(key);
    }
  };

  return {
    add: (measurement) => {
      const { namespace, name, dimensions, unit, atMs } = measurement;
      const hour = Math.floor(atMs / HOUR_MS);
      const key = keyOf(measurement);
      if (!kept.has(key)) makeRoom();
      if (!isKept(hour) || (kept.size >= SERIES_MAX && !kept.has(key))) return;
      const series = kept.get(key) ?? { namespace, name, dimensions, unit, hours: new Map() };
      kept.set(key, series);
      if (!series.hours.has(hour)) forgetOldHours(series);
      const minutes = series.hours.get(hour) ?? new Map<number, Summary>();
      series.hours.set(hour, minutes);
      const minuteMs = Math.floor(atMs / MINUTE_MS) * MINUTE_MS;
      minutes.set(minuteMs, merged(minutes.get(minuteMs), measurement));
    },
    read: (series, fromMs, toMs) => {
      const { hours } = kept.get(keyOf(series)) ?? { hours: new Map<number, Hour>() };
      return [...hours]
        .filter(([hour]) => isKept(hour))
        .flatMap(([, minutes]) => [...minutes])
        .filter(([minuteMs]) => minuteMs >= fromMs && minuteMs < toMs)
        .toSorted(([left], [right]) => left - right);
    },
    unitOf: (series) => kept.get(keyOf(series))?.unit,
    all: () => [...kept.values()],
  };
};
