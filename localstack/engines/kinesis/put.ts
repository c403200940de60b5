import { type Context, type Decision, namedStream } from './context.ts';
import { invalidArgument, KinesisError, throttled } from './errors.ts';
import { HASH_KEY_MAX, hashKeyOf } from './hash-key.ts';
import {
  CALL_BYTES_MAX,
  PARTITION_KEY_CHARACTERS_MAX,
  RECORD_BYTES_MAX,
  RECORDS_PER_CALL_MAX,
} from './limits.ts';
import { type Parameters, parameters, type Raw } from './parameters.ts';
import { sequenceNumber } from './sequence.ts';
import { openShards, type RecordEntry, recordBytes, type Shard, type Stream } from './state.ts';
import { refill } from './token-bucket.ts';

interface Offered {
  readonly partitionKey: string;
  readonly data: Uint8Array;
  readonly hash: bigint;
}

type Put = { readonly entry: RecordEntry } | { readonly refusal: KinesisError };

/** https://docs.aws.amazon.com/kinesis/latest/APIReference/API_PutRecord.html */
export const putRecord = (context: Context, raw: Raw): Decision => {
  const fields = parameters(raw);
  const offered = readRecord(raw, fields);
  fields.check();
  const stream = namedStream(context, fields);
  const put = placed(context, stream, router(stream), offered, 0);
  if ('refusal' in put) throw put.refusal;
  const { record, shardId } = put.entry;
  return {
    body: {
      ShardId: shardId,
      SequenceNumber: record.sequenceNumber,
      EncryptionType: 'NONE',
    },
    entries: [put.entry],
  };
};

/** https://docs.aws.amazon.com/kinesis/latest/APIReference/API_PutRecords.html */
export const putRecords = (context: Context, raw: Raw): Decision => {
  const fields = parameters(raw);
  const offered = readRecords(raw, fields);
  const stream = namedStream(context, fields);
  if (offered.reduce((sum, record) => sum + recordBytes(record), 0) > CALL_BYTES_MAX)
    throw invalidArgument('Records size exceeds 10 MB limit');
  const route = router(stream);
  let taken = 0;
  const puts = offered.map((record) => {
    const put = placed(context, stream, route, record, taken);
    if ('entry' in put) taken += recordBytes(record);
    return put;
  });
  return {
    body: {
      FailedRecordCount: puts.filter((put) => 'refusal' in put).length,
      EncryptionType: 'NONE',
      Records: puts.map(resultOf),
    },
    entries: puts.flatMap((put) => ('entry' in put ? [put.entry] : [])),
  };
};

const resultOf = (put: Put): Readonly<Record<string, unknown>> =>
  'refusal' in put
    ? { ErrorCode: put.refusal.type, ErrorMessage: put.refusal.message }
    : { SequenceNumber: put.entry.record.sequenceNumber, ShardId: put.entry.shardId };

const readRecords = (raw: Raw, fields: Parameters): readonly Offered[] => {
  const list = raw.Records;
  if (!Array.isArray(list) || list.length === 0) {
    fields.problem(
      'Records',
      Array.isArray(list) ? '[]' : undefined,
      Array.isArray(list)
        ? 'Member must have length greater than or equal to 1'
        : 'Member must not be null',
    );
    fields.check();
    return [];
  }
  if (list.length > RECORDS_PER_CALL_MAX)
    fields.problem(
      'Records',
      `[${list.length} records]`,
      `Member must have length less than or equal to ${RECORDS_PER_CALL_MAX}`,
    );
  fields.check();
  return list.map((item: unknown, index) => {
    const record = typeof item === 'object' && item !== null ? (item as Raw) : {};
    const mine = parameters(record, `records.${index + 1}.member.`);
    const offered = readRecord(record, mine);
    mine.check();
    return offered;
  });
};

const readRecord = (_raw: Raw, fields: Parameters): Offered => {
  const data = fields.bytes('Data', RECORD_BYTES_MAX);
  const partitionKey = fields.requiredText('PartitionKey', {
    lengthMin: 1,
    lengthMax: PARTITION_KEY_CHARACTERS_MAX,
  });
  const explicit = fields.text('ExplicitHashKey');
  return {
    partitionKey,
    data,
    hash: explicit === undefined ? hashKeyOf(partitionKey) : ringPlace(explicit),
  };
};

export const ringPlace = (text: string): bigint => {
  if (!/^(0|[1-9]\d{0,38})$/.test(text) || BigInt(text) > HASH_KEY_MAX)
    throw invalidArgument(
      `Invalid ExplicitHashKey. ExplicitHashKey must be in the range: [0, 2^128-1]. Specified value was ${text}`,
    );
  return BigInt(text);
};

type Router = (hash: bigint) => Shard;

/** Open shards cover the ring without gaps, so the last one that begins at or before it is right. */
const router = (stream: Stream): Router => {
  const shards = [...openShards(stream)].sort((a, b) => (a.start < b.start ? -1 : 1));
  return (hash) => {
    let low = 0;
    let high = shards.length - 1;
    while (low < high) {
      const middle = (low + high + 1) >> 1;
      if ((shards[middle] as Shard).start <= hash) low = middle;
      else high = middle - 1;
    }
    return shards[low] as Shard;
  };
};

const placed = (
  context: Context,
  stream: Stream,
  route: Router,
  offered: Offered,
  takenBytes: number,
): Put => {
  const bytes = recordBytes(offered);
  if (context.state.storedBytes + takenBytes + bytes > context.settings.storedBytesMax)
    return { refusal: storeFull(context) };
  const shard = route(offered.hash);
  if (!withinLimits(shard, bytes, context.nowMs))
    return { refusal: rateExceeded(context, stream, shard) };
  const counter = shard.counter;
  shard.counter += 1n;
  const record = {
    sequenceNumber: sequenceNumber(shard, counter, context.nowMs),
    partitionKey: offered.partitionKey,
    arrivedAtMs: context.nowMs,
    data: offered.data,
  };
  return { entry: { kind: 'record', stream: stream.name, shardId: shard.shardId, record } };
};

/** 1 MiB/s and 1,000 records/s per shard; a record of 1 MiB with its key fits a full budget. */
const withinLimits = ({ writes }: Shard, bytes: number, nowMs: number): boolean => {
  const recordsLeft = refill(writes.records, nowMs);
  const bytesLeft = refill(writes.bytes, nowMs);
  if (recordsLeft < 1 || bytesLeft < Math.min(bytes, writes.bytes.capacity)) return false;
  writes.records.tokens -= 1;
  writes.bytes.tokens -= bytes;
  return true;
};

export const rateExceeded = (context: Context, stream: Stream, shard: Shard): KinesisError =>
  throttled(
    `Rate exceeded for shard ${shard.shardId} in stream ${stream.name} under account ${context.settings.accountId}.`,
  );

const storeFull = ({ settings }: Context): KinesisError =>
  new KinesisError(
    'InternalFailure',
    `The local streams hold ${settings.storedBytesMax} bytes, which is their cap: let retention pass, raise the cap, or start with --reset`,
    500,
  );
