import type { Step } from '../step.ts';
import { apply } from './apply.ts';
import type { Context, Decision, KinesisSettings } from './context.ts';
import { describeStream, describeStreamSummary, listShards, listStreams } from './describe.ts';
import { KinesisError } from './errors.ts';
import type { Raw } from './parameters.ts';
import { putRecord, putRecords } from './put.ts';
import { getRecords, getShardIterator } from './read.ts';
import { mergeShards, splitShard, updateShardCount } from './reshard.ts';
import type { Entry, KinesisState } from './state.ts';
import {
  createStream,
  decreaseRetention,
  deleteStream,
  increaseRetention,
} from './stream-settings.ts';
import { trim } from './trim.ts';

/** A call of the API, its blobs as bytes and its instants as Date; or time that has passed. */
export type KinesisInput =
  | { readonly kind: 'call'; readonly operation: string; readonly parameters: Raw }
  | { readonly kind: 'trim' };

export interface KinesisOutput {
  readonly body: Readonly<Record<string, unknown>>;
  /** To be written, then applied, then the answer given. */
  readonly entries: readonly Entry[];
}

/**
 * Kinesis Data Streams as a pure core. `step` decides a call and reserves sequence numbers and
 * throughput; what it decided becomes visible by `apply`, once the shell has the entries on disk.
 * A refused call throws a KinesisError.
 */
export interface KinesisEngine {
  readonly step: Step<KinesisInput, KinesisOutput>;
  readonly apply: (entry: Entry) => void;
  readonly state: KinesisState;
}

const operations: ReadonlyMap<string, (context: Context, raw: Raw) => Decision> = new Map(
  Object.entries({
    CreateStream: createStream,
    DecreaseStreamRetentionPeriod: decreaseRetention,
    DeleteStream: deleteStream,
    DescribeStream: describeStream,
    DescribeStreamSummary: describeStreamSummary,
    GetRecords: getRecords,
    GetShardIterator: getShardIterator,
    IncreaseStreamRetentionPeriod: increaseRetention,
    ListShards: listShards,
    ListStreams: listStreams,
    MergeShards: mergeShards,
    PutRecord: putRecord,
    PutRecords: putRecords,
    SplitShard: splitShard,
    UpdateShardCount: updateShardCount,
  }),
);

export const kinesisEngine = (settings: KinesisSettings): KinesisEngine => {
  const state: KinesisState = { streams: new Map(), storedBytes: 0 };
  return {
    state,
    apply: (entry) => apply(state, entry),
    step: (nowMs, _random, input) => {
      if (input.kind === 'trim') return { body: {}, entries: trim(state, nowMs) };
      const operation = operations.get(input.operation);
      if (operation === undefined)
        throw new KinesisError('UnknownOperationException', `Unknown operation ${input.operation}`);
      return operation({ state, settings, nowMs }, input.parameters);
    },
  };
};
