import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import {
  CompleteMultipartUploadCommand,
  CopyObjectCommand,
  CreateMultipartUploadCommand,
  DeleteObjectCommand,
  DeleteObjectsCommand,
  GetBucketVersioningCommand,
  GetObjectCommand,
  HeadObjectCommand,
  ListBucketsCommand,
  ListObjectsV2Command,
  ListObjectVersionsCommand,
  PutObjectCommand,
  S3Client,
  UploadPartCommand,
} from '@aws-sdk/client-s3';
import fc from 'fast-check';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { createS3, type S3 } from '../../localstack/services/s3/create-s3.ts';
import { compareKeys, type Listed, listPage } from '../../localstack/services/s3/listing.ts';
import { bucketName, keyPath } from '../../localstack/services/s3/object-paths.ts';
import { CREDENTIALS, type Served, serve, stillClock, temporaryFolder } from '../support/served.ts';

const NOW = Date.UTC(2026, 10, 24, 12);
const DAY_MS = 86_400_000;
const Bucket = 'data-lake';

let folder: ReturnType<typeof temporaryFolder>;
let clock: ReturnType<typeof stillClock>;
let s3: S3;
let served: Served;
let client: S3Client;

const start = async (properties: Readonly<Record<string, unknown>> = {}): Promise<void> => {
  s3 = await createS3({ dataDir: folder.path, clock, upkeepEveryMs: 0 });
  const [type] = s3.resourceTypes;
  await type?.create({
    stack: 'data',
    logicalId: 'Lake',
    type: 'AWS::S3::Bucket',
    physicalName: 'Data-Lake',
    properties,
    metadata: {},
  });
  served = await serve(s3.handle);
  client = new S3Client({
    endpoint: served.url,
    region: 'us-east-1',
    credentials: CREDENTIALS,
    forcePathStyle: true,
    maxAttempts: 1,
  });
};

const stop = async (): Promise<void> => {
  client.destroy();
  await served.close();
  await s3.close();
};

beforeEach(() => {
  folder = temporaryFolder();
  clock = stillClock(NOW);
});

afterEach(async () => {
  await stop();
  folder.remove();
});

const VERSIONED = { VersioningConfiguration: { Status: 'Enabled' } };
const put = (Key: string, Body: string | Readable = Key, more: object = {}) =>
  client.send(new PutObjectCommand({ Bucket, Key, Body, ...more }));
const get = async (Key: string, more: object = {}) => {
  const { Body, ...rest } = await client.send(new GetObjectCommand({ Bucket, Key, ...more }));
  return { ...rest, text: await Body?.transformToString() };
};
const keys = async (more: object = {}) =>
  (await client.send(new ListObjectsV2Command({ Bucket, ...more }))).Contents?.map(
    ({ Key }) => Key,
  ) ?? [];

test('what is put is got, with its type and encoding, and survives a restart', async () => {
  await start();
  await put('a/b c/ü&<>.json', '{"a":1}', {
    ContentType: 'application/json',
    Metadata: { run: '7' },
  });
  await stop();
  await start();
  expect(await get('a/b c/ü&<>.json')).toMatchObject({
    text: '{"a":1}',
    ContentType: 'application/json',
    Metadata: { run: '7' },
  });
  const { Buckets } = await client.send(new ListBucketsCommand({}));
  expect(Buckets?.map(({ Name }) => Name)).toEqual([Bucket]);
  await expect(get('none')).rejects.toMatchObject({ name: 'NoSuchKey' });
});

test('a stream of unknown parts, a range, a copy and a deletion of many are as on AWS', async () => {
  await start();
  const long = 'x'.repeat(300_000);
  await client.send(
    new PutObjectCommand({
      Bucket,
      Key: 'stream',
      Body: Readable.from([long]),
      ContentLength: long.length,
    }),
  );
  expect((await get('stream')).text).toBe(long);
  expect((await get('stream', { Range: 'bytes=0-4' })).text).toBe('xxxxx');
  await client.send(new CopyObjectCommand({ Bucket, Key: 'copy', CopySource: `${Bucket}/stream` }));
  expect((await get('copy')).text).toBe(long);
  await client.send(
    new DeleteObjectsCommand({ Bucket, Delete: { Objects: [{ Key: 'copy' }, { Key: 'stream' }] } }),
  );
  expect(await keys()).toEqual([]);
});

