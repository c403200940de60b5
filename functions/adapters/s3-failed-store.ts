import { PutObjectCommand, type S3Client } from '@aws-sdk/client-s3';
import type { FailedStore } from '../ports/failed-store.ts';
import { type FailedObject, failedObjects } from './failed-object.ts';

const PUTS_AT_ONCE = 8;

/** Encryption is the bucket's default. */
export const s3FailedStore = (
  client: Pick<S3Client, 'send'>,
  bucket: string,
  now: () => number = Date.now,
): FailedStore => ({
  park: async (events) => {
    const today = new Date(now()).toISOString().slice(0, 'yyyy-mm-dd'.length);
    const waiting = [...failedObjects(events, today)];
    const put = async ({ key, body }: FailedObject): Promise<void> => {
      await client.send(
        new PutObjectCommand({
          Bucket: bucket,
          Key: key,
          Body: body,
          ContentType: 'application/x-ndjson',
        }),
      );
    };
    const worker = async (): Promise<void> => {
      for (let next = waiting.shift(); next !== undefined; next = waiting.shift()) await put(next);
    };
    await Promise.all(Array.from({ length: Math.min(PUTS_AT_ONCE, waiting.length) }, worker));
  },
});
