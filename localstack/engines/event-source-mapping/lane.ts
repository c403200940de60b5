import { backoffMs } from './backoff.ts';
import { invocationRecord } from './discard.ts';
import { payloadOf } from './event.ts';
import {
  type Batch,
  type Discard,
  type Entry,
  finalCall,
  type Lane,
  newBatch,
  type ShardState,
  type Turn,
} from './state.ts';

/** The payload of a synchronous invocation: https://docs.aws.amazon.com/lambda/latest/dg/gettingstarted-limits.html */
const PAYLOAD_BYTES_MAX = 6 * 1024 * 1024;

/** Starts what a lane can start now, or says when it can. */
export const advanceLane = (turn: Turn, shard: ShardState, lane: Lane): void => {
  if (lane.pending !== null) return;
  lane.active ??= lane.retries.shift() ?? nextBatch(turn, shard, lane);
  const batch = lane.active;
  if (batch === null) return;
  if (batch.notBeforeMs > turn.nowMs) {
    turn.wakeAt(batch.notBeforeMs);
    return;
  }
  if (batch.discard !== null) keep(turn, shard, lane, batch, batch.discard);
  else if (setAsideExpired(turn, lane, batch)) advanceLane(turn, shard, lane);
  else invoke(turn, shard, lane, batch);
};

const invoke = (turn: Turn, shard: ShardState, lane: Lane, batch: Batch): void => {
  const first = batch.entries[0]?.record;
  const last = batch.entries.at(-1)?.record;
  batch.invocations += 1;
  if (last !== undefined)
    turn.emit({ kind: 'metric', name: 'IteratorAge', value: turn.nowMs - last.arrivedAtMs });
  turn.emit({
    kind: 'invoke',
    id: out(turn, shard, lane),
    shardId: shard.shardId,
    range:
      first === undefined || last === undefined
        ? null
        : { first: first.sequenceNumber, last: last.sequenceNumber },
    payload: payloadOf(turn, shard, batch),
  });
};

/** The batch is with the shell until its id comes back. */
const out = ({ state }: Turn, shard: ShardState, lane: Lane): number => {
  const id = state.nextId;
  state.nextId += 1;
  lane.pending = id;
  state.pending.set(id, { shard, lane });
  return id;
};

/** Closed by BatchSize, by 6 MB, by MaximumBatchingWindow, or by the end of a tumbling window. */
const nextBatch = (turn: Turn, shard: ShardState, lane: Lane): Batch | null => {
  const { config } = turn.state;
  if (config.tumblingMs > 0 && windowEnds(turn, shard, lane)) return finalCall();
  const [first] = lane.queue;
  if (first === undefined) return null;
  if (config.tumblingMs > 0)
    shard.window ??= { startMs: windowStart(turn, first), state: {}, full: false };
  const { entries, full } = fitting(turn, shard, lane);
  const closesAtMs = lane.windowOpenedAtMs + config.batchingWindowMs;
  if (!full && !shard.exhausted && closesAtMs > turn.nowMs) {
    turn.wakeAt(closesAtMs);
    return null;
  }
  lane.queue = lane.queue.slice(entries.length);
  lane.windowOpenedAtMs = turn.nowMs;
  return newBatch(entries);
};

/** `full` where nothing that may still come would join this batch. */
const fitting = (
  turn: Turn,
  shard: ShardState,
  { queue }: Lane,
): { readonly entries: readonly Entry[]; readonly full: boolean } => {
  const { config } = turn.state;
  const entries: Entry[] = [];
  let bytes = 0;
  for (const entry of queue) {
    bytes += entry.record.bytes;
    if (entries.length === config.batchSize) return { entries, full: true };
    if (entries.length > 0 && bytes > PAYLOAD_BYTES_MAX) return { entries, full: true };
    if (shard.window !== null && windowStart(turn, entry) > shard.window.startMs)
      return { entries, full: true };
    entries.push(entry);
  }
  return { entries, full: entries.length === config.batchSize };
};

/** A window is aligned to the epoch and a record is in that of its arrival. */
const windowStart = ({ state }: Turn, { record }: Entry): number =>
  Math.floor(record.arrivedAtMs / state.config.tumblingMs) * state.config.tumblingMs;

/**
 * A window that was called at least once ends with an empty final call: when a record of a later
 * window is next, when its time is over and nothing is left to read, when its state outgrew its
 * limit, or, early, when the shard has ended.
 */
const windowEnds = (turn: Turn, shard: ShardState, lane: Lane): boolean => {
  const { window } = shard;
  if (window === null) return false;
  const [next] = lane.queue;
  if (window.full) return true;
  if (next !== undefined) return windowStart(turn, next) > window.startMs;
  if (shard.exhausted) return true;
  const endMs = window.startMs + turn.state.config.tumblingMs;
  if (endMs > turn.nowMs) turn.wakeAt(endMs);
  return endMs <= turn.nowMs && !shard.dirty && shard.reading === null;
};

/** MaximumRecordAge holds before every call: what is too old leads to a batch of its own. */
const setAsideExpired = (turn: Turn, lane: Lane, batch: Batch): boolean => {
  const ageMaxMs = turn.state.config.recordAgeMaxMs;
  if (ageMaxMs === null) return false;
  const fresh = batch.entries.findIndex(
    ({ record }) => turn.nowMs - record.arrivedAtMs <= ageMaxMs,
  );
  const expired = fresh === -1 ? batch.entries.length : fresh;
  if (expired === 0) return false;
  if (expired < batch.entries.length)
    lane.retries.unshift(newBatch(batch.entries.slice(expired), batch));
  lane.active = {
    ...newBatch(batch.entries.slice(0, expired), batch),
    discard: { condition: 'RecordAgeExceeded', tries: 0 },
  };
  return true;
};

const keep = (turn: Turn, shard: ShardState, lane: Lane, batch: Batch, discard: Discard): void => {
  const bucket = turn.state.config.onFailureBucket;
  if (bucket === null) {
    finish(lane, batch.entries);
    advanceLane(turn, shard, lane);
    return;
  }
  discard.tries += 1;
  const record = invocationRecord(turn, shard, batch, discard);
  turn.emit({ kind: 'keep', id: out(turn, shard, lane), bucket, ...record });
};

/** These records are finished for good, and so is the active batch. */
export const finish = (lane: Lane, entries: readonly Entry[]): void => {
  for (const entry of entries) entry.done = true;
  lane.active = null;
};

export const postpone = (turn: Turn, batch: Batch): void => {
  batch.failuresInRow += 1;
  batch.notBeforeMs = turn.nowMs + backoffMs(batch.failuresInRow, turn.random);
};
