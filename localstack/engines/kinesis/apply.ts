import { invariant } from '../../../functions/core/invariant.ts';
import { counterOf, firstSequenceNumber } from './sequence.ts';
import {
  type Entry,
  type KinesisState,
  newShard,
  recordBytes,
  type Shard,
  type Stream,
  shardIndex,
} from './state.ts';

/** Makes true what the log holds: at once after its write, and again in order at a restart. */
export const apply = (state: KinesisState, entry: Entry): void => {
  if (entry.kind === 'stream') addStream(state, entry);
  else applyTo(state, streamOf(state, entry.stream), entry);
};

const applyTo = (
  state: KinesisState,
  stream: Stream,
  entry: Exclude<Entry, { kind: 'stream' }>,
): void => {
  switch (entry.kind) {
    case 'record':
      addRecord(state, shardOf(stream, entry.shardId), entry.record);
      break;
    case 'shard':
      addShard(stream, entry);
      break;
    case 'closed':
      shardOf(stream, entry.shardId).closed = { atMs: entry.atMs, last: entry.last };
      break;
    case 'retention':
      stream.retentionHours = entry.hours;
      break;
    case 'expired':
      dropShard(state, stream, entry.shardId);
      break;
    case 'deleted':
      for (const shardId of [...stream.shards.keys()]) dropShard(state, stream, shardId);
      state.streams.delete(stream.name);
      break;
  }
};

const streamOf = (state: KinesisState, name: string): Stream => {
  const stream = state.streams.get(name);
  invariant(stream !== undefined, `log entry of an unknown stream ${name}`);
  return stream;
};

const shardOf = (stream: Stream, shardId: string): Shard => {
  const shard = stream.shards.get(shardId);
  invariant(shard !== undefined, `log entry of an unknown shard ${stream.name}/${shardId}`);
  return shard;
};

const addStream = (state: KinesisState, entry: Extract<Entry, { kind: 'stream' }>): void => {
  state.streams.set(entry.stream, {
    name: entry.stream,
    createdAtMs: entry.createdAtMs,
    retentionHours: entry.retentionHours,
    shards: new Map(),
    nextShard: 0,
  });
};

const addShard = (stream: Stream, entry: Extract<Entry, { kind: 'shard' }>): void => {
  const origin = { index: shardIndex(entry.shardId), createdS: entry.createdS };
  stream.nextShard = Math.max(stream.nextShard, origin.index + 1);
  stream.shards.set(
    entry.shardId,
    newShard(origin, {
      shardId: entry.shardId,
      parents: entry.parents,
      start: BigInt(entry.start),
      end: BigInt(entry.end),
      first: firstSequenceNumber(origin),
    }),
  );
};

const addRecord = (
  state: KinesisState,
  shard: Shard,
  record: Extract<Entry, { kind: 'record' }>['record'],
): void => {
  const counter = counterOf(record.sequenceNumber);
  if (counter >= shard.counter) shard.counter = counter + 1n;
  shard.records.push(record);
  state.storedBytes += recordBytes(record);
};

const dropShard = (state: KinesisState, stream: Stream, shardId: string): void => {
  const shard = shardOf(stream, shardId);
  for (const record of shard.records.slice(shard.head)) state.storedBytes -= recordBytes(record);
  stream.shards.delete(shardId);
};
