import { invariant } from '../../../functions/core/invariant.ts';
import type { Invocation } from '../../cloud.ts';
import { finish, postpone } from './lane.ts';
import { type Batch, type Lane, newBatch, type ShardState, type Turn } from './state.ts';
import { verdictOf, windowStateOf } from './verdict.ts';

/** https://docs.aws.amazon.com/lambda/latest/dg/services-kinesis-windows.html: 1 MB for each shard. */
const WINDOW_STATE_BYTES_MAX = 1024 * 1024;
const DESTINATION_TRIES_MAX = 3;

/** Settles the batch that an invocation was about. */
export const settleInvocation = (
  turn: Turn,
  shard: ShardState,
  lane: Lane,
  result: Invocation,
): void => {
  const batch = activeOf(lane);
  const { config } = turn.state;
  const sequences = batch.entries.map(({ record }) => record.sequenceNumber);
  const verdict = verdictOf(result, sequences, config.reportItemFailures);
  if (batch.final) settleFinalCall(turn, shard, lane, verdict.kind === 'done');
  else if (verdict.kind === 'throttled') postpone(turn, batch);
  else if (verdict.kind === 'failed') settleFailure(turn, lane, batch);
  else if (verdict.kind === 'partial') {
    rememberWindow(shard, result);
    settlePartial(turn, lane, batch, verdict.failedFrom);
  } else {
    rememberWindow(shard, result);
    finish(lane, batch.entries);
  }
};

const activeOf = (lane: Lane): Batch => {
  invariant(lane.active !== null, 'an answer belongs to the active batch of its lane');
  return lane.active;
};

/** "If the invocation is unsuccessful, your function suspends further processing until it succeeds." */
const settleFinalCall = (turn: Turn, shard: ShardState, lane: Lane, done: boolean): void => {
  if (!done) {
    postpone(turn, activeOf(lane));
    return;
  }
  lane.active = null;
  shard.window = null;
};

const rememberWindow = (shard: ShardState, result: Invocation): void => {
  if (shard.window === null) return;
  const state = windowStateOf(result);
  const full = Buffer.byteLength(JSON.stringify(state)) > WINDOW_STATE_BYTES_MAX;
  shard.window = { ...shard.window, state: full ? shard.window.state : state, full };
};

/** The records before the lowest failure are finished; the rest runs again. */
const settlePartial = (turn: Turn, lane: Lane, batch: Batch, failedFrom: number): void => {
  finish(lane, batch.entries.slice(0, failedFrom));
  const rest = newBatch(batch.entries.slice(failedFrom), batch);
  lane.active = rest;
  // With bisect this is a split at the returned sequence number, and a split costs no attempt.
  if (!turn.state.config.bisect) retry(turn, rest);
};

/** Bisect halves at once and costs no attempt; a single record is what the retry quota is for. */
const settleFailure = (turn: Turn, lane: Lane, batch: Batch): void => {
  const { entries } = batch;
  if (!turn.state.config.bisect || entries.length === 1) {
    retry(turn, batch);
    return;
  }
  const middle = Math.ceil(entries.length / 2);
  lane.retries.unshift(
    newBatch(entries.slice(0, middle), batch),
    newBatch(entries.slice(middle), batch),
  );
  lane.active = null;
};

const retry = (turn: Turn, batch: Batch): void => {
  const { retriesMax } = turn.state.config;
  batch.attempts += 1;
  if (retriesMax < 0 || batch.attempts <= retriesMax) postpone(turn, batch);
  else batch.discard = { condition: 'RetryAttemptsExhausted', tries: 0 };
};

/**
 * A destination that cannot be reached is tried again, then given up with a metric, as AWS does:
 * https://docs.aws.amazon.com/lambda/latest/dg/monitoring-metrics-types.html.
 */
export const settleDiscard = (turn: Turn, lane: Lane, kept: boolean): void => {
  const batch = activeOf(lane);
  const gaveUp = !kept && (batch.discard?.tries ?? 0) >= DESTINATION_TRIES_MAX;
  if (gaveUp) turn.emit({ kind: 'metric', name: 'DestinationDeliveryErrors', value: 1 });
  if (kept || gaveUp) finish(lane, batch.entries);
  else postpone(turn, batch);
};
