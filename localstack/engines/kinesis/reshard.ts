import {
  answer,
  type Context,
  type Decision,
  namedStream,
  shardNamed,
  streamArn,
} from './context.ts';
import { invalidArgument, KinesisError, limitExceeded } from './errors.ts';
import { uniformRanges } from './hash-key.ts';
import { SHARDS_MAX } from './limits.ts';
import { parameters, type Raw, SHARD_ID } from './parameters.ts';
import { lastSequenceNumber } from './sequence.ts';
import { type Entry, openShards, type Shard, type Stream, shardIndex, shardName } from './state.ts';

type Lineage = Pick<Shard, 'shardId' | 'start' | 'end' | 'createdS'>;

/** A stream's open shards while a reshard is being decided, and the entries that it will take. */
interface Draft {
  readonly stream: string;
  readonly nowMs: number;
  open: Lineage[];
  next: number;
  readonly entries: Entry[];
}

const draft = (context: Context, stream: Stream): Draft => ({
  stream: stream.name,
  nowMs: context.nowMs,
  open: [...openShards(stream)].sort((a, b) => (a.start < b.start ? -1 : 1)),
  next: stream.nextShard,
  entries: [],
});

/** Parents close and stay readable; children get higher ids and a later creation second. */
const replace = (
  draft: Draft,
  parents: readonly Lineage[],
  ranges: readonly { readonly start: bigint; readonly end: bigint }[],
): void => {
  for (const parent of parents) {
    const origin = { index: shardIndex(parent.shardId), createdS: parent.createdS };
    draft.entries.push({
      kind: 'closed',
      stream: draft.stream,
      shardId: parent.shardId,
      atMs: draft.nowMs,
      last: lastSequenceNumber(origin, draft.nowMs),
    });
  }
  const createdS = Math.max(
    Math.floor(draft.nowMs / 1000),
    ...parents.map((parent) => parent.createdS + 1),
  );
  const children = ranges.map((range) => {
    const shardId = shardName(draft.next);
    draft.next += 1;
    draft.entries.push({
      kind: 'shard',
      stream: draft.stream,
      shardId,
      parents: parents.map((parent) => parent.shardId),
      start: `${range.start}`,
      end: `${range.end}`,
      createdS,
    });
    return { shardId, ...range, createdS };
  });
  draft.open = [...draft.open.filter((shard) => !parents.includes(shard)), ...children].sort(
    (a, b) => (a.start < b.start ? -1 : 1),
  );
};

const splitAt = (draft: Draft, shard: Lineage, at: bigint): void =>
  replace(
    draft,
    [shard],
    [
      { start: shard.start, end: at - 1n },
      { start: at, end: shard.end },
    ],
  );

/** https://docs.aws.amazon.com/kinesis/latest/APIReference/API_SplitShard.html */
export const splitShard = (context: Context, raw: Raw): Decision => {
  const fields = parameters(raw);
  const shardId = fields.requiredText('ShardToSplit', SHARD_ID);
  const key = fields.requiredText('NewStartingHashKey', { pattern: /^(0|[1-9]\d{0,38})$/ });
  const stream = namedStream(context, fields);
  const shard = openShard(context, stream, shardId);
  const at = BigInt(key);
  if (at <= shard.start + 1n || at >= shard.end)
    throw invalidArgument(
      `NewStartingHashKey ${key} used in SplitShard() on shard ${shardId} in stream ${stream.name} under account ${context.settings.accountId} is not both greater than one plus the shard's StartingHashKey ${shard.start} and less than the shard's EndingHashKey ${shard.end}.`,
    );
  if (openShards(stream).length + 1 > SHARDS_MAX) throw tooManyShards(context);
  const plan = draft(context, stream);
  splitAt(plan, shard, at);
  return { body: {}, entries: plan.entries };
};

/** https://docs.aws.amazon.com/kinesis/latest/APIReference/API_MergeShards.html */
export const mergeShards = (context: Context, raw: Raw): Decision => {
  const fields = parameters(raw);
  const leftId = fields.requiredText('ShardToMerge', SHARD_ID);
  const rightId = fields.requiredText('AdjacentShardToMerge', SHARD_ID);
  const stream = namedStream(context, fields);
  const pair = [openShard(context, stream, leftId), openShard(context, stream, rightId)];
  const [left, right] = pair as [Shard, Shard];
  if (left.end + 1n !== right.start && right.end + 1n !== left.start)
    throw invalidArgument(
      `Shards ${leftId} and ${rightId} in stream ${stream.name} under account ${context.settings.accountId} are not an adjacent pair of shards eligible for merging`,
    );
  const plan = draft(context, stream);
  replace(plan, [left, right], [hull(left, right)]);
  return { body: {}, entries: plan.entries };
};

/** Adjacent ranges as one; the lower begins it. */
const hull = (a: Lineage, b: Lineage) =>
  a.start < b.start ? { start: a.start, end: b.end } : { start: b.start, end: a.end };

/**
 * https://docs.aws.amazon.com/kinesis/latest/APIReference/API_UpdateShardCount.html: to at most
 * double and at least half, by splits and merges that may leave short-lived shards behind.
 */
export const updateShardCount = (context: Context, raw: Raw): Decision => {
  const fields = parameters(raw);
  const target = fields.requiredInteger('TargetShardCount', { min: 1, max: 1_000_000 });
  fields.requiredText('ScalingType', { oneOf: ['UNIFORM_SCALING'] });
  const stream = namedStream(context, fields);
  const current = openShards(stream).length;
  if (target > SHARDS_MAX) throw tooManyShards(context);
  if (target > current * 2 || target < current / 2)
    throw limitExceeded(
      `UpdateShardCount cannot scale ${stream.name} from ${current} to ${target} shards: at most to double and at least to half the current open shard count.`,
    );
  const plan = draft(context, stream);
  if (target === current && isUniform(plan.open, target))
    return answer(scaled(context, stream, current, target));
  scaleTo(plan, target);
  return { body: scaled(context, stream, current, target), entries: plan.entries };
};

const isUniform = (open: readonly Lineage[], target: number): boolean =>
  uniformRanges(target).every((range, index) => open[index]?.start === range.start);

const scaleTo = (plan: Draft, target: number): void => {
  const ranges = uniformRanges(target);
  for (const { start } of ranges) {
    const shard = plan.open.find((open) => open.start < start && start <= open.end);
    if (shard !== undefined) splitAt(plan, shard, start);
  }
  for (const range of ranges) {
    for (;;) {
      const [first, second] = plan.open.filter(
        (open) => open.start >= range.start && open.end <= range.end,
      );
      if (first === undefined || second === undefined) break;
      replace(plan, [first, second], [hull(first, second)]);
    }
  }
};

const scaled = (context: Context, stream: Stream, current: number, target: number) => ({
  StreamName: stream.name,
  StreamARN: streamArn(context.settings, stream.name),
  CurrentShardCount: current,
  TargetShardCount: target,
});

const openShard = (context: Context, stream: Stream, shardId: string): Shard => {
  const shard = shardNamed(context, stream, shardId);
  if (shard.closed !== null)
    throw new KinesisError(
      'ResourceInUseException',
      `Shard ${shardId} in stream ${stream.name} under account ${context.settings.accountId} has already been merged or split, and thus is not eligible for merging or splitting.`,
    );
  return shard;
};

export const tooManyShards = ({ settings }: Context) =>
  limitExceeded(
    `This request would exceed the shard limit for the account ${settings.accountId} in ${settings.region}. Limit: ${SHARDS_MAX}.`,
  );
