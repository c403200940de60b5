/** A batch of a table's stream. Only a mapping with a tumbling window is told the shard. */
import type { DynamoDBRecord } from 'aws-lambda';
import { invariant } from '../core/invariant.ts';
import { type EpochMs, epochMs } from '../core/time.ts';

export interface TableStreamEvent {
  readonly Records?: readonly DynamoDBRecord[];
  /** Told only to mappings with a tumbling window. */
  readonly shardId?: string;
  readonly isFinalInvokeForWindow?: boolean;
}

export interface TableStreamAnswer {
  /** Whatever a window gathers is lost when it ends early or is read again: so it gathers nothing. */
  readonly state: Readonly<Record<string, never>>;
  readonly batchItemFailures: readonly { readonly itemIdentifier: string }[];
}

export interface TableRecord {
  readonly pk: string;
  readonly sk: string;
  readonly sequence: string;
  readonly at: EpochMs;
  /** The item is gone; it has no attributes any more. */
  readonly removed: boolean;
  /** Text attributes of the item as it was written. */
  readonly text: (name: string) => string | undefined;
  /** Its whole numbers. */
  readonly number: (name: string) => number | undefined;
}

const SEQUENCE = /^\d{1,56}$/;

export const shardIdOf = ({ shardId }: TableStreamEvent): string => {
  invariant(
    typeof shardId === 'string' && shardId !== '',
    'a call names its shard: the mapping has a tumbling window',
  );
  return shardId;
};

export const readTableStreamBatch = ({ Records = [] }: TableStreamEvent): readonly TableRecord[] =>
  Records.map(({ dynamodb, eventName }) => {
    const { Keys, NewImage, SequenceNumber, ApproximateCreationDateTime } = dynamodb ?? {};
    invariant(
      SequenceNumber !== undefined && SEQUENCE.test(SequenceNumber),
      'a record of a table stream has a sequence number',
    );
    return {
      pk: Keys?.pk?.S ?? '',
      sk: Keys?.sk?.S ?? '',
      sequence: SequenceNumber,
      at: epochMs(Math.round((ApproximateCreationDateTime ?? 0) * 1_000)),
      removed: eventName === 'REMOVE',
      text: (name) => NewImage?.[name]?.S,
      number: (name) => wholeNumber(NewImage?.[name]?.N),
    };
  });

const wholeNumber = (digits: string | undefined): number | undefined => {
  const value = Number(digits ?? Number.NaN);
  return Number.isSafeInteger(value) ? value : undefined;
};
