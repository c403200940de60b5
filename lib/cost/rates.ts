/** Everything that happens per second at a rate of events, from which the lines of cost are made. */
import type { PlatformConfig } from '../config.ts';
import {
  type Assumptions,
  type Calls,
  type CpuMs,
  callsOf,
  grownFor,
  SECONDS_PER_MONTH,
  type Traffic,
} from './volume.ts';

export interface CostLine {
  /** A function, a stream, or the service that bills it. */
  readonly writer: string;
  readonly what: string;
  readonly usd: number;
}

export interface CostInput {
  readonly config: PlatformConfig;
  readonly alarms: number;
  readonly traffic: Traffic;
  readonly cpuMs: CpuMs;
  readonly assumed: Assumptions;
}

export interface Rates extends CostInput {
  readonly requests: number;
  readonly records: number;
  readonly eventsPerRecord: number;
  readonly enrich: Calls;
  readonly aggregate: Calls;
  readonly tally: Calls;
  /** Undefined in a size without the stream that it writes to. */
  readonly project: Calls | undefined;
  readonly tallyShards: number;
}

export const ratesOf = (given: CostInput, eventsPerSecond: number): Rates => {
  const { traffic, assumed } = given;
  const requests = eventsPerSecond / traffic.eventsPerRequest;
  const records = requests * traffic.recordsPerRequest;
  const config = grownFor(given.config, traffic, records, assumed);
  const { streams, mappings } = config;
  // Its filter lets traits through as well, which it only copies.
  const changes = records * (1 + traffic.traitsShare);
  const read = (
    name: keyof PlatformConfig['mappings'],
    shards: number,
    bytes: number,
    perSecond = records,
  ): Calls =>
    callsOf(perSecond, bytes, {
      lanes: shards * mappings[name].lanes,
      mapping: mappings[name],
      polls: assumed.pollsPerSecond,
    });
  const tallyShards = Math.max(1, Math.ceil(records / assumed.changesPerShard));
  return {
    ...given,
    config,
    requests,
    records,
    eventsPerRecord: traffic.eventsPerRequest / traffic.recordsPerRequest,
    enrich: read('enrich', streams.raw.shards, traffic.rawRecordBytes),
    aggregate: read('aggregate', streams.enriched.shards, traffic.enrichedRecordBytes),
    tally: read('tally', tallyShards, traffic.itemBytes),
    project: streams.updates && read('project', tallyShards, traffic.itemBytes, changes),
    tallyShards,
  };
};

export const monthly = (perSecond: number): number => perSecond * SECONDS_PER_MONTH;