test('a multipart upload is one object, also over a restart between its parts', async () => {
  await start();
  const Key = 'big';
  const { UploadId } = await client.send(new CreateMultipartUploadCommand({ Bucket, Key }));
  const part = async (PartNumber: number, Body: string) => {
    const { ETag } = await client.send(
      new UploadPartCommand({ Bucket, Key, UploadId, PartNumber, Body }),
    );
    return { ETag, PartNumber };
  };
  const first = await part(1, 'a'.repeat(5 * 1024 * 1024));
  await stop();
  await start();
  const Parts = [first, await part(2, 'b')];
  await client.send(
    new CompleteMultipartUploadCommand({ Bucket, Key, UploadId, MultipartUpload: { Parts } }),
  );
  const { ContentLength } = await client.send(new HeadObjectCommand({ Bucket, Key }));
  expect(ContentLength).toBe(5 * 1024 * 1024 + 1);
});

test('of many writers who ask for an absent key exactly one wins', async () => {
  await start();
  const results = await Promise.allSettled(
    Array.from({ length: 30 }, (_, index) => put('once', String(index), { IfNoneMatch: '*' })),
  );
  const won = results.flatMap(({ status }, index) =>
    status === 'fulfilled' ? [String(index)] : [],
  );
  expect(won).toHaveLength(1);
  expect((await get('once')).text).toBe(won[0]);
  expect(results.find(({ status }) => status === 'rejected')).toMatchObject({
    reason: { name: 'PreconditionFailed' },
  });
});

test('a write under an ETag happens only while that is the present one', async () => {
  await start();
  await expect(put('k', '0', { IfMatch: '"x"' })).rejects.toMatchObject({ name: 'NoSuchKey' });
  const { ETag } = await put('k', '1');
  const next = await put('k', '2', { IfMatch: ETag });
  await expect(put('k', '3', { IfMatch: ETag })).rejects.toMatchObject({
    name: 'PreconditionFailed',
  });
  await put('k', '3', { IfMatch: next.ETag });
  expect((await get('k')).text).toBe('3');
});

test('a listing pages through keys and prefixes, each once, in order', async () => {
  await start();
  const all = ['B', 'a', 'a/1', 'a/2', 'a/b/3', 'ab', 'b/1', 'z', 'Ä'];
  for (const key of all) await put(key);
  const seen: string[] = [];
  for (let ContinuationToken: string | undefined; ; ) {
    const page = await client.send(
      new ListObjectsV2Command({ Bucket, Delimiter: '/', MaxKeys: 2, ContinuationToken }),
    );
    expect(page.KeyCount).toBeLessThanOrEqual(2);
    seen.push(
      ...(page.Contents ?? []).map(({ Key }) => Key ?? ''),
      ...(page.CommonPrefixes ?? []).map(({ Prefix }) => Prefix ?? ''),
    );
    ContinuationToken = page.NextContinuationToken;
    if (ContinuationToken === undefined) break;
  }
  expect(seen.toSorted(compareKeys)).toEqual(['B', 'a', 'a/', 'ab', 'b/', 'z', 'Ä']);
  expect(seen).toHaveLength(7);
  expect(await keys({ Prefix: 'a/' })).toEqual(['a/1', 'a/2', 'a/b/3']);
  expect(await keys({ StartAfter: 'a/2' })).toEqual(['a/b/3', 'ab', 'b/1', 'z', 'Ä']);
});

