import { createHash } from 'node:crypto';
import {
  CreateStreamCommand,
  DecreaseStreamRetentionPeriodCommand,
  DeleteStreamCommand,
  DescribeStreamCommand,
  DescribeStreamSummaryCommand,
  GetRecordsCommand,
  GetShardIteratorCommand,
  type GetShardIteratorCommandInput,
  IncreaseStreamRetentionPeriodCommand,
  type KinesisClient,
  ListShardsCommand,
  ListStreamsCommand,
  MergeShardsCommand,
  PutRecordCommand,
  PutRecordsCommand,
  SplitShardCommand,
  UpdateShardCountCommand,
} from '@aws-sdk/client-kinesis';
import { expect, test } from 'vitest';
import { decodeCbor, encodeCbor } from '../../localstack/services/cbor.ts';
import { startKinesis, streamResource } from './kinesis-world.ts';

const STREAM = 'stream';
const SHARD = 'shardId-000000000000';
const bytes = (text: string): Uint8Array => new TextEncoder().encode(text);
const text = (data: Uint8Array | undefined): string => new TextDecoder().decode(data);

const withStream = async (shards = 1, storedBytesMax?: number) => {
  const world = await startKinesis(storedBytesMax === undefined ? {} : { storedBytesMax });
  await world.client.send(new CreateStreamCommand({ StreamName: STREAM, ShardCount: shards }));
  return world;
};

const put = (client: KinesisClient, data: string, key = 'k', ExplicitHashKey?: string) =>
  client.send(
    new PutRecordCommand({
      StreamName: STREAM,
      PartitionKey: key,
      Data: bytes(data),
      ExplicitHashKey,
    }),
  );

const iterator = async (
  client: KinesisClient,
  how: Partial<GetShardIteratorCommandInput> = {},
): Promise<string> => {
  const { ShardIterator } = await client.send(
    new GetShardIteratorCommand({
      StreamName: STREAM,
      ShardId: SHARD,
      ShardIteratorType: 'TRIM_HORIZON',
      ...how,
    }),
  );
  return ShardIterator ?? '';
};

const read = async (client: KinesisClient, how: Partial<GetShardIteratorCommandInput> = {}) => {
  const answer = await client.send(
    new GetRecordsCommand({ ShardIterator: await iterator(client, how) }),
  );
  return (answer.Records ?? []).map(({ Data }) => text(Data));
};

const shardsOf = async (client: KinesisClient) => {
  const { StreamDescription } = await client.send(
    new DescribeStreamCommand({ StreamName: STREAM }),
  );
  return StreamDescription?.Shards ?? [];
};

// https://docs.aws.amazon.com/kinesis/latest/APIReference/API_PutRecords.html
test('PutRecords takes 500 records and refuses 501, an empty list, and what is over 10 MiB', async () => {
  const { client } = await withStream();
  const records = (count: number, size = 1) =>
    Array.from({ length: count }, (_, index) => ({
      PartitionKey: `k${index}`,
      Data: new Uint8Array(size),
    }));
  const send = (count: number, size?: number) =>
    client.send(new PutRecordsCommand({ StreamName: STREAM, Records: records(count, size) }));
  expect((await send(500)).FailedRecordCount).toBe(0);
  await expect(send(501)).rejects.toMatchObject({
    name: 'ValidationException',
    message: expect.stringContaining('less than or equal to 500'),
  });
  await expect(send(0)).rejects.toMatchObject({ name: 'ValidationException' });
  await expect(send(11, 1024 * 1024)).rejects.toMatchObject({ name: 'InvalidArgumentException' });
  await expect(send(1, 1024 * 1024 + 1)).rejects.toMatchObject({ name: 'ValidationException' });
});

