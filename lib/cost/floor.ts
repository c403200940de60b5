import type { CacheConfig, CapacityConfig, PlatformConfig, StreamConfig } from '../config.ts';
import { idleMinutesUsd } from './minutes.ts';
import { idleNightsUsd } from './nights.ts';
import { HOURS_PER_MONTH, PRICES } from './prices.ts';

const TABLES = 2;
/** Below this a serverless cache of Valkey is billed as if it held this much. */
const SERVERLESS_CACHE_GB_MIN = 0.1;
const INCLUDED_RETENTION_HOURS = 24;
/** Of the network that a cache brings. */
const ZONES = 2;

export interface FloorLine {
  readonly what: string;
  readonly usd: number;
}

export interface Floor {
  readonly usd: number;
  readonly lines: readonly FloorLine[];
}

/** What a month costs before the first event: only what is billed by the hour or by the piece. */
export const monthlyFloor = (
  config: PlatformConfig,
  counts: { readonly alarms: number },
): Floor => {
  const lines = [
    ...streamLines(Object.values(config.streams)),
    ...linesBesideStreams(config, counts),
    { what: 'nights', usd: idleNightsUsd(config) },
  ];
  return { lines, usd: lines.reduce((total, { usd }) => total + usd, 0) };
};

export const linesBesideStreams = (
  config: PlatformConfig,
  counts: { readonly alarms: number },
): readonly FloorLine[] => [
  ...(config.capacity ? [capacityLine(config.capacity)] : []),
  ...(config.cache ? [cacheLine(config.cache), endpointLine] : []),
  ...(config.customerKey ? [{ what: 'customer key', usd: PRICES.customerKeyMonth }] : []),
  ...(counts.alarms > 0
    ? [{ what: `${counts.alarms} alarms`, usd: counts.alarms * PRICES.alarmMonth }]
    : []),
  { what: 'minutes', usd: idleMinutesUsd(config) },
];

export const floorText = ({ usd, lines }: Floor): string =>
  `${usd.toFixed(2)} before the first event, us-east-1 (${lines
    .map((line) => `${line.what} ${line.usd.toFixed(2)}`)
    .join(', ')})`;

export const streamLines = (streams: readonly StreamConfig[]): readonly FloorLine[] => {
  const shards = sum(streams.map((stream) => stream.shards));
  const extended = sum(
    streams
      .filter(({ retentionHours }) => retentionHours > INCLUDED_RETENTION_HOURS)
      .map((stream) => stream.shards),
  );
  return [
    { what: `${shards} shards`, usd: shards * PRICES.shardHour * HOURS_PER_MONTH },
    ...(extended > 0
      ? [
          {
            what: `longer retention of ${extended} shards`,
            usd: extended * PRICES.extendedShardHour * HOURS_PER_MONTH,
          },
        ]
      : []),
  ];
};

const capacityLine = ({ readUnitsMin, writeUnitsMin }: CapacityConfig): FloorLine => ({
  what: `least capacity of ${TABLES} tables`,
  usd:
    TABLES *
    HOURS_PER_MONTH *
    (readUnitsMin * PRICES.readUnitHour + writeUnitsMin * PRICES.writeUnitHour),
});

const endpointLine: FloorLine = {
  what: 'endpoint of Kinesis',
  usd: ZONES * HOURS_PER_MONTH * PRICES.endpointHour,
};

const cacheLine = (cache: CacheConfig): FloorLine => {
  if (cache.kind === 'serverless') {
    const gbHours = SERVERLESS_CACHE_GB_MIN * HOURS_PER_MONTH;
    return { what: 'cache', usd: gbHours * PRICES.serverlessCacheGbHour };
  }
  const nodes = cache.shards * (1 + cache.replicasPerShard);
  return {
    what: `${nodes} cache nodes`,
    usd: nodes * PRICES.nodeHour[cache.nodeType] * HOURS_PER_MONTH,
  };
};

const sum = (numbers: readonly number[]): number =>
  numbers.reduce((total, number) => total + number, 0);
