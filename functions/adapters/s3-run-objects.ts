import { Readable } from 'node:stream';
import { createGunzip } from 'node:zlib';
import {
  GetObjectCommand,
  ListObjectsV2Command,
  paginateListObjectsV2,
  type S3Client,
} from '@aws-sdk/client-s3';
import { invariant } from '../core/invariant.ts';
import { OBJECTS_MAX } from '../core/nightly/load-items.ts';
import type { RunName, Unloaded } from '../core/nightly/tasks.ts';
import type { RunObjects } from '../ports/run-objects.ts';

/** Where UNLOAD writes, and where the table of those lines looks. */
export const runFolder = ({ runId, attempt }: RunName, what: Unloaded = 'tags'): string =>
  `nightly/${runId}/${what === 'tags' ? attempt : `${what}-${attempt}`}/`;

const LANDING = 'enriched/';
const LANDED = /^enriched\/dt=(\d{4}-\d{2}-\d{2})\//;

type Chunks = AsyncIterable<Uint8Array>;

/** UNLOAD compresses, whatever it calls its objects: the first bytes say so. */
async function* unzipped(body: Chunks): Chunks {
  const chunks = body[Symbol.asyncIterator]();
  const { value: first, done } = await chunks.next();
  if (done) return;
  const whole = async function* (): Chunks {
    yield first;
    yield* { [Symbol.asyncIterator]: () => chunks };
  };
  const isGzip = first[0] === 0x1f && first[1] === 0x8b;
  if (!isGzip) return yield* whole();
  const source = Readable.from(whole());
  const unzip = createGunzip();
  // A body that breaks off must not look like one that has ended.
  source.on('error', (fault) => unzip.destroy(fault));
  yield* source.pipe(unzip);
}

async function* linesOf(chunks: Chunks): AsyncGenerator<string> {
  const decoder = new TextDecoder();
  let rest = '';
  for await (const chunk of chunks) {
    const lines = (rest + decoder.decode(chunk, { stream: true })).split('\n');
    rest = lines.pop() ?? '';
    yield* lines;
  }
  rest += decoder.decode();
  if (rest !== '') yield rest;
}

export const s3RunObjects = (client: S3Client, bucket: string): RunObjects => ({
  list: async (run, what) => {
    const keys: string[] = [];
    const asked = { Bucket: bucket, Prefix: runFolder(run, what) };
    for await (const { Contents = [] } of paginateListObjectsV2({ client }, asked)) {
      for (const { Key } of Contents) if (Key !== undefined) keys.push(Key);
      invariant(keys.length <= OBJECTS_MAX, 'an UNLOAD writes a bounded number of objects');
    }
    // S3 lists in the order of the keys.
    return keys;
  },
  lines: async function* (key) {
    const { Body } = await client.send(new GetObjectCommand({ Bucket: bucket, Key: key }));
    invariant(Body instanceof Readable, 'the body of an object is a stream');
    yield* linesOf(unzipped(Body));
  },
  firstLanding: async () => {
    const { Contents = [] } = await client.send(
      new ListObjectsV2Command({ Bucket: bucket, Prefix: LANDING, MaxKeys: 1 }),
    );
    return LANDED.exec(Contents[0]?.Key ?? '')?.[1];
  },
});