// https://docs.aws.amazon.com/streams/latest/dev/service-sizes-and-limits.html
test('over 1,000 records/s a shard refuses single records inside a 200, and takes them a second later', async () => {
  const { client, clock } = await withStream(2);
  const toFirst = Array.from({ length: 500 }, (_, index) => ({
    PartitionKey: `k${index}`,
    Data: bytes(String(index)),
    ExplicitHashKey: index < 499 ? '0' : (2n ** 127n).toString(),
  }));
  const command = new PutRecordsCommand({ StreamName: STREAM, Records: toFirst });
  await client.send(command);
  await client.send(command);
  const third = await client.send(command);
  expect(third.FailedRecordCount).toBe(499 - (1000 - 2 * 499));
  const refused = third.Records?.filter(({ ErrorCode }) => ErrorCode !== undefined) ?? [];
  expect(new Set(refused.map(({ ErrorCode }) => ErrorCode))).toEqual(
    new Set(['ProvisionedThroughputExceededException']),
  );
  expect(refused[0]?.ErrorMessage).toBe(
    `Rate exceeded for shard ${SHARD} in stream ${STREAM} under account 000000000000.`,
  );
  expect(third.Records?.at(-1)?.ErrorCode).toBeUndefined();
  clock.nowMs += 1000;
  expect((await client.send(command)).FailedRecordCount).toBe(0);
});

test('over 1 MiB/s a shard refuses PutRecord by exception', async () => {
  const { client, clock } = await withStream();
  const big = 'x'.repeat(700 * 1024);
  await put(client, big);
  await expect(put(client, big)).rejects.toMatchObject({
    name: 'ProvisionedThroughputExceededException',
  });
  clock.nowMs += 1000;
  await put(client, big);
});

test('a record lies in the shard of its MD5, or of its explicit hash key', async () => {
  const { client } = await withStream(4);
  const shards = await shardsOf(client);
  const holds = (shardId: string | undefined, hash: bigint): boolean => {
    const range = shards.find(({ ShardId }) => ShardId === shardId)?.HashKeyRange;
    return (
      BigInt(range?.StartingHashKey ?? -1) <= hash && hash <= BigInt(range?.EndingHashKey ?? -1)
    );
  };
  for (const key of ['a', 'user-1', 'main#ü', '日本']) {
    const md5 = BigInt(`0x${createHash('md5').update(key).digest('hex')}`);
    expect(holds((await put(client, 'd', key)).ShardId, md5)).toBe(true);
  }
  for (const hash of [0n, 2n ** 126n - 1n, 2n ** 126n, 2n ** 128n - 1n])
    expect(holds((await put(client, 'd', 'k', hash.toString())).ShardId, hash)).toBe(true);
  await expect(put(client, 'd', 'k', (2n ** 128n).toString())).rejects.toMatchObject({
    name: 'InvalidArgumentException',
  });
});

test('sequence numbers have 56 digits and grow in a shard, over a clock that goes back', async () => {
  const { client, clock } = await withStream();
  const numbers: string[] = [];
  for (let index = 0; index < 20; index += 1) {
    clock.nowMs += index % 3 === 0 ? -5000 : 3000;
    numbers.push((await put(client, 'd')).SequenceNumber ?? '');
  }
  expect(numbers.every((number) => /^\d{56}$/.test(number))).toBe(true);
  expect(numbers).toEqual([...new Set(numbers)].sort((a, b) => (a < b ? -1 : 1)));
});

// https://docs.aws.amazon.com/kinesis/latest/APIReference/API_GetShardIterator.html
test('the five iterator types begin where they say', async () => {
  const { client, clock } = await withStream();
  await put(client, 'a');
  clock.nowMs += 10_000;
  const at = new Date(clock.nowMs);
  const second = (await put(client, 'b')).SequenceNumber;
  clock.nowMs += 10_000;
  const latest = await iterator(client, { ShardIteratorType: 'LATEST' });
  await put(client, 'c');
  const from = (ShardIteratorType: GetShardIteratorCommandInput['ShardIteratorType']) =>
    read(client, { ShardIteratorType, StartingSequenceNumber: second });
  expect(await read(client)).toEqual(['a', 'b', 'c']);
  expect(await from('AT_SEQUENCE_NUMBER')).toEqual(['b', 'c']);
  expect(await from('AFTER_SEQUENCE_NUMBER')).toEqual(['c']);
  expect(await read(client, { ShardIteratorType: 'AT_TIMESTAMP', Timestamp: at })).toEqual([
    'b',
    'c',
  ]);
  const { Records } = await client.send(new GetRecordsCommand({ ShardIterator: latest }));
  expect(Records?.map(({ Data }) => text(Data))).toEqual(['c']);
});

