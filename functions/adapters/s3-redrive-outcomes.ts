import type { S3Client } from '@aws-sdk/client-s3';
import { outcomeObject } from '../core/failed/outcome.ts';
import type { RedriveOutcomes } from '../ports/failed-store.ts';
import { putObjects } from './s3-objects.ts';

export const s3RedriveOutcomes = (
  client: Pick<S3Client, 'send'>,
  bucket: string,
): RedriveOutcomes => ({
  tell: (outcomes) => putObjects(client, bucket, outcomes.map(outcomeObject)),
});
