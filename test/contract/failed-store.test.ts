import {
  CreateBucketCommand,
  GetObjectCommand,
  ListObjectsV2Command,
  S3Client,
} from '@aws-sdk/client-s3';
import { type FauxqsServer, startFauxqs } from 'fauxqs';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { memoryFailedStore } from '../../functions/adapters/memory-failed-store.ts';
import { s3FailedStore } from '../../functions/adapters/s3-failed-store.ts';
import type { FailedEvent, FailedStore } from '../../functions/ports/failed-store.ts';

interface Bench {
  readonly store: FailedStore;
  readonly objects: () => Promise<ReadonlyMap<string, string>>;
}

const NOW = Date.parse('2026-11-21T23:59:59.999Z');
const BUCKET = 'failed';
let server: FauxqsServer;
let client: S3Client;
let buckets = 0;

beforeAll(async () => {
  server = await startFauxqs({ port: 0, logger: false });
  client = new S3Client({
    endpoint: `http://127.0.0.1:${server.port}`,
    region: 'us-east-1',
    forcePathStyle: true,
    credentials: { accessKeyId: 'test', secretAccessKey: 'test' },
  });
});
afterAll(async () => {
  client.destroy();
  await server.stop();
});

const overS3 = async (): Promise<Bench> => {
  buckets += 1;
  const bucket = `${BUCKET}-${buckets}`;
  await client.send(new CreateBucketCommand({ Bucket: bucket }));
  const objects = async (): Promise<ReadonlyMap<string, string>> => {
    const { Contents = [] } = await client.send(new ListObjectsV2Command({ Bucket: bucket }));
    const read = async (key: string): Promise<[string, string]> => {
      const { Body } = await client.send(new GetObjectCommand({ Bucket: bucket, Key: key }));
      return [key, (await Body?.transformToString()) ?? ''];
    };
    return new Map(await Promise.all(Contents.map(({ Key }) => read(Key ?? ''))));
  };
  return { store: s3FailedStore(client, bucket, () => NOW), objects };
};

const inMemory = (): Promise<Bench> => {
  const store = memoryFailedStore('2026-11-21');
  return Promise.resolve({ store, objects: () => Promise.resolve(store.objects) });
};

const parked = (index: number, bytes: Uint8Array, reason = 'not_json'): FailedEvent => ({
  stage: 'enrich',
  reason,
  detail: 'The line is not a JSON text.',
  partitionKey: 'main#user-1',
  at: { stream: '0a1b2c3d', shard: 'shardId-000000000000', sequence: '4959', index },
  arrivedAt: '2026-11-21T09:40:00.000Z',
  requestId: 'req-1',
  bytes,
});

describe.each([
  ['in memory', inMemory],
  ['over S3', overS3],
])('the failed store %s', (_, make) => {
  test('keeps a parked event under its position with its exact bytes', async () => {
    const { store, objects } = await make();
    const bytes = Uint8Array.from([0xff, 0x00, 0x0a, 0x7b]);
    await store.park([parked(3, bytes)]);

    const kept = await objects();
    const key = 'failed/enrich/0a1b2c3d/shardId-000000000000/4959/3';
    expect([...kept.keys()]).toEqual([key]);
    const record = JSON.parse(kept.get(key) ?? '') as Record<string, unknown>;
    expect(Buffer.from(String(record.bytes), 'base64')).toEqual(Buffer.from(bytes));
    expect(record).toMatchObject({ stage: 'enrich', reason: 'not_json', requestId: 'req-1' });
  });

  test('holds one object per position after a redelivery', async () => {
    const { store, objects } = await make();
    const all = Array.from({ length: 20 }, (_, n) => parked(n, Uint8Array.of(n)));
    await store.park(all);
    await store.park(all);
    expect((await objects()).size).toBe(20);
  });

  test('keeps the rejected events of one request in one object of its day', async () => {
    const { store, objects } = await make();
    const rejected = [1, 2].map(
      (n): FailedEvent => ({
        stage: 'collect',
        reason: 'no_user',
        detail: `Event ${n} names no user.`,
        requestId: 'req-7',
        bytes: Uint8Array.of(n),
      }),
    );
    await store.park(rejected);
    const kept = await objects();
    expect([...kept.keys()]).toEqual(['failed/collect/2026-11-21/req-7']);
    expect(kept.get('failed/collect/2026-11-21/req-7')?.trim().split('\n')).toHaveLength(2);
  });

  test('refuses an event with neither a position nor a request', async () => {
    const { store } = await make();
    const nameless: FailedEvent = {
      stage: 'collect',
      reason: 'x',
      detail: 'x',
      bytes: Uint8Array.of(1),
    };
    await expect((async () => store.park([nameless]))()).rejects.toThrow('a position or a request');
  });
});

test('the store over S3 throws when an object could not be put', async () => {
  const store = s3FailedStore(client, 'no-such-bucket', () => NOW);
  await expect(store.park([parked(0, Uint8Array.of(1))])).rejects.toThrow();
});