test('an iterator lives five minutes, a made-up one is refused by name', async () => {
  const { client, clock } = await withStream();
  const ShardIterator = await iterator(client);
  clock.nowMs += 5 * 60 * 1000;
  await client.send(new GetRecordsCommand({ ShardIterator }));
  clock.nowMs += 1;
  await expect(client.send(new GetRecordsCommand({ ShardIterator }))).rejects.toMatchObject({
    name: 'ExpiredIteratorException',
  });
  await expect(
    client.send(new GetRecordsCommand({ ShardIterator: 'nonsense' })),
  ).rejects.toMatchObject({ name: 'InvalidArgumentException' });
});

// https://docs.aws.amazon.com/kinesis/latest/APIReference/API_GetRecords.html
test('a shard answers five reads a second, and rests after a large one', async () => {
  const { client, clock } = await withStream();
  const ShardIterator = await iterator(client);
  const get = (from = ShardIterator) => client.send(new GetRecordsCommand({ ShardIterator: from }));
  for (let call = 0; call < 5; call += 1) await get();
  await expect(get()).rejects.toMatchObject({ name: 'ProvisionedThroughputExceededException' });
  for (let record = 0; record < 6; record += 1) {
    clock.nowMs += 1000;
    await put(client, 'x'.repeat(1024 * 1024 - 1));
  }
  await get();
  clock.nowMs += 1000;
  await expect(get()).rejects.toMatchObject({ name: 'ProvisionedThroughputExceededException' });
  clock.nowMs += 2001;
  await get();
});

test('MillisBehindLatest is how far the reader is behind, and 0 at the tip', async () => {
  const { client, clock } = await withStream();
  await put(client, 'a');
  clock.nowMs += 3000;
  await put(client, 'b');
  clock.nowMs += 4000;
  const first = await client.send(
    new GetRecordsCommand({ ShardIterator: await iterator(client), Limit: 1 }),
  );
  expect(first.MillisBehindLatest).toBe(4000);
  const second = await client.send(
    new GetRecordsCommand({ ShardIterator: first.NextShardIterator }),
  );
  expect(second.Records?.map(({ Data }) => text(Data))).toEqual(['b']);
  expect(second.MillisBehindLatest).toBe(0);
});

// https://docs.aws.amazon.com/streams/latest/dev/kinesis-using-sdk-java-after-resharding.html
test('a split closes its parent, which stays readable to its end and names its children', async () => {
  const { client } = await withStream();
  await put(client, 'before');
  await client.send(
    new SplitShardCommand({
      StreamName: STREAM,
      ShardToSplit: SHARD,
      NewStartingHashKey: (2n ** 127n).toString(),
    }),
  );
  const [parent, left, right] = await shardsOf(client);
  expect(parent?.SequenceNumberRange?.EndingSequenceNumber).toMatch(/^\d{56}$/);
  expect([left?.ParentShardId, right?.ParentShardId]).toEqual([SHARD, SHARD]);
  expect((left?.ShardId ?? '') > SHARD && (right?.ShardId ?? '') > (left?.ShardId ?? '')).toBe(
    true,
  );
  const after = await put(client, 'after', 'k', '0');
  expect(after.ShardId).toBe(left?.ShardId);
  const ended = parent?.SequenceNumberRange?.EndingSequenceNumber ?? '';
  expect((after.SequenceNumber ?? '') > ended).toBe(true);
  const page = await client.send(new GetRecordsCommand({ ShardIterator: await iterator(client) }));
  expect(page.Records?.map(({ Data }) => text(Data))).toEqual(['before']);
  expect(page.NextShardIterator).toBeUndefined();
  expect(page.ChildShards?.map(({ ShardId }) => ShardId)).toEqual([left?.ShardId, right?.ShardId]);
  await expect(
    client.send(
      new SplitShardCommand({ StreamName: STREAM, ShardToSplit: SHARD, NewStartingHashKey: '5' }),
    ),
  ).rejects.toMatchObject({ name: 'ResourceInUseException' });
});

