import { gunzipSync } from 'node:zlib';
import { afterEach, beforeEach, expect, test } from 'vitest';
import type { RecordSource, SourceRecord, SourceShard } from '../../localstack/cloud.ts';
import {
  createFirehose,
  type Firehose,
} from '../../localstack/services/firehose/create-firehose.ts';
import { callJson, type Served, serve, stillClock, temporaryFolder } from '../support/served.ts';

const NOW = Date.UTC(2026, 10, 24, 12, 59, 30);
const STREAM = 'arn:aws:kinesis:us-east-1:000000000000:stream/raw';

/** A stream in memory, as its readers see it. */
const memoryStream = (now: () => number) => {
  const shards = new Map<
    string,
    { readonly records: SourceRecord[]; closed: boolean; readonly parents: string[] }
  >();
  let sequence = 100;
  const source: RecordSource = {
    arn: STREAM,
    kind: 'kinesis',
    shards: () =>
      [...shards].map(
        ([shardId, { closed, parents }]): SourceShard => ({
          shardId,
          closed,
          parentShardIds: parents,
        }),
      ),
    read: (shardId, after, { recordsMax }) =>
      (shards.get(shardId)?.records ?? [])
        .filter(({ sequenceNumber }) => after === null || Number(sequenceNumber) > Number(after))
        .slice(0, recordsMax),
    onChange: () => () => undefined,
  };
  return {
    source,
    open: (shardId: string, ...parents: string[]) =>
      shards.set(shardId, { records: [], closed: false, parents }),
    close: (shardId: string) => {
      const shard = shards.get(shardId);
      if (shard !== undefined) shard.closed = true;
    },
    put: (shardId: string, text: string) => {
      sequence += 1;
      shards.get(shardId)?.records.push({
        sequenceNumber: String(sequence),
        orderKey: 'k',
        arrivedAtMs: now(),
        bytes: text.length,
        body: { kinesis: { data: Buffer.from(text).toString('base64') } },
      });
    },
  };
};

let folder: ReturnType<typeof temporaryFolder>;
let clock: ReturnType<typeof stillClock>;
let stream: ReturnType<typeof memoryStream>;
let stored: Map<string, Buffer>;
let metrics: string[];
let firehose: Firehose;
let served: Served;
let failing: boolean;

const DESTINATION = {
  BucketARN: 'arn:aws:s3:::lake',
  Prefix: 'raw/dt=!{timestamp:yyyy-MM-dd}/hr=!{timestamp:HH}/',
  ErrorOutputPrefix: 'errors/!{firehose:error-output-type}/',
  CompressionFormat: 'GZIP',
  BufferingHints: { IntervalInSeconds: 60, SizeInMBs: 1 },
};

const create = (destination: object = DESTINATION, more: object = {}) =>
  firehose.resourceTypes[0]?.create({
    stack: 'data',
    logicalId: 'RawArchive',
    type: 'AWS::KinesisFirehose::DeliveryStream',
    physicalName: 'RawArchive',
    properties: {
      DeliveryStreamType: 'KinesisStreamAsSource',
      KinesisStreamSourceConfiguration: { KinesisStreamARN: STREAM },
      ExtendedS3DestinationConfiguration: destination,
      ...more,
    },
    metadata: {},
  });

const start = async (destination?: object): Promise<void> => {
  firehose = createFirehose({
    dataDir: folder.path,
    clock,
    random: Math.random,
    resources: { recordSource: (arn) => (arn === STREAM ? stream.source : undefined) },
    objects: {
      put: async (bucket, key, body) => {
        if (failing) throw new Error('S3 is away');
        stored.set(`${bucket}/${key}`, Buffer.from(body));
      },
    },
    metrics: { put: (namespace, name) => void metrics.push(`${namespace} ${name}`) },
    pumpEveryMs: 0,
  });
  await create(destination);
  served = await serve(firehose.handle);
};

const stop = async (): Promise<void> => {
  await served.close();
  await firehose.close();
};

beforeEach(() => {
  folder = temporaryFolder();
  clock = stillClock(NOW);
  stream = memoryStream(clock.now);
  stream.open('shard-0');
  [stored, metrics, failing] = [new Map(), [], false];
});

afterEach(async () => {
  await stop();
  folder.remove();
});

const texts = () => [...stored.values()].map((body) => gunzipSync(body).toString());

