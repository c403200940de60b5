import type { KinesisStreamEvent } from 'aws-lambda';
import { expect, test } from 'vitest';
import { batchAnswer, readKinesisBatch } from '../../functions/runtime/kinesis-batch.ts';

type LambdaRecord = KinesisStreamEvent['Records'][number];

const record = (shard: string, sequence: string, stream = 'raw'): LambdaRecord => ({
  eventID: `${shard}:${sequence}`,
  eventName: 'aws:kinesis:record',
  eventSource: 'aws:kinesis',
  eventSourceARN: `arn:aws:kinesis:eu-west-1:000000000000:stream/${stream}`,
  eventVersion: '1.0',
  awsRegion: 'eu-west-1',
  invokeIdentityArn: 'arn:aws:iam::000000000000:role/reader',
  kinesis: {
    kinesisSchemaVersion: '1.0',
    partitionKey: 'main#ann',
    sequenceNumber: sequence,
    data: Buffer.from('x\n').toString('base64'),
    approximateArrivalTimestamp: 1_795_513_200.123,
  },
});
const SHARD = 'shardId-000000000003';

test('a record says where it stands, when it arrived, and its bytes', () => {
  expect(readKinesisBatch({ Records: [record(SHARD, '42')] })).toEqual([
    {
      streamArn: 'arn:aws:kinesis:eu-west-1:000000000000:stream/raw',
      shard: SHARD,
      sequence: '42',
      partitionKey: 'main#ann',
      arrivedAt: 1_795_513_200_123,
      bytes: Buffer.from('x\n'),
    },
  ]);
});

test('a batch of two shards, two streams or a strange id is a broken promise', () => {
  const other = 'shardId-000000000004';
  const read =
    (...records: LambdaRecord[]) =>
    () =>
      readKinesisBatch({ Records: records });
  expect(read(record(SHARD, '1'), record(other, '2'))).toThrow('one shard');
  expect(read(record(SHARD, '1'), record(SHARD, '2', 'else'))).toThrow('one stream');
  expect(read({ ...record(SHARD, '1'), eventID: 'nonsense' })).toThrow('<shard>:<sequence>');
  expect(read({ ...record(SHARD, '1'), eventID: `${SHARD}:2` })).toThrow('sequence');
});

test('the lowest unfinished sequence is named alone, also where numbers grow a digit', () => {
  expect(batchAnswer([])).toEqual({ batchItemFailures: [] });
  expect(batchAnswer(['100', '99', '101'])).toEqual({
    batchItemFailures: [{ itemIdentifier: '99' }],
  });
  const [low, high] = [`49${'0'.repeat(53)}1`, `49${'0'.repeat(53)}2`];
  expect(batchAnswer([high, low])).toEqual({ batchItemFailures: [{ itemIdentifier: low }] });
});
