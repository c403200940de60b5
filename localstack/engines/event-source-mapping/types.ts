import type { Invocation, SourceRecord, SourceShard } from '../../cloud.ts';

/** One AWS::Lambda::EventSourceMapping of a Kinesis stream or a table stream, its defaults filled. */
export interface MappingConfig {
  readonly uuid: string;
  readonly functionName: string;
  readonly functionArn: string;
  readonly sourceArn: string;
  readonly kind: 'kinesis' | 'dynamodb';
  readonly batchSize: number;
  readonly batchingWindowMs: number;
  /** ParallelizationFactor: batches of one shard that may run at once. */
  readonly lanes: number;
  /** MaximumRetryAttempts; -1 retries until the record's age ends it. */
  readonly retriesMax: number;
  readonly recordAgeMaxMs: number | null;
  readonly bisect: boolean;
  readonly reportItemFailures: boolean;
  readonly onFailureBucket: string | null;
  /** TumblingWindowInSeconds; 0 is none. */
  readonly tumblingMs: number;
  /** LATEST and AT_TIMESTAMP: what arrived earlier is passed over. */
  readonly startAtMs: number;
  readonly matches: (record: SourceRecord) => boolean;
}

/** Up to where everything of a shard is finished, and what a tumbling window has gathered so far. */
export interface ShardCheckpoint {
  readonly sequence: string | null;
  readonly drained: boolean;
  readonly window: TumblingWindow | null;
}

export interface TumblingWindow {
  readonly startMs: number;
  readonly state: unknown;
  /** The state outgrew its limit: the window ends before its time. */
  readonly full: boolean;
}

export type MappingInput =
  /** At the start, after a change of the source, and at every poll. */
  | { readonly kind: 'shards'; readonly shards: readonly SourceShard[] }
  | {
      readonly kind: 'read';
      readonly shardId: string;
      readonly records: readonly SourceRecord[];
    }
  | { readonly kind: 'invoked'; readonly id: number; readonly result: Invocation }
  | { readonly kind: 'kept'; readonly id: number; readonly ok: boolean }
  | { readonly kind: 'tick' };

export type MappingOutput =
  | {
      readonly kind: 'read';
      readonly shardId: string;
      readonly after: string | null;
      readonly recordsMax: number;
      readonly bytesMax: number;
    }
  | {
      readonly kind: 'invoke';
      readonly id: number;
      readonly shardId: string;
      /** Null for the final call of a window, which carries no record. */
      readonly range: { readonly first: string; readonly last: string } | null;
      readonly payload: string;
    }
  /** A discarded batch on its way to the on-failure destination. */
  | {
      readonly kind: 'keep';
      readonly id: number;
      readonly bucket: string;
      readonly key: string;
      readonly body: string;
    }
  /** To be on disk before anything that follows it is performed. */
  | {
      readonly kind: 'checkpoint';
      readonly shardId: string;
      readonly checkpoint: ShardCheckpoint;
    }
  | { readonly kind: 'metric'; readonly name: string; readonly value: number };

export interface MappingStep {
  readonly outputs: readonly MappingOutput[];
  /** When to feed a tick, unless another input comes first. */
  readonly wakeAtMs: number | null;
}
