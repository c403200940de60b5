import type { Entry, KinesisState, Shard, StoredRecord } from './state.ts';
import { recordBytes } from './state.ts';

const HOUR_MS = 60 * 60 * 1000;
/** Trimmed records leave the array when they are this many and half of it. */
const COMPACT_AT = 1024;

/**
 * Lets go of what retention has passed. A closed shard goes with its last record, and not before
 * its retention has run out since it closed, as AWS's page "After a reshard" says.
 */
export const trim = (state: KinesisState, nowMs: number): readonly Entry[] => {
  const expired: Entry[] = [];
  for (const stream of state.streams.values()) {
    const oldestMs = nowMs - stream.retentionHours * HOUR_MS;
    for (const shard of stream.shards.values()) {
      trimShard(state, shard, oldestMs);
      const empty = shard.head === shard.records.length;
      if (empty && shard.closed !== null && shard.closed.atMs < oldestMs)
        expired.push({ kind: 'expired', stream: stream.name, shardId: shard.shardId });
    }
  }
  return expired;
};

const trimShard = (state: KinesisState, shard: Shard, oldestMs: number): void => {
  for (;;) {
    const record: StoredRecord | undefined = shard.records[shard.head];
    if (record === undefined || record.arrivedAtMs >= oldestMs) break;
    state.storedBytes -= recordBytes(record);
    shard.head += 1;
  }
  if (shard.head > COMPACT_AT && shard.head * 2 > shard.records.length) {
    // The newest record's number is the shard's position even when nothing is left to read.
    const keptFrom = Math.min(shard.head, shard.records.length - 1);
    shard.records = shard.records.slice(keptFrom);
    shard.head -= keptFrom;
  }
};
