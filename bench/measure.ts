/** CPU time of pure work: warmed up, in rounds, the median taken. */
export interface Figure {
  readonly events: number;
  readonly cpuSecondsPerMillionEvents: number;
  readonly eventsPerSecondPerCore: number;
  /** (Slowest − fastest round) / median: how far to trust the figure. */
  readonly spread: number;
}

const WARM_UP_ROUNDS = 2;
const ROUNDS = 7;

export const median = (values: readonly number[]): number => quantile(values, 0.5);

/** The smallest value that so large a share does not exceed. */
export const quantile = (values: readonly number[], share: number): number => {
  const ordered = values.toSorted((left, right) => left - right);
  return ordered[Math.max(0, Math.ceil(ordered.length * share) - 1)] ?? Number.NaN;
};

const since = (before: NodeJS.CpuUsage): number => {
  const { user, system } = process.cpuUsage(before);
  return (user + system) / 1_000_000;
};

export const cpuSeconds = async (work: () => Promise<unknown>): Promise<number> => {
  const before = process.cpuUsage();
  await work();
  return since(before);
};

export const figureOf = (events: number, seconds: readonly number[]): Figure => {
  const typical = median(seconds);
  return {
    events,
    cpuSecondsPerMillionEvents: rounded((typical / events) * 1_000_000),
    eventsPerSecondPerCore: Math.round(events / typical),
    spread: rounded((Math.max(...seconds) - Math.min(...seconds)) / typical),
  };
};

export const measure = (events: number, work: () => void): Figure => {
  for (let round = 0; round < WARM_UP_ROUNDS; round += 1) work();
  const seconds = Array.from({ length: ROUNDS }, () => {
    const before = process.cpuUsage();
    work();
    return since(before);
  });
  return figureOf(events, seconds);
};

const rounded = (value: number): number => Number(value.toPrecision(3));
