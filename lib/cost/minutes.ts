/** What it costs in a month to look once a minute whether anything is due. */
import type { PlatformConfig } from '../config.ts';
import { HOURS_PER_MONTH, PRICES } from './prices.ts';
import { BYTES_PER_GB, BYTES_PER_KB } from './volume.ts';

export const MINUTES_PER_MONTH = HOURS_PER_MONTH * 60;
/** One consistent reading of a row that is not there, and what a call takes beside it. */
const IDLE_MS = 20;
/** What Lambda prints of a call. */
const LOG_BYTES = 800;

/** Minutes in which nothing is due: X-Ray traces the first call of each second, so all of them. */
export const idleMinutesUsd = ({ functions }: PlatformConfig): number => {
  const gbSeconds = (IDLE_MS / 1_000) * (functions.minute.memoryMb / BYTES_PER_KB);
  const each =
    PRICES.schedule +
    PRICES.functionCall +
    gbSeconds * PRICES.gbSecond[0] +
    PRICES.readUnit +
    PRICES.trace +
    (LOG_BYTES * PRICES.logGb) / BYTES_PER_GB;
  return MINUTES_PER_MONTH * each;
};
