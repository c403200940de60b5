/** What `load` reads: in memory and over the local S3, as UNLOAD writes it. */
import { gzipSync } from 'node:zlib';
import { PutObjectCommand, S3Client } from '@aws-sdk/client-s3';
import { afterAll, describe, expect, test } from 'vitest';
import { memoryRunObjects } from '../../functions/adapters/memory-run-objects.ts';
import { runFolder, s3RunObjects } from '../../functions/adapters/s3-run-objects.ts';
import type { RunObjects } from '../../functions/ports/run-objects.ts';
import { createS3 } from '../../localstack/services/s3/create-s3.ts';
import { CREDENTIALS, serve, stillClock, temporaryFolder } from '../support/served.ts';

const RUN = { runId: '1795500000000-000a', attempt: 2 };
const closing: (() => unknown)[] = [];
afterAll(async () => {
  for (const close of closing.reverse()) await close();
});

type Objects = ReadonlyMap<string, readonly string[]>;

const inMemory = async (objects: Objects): Promise<RunObjects> => {
  const landed = [...objects.keys()].flatMap((key) => /^enriched\/dt=(.{10})/.exec(key)?.[1] ?? []);
  const first = landed.reduce<string | undefined>(
    (least, day) => (least === undefined || day < least ? day : least),
    undefined,
  );
  return memoryRunObjects(objects, first);
};

const s3 = async () => {
  const folder = temporaryFolder();
  const made = await createS3({
    dataDir: folder.path,
    clock: stillClock(Date.UTC(2026, 10, 24)),
    upkeepEveryMs: 0,
  });
  await made.resourceTypes[0]?.create({
    ...{ stack: 'data', logicalId: 'Lake', type: 'AWS::S3::Bucket' },
    ...{ physicalName: 'lake', properties: {}, metadata: {} },
  });
  const served = await serve(made.handle);
  const client = new S3Client({
    ...{ endpoint: served.url, region: 'us-east-1', forcePathStyle: true, maxAttempts: 1 },
    credentials: CREDENTIALS,
  });
  closing.push(
    folder.remove,
    () => made.close(),
    served.close,
    () => client.destroy(),
  );
  return client;
};

/** With a length, which an empty text would not have. */
const put = (client: S3Client, Key: string, text: Uint8Array | string) =>
  client.send(new PutObjectCommand({ Bucket: 'lake', Key, Body: Buffer.from(text) }));

const overS3 =
  (form: (text: string) => Uint8Array | string) =>
  async (objects: Objects): Promise<RunObjects> => {
    const client = await s3();
    for (const [key, lines] of objects) {
      await put(client, key, form(lines.map((line) => `${line}\n`).join('')));
    }
    return s3RunObjects(client, 'lake');
  };

const all = async (lines: AsyncIterable<string>): Promise<readonly string[]> => {
  const read: string[] = [];
  for await (const line of lines) read.push(line);
  return read;
};

describe.each([
  ['memory', inMemory],
  ['s3, gzip', overS3((text) => gzipSync(text))],
  ['s3, plain', overS3((text) => text)],
] as const)('%s', (_, made) => {
  test('objects of this attempt are listed in order, and read line by line', async () => {
    const many = Array.from({ length: 20_000 }, (_, place) => `{"ü":"${place}\u2028"}`);
    const folder = runFolder(RUN);
    const objects = await made(
      new Map([
        [`${folder}b.gz`, many],
        [`${folder}a.gz`, ['1', '2']],
        [`${folder}c.gz`, []],
        [`${runFolder({ ...RUN, attempt: 1 })}a.gz`, ['old']],
        [`${runFolder(RUN, 'lists')}a.gz`, ['of items']],
        [`${runFolder({ ...RUN, attempt: 20 })}a.gz`, ['other']],
        ['enriched/dt=2026-11-21/hr=09/x.gz', []],
        ['enriched/dt=2026-11-20/hr=23/x.gz', []],
      ]),
    );
    const keys = await objects.list(RUN, 'tags');
    expect(keys).toEqual([`${folder}a.gz`, `${folder}b.gz`, `${folder}c.gz`]);
    expect(await objects.list(RUN, 'lists')).toEqual([`${runFolder(RUN, 'lists')}a.gz`]);
    expect(await all(objects.lines(keys[0] ?? ''))).toEqual(['1', '2']);
    expect(await all(objects.lines(keys[1] ?? ''))).toEqual(many);
    expect(await all(objects.lines(keys[2] ?? ''))).toEqual([]);
    expect(await objects.firstLanding()).toBe('2026-11-20');
  });

  test('an empty lake has neither', async () => {
    const objects = await made(new Map());
    expect(await objects.list(RUN, 'tags')).toEqual([]);
    expect(await objects.firstLanding()).toBeUndefined();
    await expect(all(objects.lines('nightly/none'))).rejects.toThrow();
  });
});

test('an object that breaks off is a fault, not an end', async () => {
  const client = await s3();
  const whole = gzipSync(Array.from({ length: 9_000 }, (_, line) => `${line * 7919}\n`).join(''));
  await put(client, 'nightly/half', whole.subarray(0, whole.length / 2));
  await expect(all(s3RunObjects(client, 'lake').lines('nightly/half'))).rejects.toThrow();
});

test('who stops reading in the middle leaves nothing open', async () => {
  const client = await s3();
  await put(client, 'nightly/long', gzipSync('line\n'.repeat(500_000)));
  const lines = s3RunObjects(client, 'lake').lines('nightly/long');
  let read = 0;
  for await (const _ of lines) {
    read += 1;
    if (read === 3) break;
  }
  expect(read).toBe(3);
});
