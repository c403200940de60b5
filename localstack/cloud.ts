/**
 * What the parts of the local cloud say to each other.
 *
 * The template interpreter resolves every resource and hands it to the one ResourceType that knows
 * its kind; services answer AWS's wire protocols on one endpoint; mappings read RecordSources and
 * call a FunctionInvoker. Nothing else crosses between the folders of `services/`.
 */
import type { RequestListener } from 'node:http';

/** A template resource whose intrinsics are resolved to plain values. */
export interface ResolvedResource {
  readonly stack: string;
  readonly logicalId: string;
  readonly type: string;
  /** Stable over restarts: stack name, logical id. Used where the template gives no name. */
  readonly physicalName: string;
  readonly properties: Readonly<Record<string, unknown>>;
  readonly metadata: Readonly<Record<string, unknown>>;
}

/** What `Ref` and `Fn::GetAtt` of a created resource give. */
export interface CreatedResource {
  readonly ref: string;
  readonly attributes: Readonly<Record<string, string>>;
}

/** Why a property may be ignored on a laptop; there is no other reason. */
export type InertReason =
  | 'iam'
  | 'keys'
  | 'logs'
  | 'vpc'
  | 'tags'
  | 'tracing'
  | 'alarms'
  /** How CloudFormation deletes it; here a reset deletes all there is. */
  | 'deletion';

/**
 * How one CloudFormation type is honoured. A property path is dotted, `[]` stands for any index and
 * `*` for any key of a map: `StreamEncryption.KeyId`, `Routes[].Path`, `Environment.Variables.*`.
 * A path covers everything below it. What is in neither list is refused.
 */
export interface ResourceType {
  readonly type: string;
  readonly honoured: readonly string[];
  readonly inert: Readonly<Record<string, InertReason>>;
  /** Idempotent: at a restart the same logical id finds its data again. */
  readonly create: (resource: ResolvedResource) => Promise<CreatedResource>;
}

/** A service behind the one endpoint; it reads its own body. */
export interface LocalService {
  readonly handle: RequestListener;
  /** The types this service creates. */
  readonly resourceTypes: readonly ResourceType[];
  /** Ends timers and closes files; what was acknowledged is already on disk. */
  readonly close: () => Promise<void>;
}

/** One record as its reader sees it, before it gets the event shape of its source. */
export interface SourceRecord {
  readonly sequenceNumber: string;
  /** Order is kept per key: the partition key, or a table item's primary key. */
  readonly orderKey: string;
  readonly arrivedAtMs: number;
  /** Bytes that count against the 6 MB of one invocation. */
  readonly bytes: number;
  /** The record in the shape of the Lambda event, but for what only the mapping knows. */
  readonly body: Readonly<Record<string, unknown>>;
}

export interface SourceShard {
  readonly shardId: string;
  readonly parentShardIds: readonly string[];
  /** No record will follow the last one. */
  readonly closed: boolean;
}

/** A Kinesis stream or a table stream, read in process by its mappings (and by Firehose). */
export interface RecordSource {
  readonly arn: string;
  readonly kind: 'kinesis' | 'dynamodb';
  readonly shards: () => readonly SourceShard[];
  /** Records after a sequence number (from the oldest one where it is null), in order. */
  readonly read: (
    shardId: string,
    after: string | null,
    limits: { readonly recordsMax: number; readonly bytesMax: number },
  ) => readonly SourceRecord[] | Promise<readonly SourceRecord[]>;
  /** Called after an append or a reshard, so that a reader need not wait for its next poll. */
  readonly onChange: (listener: () => void) => () => void;
}

export interface Invocation {
  /** The JSON answer of the handler, or of the error that ended it. */
  readonly payload: string;
  /** Set when the function threw, timed out or died; `throttled` when it never ran. */
  readonly error?: 'handled' | 'unhandled' | 'throttled';
}

export interface FunctionInvoker {
  readonly invoke: (functionName: string, payload: string) => Promise<Invocation>;
}

export interface QueuedMessage {
  readonly id: string;
  /** Of this very receive. */
  readonly receipt: string;
  /** The message in the shape of the Lambda event. */
  readonly body: Readonly<Record<string, unknown>>;
}

/** An SQS queue, read in process by its mapping. */
export interface MessageQueue {
  readonly arn: string;
  readonly receive: (limits: {
    readonly messagesMax: number;
    readonly bytesMax: number;
  }) => readonly QueuedMessage[];
  readonly remove: (receipts: readonly string[]) => void;
  /** Hidden messages count as well. */
  readonly isEmpty: () => boolean;
  readonly onChange: (listener: () => void) => () => void;
}

/** How a service finds what another one created, by ARN. */
export interface Resources {
  readonly recordSource: (arn: string) => RecordSource | undefined;
  readonly messageQueue?: (arn: string) => MessageQueue | undefined;
}

/** Durable objects, written as S3's PutObject would: mappings' on-failure, Firehose's delivery. */
export interface ObjectSink {
  readonly put: (
    bucket: string,
    key: string,
    body: Uint8Array,
    options?: { readonly contentType?: string; readonly contentEncoding?: string },
  ) => Promise<void>;
}

/** Where the engines' own metrics go (IteratorAge, IncomingRecords, DeliveryToS3.DataFreshness). */
export interface MetricSink {
  readonly put: (
    namespace: string,
    name: string,
    dimensions: Readonly<Record<string, string>>,
    value: number,
    atMs: number,
  ) => void;
}
