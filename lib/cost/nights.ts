/** What the nightly job costs in a month, by who causes it. */
import type { PlatformConfig } from '../config.ts';
import { NIGHT_WEIGHTS, type NightVolume, nightVolume } from './night-volume.ts';
import { HOURS_PER_MONTH, PRICES } from './prices.ts';
import type { CostLine, Rates } from './rates.ts';
import { BYTES_PER_GB, BYTES_PER_KB, payloadUnits, writeUnits } from './volume.ts';

export const NIGHTS_PER_MONTH = HOURS_PER_MONTH / 24;
const SECONDS_PER_DAY = 86_400;
/** Of a small call: a read and a write of the run's row, and what it prints. */
const PLAN_MS = 60;
const RECONCILE_MS = 10_000;

const BYTES_PER_TB = 1_024 ** 4;
const SCAN_BYTES_LEAST = 10 * 1_024 ** 2;

const athenaLines = ({ scans }: NightVolume): readonly CostLine[] =>
  scans.map(({ step, statements, bytes }) => ({
    writer: 'Athena',
    what: `${step}: bytes read`,
    usd:
      (NIGHTS_PER_MONTH * statements * Math.max(bytes, SCAN_BYTES_LEAST) * PRICES.scannedTb) /
      BYTES_PER_TB,
  }));

const ofCalls = (calls: number, seconds: number, memoryMb: number): number =>
  NIGHTS_PER_MONTH *
  (calls * PRICES.functionCall + (seconds * memoryMb * PRICES.gbSecond[0]) / BYTES_PER_KB);

const functionLines = (config: PlatformConfig, night: NightVolume): readonly CostLine[] => {
  const { plan, load, reconcile } = config.functions;
  const planSeconds = (night.planCalls * PLAN_MS) / 1_000;
  // The larger share of it is read user by user, up to ten thousand of them.
  const reconcileSeconds = night.users === 0 ? PLAN_MS / 1_000 : RECONCILE_MS / 1_000;
  return [
    {
      writer: 'plan',
      what: 'calls and time',
      usd: ofCalls(night.planCalls, planSeconds, plan.memoryMb),
    },
    {
      writer: 'load',
      what: 'calls and time',
      usd: ofCalls(night.loadCalls, night.loadSeconds, load.memoryMb),
    },
    {
      writer: 'reconcile',
      what: 'calls and time',
      usd: ofCalls(1, reconcileSeconds, reconcile.memoryMb),
    },
  ];
};

/** Where units are bought ahead, those of the night are bought for as long as it loads. */
const writeUnitUsd = ({ capacity }: PlatformConfig, tableUse: number): number =>
  capacity === undefined ? PRICES.writeUnit : PRICES.writeUnitHour / 3_600 / tableUse;

const writtenLines = (
  { users, objectsPut, keptBytes }: NightVolume,
  config: PlatformConfig,
  tableUse: number,
): readonly CostLine[] => {
  const { offBytes } = NIGHT_WEIGHTS;
  const written = NIGHTS_PER_MONTH * users;
  const cached = config.cache?.kind === 'serverless' ? offBytes / BYTES_PER_KB : 0;
  const told = payloadUnits(offBytes) * PRICES.payloadUnit + cached * PRICES.cacheUnit;
  return [
    {
      writer: 'load',
      what: 'items `off` written',
      usd: written * writeUnits(offBytes) * writeUnitUsd(config, tableUse),
    },
    ...(config.streams.updates
      ? [{ writer: 'project', what: 'items `off` told on', usd: written * told }]
      : []),
    {
      writer: 'S3 tables',
      what: 'objects put',
      usd: NIGHTS_PER_MONTH * objectsPut * PRICES.objectPut,
    },
    {
      writer: 'S3 tables',
      what: 'one month kept',
      usd: (NIGHTS_PER_MONTH * keptBytes * PRICES.storedGbMonth) / BYTES_PER_GB,
    },
  ];
};

const linesOf = (
  config: PlatformConfig,
  night: NightVolume,
  tableUse: number,
): readonly CostLine[] => [
  ...athenaLines(night),
  {
    writer: 'Step Functions',
    what: 'transitions',
    usd: NIGHTS_PER_MONTH * night.transitions * PRICES.transition,
  },
  ...functionLines(config, night),
  ...writtenLines(night, config, tableUse),
];

export const nightOf = ({ config, traffic, records, requests }: Rates): NightVolume =>
  nightVolume(config, {
    events: requests * traffic.eventsPerRequest * SECONDS_PER_DAY,
    landedBytes: records * traffic.enrichedGzipBytes * SECONDS_PER_DAY,
  });

export const nightLines = (rates: Rates): readonly CostLine[] =>
  linesOf(rates.config, nightOf(rates), rates.assumed.tableUse);

/** Nights in which there is nothing to do ask all the same. */
export const idleNightsUsd = (config: PlatformConfig): number =>
  linesOf(config, nightVolume(config, { events: 0, landedBytes: 0 }), 1).reduce(
    (sum, { usd }) => sum + usd,
    0,
  );
