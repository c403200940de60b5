/** What reads the failed bucket, over memory and over the local S3 by the SDK. */
import { S3Client } from '@aws-sdk/client-s3';
import { afterAll, describe, expect, test } from 'vitest';
import {
  memoryFailedArchive,
  memoryFailedStore,
} from '../../functions/adapters/memory-failed-store.ts';
import { s3FailedArchive } from '../../functions/adapters/s3-failed-archive.ts';
import { s3FailedStore } from '../../functions/adapters/s3-failed-store.ts';
import { s3RedriveOutcomes } from '../../functions/adapters/s3-redrive-outcomes.ts';
import { outcomesFolderOf, recordFolderOf } from '../../functions/core/failed/failed-keys.ts';
import type { RedriveOutcome } from '../../functions/core/failed/outcome.ts';
import { readKept } from '../../functions/core/failed/read-failed.ts';
import { readOutcome } from '../../functions/core/failed/read-outcome.ts';
import type { FailedArchive } from '../../functions/ports/failed-archive.ts';
import type {
  FailedEvent,
  FailedStore,
  RedriveOutcomes,
} from '../../functions/ports/failed-store.ts';
import { createS3 } from '../../localstack/services/s3/create-s3.ts';
import { CREDENTIALS, serve, stillClock, temporaryFolder } from '../support/served.ts';

interface Bench {
  readonly store: FailedStore & RedriveOutcomes;
  readonly archive: FailedArchive;
}

const BYTES_MAX = 2_000;
const closing: (() => unknown)[] = [];
afterAll(async () => {
  for (const close of closing.reverse()) await close();
});

const inMemory = async (): Promise<Bench> => {
  const objects = new Map<string, string>();
  return {
    store: memoryFailedStore('2026-11-24', objects),
    archive: memoryFailedArchive(objects, BYTES_MAX),
  };
};

const overS3 = async (): Promise<Bench> => {
  const folder = temporaryFolder();
  const s3 = await createS3({
    dataDir: folder.path,
    clock: stillClock(Date.UTC(2026, 10, 24)),
    upkeepEveryMs: 0,
  });
  await s3.resourceTypes[0]?.create({
    ...{ stack: 'data', logicalId: 'Failed', type: 'AWS::S3::Bucket' },
    ...{ physicalName: 'failed', properties: {}, metadata: {} },
  });
  const served = await serve(s3.handle);
  const client = new S3Client({
    ...{ endpoint: served.url, region: 'us-east-1', forcePathStyle: true, maxAttempts: 1 },
    credentials: CREDENTIALS,
  });
  closing.push(
    folder.remove,
    () => s3.close(),
    served.close,
    () => client.destroy(),
  );
  return {
    store: { ...s3FailedStore(client, 'failed'), ...s3RedriveOutcomes(client, 'failed') },
    archive: s3FailedArchive(client, 'failed', BYTES_MAX),
  };
};

const POSITION = { stream: '0a1b2c3d', shard: 'shardId-000000000000', sequence: '4959' };
const at = (index: number, sequence = POSITION.sequence) => ({ ...POSITION, sequence, index });
const parked = (index: number, bytes: Uint8Array = Uint8Array.of(0xff, index)): FailedEvent => ({
  stage: 'enrich',
  reason: 'bug',
  detail: 'It threw.',
  trace: 'Error: x',
  partitionKey: 'main#u',
  at: at(index),
  arrivedAt: '2026-11-21T09:40:00.000Z',
  requestId: 'r',
  bytes,
});

describe.each([
  ['in memory', inMemory],
  ['over the local S3', overS3],
])('the archive of what failed, %s,', (_, make) => {
  test('gives back what was parked, byte by byte', async () => {
    const { store, archive } = await make();
    const rejected: FailedEvent = {
      stage: 'collect',
      reason: 'no_user',
      detail: 'Nobody.',
      arrivedAt: '2026-11-24T12:00:00.000Z',
      requestId: 'r',
      request: {
        ...{ tenant: 'main', protocol: '000', path: '/events', keyId: 'k' },
        hints: { actionIsName: true, ads: false },
        shared: { context: { a: [1, null] } },
      },
      bytes: new TextEncoder().encode('{"a":1}'),
    };
    await store.park([parked(0), rejected]);
    for (const [key, event] of [
      ['failed/collect/2026-11-24/r', rejected],
      ['failed/enrich/0a1b2c3d/shardId-000000000000/4959/0', parked(0)],
    ] as const) {
      const kept = await archive.read(key);
      const object = readKept(key, kept.kind === 'text' ? kept.text : '');
      expect(object).toEqual({ kind: 'events', key, events: [event] });
    }
  });

  test('lists in the bucket’s order, page by page, each key once and none outside of the prefix', async () => {
    const { store, archive } = await make();
    await store.park(Array.from({ length: 25 }, (__, index) => parked(index)));
    await store.park([{ ...parked(0), stage: 'state' }]);
    const keys: string[] = [];
    let after: string | undefined;
    for (let more = true; more; ) {
      const page = await archive.list({
        prefix: recordFolderOf('enrich', POSITION),
        keysMax: 10,
        ...(after !== undefined && { after }),
      });
      expect(page.keys.length).toBeLessThanOrEqual(10);
      keys.push(...page.keys.map(({ key }) => key));
      expect(page.keys.every(({ bytes }) => bytes > 100)).toBe(true);
      after = keys.at(-1);
      more = page.more;
    }
    expect(keys).toHaveLength(25);
    expect(keys).toEqual([...keys].sort((left, right) => (left < right ? -1 : 1)));
    expect(new Set(keys).size).toBe(25);
  });

  test('tells an object that is not there, or too large, from one that is', async () => {
    const { store, archive } = await make();
    await store.park([parked(1, new Uint8Array(BYTES_MAX))]);
    expect(await archive.read('failed/enrich/none')).toEqual({ kind: 'missing' });
    const [key] = (await archive.list({ prefix: 'failed/', keysMax: 1 })).keys;
    expect(await archive.read(key?.key ?? '')).toEqual({ kind: 'too_large', bytes: key?.bytes });
  });

  test('keeps an outcome for each redrive, which telling again overwrites', async () => {
    const { store, archive } = await make();
    const told = (sequence: string, outcome: RedriveOutcome['outcome']): RedriveOutcome => ({
      parked: at(1),
      at: at(0, sequence),
      arrivedAt: '2026-11-24T12:00:00.000Z',
      outcome,
    });
    await store.tell([told('5000', 'applied'), told('5001', 'duplicate')]);
    await store.tell([told('5000', 'applied')]);
    await store.tell([{ ...told('5002', 'applied'), parked: at(11) }]);
    const { keys } = await archive.list({ prefix: outcomesFolderOf(at(1)), keysMax: 10 });
    const read = await Promise.all(keys.map(({ key }) => archive.read(key)));
    expect(read.map((kept) => readOutcome(kept.kind === 'text' ? kept.text : '')?.outcome)).toEqual(
      ['applied', 'duplicate'],
    );
  });

  test('notes beside an object that it was sent', async () => {
    const { archive } = await make();
    await archive.noteSent('failed/enrich/a/b/1/0', '{"sentAt":"x"}');
    expect(await archive.read('failed/redriven/failed/enrich/a/b/1/0')).toEqual({
      kind: 'text',
      text: '{"sentAt":"x"}',
    });
    expect(await archive.list({ prefix: 'failed/enrich/', keysMax: 10 })).toEqual({
      keys: [],
      more: false,
    });
  });
});