test('records are joined, zipped and named by the oldest, when the interval is over', async () => {
  await start();
  stream.put('shard-0', 'a\n');
  await firehose.pump();
  clock.advance(40_000);
  stream.put('shard-0', 'b\n');
  await firehose.pump();
  expect(stored.size).toBe(0);
  clock.advance(20_000);
  await firehose.pump();
  expect([...stored.keys()]).toEqual([
    expect.stringMatching(
      /^lake\/raw\/dt=2026-11-24\/hr=12\/RawArchive-1-2026-11-24-12-59-30-[0-9a-f-]{36}\.gz$/,
    ),
  ]);
  expect(texts()).toEqual(['a\nb\n']);
  expect(new Set(metrics)).toEqual(
    new Set([
      'AWS/Firehose KinesisMillisBehindLatest',
      'AWS/Firehose DeliveryToS3.DataFreshness',
      'AWS/Firehose DeliveryToS3.Records',
      'AWS/Firehose DeliveryToS3.Bytes',
      'AWS/Firehose DeliveryToS3.Success',
    ]),
  );
});

test('records become an object at once when the size is reached', async () => {
  await start();
  for (let index = 0; index < 3; index += 1) stream.put('shard-0', 'x'.repeat(400_000));
  await firehose.pump();
  expect(stored.size).toBe(1);
});

test('without compression the bytes lie there as they came', async () => {
  await start({ ...DESTINATION, CompressionFormat: 'UNCOMPRESSED' });
  stream.put('shard-0', 'plain');
  await firehose.flush();
  expect([...stored.values()].map(String)).toEqual(['plain']);
  expect([...stored.keys()][0]).not.toMatch(/\.gz$/);
});

test('a process that dies before its object is stored reads the same records again', async () => {
  await start();
  stream.put('shard-0', 'a\n');
  await firehose.flush();
  stream.put('shard-0', 'b\n');
  await firehose.pump();
  await stop();
  await start();
  await firehose.flush();
  expect(texts()).toEqual(['a\n', 'b\n']);
});

test('while the bucket is away nothing is lost and nothing moves', async () => {
  await start();
  failing = true;
  stream.put('shard-0', 'a\n');
  await expect(firehose.flush()).rejects.toThrow('S3 is away');
  stream.put('shard-0', 'b\n');
  await expect(firehose.pump()).rejects.toThrow('S3 is away');
  failing = false;
  await firehose.flush();
  expect(texts().join('')).toBe('a\nb\n');
});

test('a new delivery stream begins with what comes after it', async () => {
  stream.put('shard-0', 'before\n');
  await start();
  stream.put('shard-0', 'after\n');
  await firehose.flush();
  expect(texts()).toEqual(['after\n']);
});

test('after a reshard children are read from their beginning, after their parents', async () => {
  await start();
  stream.put('shard-0', 'parent\n');
  stream.open('shard-1', 'shard-0');
  stream.put('shard-1', 'child\n');
  await firehose.flush();
  expect(texts().join('')).toBe('parent\n');
  stream.close('shard-0');
  await firehose.flush();
  expect(texts().join('')).toBe('parent\nchild\n');
});

test('what the local cloud cannot honour is refused when the stream is made', async () => {
  await start();
  await expect(create({ ...DESTINATION, CompressionFormat: 'Snappy' })).rejects.toThrow(/GZIP/);
  await expect(create({ ...DESTINATION, ErrorOutputPrefix: undefined })).rejects.toThrow(
    /ErrorOutputPrefix/,
  );
  await expect(create({ ...DESTINATION, BufferingHints: { SizeInMBs: 129 } })).rejects.toThrow(
    /SizeInMBs/,
  );
  await expect(create(DESTINATION, { DeliveryStreamType: 'DirectPut' })).rejects.toThrow(/Kinesis/);
  const absent = { KinesisStreamARN: `${STREAM}-2` };
  await expect(create(DESTINATION, { KinesisStreamSourceConfiguration: absent })).rejects.toThrow(
    /not there/,
  );
});

test('delivery streams are listed and described', async () => {
  await start();
  const call = (operation: string, input: object) =>
    callJson(served.url, `Firehose_20150804.${operation}`, input);
  expect((await call('ListDeliveryStreams', {})).body).toEqual({
    DeliveryStreamNames: ['RawArchive'],
    HasMoreDeliveryStreams: false,
  });
  const { body } = await call('DescribeDeliveryStream', { DeliveryStreamName: 'RawArchive' });
  expect(body.DeliveryStreamDescription).toMatchObject({
    DeliveryStreamStatus: 'ACTIVE',
    Destinations: [{ ExtendedS3DestinationDescription: DESTINATION }],
  });
  expect((await call('DescribeDeliveryStream', { DeliveryStreamName: 'x' })).body.__type).toBe(
    'ResourceNotFoundException',
  );
});
