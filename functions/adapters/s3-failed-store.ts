import type { S3Client } from '@aws-sdk/client-s3';
import type { FailedStore } from '../ports/failed-store.ts';
import { failedObjects } from './failed-object.ts';
import { putObjects } from './s3-objects.ts';

export const s3FailedStore = (
  client: Pick<S3Client, 'send'>,
  bucket: string,
  now: () => number = Date.now,
): FailedStore => ({
  park: (events) => {
    const today = new Date(now()).toISOString().slice(0, 'yyyy-mm-dd'.length);
    return putObjects(client, bucket, failedObjects(events, today));
  },
});
