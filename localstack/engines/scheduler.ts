/**
 * One schedule as a pure state machine: when it is due, when it fires within its window, and how
 * a failed call is tried again. At least once: an occurrence is over when its call was taken.
 */
import type { NextAfter } from './scheduler-expression.ts';

export interface ScheduleConfig {
  readonly nextAfter: NextAfter;
  readonly enabled: boolean;
  readonly startMs?: number;
  readonly endMs?: number;
  /** Zero: at the time itself. */
  readonly windowMs: number;
  readonly retriesMax: number;
  readonly eventAgeMaxMs: number;
}

export interface Occurrence {
  /** The time of the expression. */
  readonly dueMs: number;
  /** When it is called, or called again. */
  readonly fireMs: number;
  readonly attempts: number;
}

export interface ScheduleState {
  readonly createdAtMs: number;
  /** Up to when occurrences are over or under way. */
  readonly throughMs: number;
  readonly pending?: Occurrence;
}

export type ScheduleInput =
  | { readonly kind: 'tick' }
  /** The target took the call. */
  | { readonly kind: 'taken' }
  | { readonly kind: 'refused' };

export interface ScheduleOutput {
  readonly state: ScheduleState;
  /** Call the target for this occurrence, and say how it went. */
  readonly fire?: Occurrence;
  /** Given up: out of retries or too old. */
  readonly dropped?: Occurrence;
}

const RETRY_FIRST_MS = 1_000;
const RETRY_LONGEST_MS = 300_000;

/** A schedule that is made now is due from now on, its first instant included. */
export const scheduleFrom = (nowMs: number): ScheduleState => ({
  createdAtMs: nowMs,
  throughMs: nowMs - 1,
});

/** The newest time that has come. After a pause the missed ones are one: each asks for the same. */
const newestDue = (
  state: ScheduleState,
  config: ScheduleConfig,
  nowMs: number,
): number | undefined => {
  const anchorMs = config.startMs ?? state.createdAtMs;
  const untilMs = Math.min(nowMs, config.endMs ?? nowMs);
  const next = config.nextAfter(Math.max(state.throughMs, anchorMs - 1), anchorMs);
  if (next === undefined || next > untilMs) return undefined;
  // What is older than an event may get is of no interest, however long the pause was.
  const fromMs = Math.max(next, untilMs - config.eventAgeMaxMs) - 1;
  return lastBetween(config, anchorMs, fromMs, untilMs) ?? next;
};

const lastBetween = (
  config: ScheduleConfig,
  anchorMs: number,
  afterMs: number,
  untilMs: number,
): number | undefined => {
  let last: number | undefined;
  for (let at = config.nextAfter(afterMs, anchorMs); at !== undefined && at <= untilMs; ) {
    last = at;
    at = config.nextAfter(at, anchorMs);
  }
  return last;
};

const tick = (
  state: ScheduleState,
  config: ScheduleConfig,
  nowMs: number,
  random: () => number,
): ScheduleOutput => {
  const { pending } = state;
  if (pending !== undefined) return pending.fireMs <= nowMs ? { state, fire: pending } : { state };
  const dueMs = config.enabled ? newestDue(state, config, nowMs) : undefined;
  if (dueMs === undefined) return { state };
  const occurrence = {
    dueMs,
    fireMs: dueMs + Math.floor(random() * config.windowMs),
    attempts: 0,
  };
  const late = nowMs - occurrence.fireMs > config.eventAgeMaxMs;
  const after = { ...state, throughMs: dueMs };
  if (late) return { state: after, dropped: occurrence };
  const begun = { ...after, pending: occurrence };
  return occurrence.fireMs <= nowMs ? { state: begun, fire: occurrence } : { state: begun };
};

const done = ({ pending: _, ...state }: ScheduleState): ScheduleState => state;

const refused = (
  state: ScheduleState,
  config: ScheduleConfig,
  nowMs: number,
  random: () => number,
): ScheduleOutput => {
  const { pending } = state;
  if (pending === undefined) return { state };
  const attempts = pending.attempts + 1;
  const backoffMs = Math.min(RETRY_LONGEST_MS, RETRY_FIRST_MS * 2 ** (attempts - 1));
  const fireMs = nowMs + Math.floor(backoffMs * (0.5 + random() / 2));
  const again = { ...pending, attempts, fireMs };
  const over = attempts > config.retriesMax || fireMs - pending.dueMs > config.eventAgeMaxMs;
  return over ? { state: done(state), dropped: again } : { state: { ...state, pending: again } };
};

export const scheduleStep = (
  state: ScheduleState,
  input: ScheduleInput,
  config: ScheduleConfig,
  { nowMs, random }: { readonly nowMs: number; readonly random: () => number },
): ScheduleOutput => {
  switch (input.kind) {
    case 'tick':
      return tick(state, config, nowMs, random);
    case 'taken':
      return { state: done(state) };
    case 'refused':
      return refused(state, config, nowMs, random);
  }
};