test('a merge takes adjacent shards and names both as parents', async () => {
  const { client } = await withStream(3);
  const merge = (right: string) =>
    client.send(
      new MergeShardsCommand({
        StreamName: STREAM,
        ShardToMerge: SHARD,
        AdjacentShardToMerge: right,
      }),
    );
  await expect(merge('shardId-000000000002')).rejects.toMatchObject({
    name: 'InvalidArgumentException',
  });
  await merge('shardId-000000000001');
  const child = (await shardsOf(client)).at(-1);
  expect([child?.ParentShardId, child?.AdjacentParentShardId]).toEqual([
    SHARD,
    'shardId-000000000001',
  ]);
  expect(child?.HashKeyRange?.StartingHashKey).toBe('0');
});

// https://docs.aws.amazon.com/kinesis/latest/APIReference/API_UpdateShardCount.html
test('UpdateShardCount goes to uniform ranges, at most to double, at least to half', async () => {
  const { client } = await withStream(2);
  const scale = (TargetShardCount: number) =>
    client.send(
      new UpdateShardCountCommand({
        StreamName: STREAM,
        TargetShardCount,
        ScalingType: 'UNIFORM_SCALING',
      }),
    );
  await expect(scale(5)).rejects.toMatchObject({ name: 'LimitExceededException' });
  for (const target of [3, 6, 5, 3, 2]) {
    await scale(target);
    const open = (await shardsOf(client))
      .filter(({ SequenceNumberRange }) => SequenceNumberRange?.EndingSequenceNumber === undefined)
      .map(({ HashKeyRange }) => BigInt(HashKeyRange?.StartingHashKey ?? -1))
      .sort((a, b) => (a < b ? -1 : 1));
    expect(open).toEqual(
      Array.from({ length: target }, (_, index) => (2n ** 128n * BigInt(index)) / BigInt(target)),
    );
  }
  await expect(scale(0)).rejects.toMatchObject({ name: 'ValidationException' });
});

test('ListShards pages, and filters as its reference says', async () => {
  const { client, clock } = await withStream(2);
  const before = new Date(clock.nowMs);
  clock.nowMs += 60_000;
  await client.send(
    new MergeShardsCommand({
      StreamName: STREAM,
      ShardToMerge: SHARD,
      AdjacentShardToMerge: 'shardId-000000000001',
    }),
  );
  const list = async (input: Partial<ConstructorParameters<typeof ListShardsCommand>[0]>) => {
    const answer = await client.send(new ListShardsCommand({ StreamName: STREAM, ...input }));
    return answer.Shards?.map(({ ShardId }) => Number(ShardId?.slice(-2)));
  };
  expect(await list({})).toEqual([0, 1, 2]);
  expect(await list({ ShardFilter: { Type: 'AT_LATEST' } })).toEqual([2]);
  expect(await list({ ShardFilter: { Type: 'AT_TRIM_HORIZON' } })).toEqual([0, 1]);
  expect(await list({ ShardFilter: { Type: 'AT_TIMESTAMP', Timestamp: before } })).toEqual([0, 1]);
  expect(await list({ ShardFilter: { Type: 'AFTER_SHARD_ID', ShardId: SHARD } })).toEqual([1, 2]);
  const page = await client.send(new ListShardsCommand({ StreamName: STREAM, MaxResults: 2 }));
  const rest = await client.send(new ListShardsCommand({ NextToken: page.NextToken }));
  expect([page.Shards?.length, rest.Shards?.length, rest.NextToken]).toEqual([2, 1, undefined]);
});

