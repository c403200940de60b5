import {
  admit,
  type Breaker,
  type BreakerSettings,
  closedBreaker,
  settle,
} from '../core/breaker.ts';
import type { EventStream, StreamRecord } from '../ports/event-stream.ts';

/** A stream behind the circuit breaker of this process. */
export interface GuardedStream extends EventStream {
  readonly breaker: () => Breaker;
}

export class BreakerOpen extends Error {
  override readonly name = 'BreakerOpen';
}

export const isBreakerOpen = (fault: unknown): boolean => fault instanceof BreakerOpen;

/** A probe takes one put; its client gives up well before the probe counts as lost. */
export const STREAM_BREAKER: BreakerSettings = { failuresMax: 5, openMs: 5_000, probeMs: 10_000 };

/** A breaker that opens forgets them; while it is open a probe every 5 s adds no more than a call's. */
const REFUSED_KEYS_MAX = 5_000;

/**
 * What an answer says of the stream: true where it stored anything, false where it refused a key
 * that it had not refused since it last stored one, else nothing. `refused` holds those keys.
 */
const verdictOf = (
  refused: Set<string>,
  records: readonly StreamRecord[],
  outcomes: readonly ('stored' | 'failed')[],
): boolean | undefined => {
  if (outcomes.includes('stored')) {
    refused.clear();
    return true;
  }
  if (refused.size > REFUSED_KEYS_MAX) refused.clear();
  const before = refused.size;
  for (const { partitionKey } of records) refused.add(partitionKey);
  return refused.size > before ? false : undefined;
};

/**
 * A call that failed as a whole is a failure. One that was answered is a failure once per key: a
 * user who is too hot is refused again and again inside answers of 200, and that is no reason to
 * leave the stream alone for everybody else.
 */
export const guardedStream = (
  stream: EventStream,
  now: () => number,
  settings: BreakerSettings = STREAM_BREAKER,
): GuardedStream => {
  let breaker = closedBreaker;
  const refused = new Set<string>();
  const settled = (ticket: number, ok: boolean): void => {
    const before = breaker.phase;
    breaker = settle(breaker, settings, { ticket, ok, nowMs: now() });
    if (before === 'closed' && breaker.phase === 'open') refused.clear();
  };
  return {
    breaker: () => breaker,
    put: async (records) => {
      const { breaker: admitted, ticket } = admit(breaker, settings, now());
      breaker = admitted;
      if (ticket === undefined) throw new BreakerOpen('the stream failed lately and is left alone');
      try {
        const outcomes = await stream.put(records);
        const verdict = verdictOf(refused, records, outcomes);
        // A probe has to end: a stream that refuses nobody else than before is there.
        if (verdict !== undefined || breaker.phase === 'half-open')
          settled(ticket, verdict ?? true);
        return outcomes;
      } catch (fault) {
        settled(ticket, false);
        throw fault;
      }
    },
  };
};
