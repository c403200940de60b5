import {
  answer,
  type Context,
  type Decision,
  namedStream,
  shardNamed,
  streamNamed,
} from './context.ts';
import { invalidArgument, KinesisError, notFound } from './errors.ts';
import { ITERATOR_LIFE_MS, READ_BYTES_MAX, READ_RECORDS_MAX } from './limits.ts';
import { type Parameters, parameters, type Raw, SHARD_ID } from './parameters.ts';
import { rateExceeded } from './put.ts';
import { compareSequence, isSequenceNumber } from './sequence.ts';
import { recordBytes, type Shard, type StoredRecord, type Stream } from './state.ts';
import { refill } from './token-bucket.ts';

/** Inside the opaque string: the next record has a number at or behind `from`, or behind `after`. */
interface Iterator {
  readonly stream: string;
  readonly createdAtMs: number;
  readonly shardId: string;
  readonly place: { readonly from: string } | { readonly after: string };
  readonly issuedAtMs: number;
}

const ITERATOR_TYPES = [
  'AFTER_SEQUENCE_NUMBER',
  'LATEST',
  'AT_TIMESTAMP',
  'AT_SEQUENCE_NUMBER',
  'TRIM_HORIZON',
] as const;

/** https://docs.aws.amazon.com/kinesis/latest/APIReference/API_GetShardIterator.html */
export const getShardIterator = (context: Context, raw: Raw): Decision => {
  const fields = parameters(raw);
  const shardId = fields.requiredText('ShardId', SHARD_ID);
  const type = fields.requiredText('ShardIteratorType', { oneOf: ITERATOR_TYPES });
  const stream = namedStream(context, fields);
  const shard = shardNamed(context, stream, shardId);
  const place = startOf(context, shard, type, raw, fields);
  return answer({ ShardIterator: issue(context, stream, shard, place) });
};

const startOf = (
  context: Context,
  shard: Shard,
  type: string,
  raw: Raw,
  fields: Parameters,
): Iterator['place'] => {
  if (type === 'TRIM_HORIZON') return { from: '0' };
  if (type === 'LATEST') return { after: newest(shard) };
  if (type === 'AT_TIMESTAMP') return atTimestamp(context, shard, raw.Timestamp);
  const sequence = fields.text('StartingSequenceNumber');
  if (sequence === undefined)
    throw invalidArgument(
      `Must either specify timestamp or sequence number parameters, but not both for iterator type ${type}`,
    );
  if (!isSequenceNumber(sequence))
    throw invalidArgument(
      `StartingSequenceNumber ${sequence} used in GetShardIterator on shard ${shard.shardId} is invalid.`,
    );
  const last = shard.closed?.last ?? null;
  if (last !== null && compareSequence(sequence, last) > 0)
    throw invalidArgument(
      `StartingSequenceNumber ${sequence} used in GetShardIterator on shard ${shard.shardId} is invalid because it is after the shard's end ${last}.`,
    );
  return type === 'AT_SEQUENCE_NUMBER' ? { from: sequence } : { after: sequence };
};

const atTimestamp = (context: Context, shard: Shard, timestamp: unknown): Iterator['place'] => {
  if (!(timestamp instanceof Date))
    throw invalidArgument('Must specify timestamp parameter for iterator type AT_TIMESTAMP');
  const atMs = timestamp.getTime();
  if (atMs > context.nowMs)
    throw invalidArgument(
      'The timestampInMillis parameter cannot be greater than the current time',
    );
  const found = shard.records.findIndex(
    (record, index) => index >= shard.head && record.arrivedAtMs >= atMs,
  );
  const first = shard.records[found];
  return first === undefined ? { after: newest(shard) } : { from: first.sequenceNumber };
};

const newest = (shard: Shard): string => shard.records.at(-1)?.sequenceNumber ?? shard.first;

const issue = (
  context: Context,
  stream: Stream,
  shard: Shard,
  place: Iterator['place'],
): string => {
  const iterator: Iterator = {
    stream: stream.name,
    createdAtMs: stream.createdAtMs,
    shardId: shard.shardId,
    place,
    issuedAtMs: context.nowMs,
  };
  return Buffer.from(JSON.stringify(iterator)).toString('base64');
};

const opened = (text: string): Iterator => {
  try {
    const value: unknown = JSON.parse(Buffer.from(text, 'base64').toString('utf8'));
    if (isIterator(value)) return value;
  } catch {
    // Not JSON: as invalid as JSON of another shape.
  }
  throw invalidArgument('Invalid ShardIterator.');
};

