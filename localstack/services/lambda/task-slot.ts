/**
 * Hands one invocation at a time to one copy, and settles it exactly once: by the copy's answer, by
 * its time running out, or by its end.
 */
import { randomUUID } from 'node:crypto';
import { invariant } from '../../../functions/core/invariant.ts';
import type { Invocation } from '../../cloud.ts';
import type { CopyListener, Task } from './runtime-api.ts';

/** On AWS a start has 10 s of its own before it eats the invocation's time. */
const INIT_MAX_MS = 10_000;
export const RESPONSE_BYTES_MAX = 6 * 1024 * 1024;

export interface TaskSlotOptions {
  readonly timeoutMs: number;
  readonly headers: (requestId: string) => Readonly<Record<string, string>>;
  readonly onFree: () => void;
  /** The time is over: whoever owns the process ends it. */
  readonly onTimeout: (requestId: string) => void;
}

export interface TaskSlot {
  readonly listener: CopyListener;
  readonly invoke: (payload: string) => Promise<Invocation>;
  readonly fail: (errorType: string, why: string) => void;
}

interface Running {
  readonly requestId: string;
  readonly settle: (invocation: Invocation) => void;
  timer: NodeJS.Timeout;
}

const failure = (requestId: string, errorType: string, why: string): Invocation => ({
  error: 'unhandled',
  payload: JSON.stringify({ errorType, errorMessage: `RequestId: ${requestId} Error: ${why}` }),
});

const answered = (requestId: string, payload: string): Invocation =>
  Buffer.byteLength(payload) <= RESPONSE_BYTES_MAX
    ? { payload }
    : failure(
        requestId,
        'Function.ResponseSizeTooLarge',
        `Response payload size exceeded maximum allowed payload size (${RESPONSE_BYTES_MAX} bytes).`,
      );

export const createTaskSlot = (options: TaskSlotOptions): TaskSlot => {
  const { timeoutMs } = options;
  let running: Running | undefined;
  let task: Task | undefined;
  let give: ((task: Task) => void) | undefined;
  let patienceMs = INIT_MAX_MS + timeoutMs;

  const settle = (invocation: (requestId: string) => Invocation): void => {
    if (running === undefined) return;
    clearTimeout(running.timer);
    const { settle: resolve, requestId } = running;
    running = undefined;
    resolve(invocation(requestId));
  };
  const fail = (errorType: string, why: string): void =>
    settle((requestId) => failure(requestId, errorType, why));
  const expire = (): void => {
    if (running !== undefined) options.onTimeout(running.requestId);
    fail('Sandbox.Timedout', `Task timed out after ${(timeoutMs / 1_000).toFixed(2)} seconds`);
  };
  /** An invocation's time counts from here; until then the copy was starting. */
  const deliver = (): void => {
    if (give === undefined || task === undefined || running === undefined) return;
    clearTimeout(running.timer);
    running.timer = setTimeout(expire, timeoutMs);
    give(task);
    give = undefined;
    task = undefined;
  };

  return {
    fail,
    listener: {
      onNext: (hand) => {
        give = hand;
        patienceMs = timeoutMs;
        if (running === undefined) options.onFree();
        else deliver();
      },
      onResponse: (payload) => settle((requestId) => answered(requestId, payload)),
      onError: (payload) => settle(() => ({ payload, error: 'unhandled' })),
    },
    invoke: (payload) =>
      new Promise((resolve) => {
        invariant(running === undefined, 'a copy serves one call at a time');
        const requestId = randomUUID();
        running = { requestId, settle: resolve, timer: setTimeout(expire, patienceMs) };
        task = { requestId, payload, headers: options.headers(requestId) };
        deliver();
      }),
  };
};
