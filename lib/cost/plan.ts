/** What a rate of events takes, in the units in which quotas and shards are counted. */
import { workOf } from './functions.ts';
import { type CostInput, ratesOf } from './rates.ts';
import { payloadUnits } from './volume.ts';

type Both = readonly [raw: number, enriched: number];

export interface Plan {
  readonly eventsPerSecond: number;
  readonly requests: number;
  /** Per second. */
  readonly bytes: Both;
  readonly payloadUnits: number;
  readonly shards: Both;
  readonly lanesPerShard: number;
  readonly lanes: readonly [enrich: number, aggregate: number];
  readonly callsAtOnce: readonly [collect: number, enrich: number, aggregate: number];
  /** Per second, of the table `profiles`. */
  readonly writeUnits: number;
}

/** With no more shards than the rate needs, whatever the size has. */
export const planFor = (input: CostInput, eventsPerSecond: number): Plan => {
  const { streams } = input.config;
  const bare = {
    raw: { ...streams.raw, shards: 1 },
    enriched: { ...streams.enriched, shards: 1 },
  };
  const rates = ratesOf({ ...input, config: { ...input.config, streams: bare } }, eventsPerSecond);
  const { records, traffic, config } = rates;
  const { raw, enriched } = config.streams;
  const { enrich, aggregate } = config.mappings;
  const atOnce = (name: string): number =>
    workOf(rates)
      .filter((work) => work.name === name)
      .reduce((sum, { callsPerSecond, ms }) => sum + (callsPerSecond * ms) / 1_000, 0);
  return {
    eventsPerSecond,
    requests: rates.requests,
    bytes: [records * traffic.rawRecordBytes, records * traffic.enrichedRecordBytes],
    payloadUnits:
      records * (payloadUnits(traffic.rawRecordBytes) + payloadUnits(traffic.enrichedRecordBytes)),
    shards: [raw.shards, enriched.shards],
    lanesPerShard: enrich.lanes,
    lanes: [raw.shards * enrich.lanes, enriched.shards * aggregate.lanes],
    callsAtOnce: [atOnce('collect'), atOnce('enrich'), atOnce('aggregate')],
    writeUnits: records * (traffic.itemWriteUnits + traffic.traitsShare),
  };
};
