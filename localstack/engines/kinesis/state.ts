import {
  READ_BYTES_PER_SECOND,
  READ_CALLS_PER_SECOND,
  WRITE_BYTES_PER_SECOND,
  WRITE_RECORDS_PER_SECOND,
} from './limits.ts';
import type { ShardOrigin } from './sequence.ts';
import { fullBucket, type TokenBucket } from './token-bucket.ts';

export interface StoredRecord {
  readonly sequenceNumber: string;
  readonly partitionKey: string;
  readonly arrivedAtMs: number;
  readonly data: Uint8Array;
}

/** What is written to disk before it is true; the same entries rebuild the state after a crash. */
export type StreamEntry =
  | {
      readonly kind: 'stream';
      readonly stream: string;
      readonly createdAtMs: number;
      readonly retentionHours: number;
    }
  | {
      readonly kind: 'shard';
      readonly stream: string;
      readonly shardId: string;
      readonly parents: readonly string[];
      readonly start: string;
      readonly end: string;
      readonly createdS: number;
    }
  | {
      readonly kind: 'closed';
      readonly stream: string;
      readonly shardId: string;
      readonly atMs: number;
      readonly last: string;
    }
  | { readonly kind: 'retention'; readonly stream: string; readonly hours: number }
  | { readonly kind: 'expired'; readonly stream: string; readonly shardId: string }
  | { readonly kind: 'deleted'; readonly stream: string };

export interface RecordEntry {
  readonly kind: 'record';
  readonly stream: string;
  readonly shardId: string;
  readonly record: StoredRecord;
}

export type Entry = StreamEntry | RecordEntry;

export interface Shard extends ShardOrigin {
  readonly shardId: string;
  readonly parents: readonly string[];
  readonly start: bigint;
  readonly end: bigint;
  readonly first: string;
  closed: { readonly atMs: number; readonly last: string } | null;
  /** In order of sequence number. */
  records: StoredRecord[];
  /** The oldest record that retention has left. */
  head: number;
  /** Of the next record; never goes back, so an interrupted write leaves a gap. */
  counter: bigint;
  readonly writes: { readonly records: TokenBucket; readonly bytes: TokenBucket };
  readonly reads: { readonly calls: TokenBucket; readonly bytes: TokenBucket };
}

export interface Stream {
  readonly name: string;
  readonly createdAtMs: number;
  retentionHours: number;
  /** In order of shard id, which is the order of creation. */
  readonly shards: Map<string, Shard>;
  nextShard: number;
}

export interface KinesisState {
  readonly streams: Map<string, Stream>;
  storedBytes: number;
}

export const newShard = (
  origin: ShardOrigin,
  parts: Pick<Shard, 'shardId' | 'parents' | 'start' | 'end' | 'first'>,
): Shard => ({
  ...origin,
  ...parts,
  closed: null,
  records: [],
  head: 0,
  counter: 1n,
  writes: {
    records: fullBucket(WRITE_RECORDS_PER_SECOND),
    bytes: fullBucket(WRITE_BYTES_PER_SECOND),
  },
  reads: {
    calls: fullBucket(READ_CALLS_PER_SECOND),
    bytes: fullBucket(READ_BYTES_PER_SECOND),
  },
});

export const openShards = (stream: Stream): readonly Shard[] =>
  [...stream.shards.values()].filter((shard) => shard.closed === null);

export const shardName = (index: number): string => `shardId-${String(index).padStart(12, '0')}`;

export const shardIndex = (shardId: string): number => Number(shardId.slice('shardId-'.length));

/** What a record counts against shard limits and the store: its data and its partition key. */
export const recordBytes = (record: {
  readonly data: Uint8Array;
  readonly partitionKey: string;
}): number => record.data.byteLength + Buffer.byteLength(record.partitionKey);
