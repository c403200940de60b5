/**
 * From events a second to what AWS counts: records, shards, calls, writes. Pure arithmetic over what
 * one event weighs (measured), how a size is set up (config), and what nobody has measured (assumed).
 */
import type { MappingConfig, PlatformConfig, StreamConfig } from '../config.ts';

/** Measured, by `bench/traffic.ts`. */
export interface Traffic {
  readonly eventsPerRequest: number;
  readonly recordsPerRequest: number;
  readonly rawRecordBytes: number;
  readonly enrichedRecordBytes: number;
  /** In an object of the lake. */
  readonly rawGzipBytes: number;
  readonly enrichedGzipBytes: number;
  readonly answerBytes: number;
  /** The item `rt` with `fx`, as written. */
  readonly itemBytes: number;
  readonly itemWriteUnits: number;
  /** Of the records that change traits, and so write `tr`. */
  readonly traitsShare: number;
  /** One row a record, in a size that keeps the timeline. */
  readonly timelineRow: { readonly bytes: number; readonly writeUnits: number };
  /** What `project` puts of one change. */
  readonly updateBytes: number;
  /** What `project` sends of one profile to a cache: the entry, its key, the script. */
  readonly cacheWriteBytes: number;
  readonly tallyRowBytes: { readonly minute: number; readonly day: number; readonly feed: number };
}

/** CPU milliseconds on one core, by `npm run bench`: of one event, one row, one change of a profile. */
export interface CpuMs {
  readonly collect: number;
  readonly enrich: number;
  readonly aggregate: number;
  readonly timelineRow: number;
  readonly tally: number;
  readonly project: number;
}

export const BYTES_PER_KB = 1_024;
export const BYTES_PER_GB = 1_024 ** 3;
export const SECONDS_PER_MONTH = 730 * 3_600;

/** Kinesis' own, per shard and second. */
export const SHARD_BYTES_MAX = 1_024 * 1_024;
export const SHARD_RECORDS_MAX = 1_000;
/** Bytes of one payload unit. */
export const PAYLOAD_UNIT_BYTES = 25 * BYTES_PER_KB;
/** What one call of a function takes: 6 MB, in which data is base64. */
const BATCH_BYTES_MAX = 4.5 * 1_024 * 1_024;
/** Beside its data a record of a Lambda event has its names and numbers. */
const RECORD_WRAPPING_BYTES = 600;

/** What no test of ours can tell; each is printed beside the figures. */
export interface Assumptions {
  /** The share of a shard that is planned to be used. */
  readonly shardUse: number;
  readonly tableUse: number;
  /** A call to a service in the region, while a function waits and is billed. */
  readonly putMs: number;
  readonly itemMs: number;
  /** All entries of a call, which leave together. */
  readonly cacheMs: number;
  /** CPU of a call beside its events: runtime, SDK, logs. */
  readonly callCpuMs: number;
  readonly pollsPerSecond: number;
  /** Changes a second that one shard of a table's stream carries. */
  readonly changesPerShard: number;
  readonly logBytesPerCall: number;
  readonly accessLogBytes: number;
  readonly tracedShare: number;
  readonly keyCallsEverySeconds: number;
}

export const ASSUMED: Assumptions = {
  shardUse: 0.5,
  tableUse: 0.7,
  putMs: 10,
  itemMs: 5,
  cacheMs: 2,
  callCpuMs: 0.5,
  pollsPerSecond: 1,
  changesPerShard: 1_000,
  logBytesPerCall: 1_300,
  accessLogBytes: 260,
  tracedShare: 0.05,
  keyCallsEverySeconds: 300,
};

/** Counted on the functions' reports; with alarms, those of mappings and of the API's routes. */
export const METRICS = { always: 20, withAlarms: 64 } as const;

/** A function with so much memory has this share of a core. */
const MEMORY_PER_CORE_MB = 1_769;

export const billedMs = (waitMs: number, cpuMs: number, memoryMb: number): number =>
  waitMs + cpuMs / Math.min(1, memoryMb / MEMORY_PER_CORE_MB);

/** Shards for so many records a second, at the share that is planned to be used. */
export const shardsFor = (
  recordsPerSecond: number,
  recordBytes: number,
  shardUse: number,
): number => {
  const byRecords = recordsPerSecond / SHARD_RECORDS_MAX;
  const byBytes = (recordsPerSecond * recordBytes) / SHARD_BYTES_MAX;
  return Math.max(1, Math.ceil(Math.max(byRecords, byBytes) / shardUse));
};

export const payloadUnits = (recordBytes: number): number =>
  Math.max(1, Math.ceil(recordBytes / PAYLOAD_UNIT_BYTES));

export const writeUnits = (bytes: number): number => Math.max(1, Math.ceil(bytes / BYTES_PER_KB));

/** The size with as many shards as the rate needs; never fewer than it has. */
export const grownFor = (
  config: PlatformConfig,
  traffic: Traffic,
  recordsPerSecond: number,
  { shardUse }: Assumptions,
): PlatformConfig => {
  const { raw, enriched, updates } = config.streams;
  const grown = (stream: StreamConfig, bytes: number): StreamConfig => ({
    ...stream,
    shards: Math.max(stream.shards, shardsFor(recordsPerSecond, bytes, shardUse)),
  });
  return {
    ...config,
    streams: {
      raw: grown(raw, traffic.rawRecordBytes),
      enriched: grown(enriched, traffic.enrichedRecordBytes),
      ...(updates && { updates: grown(updates, traffic.updateBytes) }),
    },
  };
};

export interface Calls {
  readonly perSecond: number;
  readonly recordsEach: number;
}

/** A lane is asked so often; it calls when there is something, with all that is there. */
export const callsOf = (
  recordsPerSecond: number,
  recordBytes: number,
  { lanes, mapping, polls }: { lanes: number; mapping: MappingConfig; polls: number },
): Calls => {
  const everySeconds = Math.max(1 / polls, mapping.windowSeconds);
  const inBytes = Math.max(1, BATCH_BYTES_MAX / (recordBytes + RECORD_WRAPPING_BYTES));
  const waiting = (recordsPerSecond / lanes) * everySeconds;
  const recordsEach = Math.max(1, Math.min(waiting, mapping.recordsMax, inBytes));
  return { perSecond: recordsPerSecond / recordsEach, recordsEach };
};
