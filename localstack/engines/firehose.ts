/**
 * A delivery stream as a pure state machine: it buffers what its shell read from a Kinesis stream
 * and says when an object is to be written. At least once: a position moves when its object is
 * stored, so a crash reads the same records again.
 */
import { type ObjectNaming, objectKey } from './firehose-names.ts';

export interface FirehoseConfig extends ObjectNaming {
  readonly bufferBytes: number;
  readonly bufferMs: number;
}

export interface BufferedRecord {
  readonly sequenceNumber: string;
  readonly arrivedAtMs: number;
  readonly data: Uint8Array;
}

/** Through which record each shard has been taken. */
export type Positions = Readonly<Record<string, string>>;

export interface Delivery {
  readonly key: string;
  /** In order, to be joined as they are. */
  readonly chunks: readonly Uint8Array[];
  readonly bytes: number;
  readonly oldestMs: number;
  readonly through: Positions;
}

export interface FirehoseState {
  readonly chunks: readonly Uint8Array[];
  readonly bytes: number;
  /** When the buffer got its first record. */
  readonly sinceMs?: number;
  /** When the oldest of its records arrived in the stream. */
  readonly oldestMs?: number;
  /** What was read, into the buffer or out of it. */
  readonly read: Positions;
  /** What is in objects. */
  readonly delivered: Positions;
  /** The object under way; the same until it is stored, so that a retry overwrites it. */
  readonly delivery?: Delivery;
}

export type FirehoseInput =
  | {
      readonly kind: 'records';
      readonly shardId: string;
      readonly records: readonly BufferedRecord[];
    }
  | { readonly kind: 'tick' }
  | { readonly kind: 'flush' }
  | { readonly kind: 'stored' };

export const firehoseFrom = (delivered: Positions): FirehoseState => ({
  chunks: [],
  bytes: 0,
  read: delivered,
  delivered,
});

const take = (
  state: FirehoseState,
  shardId: string,
  records: readonly BufferedRecord[],
  nowMs: number,
): FirehoseState => {
  const last = records.at(-1);
  if (last === undefined) return state;
  const oldest = records.reduce((least, { arrivedAtMs }) => Math.min(least, arrivedAtMs), Infinity);
  return {
    ...state,
    chunks: [...state.chunks, ...records.map(({ data }) => data)],
    bytes: records.reduce((sum, { data }) => sum + data.byteLength, state.bytes),
    sinceMs: state.sinceMs ?? nowMs,
    oldestMs: Math.min(state.oldestMs ?? Infinity, oldest),
    read: { ...state.read, [shardId]: last.sequenceNumber },
  };
};

const isDue = (state: FirehoseState, config: FirehoseConfig, nowMs: number): boolean =>
  state.sinceMs !== undefined &&
  (state.bytes >= config.bufferBytes || nowMs - state.sinceMs >= config.bufferMs);

/** The whole buffer becomes an object; what is read from now on goes into the next. */
const seal = (
  state: FirehoseState,
  config: FirehoseConfig,
  random: () => number,
): FirehoseState => {
  const { oldestMs, chunks, bytes, read } = state;
  if (oldestMs === undefined || state.delivery !== undefined) return state;
  const key = objectKey(config, { atMs: oldestMs, random });
  const { sinceMs: _, oldestMs: __, ...rest } = state;
  return {
    ...rest,
    chunks: [],
    bytes: 0,
    delivery: { key, chunks, bytes, oldestMs, through: read },
  };
};

const stored = (state: FirehoseState): FirehoseState => {
  const { delivery, ...rest } = state;
  return delivery === undefined ? state : { ...rest, delivered: delivery.through };
};

/** The next state; where it has a `delivery`, the shell stores it and says `stored`. */
export const firehoseStep = (
  state: FirehoseState,
  input: FirehoseInput,
  config: FirehoseConfig,
  { nowMs, random }: { readonly nowMs: number; readonly random: () => number },
): FirehoseState => {
  switch (input.kind) {
    case 'records': {
      const after = take(state, input.shardId, input.records, nowMs);
      return isDue(after, config, nowMs) ? seal(after, config, random) : after;
    }
    case 'tick':
      return isDue(state, config, nowMs) ? seal(state, config, random) : state;
    case 'flush':
      return seal(state, config, random);
    case 'stored':
      return stored(state);
  }
};

/** Age of the oldest record that is not in an object yet. */
export const dataFreshnessMs = (state: FirehoseState, nowMs: number): number => {
  const oldestMs = state.delivery?.oldestMs ?? state.oldestMs;
  return oldestMs === undefined ? 0 : Math.max(0, nowMs - oldestMs);
};

export interface ReadableShard {
  readonly shardId: string;
  readonly parentShardIds: readonly string[];
}

/** A child is read when each parent that still exists has ended and was read to its end. */
export const isReadable = (
  shard: ReadableShard,
  shards: readonly ReadableShard[],
  drained: ReadonlySet<string>,
): boolean =>
  shard.parentShardIds.every(
    (parent) => drained.has(parent) || !shards.some(({ shardId }) => shardId === parent),
  );
