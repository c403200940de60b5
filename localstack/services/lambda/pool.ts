/**
 * The copies of one function. The first one starts with the first call; more start only when a call
 * has waited, because a start costs a laptop more than a short wait does.
 */
import type { Invocation } from '../../cloud.ts';
import type { Copy, CopyEvents } from './copy.ts';

const COPIES_MAX = 8;
const WAITING_MAX = 1_000;
const WAIT_BEFORE_MORE_MS = 50;
/** All but one copy end after a minute without work, the last one after ten. */
const SPARE_IDLE_MAX_MS = 60_000;
const LAST_IDLE_MAX_MS = 600_000;
const REAP_EVERY_MS = 10_000;

const THROTTLED: Invocation = {
  error: 'throttled',
  payload: JSON.stringify({
    Reason: 'ReservedFunctionConcurrentInvocationLimitExceeded',
    message: 'Rate Exceeded.',
  }),
};

export interface Pool {
  readonly invoke: (payload: string) => Promise<Invocation>;
  readonly copies: () => readonly Copy[];
  readonly close: () => Promise<void>;
}

interface Waiting {
  readonly payload: string;
  readonly settle: (invocation: Invocation | Promise<Invocation>) => void;
}

export const createPool = (
  reservedCopies: number | undefined,
  start: (events: CopyEvents) => Copy,
): Pool => {
  const copiesMax = Math.min(reservedCopies ?? COPIES_MAX, COPIES_MAX);
  const copies = new Set<Copy>();
  /** Newest last, with the time since when; taken from the end, so that spare copies can age. */
  const free: { readonly copy: Copy; readonly sinceMs: number }[] = [];
  const waiting: Waiting[] = [];
  let inFlight = 0;
  let closed = false;
  let patience: NodeJS.Timeout | undefined;

  const startOne = (first: Waiting): void => {
    const copy = start({ onFree, onEnd });
    copies.add(copy);
    first.settle(copy.invoke(first.payload));
  };
  const startMore = (): void => {
    patience = undefined;
    if (closed || copies.size >= copiesMax) return;
    const next = waiting.shift();
    if (next === undefined) return;
    startOne(next);
    becomePatient();
  };
  const becomePatient = (): void => {
    if (waiting.length > 0) patience ??= setTimeout(startMore, WAIT_BEFORE_MORE_MS);
  };
  const onFree = (copy: Copy): void => {
    const next = waiting.shift();
    if (next === undefined) free.push({ copy, sinceMs: performance.now() });
    else next.settle(copy.invoke(next.payload));
  };
  const onEnd = (copy: Copy): void => {
    copies.delete(copy);
    const at = free.findIndex((entry) => entry.copy === copy);
    if (at >= 0) free.splice(at, 1);
    if (copies.size === 0) startMore();
  };
  const reap = (): void => {
    for (const { copy, sinceMs } of [...free]) {
      const idleMaxMs = copies.size > 1 ? SPARE_IDLE_MAX_MS : LAST_IDLE_MAX_MS;
      if (performance.now() - sinceMs < idleMaxMs) continue;
      free.splice(
        free.findIndex((entry) => entry.copy === copy),
        1,
      );
      copies.delete(copy);
      void copy.end();
    }
  };
  const reaper = setInterval(reap, REAP_EVERY_MS).unref();

  const place = (call: Waiting): void => {
    const copy = free.pop()?.copy;
    if (copy !== undefined) call.settle(copy.invoke(call.payload));
    else if (copies.size === 0) startOne(call);
    else {
      waiting.push(call);
      becomePatient();
    }
  };

  return {
    invoke: async (payload) => {
      if (closed || inFlight >= (reservedCopies ?? WAITING_MAX)) return THROTTLED;
      inFlight += 1;
      try {
        return await new Promise<Invocation>((settle) => place({ payload, settle }));
      } finally {
        inFlight -= 1;
      }
    },
    copies: () => [...copies],
    close: async () => {
      closed = true;
      clearInterval(reaper);
      clearTimeout(patience);
      for (const call of waiting.splice(0)) call.settle(THROTTLED);
      await Promise.all([...copies].map((copy) => copy.end()));
    },
  };
};