test('streams are created, listed, described by name and ARN, and deleted', async () => {
  const { client } = await withStream(2);
  await expect(
    client.send(new CreateStreamCommand({ StreamName: STREAM, ShardCount: 1 })),
  ).rejects.toMatchObject({ name: 'ResourceInUseException' });
  await client.send(new CreateStreamCommand({ StreamName: 'another', ShardCount: 1 }));
  expect((await client.send(new ListStreamsCommand({}))).StreamNames).toEqual(['another', STREAM]);
  const arn = `arn:aws:kinesis:us-east-1:000000000000:stream/${STREAM}`;
  const { StreamDescriptionSummary: summary } = await client.send(
    new DescribeStreamSummaryCommand({ StreamARN: arn }),
  );
  expect(summary).toMatchObject({
    StreamName: STREAM,
    StreamARN: arn,
    StreamStatus: 'ACTIVE',
    OpenShardCount: 2,
    RetentionPeriodHours: 24,
    StreamCreationTimestamp: new Date(Date.UTC(2026, 10, 24, 12)),
  });
  await client.send(new DeleteStreamCommand({ StreamName: STREAM }));
  await expect(put(client, 'd')).rejects.toMatchObject({ name: 'ResourceNotFoundException' });
});

test('what retention has passed is not read again, and a longer retention keeps it', async () => {
  const { client, clock, kinesis, close, dataDir } = await withStream();
  await put(client, 'old');
  clock.nowMs += 23 * 3_600_000;
  await put(client, 'young');
  await close();
  clock.nowMs += 2 * 3_600_000;
  const second = await startKinesis({ dataDir }, clock);
  expect(await read(second.client)).toEqual(['young']);
  await second.client.send(
    new IncreaseStreamRetentionPeriodCommand({ StreamName: STREAM, RetentionPeriodHours: 72 }),
  );
  clock.nowMs += 40 * 3_600_000;
  await second.close();
  const third = await startKinesis({ dataDir }, clock);
  expect(await read(third.client)).toEqual(['young']);
  await expect(
    third.client.send(
      new IncreaseStreamRetentionPeriodCommand({ StreamName: STREAM, RetentionPeriodHours: 48 }),
    ),
  ).rejects.toMatchObject({ name: 'InvalidArgumentException' });
  await third.client.send(
    new DecreaseStreamRetentionPeriodCommand({ StreamName: STREAM, RetentionPeriodHours: 24 }),
  );
  expect(
    kinesis.recordSource('arn:aws:kinesis:us-east-1:000000000000:stream/none'),
  ).toBeUndefined();
});

test('the cap on stored bytes refuses with a sentence and loses nothing', async () => {
  const { client } = await withStream(1, 10_000);
  await put(client, 'x'.repeat(9_000));
  await expect(put(client, 'x'.repeat(2_000))).rejects.toMatchObject({
    name: 'InternalFailure',
    message: expect.stringContaining('--reset'),
  });
  expect(await read(client)).toHaveLength(1);
});

test('an unknown operation and a broken body are answered by AWS’s names', async () => {
  const { url } = await withStream();
  const post = async (target: string, body: string) => {
    const answer = await fetch(url, {
      method: 'POST',
      headers: { 'x-amz-target': target, 'content-type': 'application/x-amz-json-1.1' },
      body,
    });
    return [answer.status, ((await answer.json()) as { __type: string }).__type];
  };
  expect(await post('Kinesis_20131202.SubscribeToShard', '{}')).toEqual([
    400,
    'UnknownOperationException',
  ]);
  expect(await post('Kinesis_20131202.PutRecord', '{')).toEqual([400, 'SerializationException']);
  expect(await post('Kinesis_20131202.PutRecord', '{}')).toEqual([400, 'ValidationException']);
});

