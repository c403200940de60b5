/**
 * The shards of one table stream: how they are born, roll to children, close and are forgotten.
 * Pure but for its own state; what must survive a restart is `state`.
 */
export interface Shard {
  readonly id: string;
  readonly parentId?: string;
  /** Which part of the partition keys; a child takes its parent's. */
  readonly lane: number;
  readonly startingSequence: string;
  readonly createdAtMs: number;
  endingSequence?: string;
  closedAtMs?: number;
}

export interface StreamState {
  readonly arn: string;
  readonly label: string;
  readonly viewType: 'KEYS_ONLY' | 'NEW_IMAGE' | 'OLD_IMAGE' | 'NEW_AND_OLD_IMAGES';
  readonly createdAtMs: number;
  enabled: boolean;
  lastSequence: string;
  shards: Shard[];
}

export interface ShardOptions {
  /** Open shards of a table stream at any time. */
  readonly lanes: number;
  /** AWS rolls a shard after about four hours. */
  readonly rollAfterMs: number;
  readonly rollAfterRecords: number;
  /** AWS's have 21 to 40 digits; a test starts just below 10^22. */
  readonly firstSequenceNumber: bigint;
}

export const SHARD_DEFAULTS: ShardOptions = {
  lanes: 2,
  rollAfterMs: 4 * 3_600_000,
  rollAfterRecords: 1_000_000,
  firstSequenceNumber: 100_000_000_000_000_000_001n,
};

const suffixOf = (label: string, lane: number): string => {
  let hash = lane + 1;
  for (const letter of label) hash = (Math.imul(hash, 31) + letter.charCodeAt(0)) >>> 0;
  return hash.toString(16).padStart(8, '0');
};

/** Ids hold the instant of birth, so a child's id is higher than its parent's. */
const shardId = (bornAtMs: number, label: string, lane: number): string =>
  `shardId-${String(bornAtMs).padStart(20, '0')}-${suffixOf(label, lane)}`;

export const openShards = (state: StreamState, options: ShardOptions, nowMs: number): void => {
  for (let lane = 0; lane < options.lanes; lane += 1) {
    state.shards.push({
      id: shardId(nowMs, state.label, lane),
      lane,
      startingSequence: drawSequence(state),
      createdAtMs: nowMs,
    });
  }
};

/** Sequence numbers grow over the whole stream, so also inside each shard. */
export const drawSequence = (state: StreamState): string => {
  state.lastSequence = (BigInt(state.lastSequence) + 1n).toString();
  return state.lastSequence;
};

export const closeShard = (state: StreamState, shard: Shard, nowMs: number): void => {
  shard.endingSequence = drawSequence(state);
  shard.closedAtMs = nowMs;
};

export const openShardOf = (state: StreamState, lane: number): Shard => {
  const open = state.shards.findLast(
    (shard) => shard.closedAtMs === undefined && shard.lane === lane % lanesOf(state),
  );
  if (open === undefined) throw new Error(`no open shard in lane ${lane} of ${state.arn}`);
  return open;
};

const lanesOf = (state: StreamState): number =>
  state.shards.filter((shard) => shard.closedAtMs === undefined).length;

export const rollShard = (state: StreamState, parent: Shard, nowMs: number): Shard => {
  closeShard(state, parent, nowMs);
  const bornAtMs = Math.max(nowMs, parent.createdAtMs + 1);
  const child: Shard = {
    id: shardId(bornAtMs, state.label, parent.lane),
    parentId: parent.id,
    lane: parent.lane,
    startingSequence: drawSequence(state),
    createdAtMs: bornAtMs,
  };
  state.shards.push(child);
  return child;
};
