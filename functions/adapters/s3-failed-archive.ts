import {
  GetObjectCommand,
  ListObjectsV2Command,
  NoSuchKey,
  type S3Client,
} from '@aws-sdk/client-s3';
import { sentKeyOf } from '../core/failed/failed-keys.ts';
import type { FailedArchive, KeptText } from '../ports/failed-archive.ts';
import { putObjects } from './s3-objects.ts';

/** Lambda hands over 6 MiB at most; as base64 within JSON within JSON that is under 10. */
export const OBJECT_BYTES_MAX = 16 * 1_024 * 1_024;

export const s3FailedArchive = (
  client: S3Client,
  bucket: string,
  bytesMax: number = OBJECT_BYTES_MAX,
): FailedArchive => ({
  list: async ({ prefix, after, keysMax }) => {
    const { Contents = [], IsTruncated } = await client.send(
      new ListObjectsV2Command({
        Bucket: bucket,
        Prefix: prefix,
        MaxKeys: keysMax,
        // A key to go on after, rather than S3's token: it is the same to every caller and for ever.
        ...(after === undefined ? {} : { StartAfter: after }),
      }),
    );
    return {
      keys: Contents.map(({ Key = '', Size = 0 }) => ({ key: Key, bytes: Size })),
      more: IsTruncated === true,
    };
  },
  read: async (key): Promise<KeptText> => {
    try {
      const { Body, ContentLength = 0 } = await client.send(
        new GetObjectCommand({ Bucket: bucket, Key: key }),
      );
      if (ContentLength > bytesMax) {
        // What is not read would hold its connection.
        if (Body !== undefined && 'destroy' in Body) Body.destroy();
        return { kind: 'too_large', bytes: ContentLength };
      }
      return { kind: 'text', text: (await Body?.transformToString()) ?? '' };
    } catch (fault) {
      if (fault instanceof NoSuchKey) return { kind: 'missing' };
      throw fault;
    }
  },
  noteSent: (key, note) => putObjects(client, bucket, [{ key: sentKeyOf(key), body: note }]),
});
