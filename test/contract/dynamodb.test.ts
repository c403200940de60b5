import {
  BatchGetItemCommand,
  BatchWriteItemCommand,
  DeleteItemCommand,
  DeleteTableCommand,
  DescribeContinuousBackupsCommand,
  DescribeTableCommand,
  DescribeTimeToLiveCommand,
  GetItemCommand,
  ListTablesCommand,
  PutItemCommand,
  QueryCommand,
  UpdateItemCommand,
} from '@aws-sdk/client-dynamodb';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { createTable, readAll, startDynamo, TABLE, tableProperties } from '../support/dynamo.ts';
import { stillClock, temporaryFolder } from '../support/served.ts';

const NOW = Date.UTC(2026, 10, 24, 12);
const HOUR_MS = 3_600_000;

let folder: ReturnType<typeof temporaryFolder>;
let clock: ReturnType<typeof stillClock>;
let running: Awaited<ReturnType<typeof startDynamo>>;

const start = async (
  options: Partial<Parameters<typeof startDynamo>[0]> = {},
  properties?: object,
): Promise<typeof running> => {
  running = await startDynamo({ dataDir: folder.path, clock, ...options }, properties);
  return running;
};

beforeEach(() => {
  folder = temporaryFolder();
  clock = stillClock(NOW);
});

afterEach(async () => {
  await running.stop();
  folder.remove();
});

const key = (pk: string, sk = 'rt') => ({ pk: { S: pk }, sk: { S: sk } });
const put = (pk: string, more: object = {}) =>
  running.client.send(new PutItemCommand({ TableName: TABLE, Item: { ...key(pk), ...more } }));
const records = () => readAll(running.stream());
const names = async () => (await records()).map(({ body }) => body.eventName);

test('a failed condition returns the old item, for put, update and delete, only where it was asked for', async () => {
  const { client } = await start();
  await put('u1', { v: { N: '7' } });
  const failing = {
    TableName: TABLE,
    ConditionExpression: 'v = :v',
    ExpressionAttributeValues: { ':v': { N: '6' } },
  };
  const old = { name: 'ConditionalCheckFailedException', Item: { ...key('u1'), v: { N: '7' } } };
  const asked = { ...failing, ReturnValuesOnConditionCheckFailure: 'ALL_OLD' } as const;
  await expect(
    client.send(new PutItemCommand({ ...asked, Item: key('u1') })),
  ).rejects.toMatchObject(old);
  await expect(
    client.send(
      new UpdateItemCommand({ ...asked, Key: key('u1'), UpdateExpression: 'SET a = :v' }),
    ),
  ).rejects.toMatchObject(old);
  await expect(
    client.send(new DeleteItemCommand({ ...asked, Key: key('u1') })),
  ).rejects.toMatchObject(old);
  const silent = await client
    .send(new PutItemCommand({ ...failing, Item: key('u1') }))
    .catch((fault: { name: string; Item?: unknown }) => fault);
  expect(silent).toMatchObject({ name: 'ConditionalCheckFailedException' });
  expect(silent).not.toHaveProperty('Item', expect.anything());
});

test('batches leave what is throttled unprocessed, and a single call is refused', async () => {
  const refused = new Set<string>();
  let every = 0;
  const { client } = await start({
    throttled: ({ operation }) => {
      if (!refused.has(operation)) return false;
      every += 1;
      return every % 2 === 1;
    },
  });
  refused.add('BatchWriteItem').add('BatchGetItem');
  const requests = ['a', 'b', 'c', 'd'].map((pk) => ({ PutRequest: { Item: key(pk) } }));
  const written = await client.send(
    new BatchWriteItemCommand({ RequestItems: { [TABLE]: requests } }),
  );
  expect(written.UnprocessedItems?.[TABLE]).toHaveLength(2);
  const read = await client.send(
    new BatchGetItemCommand({
      RequestItems: { [TABLE]: { Keys: ['b', 'd'].map((pk) => key(pk)) } },
    }),
  );
  expect(read.UnprocessedKeys?.[TABLE]?.Keys).toEqual([key('b')]);
  expect(read.Responses?.[TABLE]).toEqual([key('d')]);
  refused.add('PutItem');
  await expect(put('e')).rejects.toMatchObject({ name: 'ProvisionedThroughputExceededException' });
});

