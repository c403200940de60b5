import type { RecordSource, SourceRecord } from '../../cloud.ts';
import { indexOf } from '../../engines/kinesis/read.ts';
import type { Shard, StoredRecord } from '../../engines/kinesis/state.ts';
import type { KinesisStore } from './store.ts';

/** The fields of an event record around its data and key, with their names: about this many. */
const EVENT_RECORD_BYTES = 500;

/**
 * A stream as its mappings and its Firehose read it: in process, outside the read limits of the
 * API, since on AWS each of them polls within those limits and here they need not compete.
 */
export const streamSource = (
  store: KinesisStore,
  { arn, name, region }: { readonly arn: string; readonly name: string; readonly region: string },
): RecordSource => ({
  arn,
  kind: 'kinesis',
  shards: () =>
    [...(store.state.streams.get(name)?.shards.values() ?? [])].map((shard) => ({
      shardId: shard.shardId,
      parentShardIds: shard.parents,
      closed: shard.closed !== null,
    })),
  read: (shardId, after, { recordsMax, bytesMax }) => {
    const shard = store.state.streams.get(name)?.shards.get(shardId);
    if (shard === undefined) return [];
    const taken: SourceRecord[] = [];
    let bytes = 0;
    for (const stored of from(shard, after)) {
      if (taken.length === recordsMax) break;
      const record = sourceRecord(stored, shardId, { arn, region });
      bytes += record.bytes;
      if (taken.length > 0 && bytes > bytesMax) break;
      taken.push(record);
    }
    return taken;
  },
  onChange: (listener) => store.onChange(name, listener),
});

function* from(shard: Shard, after: string | null): Generator<StoredRecord> {
  const start = indexOf(shard, after === null ? { from: '0' } : { after });
  for (let index = start; index < shard.records.length; index += 1) {
    const record = shard.records[index];
    if (record !== undefined) yield record;
  }
}

/** https://docs.aws.amazon.com/lambda/latest/dg/with-kinesis.html, the example event. */
const sourceRecord = (
  record: StoredRecord,
  shardId: string,
  { arn, region }: { readonly arn: string; readonly region: string },
): SourceRecord => {
  const { buffer, byteOffset, byteLength } = record.data;
  const data = Buffer.from(buffer, byteOffset, byteLength).toString('base64');
  return {
    sequenceNumber: record.sequenceNumber,
    orderKey: record.partitionKey,
    arrivedAtMs: record.arrivedAtMs,
    bytes: data.length + record.partitionKey.length + EVENT_RECORD_BYTES,
    body: {
      kinesis: {
        kinesisSchemaVersion: '1.0',
        partitionKey: record.partitionKey,
        sequenceNumber: record.sequenceNumber,
        data,
        approximateArrivalTimestamp: record.arrivedAtMs / 1000,
      },
      eventSource: 'aws:kinesis',
      eventVersion: '1.0',
      eventID: `${shardId}:${record.sequenceNumber}`,
      eventName: 'aws:kinesis:record',
      awsRegion: region,
      eventSourceARN: arn,
    },
  };
};
