/** What a month costs at a rate of events, line by line, each under the writer that causes it. */
import type { PlatformConfig } from '../config.ts';
import { cacheLines } from './cache.ts';
import { linesBesideStreams } from './floor.ts';
import { functionLines } from './functions.ts';
import { frontLines, kinesisLines, lakeLines, watchingLines } from './lines.ts';
import type { NightVolume } from './night-volume.ts';
import { nightLines, nightOf } from './nights.ts';
import { type CostInput, type CostLine, monthly, ratesOf } from './rates.ts';
import { rowLines, stateLines, timelineKeptLines } from './tables.ts';

export interface MonthlyCost {
  readonly eventsPerSecond: number;
  /** The size, with as many shards as the rate needs. */
  readonly config: PlatformConfig;
  readonly lines: readonly CostLine[];
  readonly night: NightVolume;
  readonly usd: number;
  readonly usdPerMillion: number;
}

export const monthlyCost = (input: CostInput, eventsPerSecond: number): MonthlyCost => {
  const rates = ratesOf(input, eventsPerSecond);
  const lines = [
    ...frontLines(rates),
    ...functionLines(rates),
    ...kinesisLines(rates),
    ...stateLines(rates),
    ...rowLines(rates),
    ...timelineKeptLines(rates),
    ...cacheLines(rates),
    ...lakeLines(rates),
    ...nightLines(rates),
    ...watchingLines(rates),
    ...linesBesideStreams(rates.config, input).map((line) => ({ writer: 'by the hour', ...line })),
  ];
  const usd = lines.reduce((sum, line) => sum + line.usd, 0);
  const millions = monthly(eventsPerSecond) / 1e6;
  return {
    eventsPerSecond,
    config: rates.config,
    lines,
    night: nightOf(rates),
    usd,
    usdPerMillion: millions === 0 ? 0 : usd / millions,
  };
};
