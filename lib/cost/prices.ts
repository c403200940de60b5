/**
 * List prices in us-east-1, US dollars, as AWS's price pages and price lists said in November 2026.
 * Free tiers are not in them, nor what a contract takes off.
 */
export const PRICES_AS_OF = '2026-11';

export const PRICES = {
  shardHour: 0.015,
  /** Keeping records beyond a day, up to seven. */
  extendedShardHour: 0.02,
  /** Of 25 KB put into a stream with shards. */
  payloadUnit: 0.014 / 1e6,
  readUnitHour: 0.00013,
  writeUnitHour: 0.00065,
  readUnit: 0.125 / 1e6,
  writeUnit: 0.625 / 1e6,
  tableGbMonth: 0.25,
  /** Of the table's bytes, for point-in-time recovery; not looked up in November 2026. */
  backupGbMonth: 0.2,
  serverlessCacheGbHour: 0.084,
  /** Of a kilobyte in or out of a serverless cache. */
  cacheUnit: 0.0023 / 1e6,
  /** An interface of an endpoint in one zone; each GB through it costs as well. */
  endpointHour: 0.01,
  endpointGb: 0.01,
  customerKeyMonth: 1,
  /** AWS's page said so in June 2026, as others quote it; the page itself was not read. */
  keyCall: 0.03 / 10_000,
  alarmMonth: 0.1,
  metricMonth: 0.3,
  logGb: 0.5,
  trace: 5 / 1e6,
  nodeHour: { 'cache.r7g.large': 0.175 },
  /** Per request of up to 512 KB: up to the bound, and beyond it. */
  apiRequest: [1 / 1e6, 0.9 / 1e6],
  apiRequestsAtFirst: 300e6,
  functionCall: 0.2 / 1e6,
  /** Of EventBridge Scheduler; not looked up in November 2026. */
  schedule: 1 / 1e6,
  /** On arm64: up to the bound in a month, and beyond it (far beyond it is cheaper still). */
  gbSecond: [0.0000133334, 0.0000120001],
  gbSecondsAtFirst: 7.5e9,
  deliveryGb: 0.029,
  /** A record counts as a multiple of this. */
  deliveryStepBytes: 5 * 1_024,
  objectPut: 0.005 / 1_000,
  storedGbMonth: 0.023,
  outGb: 0.09,
  /** What a statement of Athena reads, of which 10 MB are billed at least. */
  scannedTb: 5,
  /** Of a standard machine. */
  transition: 0.025 / 1_000,
} as const;

export const HOURS_PER_MONTH = 730;

export const tiered = (
  amount: number,
  atFirst: number,
  [first, then]: readonly [number, number],
): number => Math.min(amount, atFirst) * first + Math.max(0, amount - atFirst) * then;
