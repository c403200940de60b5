import type { SourceRecord } from '../../cloud.ts';
import type { Batch, ShardState, Turn } from './state.ts';
import type { MappingConfig, TumblingWindow } from './types.ts';

/** Only the mapping knows as whom it calls; locally there is one who may do everything. */
const INVOKE_IDENTITY_ARN = 'arn:aws:iam::000000000000:role/local';

/** https://docs.aws.amazon.com/lambda/latest/dg/with-kinesis.html and with-ddb.html. */
export const payloadOf = (turn: Turn, shard: ShardState, batch: Batch): string => {
  const { config } = turn.state;
  const Records = batch.entries.map(({ record }) => eventRecord(config, record));
  if (shard.window === null || config.tumblingMs === 0) return JSON.stringify({ Records });
  return JSON.stringify({ Records, ...windowFields(turn, shard, batch, shard.window) });
};

export const eventRecord = (
  config: MappingConfig,
  record: SourceRecord,
): Readonly<Record<string, unknown>> =>
  config.kind === 'kinesis'
    ? { ...record.body, invokeIdentityArn: INVOKE_IDENTITY_ARN }
    : record.body;

/** https://docs.aws.amazon.com/lambda/latest/dg/services-kinesis-windows.html */
const windowFields = (
  turn: Turn,
  shard: ShardState,
  batch: Batch,
  window: TumblingWindow,
): Readonly<Record<string, unknown>> => {
  const { config } = turn.state;
  const endMs = window.startMs + config.tumblingMs;
  return {
    window: { start: instant(window.startMs), end: instant(endMs) },
    state: window.state,
    shardId: shard.shardId,
    eventSourceARN: config.sourceArn,
    isFinalInvokeForWindow: batch.final,
    isWindowTerminatedEarly: batch.final && (window.full || turn.nowMs < endMs),
  };
};

/** Whole seconds, as AWS writes a window's bounds. */
const instant = (atMs: number): string => new Date(atMs).toISOString().replace('.000Z', 'Z');