const isIterator = (value: unknown): value is Iterator => {
  if (typeof value !== 'object' || value === null) return false;
  const { stream, shardId, place, issuedAtMs } = value as Partial<Record<keyof Iterator, unknown>>;
  return (
    typeof stream === 'string' &&
    typeof shardId === 'string' &&
    typeof issuedAtMs === 'number' &&
    typeof place === 'object' &&
    place !== null &&
    Object.values(place).every((part) => typeof part === 'string')
  );
};

/** https://docs.aws.amazon.com/kinesis/latest/APIReference/API_GetRecords.html */
export const getRecords = (context: Context, raw: Raw): Decision => {
  const fields = parameters(raw);
  const iterator = opened(fields.requiredText('ShardIterator', { lengthMin: 1 }));
  const recordsMax = fields.integer('Limit', { min: 1, max: READ_RECORDS_MAX }) ?? READ_RECORDS_MAX;
  fields.check();
  const stream = streamNamed(context, iterator.stream);
  if (stream.createdAtMs !== iterator.createdAtMs)
    throw notFound(`Stream ${stream.name} is not the one that this iterator was made for.`);
  refuseExpired(context, iterator);
  const shard = shardNamed(context, stream, iterator.shardId);
  if (refill(shard.reads.calls, context.nowMs) < 1 || refill(shard.reads.bytes, context.nowMs) <= 0)
    throw rateExceeded(context, stream, shard);
  const start = indexOf(shard, iterator.place);
  const records = slice(shard, start, { recordsMax, bytesMax: READ_BYTES_MAX });
  shard.reads.calls.tokens -= 1;
  shard.reads.bytes.tokens -= records.reduce((sum, record) => sum + recordBytes(record), 0);
  return answer(page(context, stream, shard, { start, records, place: iterator.place }));
};

const refuseExpired = (context: Context, { issuedAtMs }: Iterator): void => {
  if (context.nowMs - issuedAtMs <= ITERATOR_LIFE_MS) return;
  throw new KinesisError(
    'ExpiredIteratorException',
    `Iterator expired. The iterator was created at time ${new Date(issuedAtMs).toISOString()} while right now it is ${new Date(context.nowMs).toISOString()} which is further in the future than the tolerated delay of ${ITERATOR_LIFE_MS} milliseconds.`,
  );
};

const page = (
  context: Context,
  stream: Stream,
  shard: Shard,
  read: {
    readonly start: number;
    readonly records: readonly StoredRecord[];
    readonly place: Iterator['place'];
  },
): Readonly<Record<string, unknown>> => {
  const next = shard.records[read.start + read.records.length];
  const ended = next === undefined && shard.closed !== null;
  const last = read.records.at(-1);
  const place = last === undefined ? read.place : { after: last.sequenceNumber };
  return {
    Records: read.records.map((record) => ({
      SequenceNumber: record.sequenceNumber,
      ApproximateArrivalTimestamp: new Date(record.arrivedAtMs),
      Data: record.data,
      PartitionKey: record.partitionKey,
      EncryptionType: 'NONE',
    })),
    ...(ended
      ? { ChildShards: childrenOf(stream, shard) }
      : { NextShardIterator: issue(context, stream, shard, place) }),
    MillisBehindLatest: next === undefined ? 0 : Math.max(0, context.nowMs - next.arrivedAtMs),
  };
};

/** Told once the shard is read to its end, so that a consumer knows where to go on. */
const childrenOf = (stream: Stream, shard: Shard): readonly unknown[] =>
  [...stream.shards.values()]
    .filter((child) => child.parents.includes(shard.shardId))
    .map((child) => ({
      ShardId: child.shardId,
      ParentShards: child.parents,
      HashKeyRange: { StartingHashKey: `${child.start}`, EndingHashKey: `${child.end}` },
    }));

/** The first index at or behind a place, by bisection: a read costs what it returns. */
export const indexOf = (shard: Shard, place: Iterator['place']): number => {
  const before = (record: StoredRecord): boolean =>
    'from' in place
      ? compareSequence(record.sequenceNumber, place.from) < 0
      : compareSequence(record.sequenceNumber, place.after) <= 0;
  let low = shard.head;
  let high = shard.records.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if (before(shard.records[middle] as StoredRecord)) low = middle + 1;
    else high = middle;
  }
  return low;
};

/** At least one record where there is one, whatever its size. */
export const slice = (
  shard: Shard,
  start: number,
  limits: { readonly recordsMax: number; readonly bytesMax: number },
): readonly StoredRecord[] => {
  const taken: StoredRecord[] = [];
  let bytes = 0;
  for (let index = start; index < shard.records.length; index += 1) {
    const record = shard.records[index] as StoredRecord;
    bytes += recordBytes(record);
    if (taken.length === limits.recordsMax) break;
    if (taken.length > 0 && bytes > limits.bytesMax) break;
    taken.push(record);
  }
  return taken;
};
