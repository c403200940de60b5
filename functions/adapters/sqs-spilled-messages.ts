import { ChangeMessageVisibilityBatchCommand, type SQSClient } from '@aws-sdk/client-sqs';
import type { SpilledMessages } from '../ports/spilled-messages.ts';
import { newSqsClient } from './sqs-client.ts';

const CALL_MESSAGES_MAX = 10;

export class NotHidden extends Error {
  override readonly name = 'NotHidden';
}

export const sqsSpilledMessages = (
  queueUrl: string,
  client: Pick<SQSClient, 'send'> = newSqsClient(),
): SpilledMessages => ({
  hide: async (hidings) => {
    for (let from = 0; from < hidings.length; from += CALL_MESSAGES_MAX) {
      const { Failed = [] } = await client.send(
        new ChangeMessageVisibilityBatchCommand({
          QueueUrl: queueUrl,
          Entries: hidings
            .slice(from, from + CALL_MESSAGES_MAX)
            .map(({ receipt, seconds }, index) => ({
              Id: String(index),
              ReceiptHandle: receipt,
              VisibilityTimeout: seconds,
            })),
        }),
      );
      if (Failed.length > 0) throw new NotHidden(Failed.map(({ Code }) => Code).join());
    }
  },
});
