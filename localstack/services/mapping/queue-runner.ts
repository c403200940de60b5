import { setTimeout as setTimeoutPromise } from 'node:timers/promises';
import type { FunctionInvoker, Invocation, MessageQueue, QueuedMessage } from '../../cloud.ts';

export interface QueueRunnerOptions {
  readonly queue: MessageQueue;
  readonly functionName: string;
  readonly batchSize: number;
  /** Calls at once. */
  readonly callsMax: number;
  readonly reportItemFailures: boolean;
  readonly invoker: FunctionInvoker;
  readonly pollMs: number;
  readonly report: (fault: unknown) => void;
}

/** What one invocation may carry. */
const PAYLOAD_BYTES_MAX = 6 * 1024 * 1024;
/** For the names around the bodies, and for what JSON makes of them. */
const BODIES_BYTES_MAX = PAYLOAD_BYTES_MAX / 2;
const CLOSE_WAIT_MS = 3000;

/**
 * Which messages are finished. An answer that cannot be read, and one that names a message which
 * was not in the batch, count as a failure of the whole batch:
 * https://docs.aws.amazon.com/lambda/latest/dg/services-sqs-errorhandling.html
 */
export const finishedOf = (
  { payload, error }: Invocation,
  messages: readonly QueuedMessage[],
  reportItemFailures: boolean,
): readonly QueuedMessage[] => {
  if (error !== undefined) return [];
  if (!reportItemFailures) return messages;
  let answer: unknown;
  try {
    answer = JSON.parse(payload === '' ? 'null' : payload);
  } catch {
    return [];
  }
  const failures: unknown = Object(answer).batchItemFailures ?? [];
  if (!Array.isArray(failures)) return [];
  const failed = failures.map((failure: unknown) => Object(failure).itemIdentifier);
  const known = new Set<unknown>(messages.map(({ id }) => id));
  if (!failed.every((id) => known.has(id))) return [];
  return messages.filter(({ id }) => !failed.includes(id));
};

/** A mapping of a queue: receives, calls, deletes what is finished; the rest comes into sight again. */
export const startQueueRunner = (options: QueueRunnerOptions) => {
  const { queue, report } = options;
  const calls = new Set<Promise<void>>();
  let closing = false;
  let closed = false;

  const call = async (messages: readonly QueuedMessage[]): Promise<void> => {
    const payload = JSON.stringify({ Records: messages.map(({ body }) => body) });
    const result = await options.invoker.invoke(options.functionName, payload);
    const finished = finishedOf(result, messages, options.reportItemFailures);
    if (!closed && finished.length > 0) queue.remove(finished.map(({ receipt }) => receipt));
  };
  const look = (): void => {
    while (!closing && calls.size < options.callsMax) {
      const limits = { messagesMax: options.batchSize, bytesMax: BODIES_BYTES_MAX };
      const messages = queue.receive(limits);
      if (messages.length === 0) return;
      const made: Promise<void> = call(messages)
        .catch(report)
        .finally(() => {
          calls.delete(made);
          look();
        });
      calls.add(made);
    }
  };
  const timer = setInterval(look, options.pollMs);
  const unsubscribe = queue.onChange(look);
  look();
  return {
    inFlight: () => calls.size,
    redelivered: () => 0,
    drained: () => calls.size === 0 && queue.isEmpty(),
    close: async () => {
      closing = true;
      unsubscribe();
      clearInterval(timer);
      await Promise.race([
        Promise.all(calls),
        setTimeoutPromise(CLOSE_WAIT_MS, undefined, { ref: false }),
      ]);
      closed = true;
    },
  };
};