test('the in-process sink writes what clients read', async () => {
  await start();
  await s3.objects.put(Bucket, 'raw/x.gz', Buffer.from('abc'), { contentType: 'text/plain' });
  expect(await get('raw/x.gz')).toMatchObject({ text: 'abc', ContentType: 'text/plain' });
  expect(readFileSync(join(s3.objectFolder(Bucket), 'raw/x.gz.data'), 'utf8')).toBe('abc');
  await expect(s3.objects.put('no-bucket', 'k', Buffer.from('a'))).rejects.toThrow();
});

test('a versioned bucket keeps what was overwritten and deleted, over a restart', async () => {
  await start(VERSIONED);
  const one = await put('k', 'one');
  clock.advance(1000);
  const two = await put('k', 'two');
  clock.advance(1000);
  const gone = await client.send(new DeleteObjectCommand({ Bucket, Key: 'k' }));
  expect(gone).toMatchObject({ DeleteMarker: true, VersionId: expect.any(String) });
  await expect(get('k')).rejects.toMatchObject({ name: 'NoSuchKey' });
  await stop();
  await start(VERSIONED);
  expect((await get('k', { VersionId: one.VersionId })).text).toBe('one');
  const listed = await client.send(new ListObjectVersionsCommand({ Bucket }));
  expect(listed.Versions?.map(({ VersionId }) => VersionId)).toEqual([
    two.VersionId,
    one.VersionId,
  ]);
  expect(listed.DeleteMarkers).toMatchObject([{ VersionId: gone.VersionId, IsLatest: true }]);
  const { Status } = await client.send(new GetBucketVersioningCommand({ Bucket }));
  expect(Status).toBe('Enabled');
});

test('a bucket without versioning keeps nothing', async () => {
  await start();
  expect((await put('k', 'one')).VersionId).toBeUndefined();
  await put('k', 'two');
  await client.send(new DeleteObjectCommand({ Bucket, Key: 'k' }));
  const listed = await client.send(new ListObjectVersionsCommand({ Bucket }));
  expect([listed.Versions, listed.DeleteMarkers]).toEqual([undefined, undefined]);
});

test('lifecycle rules expire, move and clean up on the injected clock', async () => {
  const Rules = [
    {
      Status: 'Enabled',
      NoncurrentVersionExpiration: { NoncurrentDays: 7 },
      AbortIncompleteMultipartUpload: { DaysAfterInitiation: 1 },
    },
    { Status: 'Enabled', Prefix: 'enriched/', ExpirationInDays: 90 },
    {
      Status: 'Enabled',
      Prefix: 'raw/',
      Transitions: [{ StorageClass: 'GLACIER_IR', TransitionInDays: 90 }],
    },
    { Status: 'Disabled', ExpirationInDays: 1 },
  ];
  await start({ ...VERSIONED, LifecycleConfiguration: { Rules } });
  await put('enriched/a', 'old');
  await put('enriched/a', 'new');
  await put('raw/a');
  const versions = async () =>
    (await client.send(new ListObjectVersionsCommand({ Bucket, Prefix: 'enriched/' }))).Versions
      ?.length;
  clock.advance(6 * DAY_MS);
  await s3.upkeep();
  expect(await versions()).toBe(2);
  clock.advance(3 * DAY_MS);
  await s3.upkeep();
  expect(await versions()).toBe(1);
  clock.advance(80 * DAY_MS);
  await s3.upkeep();
  expect(await keys()).toEqual(['enriched/a', 'raw/a']);
  clock.advance(2 * DAY_MS);
  await s3.upkeep();
  expect(await keys()).toEqual(['raw/a']);
  const { StorageClass } = await client.send(new HeadObjectCommand({ Bucket, Key: 'raw/a' }));
  expect(StorageClass).toBe('GLACIER_IR');
});

