import { eventRecord } from './event.ts';
import type { Batch, Discard, ShardState, Turn } from './state.ts';

/**
 * The invocation record of a discarded batch and its key in the bucket:
 * https://docs.aws.amazon.com/lambda/latest/dg/kinesis-on-failure-destination.html. Where the
 * destination is S3 the record carries the whole event, as text. AWS documents the condition of
 * exhausted retries only; the one of age is named in its manner.
 */
export const invocationRecord = (
  turn: Turn,
  shard: ShardState,
  batch: Batch,
  discard: Discard,
): { readonly key: string; readonly body: string } => {
  const { config } = turn.state;
  const at = new Date(turn.nowMs).toISOString();
  const records = batch.entries.map(({ record }) => record);
  const [first, last] = [records[0], records.at(-1)];
  const batchInfo = {
    shardId: shard.shardId,
    startSequenceNumber: first?.sequenceNumber,
    endSequenceNumber: last?.sequenceNumber,
    approximateArrivalOfFirstRecord: new Date(first?.arrivedAtMs ?? 0).toISOString(),
    approximateArrivalOfLastRecord: new Date(last?.arrivedAtMs ?? 0).toISOString(),
    batchSize: records.length,
    streamArn: config.sourceArn,
  };
  const body = {
    requestContext: {
      requestId: uuid(turn.random),
      functionArn: config.functionArn,
      condition: discard.condition,
      approximateInvokeCount: batch.invocations,
    },
    ...(batch.invocations === 0
      ? {}
      : {
          responseContext: {
            statusCode: 200,
            executedVersion: '$LATEST',
            functionError: 'Unhandled',
          },
        }),
    version: '1.0',
    timestamp: at,
    [config.kind === 'kinesis' ? 'KinesisBatchInfo' : 'DDBStreamBatchInfo']: batchInfo,
    payload: JSON.stringify({ Records: records.map((record) => eventRecord(config, record)) }),
  };
  const day = at.slice(0, 10).replaceAll('-', '/');
  const second = at.slice(0, 19).replaceAll(':', '.');
  return {
    key: `aws/lambda/${config.uuid}/${shard.shardId}/${day}/${second}-${uuid(turn.random)}`,
    body: JSON.stringify(body),
  };
};

export const uuid = (random: () => number): string => {
  const hex = (digits: number): string =>
    Math.floor(random() * 16 ** digits)
      .toString(16)
      .padStart(digits, '0');
  return `${hex(8)}-${hex(4)}-4${hex(3)}-a${hex(3)}-${hex(12)}`;
};