// The Java SDK sends and expects CBOR: instants are milliseconds, maps may be of unknown length.
test('the same calls work in CBOR, with blobs as bytes', async () => {
  const { url, clock } = await withStream();
  const call = async (operation: string, body: Uint8Array) => {
    const answer = await fetch(url, {
      method: 'POST',
      headers: {
        'x-amz-target': `Kinesis_20131202.${operation}`,
        'content-type': 'application/x-amz-cbor-1.1',
      },
      body: new Uint8Array(body),
    });
    expect(answer.headers.get('content-type')).toBe('application/x-amz-cbor-1.1');
    return decodeCbor(Buffer.from(await answer.arrayBuffer())) as Record<string, unknown>;
  };
  const Data = Uint8Array.of(0, 255, 128);
  await call('PutRecord', encodeCbor({ StreamName: STREAM, PartitionKey: 'k', Data }));
  const since = Buffer.concat([
    Buffer.from([0xbf]),
    ...[
      ['StreamName', STREAM],
      ['ShardId', SHARD],
      ['ShardIteratorType', 'AT_TIMESTAMP'],
    ].flatMap((pair) => pair.map(encodeCbor)),
    encodeCbor('Timestamp'),
    Buffer.from([0xc1]),
    encodeCbor(clock.nowMs),
    Buffer.from([0xff]),
  ]);
  const { ShardIterator } = await call('GetShardIterator', since);
  const page = await call('GetRecords', encodeCbor({ ShardIterator }));
  expect(page.Records).toEqual([
    expect.objectContaining({
      Data: Buffer.from(Data),
      PartitionKey: 'k',
      ApproximateArrivalTimestamp: clock.nowMs,
    }),
  ]);
  expect(await call('DescribeStream', encodeCbor({ StreamName: 'none' }))).toMatchObject({
    __type: 'ResourceNotFoundException',
  });
});

test('a changed ShardCount and retention in the template take effect at the next start', async () => {
  const { kinesis, client, close, dataDir, clock } = await startKinesis();
  const create = (from: typeof kinesis, properties: Record<string, unknown>) =>
    from.resourceTypes[0]?.create(streamResource(properties));
  expect(await create(kinesis, { ShardCount: 1, RetentionPeriodHours: 72 })).toEqual({
    ref: STREAM,
    attributes: { Arn: `arn:aws:kinesis:us-east-1:000000000000:stream/${STREAM}` },
  });
  await put(client, 'kept');
  await close();
  const next = await startKinesis({ dataDir }, clock);
  await create(next.kinesis, { ShardCount: 2, RetentionPeriodHours: 24 });
  const summary = await next.client.send(new DescribeStreamSummaryCommand({ StreamName: STREAM }));
  expect(summary.StreamDescriptionSummary).toMatchObject({
    OpenShardCount: 2,
    RetentionPeriodHours: 24,
  });
  expect(await read(next.client)).toEqual(['kept']);
  await expect(create(next.kinesis, { ShardCount: 5 })).rejects.toThrow('at most to double');
  await expect(
    create(next.kinesis, { StreamModeDetails: { StreamMode: 'ON_DEMAND' } }),
  ).rejects.toThrow('PROVISIONED');
});

test('a record source gives the event record of Lambda and tells of an append', async () => {
  const { kinesis, client, clock } = await withStream();
  const arn = `arn:aws:kinesis:us-east-1:000000000000:stream/${STREAM}`;
  const source = kinesis.recordSource(arn);
  let changes = 0;
  const unsubscribe = source?.onChange(() => {
    changes += 1;
  });
  const { SequenceNumber } = await put(client, 'hello');
  unsubscribe?.();
  await put(client, 'again');
  expect(changes).toBe(1);
  const [first, second] = (await source?.read(SHARD, null, { recordsMax: 9, bytesMax: 9e6 })) ?? [];
  expect(first).toMatchObject({ sequenceNumber: SequenceNumber, orderKey: 'k' });
  expect(first?.body).toEqual({
    kinesis: {
      kinesisSchemaVersion: '1.0',
      partitionKey: 'k',
      sequenceNumber: SequenceNumber,
      data: Buffer.from('hello').toString('base64'),
      approximateArrivalTimestamp: clock.nowMs / 1000,
    },
    eventSource: 'aws:kinesis',
    eventVersion: '1.0',
    eventID: `${SHARD}:${SequenceNumber}`,
    eventName: 'aws:kinesis:record',
    awsRegion: 'us-east-1',
    eventSourceARN: arn,
  });
  const rest = await source?.read(SHARD, SequenceNumber ?? '', { recordsMax: 9, bytesMax: 9e6 });
  expect(rest?.map(({ sequenceNumber }) => sequenceNumber)).toEqual([second?.sequenceNumber]);
});