test('an expired item is removed late, by the service, and only if it still is expired', async () => {
  const { client, dynamo } = await start({ expiryLagMs: 2 * HOUR_MS });
  const inOneHour = String(NOW / 1000 + 3600);
  await put('gone', { ttl: { N: inOneHour } });
  await put('prolonged', { ttl: { N: inOneHour } });
  await put('text', { ttl: { S: inOneHour } });
  await put('ancient', { ttl: { N: '1000000000' } });
  clock.advance(2.5 * HOUR_MS);
  await dynamo.upkeep();
  const get = async (pk: string) =>
    (await client.send(new GetItemCommand({ TableName: TABLE, Key: key(pk) }))).Item;
  expect(await get('gone')).toBeDefined();
  await put('prolonged', { ttl: { N: String(NOW / 1000 + 86_400) } });
  clock.advance(HOUR_MS);
  await dynamo.upkeep();
  expect(await get('gone')).toBeUndefined();
  expect(await get('prolonged')).toBeDefined();
  expect(await get('text')).toBeDefined();
  expect(await get('ancient')).toBeDefined();
  const removal = (await records()).find(({ body }) => body.eventName === 'REMOVE');
  expect(removal?.body).toMatchObject({
    userIdentity: { type: 'Service', principalId: 'dynamodb.amazonaws.com' },
    dynamodb: { Keys: key('gone') },
  });
});

test('items from before time to live was switched on expire too', async () => {
  const { client, dynamo } = await start(
    { expiryLagMs: 0 },
    tableProperties({ TimeToLiveSpecification: undefined }),
  );
  await put('old', { ttl: { N: String(NOW / 1000 - 60) } });
  await dynamo.upkeep();
  const describe = () => client.send(new DescribeTimeToLiveCommand({ TableName: TABLE }));
  expect((await describe()).TimeToLiveDescription?.TimeToLiveStatus).toBe('DISABLED');
  await createTable(dynamo);
  expect((await describe()).TimeToLiveDescription).toEqual({
    TimeToLiveStatus: 'ENABLED',
    AttributeName: 'ttl',
  });
  await dynamo.upkeep();
  const { Count } = await client.send(
    new QueryCommand({
      TableName: TABLE,
      KeyConditionExpression: 'pk = :pk',
      ExpressionAttributeValues: { ':pk': { S: 'old' } },
    }),
  );
  expect(Count).toBe(0);
});

test("a stream record has exactly AWS's fields", async () => {
  await start();
  await put('u1', { v: { N: '1' } });
  const [record, ...others] = await records();
  expect(others).toEqual([]);
  expect(record?.body).toEqual({
    eventID: expect.stringMatching(/^[0-9a-f]{32}$/),
    eventName: 'INSERT',
    eventVersion: '1.1',
    eventSource: 'aws:dynamodb',
    awsRegion: 'us-east-1',
    dynamodb: {
      ApproximateCreationDateTime: NOW / 1000,
      Keys: key('u1'),
      NewImage: { ...key('u1'), v: { N: '1' } },
      SequenceNumber: expect.stringMatching(/^[0-9]{21,24}$/),
      SizeBytes: expect.any(Number),
      StreamViewType: 'NEW_IMAGE',
    },
    eventSourceARN: running.created.attributes.StreamArn,
  });
  expect(record).toMatchObject({ arrivedAtMs: NOW });
});

test('insert, modify and remove are told apart, and a write that changes nothing is not told', async () => {
  const { client } = await start();
  await put('u1', { tags: { SS: ['a', 'b'] } });
  await put('u1', { tags: { SS: ['b', 'a'] } });
  await put('u1', { tags: { SS: ['a'] } });
  await client.send(new DeleteItemCommand({ TableName: TABLE, Key: key('u1') }));
  await client.send(new DeleteItemCommand({ TableName: TABLE, Key: key('u1') }));
  await client.send(
    new BatchWriteItemCommand({ RequestItems: { [TABLE]: [{ PutRequest: { Item: key('u1') } }] } }),
  );
  expect(await names()).toEqual(['INSERT', 'MODIFY', 'REMOVE', 'INSERT']);
});

test.each([
  ['KEYS_ONLY', false, false],
  ['NEW_IMAGE', true, false],
  ['OLD_IMAGE', false, true],
  ['NEW_AND_OLD_IMAGES', true, true],
])('a stream of %s holds those images', async (StreamViewType, hasNew, hasOld) => {
  await start({}, tableProperties({ StreamSpecification: { StreamViewType } }));
  await put('u1', { v: { N: '1' } });
  await put('u1', { v: { N: '2' } });
  const images = (await records()).at(-1)?.body.dynamodb as Record<string, unknown>;
  expect('NewImage' in images).toBe(hasNew);
  expect('OldImage' in images).toBe(hasOld);
});

test('a table without a stream has none', async () => {
  await start({}, tableProperties({ StreamSpecification: undefined }));
  expect(running.created.attributes).not.toHaveProperty('StreamArn');
});

