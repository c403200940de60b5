import type { SourceRecord, SourceShard } from '../../cloud.ts';
import { advanceLane } from './lane.ts';
import { type Lane, NOTHING_DONE, type ShardState, type Turn } from './state.ts';
import type { MappingConfig, ShardCheckpoint } from './types.ts';

const READ_RECORDS_MAX = 10_000;
const READ_BYTES_MAX = 6 * 1024 * 1024;
/** How far reading may run ahead of the slowest lane, in batches of each lane. */
const BATCHES_AHEAD = 4;
const BUFFERED_RECORDS_MAX = 40_000;

export const newShardState = (
  shard: SourceShard,
  config: MappingConfig,
  checkpoint: ShardCheckpoint = NOTHING_DONE,
): ShardState => ({
  shardId: shard.shardId,
  shard,
  lanes: Array.from({ length: config.lanes }, newLane),
  buffer: [],
  readTo: checkpoint.sequence,
  dirty: true,
  reading: null,
  exhausted: false,
  checkpoint,
  window: checkpoint.window,
  written: checkpoint,
});

const newLane = (): Lane => ({
  queue: [],
  retries: [],
  active: null,
  pending: null,
  windowOpenedAtMs: 0,
});

/** A child begins when all its parents are drained; one that retention has taken is drained. */
const mayStart = ({ state }: Turn, { shard }: ShardState): boolean =>
  shard.parentShardIds.every((parent) => {
    const known = state.shards.get(parent);
    return known === undefined || known.checkpoint.drained;
  });

export const takeRecords = (
  turn: Turn,
  shard: ShardState,
  records: readonly SourceRecord[],
): void => {
  const { config } = turn.state;
  const wasClosed = shard.reading?.closed ?? false;
  shard.reading = null;
  if (records.length > 0) shard.dirty = true;
  else if (wasClosed) shard.exhausted = true;
  for (const record of records) {
    const wanted = record.arrivedAtMs >= config.startAtMs && config.matches(record);
    const entry = { record, done: !wanted };
    shard.buffer.push(entry);
    shard.readTo = record.sequenceNumber;
    if (!wanted) continue;
    const lane = shard.lanes[laneOf(record.orderKey, config.lanes)];
    if (lane === undefined) continue;
    if (lane.queue.length === 0) lane.windowOpenedAtMs = turn.nowMs;
    lane.queue.push(entry);
  }
};

/** FNV-1a: the same key is always in the same lane, so never in two batches at once. */
const laneOf = (key: string, lanes: number): number => {
  let hash = 0x811c9dc5;
  for (let index = 0; index < key.length; index += 1)
    hash = Math.imul(hash ^ key.charCodeAt(index), 0x01000193);
  return (hash >>> 0) % lanes;
};

/** Starts what can start, moves the checkpoint over what is finished, reads on if there is room. */
export const advanceShard = (turn: Turn, shard: ShardState): void => {
  if (shard.checkpoint.drained || !mayStart(turn, shard)) return;
  // What an answer finished is on disk before the next call; then what was given up at once.
  moveCheckpoint(turn, shard);
  for (const lane of shard.lanes) advanceLane(turn, shard, lane);
  moveCheckpoint(turn, shard);
  readOn(turn, shard);
};

/** Only over the contiguous prefix that is done: behind it a crash delivers again. */
const moveCheckpoint = (turn: Turn, shard: ShardState): void => {
  const unfinished = shard.buffer.findIndex(({ done }) => !done);
  const finished = unfinished === -1 ? shard.buffer.length : unfinished;
  const sequence = shard.buffer[finished - 1]?.record.sequenceNumber ?? shard.checkpoint.sequence;
  if (finished > 0) shard.buffer = shard.buffer.slice(finished);
  const drained = shard.exhausted && shard.buffer.length === 0 && shard.window === null;
  shard.checkpoint = { sequence, drained, window: shard.window };
  const before = shard.written;
  if (before.sequence === sequence && before.drained === drained && before.window === shard.window)
    return;
  shard.written = shard.checkpoint;
  turn.emit({ kind: 'checkpoint', shardId: shard.shardId, checkpoint: shard.checkpoint });
};

const readOn = (turn: Turn, shard: ShardState): void => {
  const { batchSize, lanes } = turn.state.config;
  const aheadMax = Math.min(BUFFERED_RECORDS_MAX, batchSize * lanes * BATCHES_AHEAD);
  if (!shard.dirty || shard.reading !== null || shard.buffer.length >= aheadMax) return;
  shard.dirty = false;
  shard.reading = { closed: shard.shard.closed };
  turn.emit({
    kind: 'read',
    shardId: shard.shardId,
    after: shard.readTo,
    recordsMax: Math.min(READ_RECORDS_MAX, aheadMax - shard.buffer.length),
    bytesMax: READ_BYTES_MAX,
  });
};
