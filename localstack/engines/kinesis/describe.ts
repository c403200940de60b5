import { answer, type Context, type Decision, namedStream, streamArn } from './context.ts';
import { invalidArgument } from './errors.ts';
import { SHARDS_LISTED_MAX } from './limits.ts';
import { type Parameters, parameters, type Raw, SHARD_ID, STREAM_NAME } from './parameters.ts';
import { openShards, type Shard, type Stream } from './state.ts';

const DESCRIBED_SHARDS = 100;
const LISTED_STREAMS = 100;

/** https://docs.aws.amazon.com/kinesis/latest/APIReference/API_DescribeStream.html */
export const describeStream = (context: Context, raw: Raw): Decision => {
  const fields = parameters(raw);
  const limit = fields.integer('Limit', { min: 1, max: 10_000 }) ?? DESCRIBED_SHARDS;
  const after = fields.text('ExclusiveStartShardId', SHARD_ID);
  const stream = namedStream(context, fields);
  const shards = sorted(stream).filter(({ shardId }) => after === undefined || shardId > after);
  return answer({
    StreamDescription: {
      ...facts(context, stream),
      Shards: shards.slice(0, limit).map(shardFacts),
      HasMoreShards: shards.length > limit,
    },
  });
};

/** https://docs.aws.amazon.com/kinesis/latest/APIReference/API_DescribeStreamSummary.html */
export const describeStreamSummary = (context: Context, raw: Raw): Decision => {
  const stream = namedStream(context, parameters(raw));
  return answer({
    StreamDescriptionSummary: {
      ...facts(context, stream),
      OpenShardCount: openShards(stream).length,
      ConsumerCount: 0,
    },
  });
};

const facts = ({ settings }: Context, stream: Stream) => ({
  StreamName: stream.name,
  StreamARN: streamArn(settings, stream.name),
  StreamStatus: 'ACTIVE',
  StreamModeDetails: { StreamMode: 'PROVISIONED' },
  RetentionPeriodHours: stream.retentionHours,
  StreamCreationTimestamp: new Date(stream.createdAtMs),
  EnhancedMonitoring: [{ ShardLevelMetrics: [] }],
  EncryptionType: 'NONE',
});

const sorted = (stream: Stream): readonly Shard[] =>
  [...stream.shards.values()].sort((a, b) => a.index - b.index);

const shardFacts = (shard: Shard): Readonly<Record<string, unknown>> => ({
  ShardId: shard.shardId,
  ...(shard.parents[0] === undefined ? {} : { ParentShardId: shard.parents[0] }),
  ...(shard.parents[1] === undefined ? {} : { AdjacentParentShardId: shard.parents[1] }),
  HashKeyRange: { StartingHashKey: `${shard.start}`, EndingHashKey: `${shard.end}` },
  SequenceNumberRange: {
    StartingSequenceNumber: shard.first,
    ...(shard.closed === null ? {} : { EndingSequenceNumber: shard.closed.last }),
  },
});

/** https://docs.aws.amazon.com/kinesis/latest/APIReference/API_ListStreams.html */
export const listStreams = (context: Context, raw: Raw): Decision => {
  const fields = parameters(raw);
  const limit = fields.integer('Limit', { min: 1, max: 10_000 }) ?? LISTED_STREAMS;
  const after = fields.text('ExclusiveStartStreamName', STREAM_NAME) ?? fields.text('NextToken');
  fields.check();
  const names = [...context.state.streams.keys()]
    .sort((left, right) => (left < right ? -1 : 1))
    .filter((name) => after === undefined || name > after);
  const page = names.slice(0, limit);
  return answer({
    StreamNames: page,
    StreamSummaries: page.map((name) => ({
      StreamName: name,
      StreamARN: streamArn(context.settings, name),
      StreamStatus: 'ACTIVE',
      StreamModeDetails: { StreamMode: 'PROVISIONED' },
      StreamCreationTimestamp: new Date(context.state.streams.get(name)?.createdAtMs ?? 0),
    })),
    HasMoreStreams: names.length > limit,
    ...(names.length > limit ? { NextToken: page.at(-1) } : {}),
  });
};

/** https://docs.aws.amazon.com/kinesis/latest/APIReference/API_ListShards.html */
export const listShards = (context: Context, raw: Raw): Decision => {
  const fields = parameters(raw);
  const limit = fields.integer('MaxResults', { min: 1, max: 10_000 }) ?? SHARDS_LISTED_MAX;
  const token = fields.text('NextToken');
  const resumed = token === undefined ? null : readToken(token, raw);
  const exclusive = fields.text('ExclusiveStartShardId', SHARD_ID);
  const stream =
    resumed === null
      ? namedStream(context, fields)
      : namedStream(context, parameters({ StreamName: resumed.stream }));
  const after = resumed?.after ?? exclusive ?? '';
  const filter = resumed?.filter ?? raw.ShardFilter;
  const shards = sorted(stream)
    .filter(({ shardId }) => shardId > after)
    .filter(matching(stream, filter));
  const page = shards.slice(0, Math.min(limit, SHARDS_LISTED_MAX));
  const more = shards.length > page.length;
  const next = { stream: stream.name, after: page.at(-1)?.shardId ?? '', filter };
  return answer({
    Shards: page.map(shardFacts),
    ...(more ? { NextToken: Buffer.from(JSON.stringify(next)).toString('base64') } : {}),
  });
};

interface Token {
  readonly stream: string;
  readonly after: string;
  readonly filter?: unknown;
}

const readToken = (text: string, raw: Raw): Token => {
  if (raw.StreamName !== undefined || raw.ExclusiveStartShardId !== undefined)
    throw invalidArgument('NextToken and StreamName cannot be provided together.');
  try {
    const token = JSON.parse(Buffer.from(text, 'base64').toString('utf8')) as Partial<Token>;
    if (typeof token.stream === 'string' && typeof token.after === 'string')
      return { filter: token.filter, stream: token.stream, after: token.after };
  } catch {
    // Not ours, said below.
  }
  throw invalidArgument('Invalid NextToken.');
};

/** ShardFilter, as the reference of ListShards defines its six types. */
const matching = (stream: Stream, filter: unknown): ((shard: Shard) => boolean) => {
  if (typeof filter !== 'object' || filter === null) return () => true;
  const raw = filter as Raw;
  const fields: Parameters = parameters(raw, 'shardFilter.');
  const type = fields.requiredText('Type');
  const after = fields.text('ShardId', SHARD_ID) ?? '';
  fields.check();
  const timestamp = raw.Timestamp;
  const atMs =
    timestamp instanceof Date ? timestamp.getTime() : new Date(String(timestamp)).getTime();
  const createdMs = (shard: Shard): number => shard.createdS * 1000;
  const openAt = (shard: Shard): boolean => shard.closed === null || shard.closed.atMs >= atMs;
  switch (type) {
    case 'AFTER_SHARD_ID':
      return ({ shardId }) => shardId > after;
    case 'AT_LATEST':
      return ({ closed }) => closed === null;
    case 'AT_TRIM_HORIZON':
      return (shard) => !shard.parents.some((parent) => stream.shards.has(parent));
    case 'FROM_TRIM_HORIZON':
      return () => true;
    case 'AT_TIMESTAMP':
      return (shard) => createdMs(shard) <= atMs && openAt(shard);
    case 'FROM_TIMESTAMP':
      return openAt;
    default:
      throw invalidArgument(`Unknown ShardFilter type ${type}.`);
  }
};