test('a marker of a deletion goes once it hides nothing, where a rule says so', async () => {
  const rule = { Status: 'Enabled', NoncurrentVersionExpiration: { NoncurrentDays: 7 } };
  const Rules = [
    { ...rule, Prefix: 'with/', ExpiredObjectDeleteMarker: true },
    { ...rule, Prefix: 'without/' },
  ];
  await start({ ...VERSIONED, LifecycleConfiguration: { Rules } });
  for (const Key of ['with/a', 'with/b', 'without/a']) {
    await put(Key);
    await client.send(new DeleteObjectCommand({ Bucket, Key }));
  }
  await put('with/b', 'again');
  const markers = async () =>
    (await client.send(new ListObjectVersionsCommand({ Bucket }))).DeleteMarkers?.map(
      ({ Key }) => Key,
    );
  await s3.upkeep();
  expect(await markers()).toEqual(['with/a', 'with/b', 'without/a']);
  clock.advance(9 * DAY_MS);
  await s3.upkeep();
  expect(await markers()).toEqual(['without/a']);
  expect((await get('with/b')).text).toBe('again');
});

test('a put that a kill cut off after its commit is finished at the start, one before it never happened', async () => {
  await start();
  await put('done', 'before');
  await put('lost', 'before');
  await stop();
  const at = (name: string) => join(s3.objectFolder(Bucket), name);
  const description = JSON.parse(readFileSync(at('done.meta.json'), 'utf8')) as object;
  writeFileSync(at('done.data.tmp'), 'after!');
  writeFileSync(
    at('done.meta.json.new'),
    JSON.stringify(
      Object.assign(description, { contentLength: 6, etag: '"new"', checksumAlgorithm: undefined }),
    ),
  );
  writeFileSync(at('lost.data.tmp'), 'aft');
  await start();
  expect(await get('done')).toMatchObject({ text: 'after!', ETag: '"new"' });
  expect(await get('lost')).toMatchObject({ text: 'before' });
});

test('no key leaves its folder, and no two keys share a file', () => {
  const tricky = fc.array(
    fc.constantFrom('a', '..', '.', '', '%2f', '%2e', 'A:', 'x'.repeat(300)),
    {
      minLength: 1,
      maxLength: 4,
    },
  );
  fc.assert(
    fc.property(tricky, tricky, (left, right) => {
      const [ours, theirs] = [left.join('/'), right.join('/')];
      expect(join('/root', keyPath(ours)).startsWith('/root/')).toBe(true);
      if (ours !== theirs) expect(join('/', keyPath(ours))).not.toBe(join('/', keyPath(theirs)));
    }),
  );
});

test('bucket names are valid and stay apart', () => {
  expect(bucketName('tributary-dev-data-Lake5F1B')).toBe('tributary-dev-data-lake5f1b');
  const long = bucketName(`tributary-${'Stage'.repeat(20)}-A`);
  expect(long).toMatch(/^[a-z0-9][a-z0-9-]{1,61}[a-z0-9]$/);
  expect(bucketName(`tributary-${'Stage'.repeat(20)}-B`)).not.toBe(long);
});

test('pages of any size put together are the whole listing', () => {
  const letters = fc.string({
    unit: fc.constantFrom('a', 'b', '/', 'é', '\u{1f600}', '\uffee'),
    maxLength: 5,
  });
  const key = letters.map((tail) => `k${tail}`);
  fc.assert(
    fc.property(
      fc.uniqueArray(key),
      fc.integer({ min: 1, max: 4 }),
      fc.constantFrom('', '/'),
      (all, entriesMax, delimiter) => {
        const rows = all.map((one) => [one, one] as const);
        const page = { prefix: 'k', delimiter, entriesMax: 1000, after: '', afterPrefix: false };
        const whole = listPage(rows, page).entries.map((entry) => entry.key);
        const paged: string[] = [];
        for (
          let next: { after: string; afterPrefix: boolean } | undefined = page;
          next !== undefined;
        ) {
          const listed: Listed<string> = listPage(rows, { ...page, entriesMax, ...next });
          paged.push(...listed.entries.map((entry) => entry.key));
          next = listed.next;
        }
        expect(paged).toEqual(whole);
        const bytes = whole.map((one) => Buffer.from(one));
        expect(bytes.toSorted(Buffer.compare)).toEqual(bytes);
      },
    ),
  );
});
