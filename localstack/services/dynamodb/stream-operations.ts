/** The DynamoDB Streams API over the table streams. */

import type { SourceRecord } from '../../cloud.ts';
import { AwsFault, type Input, type Operation } from '../aws-json.ts';
import type { Engine } from './engine.ts';
import type { Shard } from './shards.ts';
import { FAULTS, invalid, notFound } from './table-operations.ts';
import type { TableStream } from './table-stream.ts';

const ITERATOR_LIFETIME_MS = 15 * 60_000;
const RECORDS_MAX = 1_000;
const BYTES_MAX = 1_048_576;
const SHARDS_PER_PAGE_MAX = 100;

interface Iterator {
  readonly arn: string;
  readonly shardId: string;
  readonly after: string | null;
  readonly bornAtMs: number;
}

const encode = (iterator: Iterator): string =>
  `${iterator.arn}|1|${Buffer.from(JSON.stringify(iterator)).toString('base64url')}`;

const decode = (text: unknown): Iterator => {
  try {
    return JSON.parse(Buffer.from(String(text).split('|')[2] ?? '', 'base64url').toString());
  } catch {
    throw invalid('Invalid ShardIterator');
  }
};

const streamOf = (engine: Engine, arn: unknown): { table: string; stream: TableStream } => {
  const found = engine.settings.allStreams().find(([, { state }]) => state.arn === arn);
  if (found === undefined)
    throw notFound(`Requested resource not found: Stream: ${String(arn)} not found`);
  return { table: found[0], stream: found[1] };
};

/** Shards whose birth or end is not on disk yet are not shown. */
const visibleShards = (stream: TableStream): readonly Shard[] => {
  const visible = new Map(
    stream
      .source()
      .shards()
      .map((shard) => [shard.shardId, shard]),
  );
  return stream.state.shards.filter(({ id }) => visible.has(id));
};

const described = ({ id, parentId, startingSequence, endingSequence }: Shard) => ({
  ShardId: id,
  ...(parentId === undefined ? {} : { ParentShardId: parentId }),
  SequenceNumberRange: {
    StartingSequenceNumber: startingSequence,
    ...(endingSequence === undefined ? {} : { EndingSequenceNumber: endingSequence }),
  },
});

const describeStream = async (engine: Engine, input: Input): Promise<object> => {
  const { table, stream } = streamOf(engine, input.StreamArn);
  const { state } = stream;
  const { KeySchema } = await engine.items.table(table);
  const limit = typeof input.Limit === 'number' ? input.Limit : SHARDS_PER_PAGE_MAX;
  const all = visibleShards(stream);
  const start = all.findIndex(({ id }) => id === input.ExclusiveStartShardId) + 1;
  const page = all.slice(start, start + limit);
  return {
    StreamDescription: {
      StreamArn: state.arn,
      StreamLabel: state.label,
      StreamStatus: state.enabled ? 'ENABLED' : 'DISABLED',
      StreamViewType: state.viewType,
      CreationRequestDateTime: state.createdAtMs / 1000,
      TableName: table,
      KeySchema,
      Shards: page.map(described),
      ...(start + limit < all.length ? { LastEvaluatedShardId: page.at(-1)?.id } : {}),
    },
  };
};

const lastSequence = async (stream: TableStream, shard: Shard): Promise<string> =>
  (await stream.newestSequence(shard.id)) ?? shard.startingSequence;

const startOf = async (stream: TableStream, shard: Shard, input: Input): Promise<string | null> => {
  const sequence = input.SequenceNumber;
  switch (input.ShardIteratorType) {
    case 'TRIM_HORIZON':
      return null;
    case 'LATEST':
      return lastSequence(stream, shard);
    case 'AFTER_SEQUENCE_NUMBER':
    case 'AT_SEQUENCE_NUMBER':
      if (typeof sequence !== 'string' || !/^[0-9]{1,40}$/.test(sequence)) {
        throw invalid('Invalid SequenceNumber');
      }
      return input.ShardIteratorType === 'AFTER_SEQUENCE_NUMBER'
        ? sequence
        : (BigInt(sequence) - 1n).toString();
    default:
      throw invalid(`Invalid ShardIteratorType: ${String(input.ShardIteratorType)}`);
  }
};

const getShardIterator = async (engine: Engine, input: Input): Promise<object> => {
  const { stream } = streamOf(engine, input.StreamArn);
  const shard = visibleShards(stream).find(({ id }) => id === input.ShardId);
  if (shard === undefined) {
    throw notFound(`Requested resource not found: Shard: ${String(input.ShardId)} not found`);
  }
  const after = await startOf(stream, shard, input);
  const iterator = { arn: stream.state.arn, shardId: shard.id, after, bornAtMs: engine.now() };
  return { ShardIterator: encode(iterator) };
};

/** The API's record says the identity in capitals and leaves out the source's ARN. */
const apiRecord = ({ body }: SourceRecord): object => {
  const { eventSourceARN: _, userIdentity, ...record } = body;
  if (userIdentity === undefined) return record;
  const { type: Type, principalId: PrincipalId } = userIdentity as Record<string, string>;
  return { ...record, userIdentity: { Type, PrincipalId } };
};

const getRecords = async (engine: Engine, input: Input): Promise<object> => {
  const iterator = decode(input.ShardIterator);
  const { stream } = streamOf(engine, iterator.arn);
  if (engine.now() - iterator.bornAtMs > ITERATOR_LIFETIME_MS) {
    throw new AwsFault(`${FAULTS}ExpiredIteratorException`, 'Iterator expired.');
  }
  const limit = typeof input.Limit === 'number' ? Math.min(input.Limit, RECORDS_MAX) : RECORDS_MAX;
  // Whether the shard has ended is asked first: what it then holds is all that it will ever hold.
  const closed = stream
    .source()
    .shards()
    .find(({ shardId }) => shardId === iterator.shardId)?.closed;
  const records = await stream.read(iterator.shardId, iterator.after, {
    recordsMax: limit,
    bytesMax: BYTES_MAX,
  });
  const after = records.at(-1)?.sequenceNumber ?? iterator.after;
  const ended = closed !== false && records.length === 0;
  return {
    Records: records.map(apiRecord),
    ...(ended ? {} : { NextShardIterator: encode({ ...iterator, after, bornAtMs: engine.now() }) }),
  };
};

const listStreams = (engine: Engine, input: Input): object => ({
  Streams: engine.settings
    .allStreams()
    .filter(([table]) => input.TableName === undefined || input.TableName === table)
    .map(([table, { state }]) => ({
      StreamArn: state.arn,
      StreamLabel: state.label,
      TableName: table,
    })),
});

export const streamOperations = (engine: Engine): Readonly<Record<string, Operation>> => ({
  ListStreams: (input) => listStreams(engine, input),
  DescribeStream: (input) => describeStream(engine, input),
  GetShardIterator: (input) => getShardIterator(engine, input),
  GetRecords: (input) => getRecords(engine, input),
});
