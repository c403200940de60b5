import type { SQSBatchResponse, SQSEvent } from 'aws-lambda';
import { readSpill } from '../core/event/spill.ts';
import { type GuardedStream, isBreakerOpen } from '../runtime/guarded-stream.ts';
import type { Count } from '../runtime/metrics.ts';
import { putInOrder } from '../runtime/put-in-order.ts';

export interface DrainPorts {
  readonly stream: GuardedStream;
  readonly now: () => number;
  readonly sleep: (ms: number) => Promise<void>;
  readonly count: Count;
  readonly report: (message: string, fault: unknown) => void;
}

const PUT_TRIES_MAX = 3;
/** 70 % of the timeout. */
export const DRAIN_MS_MAX = 7_000;

/**
 * Puts what was spilled onto the stream. A message that is not wholly there comes again, with what
 * had been put before: copies with their old batchId and part, which the batch memory knows.
 */
export const drain =
  ({ stream, now, sleep, count, report }: DrainPorts) =>
  async ({ Records }: SQSEvent): Promise<SQSBatchResponse> => {
    const messages = Records.map(({ messageId, body }) => ({ messageId, read: readSpill(body) }));
    const envelopes = messages.flatMap(({ messageId, read = [] }) =>
      read.map((record) => ({ ...record, messageId })),
    );
    const { outcomes, fault } = await putInOrder(stream, envelopes, {
      triesMax: PUT_TRIES_MAX,
      deadlineMs: now() + DRAIN_MS_MAX,
      now,
      sleep,
      isFinal: isBreakerOpen,
    });
    if (fault !== undefined && !isBreakerOpen(fault)) report('a put failed', fault);

    const unfinished = new Set<string>();
    for (const { messageId, read } of messages) if (read === undefined) unfinished.add(messageId);
    // Nobody else may send to this queue; such a message ends in the dead-letter queue, whole.
    count('Unreadable', unfinished.size);
    for (const [index, { messageId }] of envelopes.entries())
      if (outcomes[index] !== 'stored') unfinished.add(messageId);
    count('Drained', outcomes.filter((outcome) => outcome === 'stored').length);
    return { batchItemFailures: [...unfinished].map((itemIdentifier) => ({ itemIdentifier })) };
  };
