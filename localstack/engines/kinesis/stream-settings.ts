import { type Context, type Decision, namedStream } from './context.ts';
import { invalidArgument, KinesisError } from './errors.ts';
import { uniformRanges } from './hash-key.ts';
import { RETENTION_HOURS_MAX, RETENTION_HOURS_MIN, SHARDS_MAX } from './limits.ts';
import { parameters, type Raw, STREAM_NAME } from './parameters.ts';
import { tooManyShards } from './reshard.ts';
import { type Entry, shardName } from './state.ts';

const SHARDS_UNLESS_SAID = 1;

/**
 * https://docs.aws.amazon.com/kinesis/latest/APIReference/API_CreateStream.html. A local stream is
 * ACTIVE at once, where AWS says CREATING for some seconds. On-demand streams are refused: their
 * scaling is AWS's own and documented only in outline.
 */
export const createStream = (context: Context, raw: Raw): Decision => {
  const fields = parameters(raw);
  const name = fields.requiredText('StreamName', STREAM_NAME);
  const count = fields.integer('ShardCount', { min: 1, max: 1_000_000 }) ?? SHARDS_UNLESS_SAID;
  fields.check();
  refuseOnDemand(raw.StreamModeDetails);
  if (context.state.streams.has(name))
    throw new KinesisError(
      'ResourceInUseException',
      `Stream ${name} under account ${context.settings.accountId} already exists.`,
    );
  if (count > SHARDS_MAX) throw tooManyShards(context);
  const shards = uniformRanges(count).map(
    (range, index): Entry => ({
      kind: 'shard',
      stream: name,
      shardId: shardName(index),
      parents: [],
      start: `${range.start}`,
      end: `${range.end}`,
      createdS: Math.floor(context.nowMs / 1000),
    }),
  );
  const created: Entry = {
    kind: 'stream',
    stream: name,
    createdAtMs: context.nowMs,
    retentionHours: RETENTION_HOURS_MIN,
  };
  return { body: {}, entries: [created, ...shards] };
};

export const refuseOnDemand = (details: unknown): void => {
  if (details === undefined || details === null) return;
  if ((details as Raw).StreamMode === 'PROVISIONED') return;
  throw invalidArgument('Only streams of mode PROVISIONED exist locally.');
};

/** https://docs.aws.amazon.com/kinesis/latest/APIReference/API_DeleteStream.html */
export const deleteStream = (context: Context, raw: Raw): Decision => {
  const stream = namedStream(context, parameters(raw));
  return { body: {}, entries: [{ kind: 'deleted', stream: stream.name }] };
};

/** https://docs.aws.amazon.com/kinesis/latest/APIReference/API_IncreaseStreamRetentionPeriod.html */
export const increaseRetention = (context: Context, raw: Raw): Decision =>
  changeRetention(context, raw, (asked, now) =>
    asked < now ? `can not be shorter than existing retention period (${now} hours)` : null,
  );

/** https://docs.aws.amazon.com/kinesis/latest/APIReference/API_DecreaseStreamRetentionPeriod.html */
export const decreaseRetention = (context: Context, raw: Raw): Decision =>
  changeRetention(context, raw, (asked, now) =>
    asked > now ? `can not be longer than existing retention period (${now} hours)` : null,
  );

const changeRetention = (
  context: Context,
  raw: Raw,
  objection: (asked: number, now: number) => string | null,
): Decision => {
  const fields = parameters(raw);
  const hours = fields.requiredInteger('RetentionPeriodHours', { min: 1, max: 1_000_000 });
  const stream = namedStream(context, fields);
  const problem =
    hours < RETENTION_HOURS_MIN
      ? `Minimum allowed retention period is ${RETENTION_HOURS_MIN} hours`
      : hours > RETENTION_HOURS_MAX
        ? `Maximum allowed retention period is ${RETENTION_HOURS_MAX} hours`
        : objection(hours, stream.retentionHours);
  if (problem !== null)
    throw invalidArgument(
      `Requested retention period (${hours} hours) for stream ${stream.name}: ${problem}.`,
    );
  return { body: {}, entries: [{ kind: 'retention', stream: stream.name, hours }] };
};
