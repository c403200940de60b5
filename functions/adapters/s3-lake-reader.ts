import { gunzipSync } from 'node:zlib';
import { GetObjectCommand, paginateListObjectsV2, type S3Client } from '@aws-sdk/client-s3';
import { type EpochMs, epochMs, toRfc3339 } from '../core/time.ts';

const HOUR_MS = 3_600_000;

export type LakeFolder = 'raw' | 'enriched';

/** `raw/dt=2026-11-21/hr=09/` and so on: an object lies under the hour of its oldest record. */
const prefixesOf = (folder: LakeFolder, from: EpochMs, to: EpochMs): readonly string[] => {
  const prefixes: string[] = [];
  for (let at = Math.floor(from / HOUR_MS) * HOUR_MS; at < to; at += HOUR_MS) {
    const text = toRfc3339(epochMs(at));
    prefixes.push(`${folder}/dt=${text.slice(0, 10)}/hr=${text.slice(11, 13)}/`);
  }
  return prefixes;
};

/** The lines of the objects that Firehose put into the hours of a range; some of them twice. */
export async function* lakeLines(
  client: S3Client,
  bucket: string,
  folder: LakeFolder,
  range: { readonly from: EpochMs; readonly to: EpochMs },
): AsyncGenerator<string> {
  for (const Prefix of prefixesOf(folder, range.from, range.to)) {
    for await (const page of paginateListObjectsV2({ client }, { Bucket: bucket, Prefix })) {
      for (const { Key } of page.Contents ?? []) {
        const { Body } = await client.send(new GetObjectCommand({ Bucket: bucket, Key }));
        const bytes = Buffer.from((await Body?.transformToByteArray()) ?? []);
        const isGzip = bytes[0] === 0x1f && bytes[1] === 0x8b;
        const text = (isGzip ? gunzipSync(bytes) : bytes).toString('utf8');
        for (const line of text.split('\n')) if (line !== '') yield line;
      }
    }
  }
}
