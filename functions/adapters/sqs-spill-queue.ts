import { SendMessageBatchCommand, type SQSClient } from '@aws-sdk/client-sqs';
import { cutSpill, SPILL_MESSAGE_BYTES_MAX, type SpillMessage } from '../core/event/spill.ts';
import type { SpillQueue } from '../ports/spill-queue.ts';
import { newSqsClient } from './sqs-client.ts';

/** https://docs.aws.amazon.com/AWSSimpleQueueService/latest/APIReference/API_SendMessageBatch.html */
const CALL_MESSAGES_MAX = 10;
const CALLS_AT_ONCE = 8;

/** As many messages as one call takes, in order. */
const calls = (messages: readonly SpillMessage[]): readonly (readonly SpillMessage[])[] => {
  const all: SpillMessage[][] = [];
  let bytes = 0;
  for (const message of messages) {
    const call = all.at(-1);
    bytes += message.bytes;
    if (
      call === undefined ||
      call.length === CALL_MESSAGES_MAX ||
      bytes > SPILL_MESSAGE_BYTES_MAX
    ) {
      all.push([message]);
      bytes = message.bytes;
    } else call.push(message);
  }
  return all;
};

export const sqsSpillQueue = (
  queueUrl: string,
  client: Pick<SQSClient, 'send'> = newSqsClient(),
): SpillQueue => ({
  spill: async (records) => {
    const outcomes: ('spilled' | 'failed')[] = records.map(() => 'failed');
    let fault: unknown;
    const waiting = [...calls(cutSpill(records))];
    const send = async (call: readonly SpillMessage[]): Promise<void> => {
      const { Successful = [] } = await client.send(
        new SendMessageBatchCommand({
          QueueUrl: queueUrl,
          Entries: call.map(({ body }, index) => ({ Id: String(index), MessageBody: body })),
        }),
      );
      for (const { Id } of Successful)
        for (const place of call[Number(Id)]?.places ?? []) outcomes[place] = 'spilled';
    };
    const worker = async (): Promise<void> => {
      for (let call = waiting.shift(); call !== undefined; call = waiting.shift())
        await send(call).catch((thrown: unknown) => {
          fault = thrown;
        });
    };
    await Promise.all(Array.from({ length: Math.min(CALLS_AT_ONCE, waiting.length) }, worker));
    return { outcomes, ...(fault === undefined ? {} : { fault }) };
  },
});
