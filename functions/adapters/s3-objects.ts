import { PutObjectCommand, type S3Client } from '@aws-sdk/client-s3';
import type { SmallObject } from '../core/failed/outcome.ts';
import { eachBounded } from '../runtime/each-bounded.ts';

const PUTS_AT_ONCE = 8;

/** Encryption is the bucket's default. */
export const putObjects = (
  client: Pick<S3Client, 'send'>,
  bucket: string,
  objects: readonly SmallObject[],
): Promise<void> =>
  eachBounded(objects, PUTS_AT_ONCE, async ({ key, body }) => {
    await client.send(
      new PutObjectCommand({
        Bucket: bucket,
        Key: key,
        Body: body,
        ContentType: 'application/x-ndjson',
      }),
    );
  });
