import type { SourceShard } from '../../cloud.ts';
import type { Step } from '../step.ts';
import { settleDiscard, settleInvocation } from './outcome.ts';
import { advanceShard, newShardState, takeRecords } from './shard.ts';
import type { MappingState, Turn } from './state.ts';
import type {
  MappingConfig,
  MappingInput,
  MappingOutput,
  MappingStep,
  ShardCheckpoint,
} from './types.ts';

/**
 * An event-source mapping as a pure core: it decides what to read, which records make a batch, what
 * an answer means and how far the checkpoint may go. The shell reads, calls and writes.
 */
export interface MappingEngine {
  readonly step: Step<MappingInput, MappingStep>;
  /** Nothing is known that is not finished. */
  readonly idle: () => boolean;
}

export const mappingEngine = (
  config: MappingConfig,
  checkpoints: ReadonlyMap<string, ShardCheckpoint> = new Map(),
): MappingEngine => {
  const state: MappingState = {
    config,
    shards: new Map(),
    checkpoints: new Map(checkpoints),
    pending: new Map(),
    nextId: 1,
  };
  return {
    step: (nowMs, random, input) => {
      const outputs: MappingOutput[] = [];
      let wakeAtMs: number | null = null;
      const turn: Turn = {
        state,
        nowMs,
        random,
        emit: (output) => outputs.push(output),
        wakeAt: (atMs) => {
          wakeAtMs = Math.min(wakeAtMs ?? atMs, atMs);
        },
      };
      take(turn, input);
      // Parents come before their children, so a drained parent starts them in the same step.
      for (const shard of state.shards.values()) advanceShard(turn, shard);
      return { outputs, wakeAtMs };
    },
    idle: () =>
      [...state.shards.values()].every(
        ({ dirty, reading, buffer, checkpoint }) =>
          checkpoint.drained || (!dirty && reading === null && buffer.length === 0),
      ),
  };
};

const take = (turn: Turn, input: MappingInput): void => {
  const { state } = turn;
  if (input.kind === 'shards') takeShards(state, input.shards);
  else if (input.kind === 'read') {
    const shard = state.shards.get(input.shardId);
    if (shard !== undefined) takeRecords(turn, shard, input.records);
  } else if (input.kind !== 'tick') {
    const pending = state.pending.get(input.id);
    if (pending === undefined) return;
    state.pending.delete(input.id);
    pending.lane.pending = null;
    if (input.kind === 'invoked') settleInvocation(turn, pending.shard, pending.lane, input.result);
    else settleDiscard(turn, pending.lane, input.ok);
  }
};

/** Shards appear and close; one that the source no longer names has outlived its retention. */
const takeShards = (state: MappingState, shards: readonly SourceShard[]): void => {
  const named = new Set(shards.map(({ shardId }) => shardId));
  for (const [shardId, known] of state.shards) {
    if (!named.has(shardId) && known.buffer.length === 0) state.shards.delete(shardId);
  }
  for (const shard of shards) {
    const known = state.shards.get(shard.shardId);
    const checkpoint = state.checkpoints.get(shard.shardId);
    if (known === undefined)
      state.shards.set(shard.shardId, newShardState(shard, state.config, checkpoint));
    else {
      known.shard = shard;
      known.dirty = true;
    }
  }
};