test('sequence numbers grow inside a shard, also over a digit roll, and readers see all of them', async () => {
  await start({ shards: { lanes: 1, firstSequenceNumber: 10n ** 22n - 6n } });
  for (let v = 0; v < 10; v += 1) await put('u1', { v: { N: String(v) } });
  const sequences = (await records()).map(({ sequenceNumber }) => BigInt(sequenceNumber));
  expect(sequences).toHaveLength(10);
  expect(sequences.every((one, index) => index === 0 || one > (sequences[index - 1] ?? one))).toBe(
    true,
  );
  expect(sequences[0]?.toString()).toHaveLength(22);
  expect(sequences.at(-1)?.toString()).toHaveLength(23);
});

test('shards roll to children by records and by time; ids rise and every item keeps its order', async () => {
  const { dynamo } = await start({
    shards: { lanes: 2, rollAfterRecords: 5, rollAfterMs: 4 * HOUR_MS },
  });
  for (let v = 0; v < 40; v += 1) await put(`u${v % 4}`, { v: { N: String(v) } });
  clock.advance(5 * HOUR_MS);
  await dynamo.upkeep();
  await put('u0', { v: { N: '99' } });
  const shards = running.stream().shards();
  expect(shards.length).toBeGreaterThan(8);
  expect(shards.filter(({ closed }) => !closed)).toHaveLength(2);
  for (const { shardId, parentShardIds } of shards) {
    for (const parent of parentShardIds) expect(parent < shardId).toBe(true);
  }
  const all = await records();
  expect(all).toHaveLength(41);
  const orderKeys = new Set(all.map(({ orderKey }) => orderKey));
  expect(orderKeys.size).toBe(4);
  for (const orderKey of orderKeys) {
    const mine = all.filter((record) => record.orderKey === orderKey);
    const versions = mine.map(({ body }) =>
      Number((body.dynamodb as { NewImage: { v: { N: string } } }).NewImage.v.N),
    );
    expect(versions).toEqual(versions.toSorted((left, right) => left - right));
  }
});

test('records are kept for 24 hours, and a restart after that does not draw a number twice', async () => {
  await start({ shards: { lanes: 1 } });
  await put('u1');
  const [before] = await records();
  clock.advance(25 * HOUR_MS);
  await running.dynamo.upkeep();
  expect(await records()).toEqual([]);
  await running.stop();
  await start({ shards: { lanes: 1 } });
  await put('u2');
  const [after] = await records();
  expect(BigInt(after?.sequenceNumber ?? 0)).toBeGreaterThan(BigInt(before?.sequenceNumber ?? 0));
});

test('one upkeep forgets all that is past its day, however much it is', async () => {
  const { client, dynamo } = await start({ shards: { lanes: 1 } });
  for (let batch = 0; batch < 48; batch += 1) {
    const requests = Array.from({ length: 25 }, (_, index) => ({
      PutRequest: { Item: key(`u${batch}-${index}`) },
    }));
    await client.send(new BatchWriteItemCommand({ RequestItems: { [TABLE]: requests } }));
  }
  const first = running.stream().shards()[0]?.shardId ?? '';
  clock.advance(25 * HOUR_MS);
  await dynamo.upkeep();
  clock.advance(-25 * HOUR_MS);
  expect(await running.stream().read(first, null, { recordsMax: 10, bytesMax: 1e6 })).toEqual([]);
});

test('the Streams API walks shards, iterators and records to the end of a closed shard', async () => {
  const { call, created } = await start({ shards: { lanes: 1, rollAfterRecords: 3 } });
  const StreamArn = created.attributes.StreamArn;
  for (let v = 0; v < 4; v += 1) await put('u1', { v: { N: String(v) } });
  const api = (operation: string, input: object) =>
    call(`DynamoDBStreams_20120810.${operation}`, input);
  expect((await api('ListStreams', { TableName: TABLE })).body).toMatchObject({
    Streams: [{ StreamArn, TableName: TABLE }],
  });
  const { StreamDescription } = (await api('DescribeStream', { StreamArn })).body as {
    StreamDescription: { Shards: { ShardId: string; ParentShardId?: string }[] };
  };
  const [parent, child] = StreamDescription.Shards;
  expect(child?.ParentShardId).toBe(parent?.ShardId);
  const read = async (ShardIterator: unknown) =>
    (await api('GetRecords', { ShardIterator, Limit: 2 })).body as {
      Records: { dynamodb: { SequenceNumber: string } }[];
      NextShardIterator?: string;
    };
  const iterator = async (ShardId: unknown, more: object) =>
    (await api('GetShardIterator', { StreamArn, ShardId, ...more })).body.ShardIterator;
  const first = await read(await iterator(parent?.ShardId, { ShardIteratorType: 'TRIM_HORIZON' }));
  expect(first.Records).toHaveLength(2);
  const second = await read(first.NextShardIterator);
  expect(second.Records).toHaveLength(1);
  expect((await read(second.NextShardIterator)).NextShardIterator).toBeUndefined();
  const SequenceNumber = first.Records[1]?.dynamodb.SequenceNumber;
  const at = await read(
    await iterator(parent?.ShardId, { ShardIteratorType: 'AT_SEQUENCE_NUMBER', SequenceNumber }),
  );
  expect(at.Records[0]?.dynamodb.SequenceNumber).toBe(SequenceNumber);
  const after = await read(
    await iterator(parent?.ShardId, { ShardIteratorType: 'AFTER_SEQUENCE_NUMBER', SequenceNumber }),
  );
  expect(after.Records).toHaveLength(1);
  const latest = await iterator(child?.ShardId, { ShardIteratorType: 'LATEST' });
  expect((await read(latest)).Records).toEqual([]);
  await put('u1', { v: { N: '9' } });
  expect((await read(latest)).Records).toHaveLength(1);
  clock.advance(16 * 60_000);
  expect((await api('GetRecords', { ShardIterator: latest })).body.__type).toMatch(
    /ExpiredIterator/,
  );
});

