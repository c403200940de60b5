import type { EventStream, StreamRecord } from '../ports/event-stream.ts';

export const CALL_RECORDS_MAX = 500;
export const CALL_BYTES_MAX = 5 * 1_024 * 1_024;
const BACKOFF_MS = 50;
const BACKOFF_MS_MAX = 1_000;

export interface PutLimits {
  /** Tries of one record. */
  readonly triesMax: number;
  /** No call starts at or after this instant of `now`'s clock. */
  readonly deadlineMs: number;
  readonly now: () => number;
  readonly sleep: (ms: number) => Promise<void>;
  /** A fault that another try would only meet again, such as an open breaker. */
  readonly isFinal?: (fault: unknown) => boolean;
}

export interface PutResult {
  /** One per record, in order. After a failed record the later ones of its key were not put. */
  readonly outcomes: readonly ('stored' | 'failed')[];
  /** What the last call that failed as a whole threw. */
  readonly fault?: unknown;
}

interface Waiting {
  readonly index: number;
  readonly record: StreamRecord;
  readonly bytes: number;
}

const queuesByKey = (records: readonly StreamRecord[]): Map<string, Waiting[]> => {
  const queues = new Map<string, Waiting[]>();
  for (const [index, record] of records.entries()) {
    const bytes = Buffer.byteLength(record.data) + Buffer.byteLength(record.partitionKey);
    const queue = queues.get(record.partitionKey);
    if (queue === undefined) queues.set(record.partitionKey, [{ index, record, bytes }]);
    else queue.push({ index, record, bytes });
  }
  return queues;
};

/** The first waiting record of each key, as many as one call takes; keys behind them wait. */
const nextCall = (queues: ReadonlyMap<string, readonly Waiting[]>): readonly Waiting[] => {
  const call: Waiting[] = [];
  let bytes = 0;
  for (const [head] of queues.values()) {
    if (head === undefined) continue;
    if (
      call.length === CALL_RECORDS_MAX ||
      (call.length > 0 && bytes + head.bytes > CALL_BYTES_MAX)
    )
      break;
    call.push(head);
    bytes += head.bytes;
  }
  return call;
};

/**
 * Puts records so that those of one key reach the stream in order: at most one of a key in a call,
 * the next one only after it was acknowledged, and only what failed is put again.
 */
export const putInOrder = async (
  stream: EventStream,
  records: readonly StreamRecord[],
  { triesMax, deadlineMs, now, sleep, isFinal = () => false }: PutLimits,
): Promise<PutResult> => {
  const outcomes: ('stored' | 'failed')[] = records.map(() => 'failed');
  const tries = new Map<number, number>();
  const queues = queuesByKey(records);
  let fault: unknown;
  let failedCalls = 0;

  while (queues.size > 0 && now() < deadlineMs) {
    const call = nextCall(queues);
    const answer = await stream.put(call.map(({ record }) => record)).catch((thrown: unknown) => {
      fault = thrown;
      return undefined;
    });
    if (answer === undefined && isFinal(fault)) break;
    let anyFailed = false;
    for (const [place, { index, record }] of call.entries()) {
      const { partitionKey } = record;
      const queue = queues.get(partitionKey) ?? [];
      // Behind the others, so that each key has its turn.
      queues.delete(partitionKey);
      if (answer?.[place] === 'stored') {
        outcomes[index] = 'stored';
        queue.shift();
        if (queue.length > 0) queues.set(partitionKey, queue);
        continue;
      }
      anyFailed = true;
      const tried = (tries.get(index) ?? 0) + 1;
      tries.set(index, tried);
      if (tried < triesMax) queues.set(partitionKey, queue);
    }
    failedCalls = anyFailed ? failedCalls + 1 : 0;
    if (anyFailed && queues.size > 0) {
      const backoffMs = Math.min(BACKOFF_MS_MAX, BACKOFF_MS * 2 ** (failedCalls - 1));
      await sleep(Math.max(0, Math.min(backoffMs, deadlineMs - now())));
    }
  }
  return { outcomes, ...(fault === undefined ? {} : { fault }) };
};
