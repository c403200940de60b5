/** A new item can be recommended within two minutes: put, or only named by an event, it is in the next snapshot. */
import { rmSync } from 'node:fs';
import { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { ListBucketsCommand, S3Client } from '@aws-sdk/client-s3';
import { expect, onTestFinished, test } from 'vitest';
import { s3CatalogueSnapshotsReader } from '../../functions/adapters/s3-catalogue-snapshots-reader.ts';
import { newestCatalogues } from '../../functions/runtime/newest-catalogues.ts';
import { CREDENTIALS } from '../support/served.ts';
import { aws, drained, eventually } from './asking.ts';
import { newDataDir, type Ready, startProcess } from './start-process.ts';

const MINUTE_MS = 60_000;

const readerOf = async (platform: Ready) => {
  const at = { endpoint: platform.endpointUrl, region: 'us-east-1', credentials: CREDENTIALS };
  const s3 = new S3Client({ ...at, forcePathStyle: true });
  const dynamo = new DynamoDBClient(at);
  onTestFinished(() => {
    s3.destroy();
    dynamo.destroy();
  });
  const { Buckets = [] } = await s3.send(new ListBucketsCommand());
  const bucket = Buckets.find(({ Name }) => Name?.includes('data-lake'))?.Name ?? '';
  const { TableNames } = await aws(platform, 'DynamoDB_20120810.ListTables', {});
  const table = (TableNames as readonly string[]).find((name) => name.includes('Records')) ?? '';
  return s3CatalogueSnapshotsReader({ s3, dynamo }, { bucket, table });
};

test('what is put, named by an event or removed is so in the snapshot of the next minute', async () => {
  const dataDir = newDataDir();
  const platform = await startProcess({ dataDir });
  onTestFinished(async () => {
    platform.child.kill('SIGTERM');
    await platform.ended;
    rmSync(dataDir, { recursive: true, force: true });
  });
  const { apiUrl, endpointUrl } = platform;
  const snapshots = await readerOf(platform);
  const fault = (what: string, cause: unknown) => {
    throw new Error(what, { cause });
  };
  /** As a process that has just begun. */
  const catalogue = () => newestCatalogues({ snapshots, now: () => 0, fault })('main');

  const items = [
    { id: 'lamp', name: 'Lamp', categories: ['light', 'home'], price: 12.5 },
    { id: 'gone soon' },
  ];
  const body = JSON.stringify({ items });
  expect((await fetch(`${apiUrl}/v1/items`, { method: 'PUT', body })).status).toBe(200);
  const events = [
    {
      userId: 'ann',
      name: 'Product Viewed',
      properties: { product_id: 'shade', category: 'light' },
    },
    {
      userId: 'ann',
      name: 'Product Viewed',
      properties: { product_id: 'lamp', category: 'other' },
    },
  ];
  await fetch(`${apiUrl}/v1/events`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify(events),
  });
  await drained(platform);
  expect((await catalogue()).size).toBeLessThanOrEqual(3);

  const nextMinute = (offsetMs: number) =>
    fetch(`${endpointUrl}/_tributary/clock`, {
      method: 'POST',
      body: JSON.stringify({ offsetMs }),
    });
  await nextMinute(MINUTE_MS);
  const all = await eventually(async () => {
    const found = await catalogue();
    return found.size === 3 ? found : undefined;
  });
  expect(all.find('lamp')).toMatchObject({
    ...{ name: 'Lamp', categories: ['LIGHT', 'HOME'], price: 12.5, available: true },
  });
  expect(all.find('shade')).toMatchObject({ categories: ['LIGHT'], available: true });
  expect(new Set(all.inCategory('LIGHT'))).toEqual(new Set(['lamp', 'shade']));

  await fetch(`${apiUrl}/v1/items/gone%20soon`, { method: 'DELETE' });
  await nextMinute(2 * MINUTE_MS);
  const fewer = await eventually(async () => {
    const found = await catalogue();
    return found.size === 2 ? found : undefined;
  });
  expect(fewer.find('gone soon')).toBeUndefined();
});
