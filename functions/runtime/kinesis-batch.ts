import type { KinesisStreamBatchResponse, KinesisStreamEvent } from 'aws-lambda';
import { invariant } from '../core/invariant.ts';
import { type EpochMs, epochMs } from '../core/time.ts';

/** A record of a stream as its reader sees it. */
export interface KinesisRecord {
  readonly streamArn: string;
  readonly shard: string;
  /** Digits as given: too long for a number. */
  readonly sequence: string;
  readonly partitionKey: string;
  /** Approximate arrival time: the same over every redelivery. */
  readonly arrivedAt: EpochMs;
  readonly bytes: Uint8Array;
}

type LambdaRecord = KinesisStreamEvent['Records'][number];

const EVENT_ID = /^(shardId-\d{12}):(\d{1,56})$/;
const SEQUENCE = /^\d{1,56}$/;

const toRecord = (given: LambdaRecord): KinesisRecord => {
  const [, shard, sequence] = EVENT_ID.exec(given.eventID) ?? [];
  invariant(shard !== undefined, 'a Kinesis eventID is <shard>:<sequence>');
  invariant(sequence === given.kinesis.sequenceNumber, 'eventID names the record’s sequence');
  return {
    streamArn: given.eventSourceARN,
    shard,
    sequence,
    partitionKey: given.kinesis.partitionKey,
    arrivedAt: arrivalOf(given.kinesis.approximateArrivalTimestamp),
    bytes: Buffer.from(given.kinesis.data, 'base64'),
  };
};

/** Lambda gives seconds with fraction; `1732440000.123 * 1000` is not whole in binary, so round. */
const arrivalOf = (approximateArrivalSeconds: number): EpochMs =>
  epochMs(Math.round(approximateArrivalSeconds * 1_000));

/** In the order given, which is the shard's. */
export const readKinesisBatch = (event: KinesisStreamEvent): readonly KinesisRecord[] => {
  const records = event.Records.map(toRecord);
  const [first] = records;
  for (const record of records) {
    // One mapping calls with records of one shard; a position compared across shards means nothing.
    invariant(record.streamArn === first?.streamArn, 'a batch is of one stream');
    invariant(record.shard === first?.shard, 'a batch is of one shard');
  }
  return records;
};

const SEQUENCE_DIGITS = 56;

/** For comparing: sequence numbers compare as strings of one length, never as numbers. */
export const paddedSequence = (sequence: string): string => sequence.padStart(SEQUENCE_DIGITS, '0');

/**
 * Lambda hands the shard over again from the lowest number named, so one is enough, and naming a
 * number that the batch does not hold would make it repeat the whole batch.
 */
export const batchAnswer = (unfinished: readonly string[]): KinesisStreamBatchResponse => {
  const [first, ...rest] = unfinished;
  if (first === undefined) return { batchItemFailures: [] };
  let lowest = first;
  for (const sequence of rest) {
    if (paddedSequence(sequence) < paddedSequence(lowest)) lowest = sequence;
  }
  invariant(SEQUENCE.test(lowest), 'an unfinished record is named by its digits');
  return { batchItemFailures: [{ itemIdentifier: lowest }] };
};
