/**
 * A circuit breaker without a timer: what it is now follows from its last change and the instant at
 * which it is asked, so a process that was frozen between two requests wakes up with the right one.
 */
export interface Breaker {
  readonly phase: 'closed' | 'open' | 'half-open';
  /** Failures in a row while closed. */
  readonly failures: number;
  /** Of the last change of phase. */
  readonly sinceMs: number;
  /** Grows with each change of phase, so that the answer of an older call changes nothing. */
  readonly generation: number;
}

export interface BreakerSettings {
  readonly failuresMax: number;
  /** How long nothing is tried. */
  readonly openMs: number;
  /** A probe without an answer after this long is lost, with the process that was frozen in it. */
  readonly probeMs: number;
}

export interface Admission {
  readonly breaker: Breaker;
  /** Handed back with the outcome; undefined: the call may not be made. */
  readonly ticket: number | undefined;
}

export const closedBreaker: Breaker = { phase: 'closed', failures: 0, sinceMs: 0, generation: 0 };

const turned = (before: Breaker, phase: Breaker['phase'], nowMs: number): Breaker => ({
  phase,
  failures: 0,
  sinceMs: nowMs,
  generation: before.generation + 1,
});

/** A clock that was set back must not keep a breaker open for as long as it was wrong. */
const isOver = (sinceMs: number, lengthMs: number, nowMs: number): boolean =>
  nowMs < sinceMs || nowMs - sinceMs >= lengthMs;

/** One probe at a time: the calls beside it are refused until it has an answer. */
export const admit = (
  breaker: Breaker,
  { openMs, probeMs }: BreakerSettings,
  nowMs: number,
): Admission => {
  if (breaker.phase === 'closed') return { breaker, ticket: breaker.generation };
  const waitMs = breaker.phase === 'open' ? openMs : probeMs;
  if (!isOver(breaker.sinceMs, waitMs, nowMs)) return { breaker, ticket: undefined };
  const probing = turned(breaker, 'half-open', nowMs);
  return { breaker: probing, ticket: probing.generation };
};

export const settle = (
  breaker: Breaker,
  { failuresMax }: BreakerSettings,
  outcome: { readonly ticket: number; readonly ok: boolean; readonly nowMs: number },
): Breaker => {
  const { ticket, ok, nowMs } = outcome;
  if (ticket !== breaker.generation) return breaker;
  if (breaker.phase === 'half-open') return turned(breaker, ok ? 'closed' : 'open', nowMs);
  if (ok) return breaker.failures === 0 ? breaker : { ...breaker, failures: 0 };
  const failures = breaker.failures + 1;
  return failures >= failuresMax ? turned(breaker, 'open', nowMs) : { ...breaker, failures };
};
