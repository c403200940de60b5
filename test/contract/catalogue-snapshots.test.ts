/** What may be expected of the catalogue's snapshots: in memory, and over S3 and DynamoDB alike. */
import { S3Client } from '@aws-sdk/client-s3';
import { afterAll, describe, expect, test } from 'vitest';
import { memoryCatalogueSnapshots } from '../../functions/adapters/memory-catalogue-snapshots.ts';
import { s3CatalogueSnapshotsReader } from '../../functions/adapters/s3-catalogue-snapshots-reader.ts';
import { s3CatalogueSnapshotsWriter } from '../../functions/adapters/s3-catalogue-snapshots-writer.ts';
import type { CatalogueSnapshots } from '../../functions/ports/catalogue-snapshots.ts';
import { createS3 } from '../../localstack/services/s3/create-s3.ts';
import { startDynamo, TABLE } from '../support/dynamo.ts';
import { CREDENTIALS, serve, stillClock, temporaryFolder } from '../support/served.ts';

const closing: (() => unknown)[] = [];
afterAll(async () => {
  for (const close of closing.reverse()) await close();
});

const overAws = async (): Promise<CatalogueSnapshots> => {
  const clock = stillClock(Date.UTC(2026, 10, 25));
  const [objects, rows] = [temporaryFolder(), temporaryFolder()];
  const made = await createS3({ dataDir: objects.path, clock, upkeepEveryMs: 0 });
  await made.resourceTypes[0]?.create({
    ...{ stack: 'data', logicalId: 'Lake', type: 'AWS::S3::Bucket' },
    ...{ physicalName: 'lake', properties: {}, metadata: {} },
  });
  const served = await serve(made.handle);
  const s3 = new S3Client({
    ...{ endpoint: served.url, region: 'us-east-1', forcePathStyle: true, maxAttempts: 1 },
    credentials: CREDENTIALS,
  });
  const world = await startDynamo({ dataDir: rows.path, clock });
  closing.push(
    objects.remove,
    rows.remove,
    () => made.close(),
    served.close,
    () => s3.destroy(),
    world.stop,
  );
  const clients = { s3, dynamo: world.client };
  const places = { bucket: 'lake', table: TABLE };
  return {
    ...s3CatalogueSnapshotsReader(clients, places),
    ...s3CatalogueSnapshotsWriter(clients, places),
  };
};

describe.each([
  ['memory', async () => memoryCatalogueSnapshots()],
  ['s3 and dynamodb', overAws],
] as const)('%s', (_, made) => {
  test('a version is read as it was written, by its tenant alone, until it is removed', async () => {
    const snapshots = await made();
    expect(await snapshots.read('main', 'v1')).toBeUndefined();
    const lines = Array.from({ length: 3_000 }, (_, n) => `{"id":"ü${n}\\n\u2028"}`);
    for (let times = 0; times < 2; times += 1) await snapshots.write('main', 'v1', lines);
    await snapshots.write('main', 'empty', []);
    expect(await snapshots.read('main', 'v1')).toEqual(lines);
    expect(await snapshots.read('main', 'empty')).toEqual([]);
    expect(await snapshots.read('other', 'v1')).toBeUndefined();
    for (let times = 0; times < 2; times += 1) await snapshots.remove('main', 'v1');
    expect(await snapshots.read('main', 'v1')).toBeUndefined();
    expect(await snapshots.read('main', 'empty')).toEqual([]);
  });

  test('the pointer moves from where it was expected, and nowhere else', async () => {
    const snapshots = await made();
    expect(await snapshots.pointer('main')).toBeUndefined();
    expect(await snapshots.pointTo('main', 'v1', 'v0')).toBe('lost');
    expect(await snapshots.pointTo('main', 'v1', undefined)).toBe('moved');
    expect(await snapshots.pointer('main')).toEqual({ version: 'v1', previous: undefined });
    expect(await snapshots.pointTo('main', 'v2', undefined)).toBe('lost');
    expect(await snapshots.pointTo('main', 'v2', 'v1')).toBe('moved');
    expect(await snapshots.pointTo('main', 'v3', 'v1')).toBe('lost');
    expect(await snapshots.pointer('main')).toEqual({ version: 'v2', previous: 'v1' });
    expect(await snapshots.pointer('other')).toBeUndefined();
  });

  test('a move whose answer was lost is the same move when it is tried again', async () => {
    const snapshots = await made();
    for (let times = 0; times < 2; times += 1)
      expect(await snapshots.pointTo('main', 'v1', undefined)).toBe('moved');
    for (let times = 0; times < 2; times += 1)
      expect(await snapshots.pointTo('main', 'v2', 'v1')).toBe('moved');
    expect(await snapshots.pointer('main')).toEqual({ version: 'v2', previous: 'v1' });
  });
});
