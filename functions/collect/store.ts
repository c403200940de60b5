import type { StreamRecord } from '../ports/event-stream.ts';
import type { SpillQueue } from '../ports/spill-queue.ts';
import { type GuardedStream, isBreakerOpen } from '../runtime/guarded-stream.ts';
import type { Count } from '../runtime/metrics.ts';
import { putInOrder } from '../runtime/put-in-order.ts';

export interface StorePorts {
  readonly stream: GuardedStream;
  /** Takes what the stream does not. */
  readonly spill: SpillQueue;
  /** Milliseconds of a clock that only measures how long a put takes. */
  readonly now: () => number;
  readonly sleep: (ms: number) => Promise<void>;
  readonly count: Count;
  readonly report: (message: string, fault: unknown, requestId: string) => void;
}

const PUT_TRIES_MAX = 3;
const PUT_MS_MAX = 5_000;

/** On the stream, else in the spill queue; false where an envelope is in neither. */
export const store =
  ({ stream, spill, now, sleep, count, report }: StorePorts) =>
  async (envelopes: readonly StreamRecord[], requestId: string): Promise<boolean> => {
    const { outcomes, fault } = await putInOrder(stream, envelopes, {
      triesMax: PUT_TRIES_MAX,
      deadlineMs: now() + PUT_MS_MAX,
      now,
      sleep,
      isFinal: isBreakerOpen,
    });
    // An open breaker is shown by /readyz and by the count of what is spilled; the log keeps causes.
    if (fault !== undefined && !isBreakerOpen(fault)) report('a put failed', fault, requestId);
    const left = envelopes.filter((_, index) => outcomes[index] !== 'stored');
    if (left.length === 0) return true;

    const spilled = await spill.spill(left);
    if (spilled.fault !== undefined) report('a spill failed', spilled.fault, requestId);
    count('spilled', spilled.outcomes.filter((outcome) => outcome === 'spilled').length);
    return spilled.outcomes.every((outcome) => outcome === 'spilled');
  };
