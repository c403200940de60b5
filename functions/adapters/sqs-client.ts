import { SQSClient } from '@aws-sdk/client-sqs';
import { PATIENCE } from './patience.ts';

/** The queue's URL is its name; where it is asked is for the region (or a laptop) to say. */
export const newSqsClient = (): SQSClient =>
  new SQSClient({ maxAttempts: 2, requestHandler: PATIENCE, useQueueUrlAsEndpoint: false });
