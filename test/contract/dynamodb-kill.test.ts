import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { DynamoDBClient, GetItemCommand, UpdateItemCommand } from '@aws-sdk/client-dynamodb';
import { GetObjectCommand, PutObjectCommand, S3Client } from '@aws-sdk/client-s3';
import { expect, test } from 'vitest';
import { createS3 } from '../../localstack/services/s3/create-s3.ts';
import { readAll, startDynamo, TABLE } from '../support/dynamo.ts';
import { CREDENTIALS, serve, temporaryFolder } from '../support/served.ts';

const WRITERS = 8;
const KILLS = 3;
const CLIENT = { region: 'us-east-1', credentials: CREDENTIALS, maxAttempts: 1 };

const startChild = async (dataDir: string) => {
  const script = join(import.meta.dirname, '../support/durable-child.ts');
  const child = spawn(process.execPath, [script, dataDir], {
    stdio: ['pipe', 'pipe', 'inherit'],
  });
  const [line] = (await once(createInterface({ input: child.stdout }), 'line')) as [string];
  return { child, ...(JSON.parse(line) as { dynamodb: string; s3: string }) };
};

const kill = async (child: ChildProcess): Promise<void> => {
  const exited = once(child, 'exit');
  child.kill('SIGKILL');
  await exited;
};

/** Counts up in items and objects until the process dies; answers the last counts acknowledged. */
const writeUntilDeath = async (
  urls: { dynamodb: string; s3: string },
  acknowledged: Map<string, number>,
) => {
  const dynamo = new DynamoDBClient({ ...CLIENT, endpoint: urls.dynamodb });
  const s3 = new S3Client({ ...CLIENT, endpoint: urls.s3, forcePathStyle: true });
  const count = async (name: string, write: () => Promise<number>): Promise<void> => {
    for (;;) {
      const value = await write().catch(() => undefined);
      if (value === undefined) return;
      acknowledged.set(name, value);
    }
  };
  const increment = (pk: string) => async () => {
    const { Attributes } = await dynamo.send(
      new UpdateItemCommand({
        TableName: TABLE,
        Key: { pk: { S: pk }, sk: { S: 'rt' } },
        UpdateExpression: 'ADD v :one SET filler = :filler',
        ExpressionAttributeValues: { ':one': { N: '1' }, ':filler': { S: 'x'.repeat(2000) } },
        ReturnValues: 'ALL_NEW',
      }),
    );
    return Number(Attributes?.v?.N);
  };
  const overwrite = (Key: string) => async () => {
    const value = (acknowledged.get(Key) ?? 0) + 1;
    // Longer each time, so that a torn object cannot look whole.
    await s3.send(new PutObjectCommand({ Bucket: 'lake', Key, Body: `${value},`.repeat(value) }));
    return value;
  };
  await Promise.all([
    ...Array.from({ length: WRITERS }, (_, index) => count(`u${index}`, increment(`u${index}`))),
    ...['o/a', 'o/b'].map((key) => count(key, overwrite(key))),
  ]);
  dynamo.destroy();
  s3.destroy();
};

const checkTable = async (dataDir: string, acknowledged: ReadonlyMap<string, number>) => {
  const running = await startDynamo({ dataDir, clock: { now: Date.now } });
  const records = await readAll(running.stream());
  for (let index = 0; index < WRITERS; index += 1) {
    const pk = `u${index}`;
    const { Item } = await running.client.send(
      new GetItemCommand({ TableName: TABLE, Key: { pk: { S: pk }, sk: { S: 'rt' } } }),
    );
    const v = Number(Item?.v?.N ?? 0);
    expect(v).toBeGreaterThanOrEqual(acknowledged.get(pk) ?? 0);
    const told = records
      .map(
        ({ body }) =>
          (body.dynamodb as { NewImage: { pk: { S: string }; v: { N: string } } }).NewImage,
      )
      .filter((image) => image.pk.S === pk)
      .map((image) => Number(image.v.N));
    // Each change is in the stream once, in order, and the stream ends where the item stands.
    expect(told).toEqual(Array.from({ length: v }, (_, step) => step + 1));
  }
  await running.stop();
  return records.length;
};

const checkObjects = async (dataDir: string, acknowledged: ReadonlyMap<string, number>) => {
  const s3 = await createS3({ dataDir, clock: { now: Date.now }, upkeepEveryMs: 0 });
  const served = await serve(s3.handle);
  const client = new S3Client({ ...CLIENT, endpoint: served.url, forcePathStyle: true });
  for (const Key of ['o/a', 'o/b']) {
    const { Body, ETag } = await client.send(new GetObjectCommand({ Bucket: 'lake', Key }));
    const text = (await Body?.transformToString()) ?? '';
    const value = Number(text.split(',')[0]);
    expect(value).toBeGreaterThanOrEqual(acknowledged.get(Key) ?? 0);
    expect(text).toBe(`${value},`.repeat(value));
    expect(ETag).toMatch(/^"[0-9a-f]{32}"$/);
  }
  client.destroy();
  await served.close();
  await s3.close();
};

test('kill -9 during writes parts no item from its stream record and leaves no half object', async () => {
  const folder = temporaryFolder();
  const acknowledged = new Map<string, number>();
  let before = 0;
  for (let round = 0; round < KILLS; round += 1) {
    const { child, ...urls } = await startChild(folder.path);
    const writing = writeUntilDeath(urls, acknowledged);
    await new Promise((resolve) => setTimeout(resolve, 250 + Math.random() * 250));
    await kill(child);
    await writing;
    const records = await checkTable(folder.path, acknowledged);
    await checkObjects(folder.path, acknowledged);
    // A round in which nothing was written shows nothing.
    expect(records).toBeGreaterThan(before + WRITERS);
    before = records;
  }
  folder.remove();
}, 60_000);