test('a reader is told of an append', async () => {
  await start();
  let told = 0;
  const stop = running.stream().onChange(() => {
    told += 1;
  });
  await put('u1');
  await expect.poll(() => told).toBe(1);
  await put('u1');
  stop();
  await put('u2');
  expect(told).toBe(1);
});

test('32 writers of one key lose no increment, and the stream says each', async () => {
  const { client } = await start();
  await Promise.all(
    Array.from({ length: 32 }, async () => {
      for (let count = 0; count < 5; count += 1) {
        await client.send(
          new UpdateItemCommand({
            TableName: TABLE,
            Key: key('hot'),
            UpdateExpression: 'ADD n :one',
            ExpressionAttributeValues: { ':one': { N: '1' } },
          }),
        );
      }
    }),
  );
  const counts = (await records()).map(({ body }) =>
    Number((body.dynamodb as { NewImage: { n: { N: string } } }).NewImage.n.N),
  );
  expect(counts).toEqual(Array.from({ length: 160 }, (_, index) => index + 1));
});

test('deletion protection refuses DeleteTable until it is taken off', async () => {
  const { client, dynamo } = await start(
    {},
    tableProperties({}, { DeletionProtectionEnabled: true }),
  );
  const describe = async () =>
    (await client.send(new DescribeTableCommand({ TableName: TABLE }))).Table;
  expect(await describe()).toMatchObject({
    DeletionProtectionEnabled: true,
    StreamSpecification: { StreamEnabled: true, StreamViewType: 'NEW_IMAGE' },
    LatestStreamArn: running.created.attributes.StreamArn,
  });
  const remove = () => client.send(new DeleteTableCommand({ TableName: TABLE }));
  await expect(remove()).rejects.toMatchObject({ name: 'ValidationException' });
  await createTable(dynamo);
  await remove();
  await expect
    .poll(async () => (await client.send(new ListTablesCommand({}))).TableNames)
    .toEqual([]);
});

test('point-in-time recovery is answered as the template says', async () => {
  const specification = { PointInTimeRecoveryEnabled: true, RecoveryPeriodInDays: 7 };
  const { client, dynamo } = await start(
    {},
    tableProperties({}, { PointInTimeRecoverySpecification: specification }),
  );
  clock.advance(30 * 24 * HOUR_MS);
  const describe = async () =>
    (await client.send(new DescribeContinuousBackupsCommand({ TableName: TABLE })))
      .ContinuousBackupsDescription?.PointInTimeRecoveryDescription;
  expect(await describe()).toMatchObject({
    PointInTimeRecoveryStatus: 'ENABLED',
    RecoveryPeriodInDays: 7,
    EarliestRestorableDateTime: new Date(clock.now() - 7 * 24 * HOUR_MS),
  });
  await createTable(dynamo);
  expect(await describe()).toEqual({ PointInTimeRecoveryStatus: 'DISABLED' });
});

test('a table is refused when the template asks for what a laptop has not', async () => {
  const { dynamo } = await start();
  await expect(
    createTable(dynamo, tableProperties({ BillingMode: 'PROVISIONED' })),
  ).rejects.toThrow(/on-demand/);
  await expect(createTable(dynamo, tableProperties({}, { Region: 'eu-west-1' }))).rejects.toThrow(
    /replica/,
  );
});

test('a restart finds items, settings and stream as they were', async () => {
  await start();
  await put('u1', { v: { N: '1' } });
  const arn = running.created.attributes.StreamArn;
  await running.stop();
  await start();
  expect(running.created.attributes.StreamArn).toBe(arn);
  await put('u2');
  expect(await names()).toEqual(['INSERT', 'INSERT']);
  const { Item } = await running.client.send(
    new GetItemCommand({ TableName: TABLE, Key: key('u1') }),
  );
  expect(Item?.v).toEqual({ N: '1' });
});
