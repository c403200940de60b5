/** Records as Lambda hands them to a function. */
import type { DynamoDBRecord, KinesisStreamEvent } from 'aws-lambda';
import type { StreamRecord } from '../functions/ports/event-stream.ts';
import type { TableStreamEvent } from '../functions/runtime/table-stream-batch.ts';

export interface BatchPlace {
  /** Of the batch's first record in its stream. */
  readonly first: number;
  readonly arrivedAtMs: number;
}

export const kinesisBatch = (
  stream: string,
  records: readonly StreamRecord[],
  { first, arrivedAtMs }: BatchPlace,
): KinesisStreamEvent => ({
  Records: records.map(({ partitionKey, data }, index) => {
    const sequenceNumber = `496${String(first + index).padStart(53, '0')}`;
    return {
      kinesis: {
        kinesisSchemaVersion: '1.0',
        partitionKey,
        sequenceNumber,
        data: Buffer.from(data).toString('base64'),
        approximateArrivalTimestamp: arrivedAtMs / 1_000,
      },
      eventSource: 'aws:kinesis',
      eventVersion: '1.0',
      eventID: `shardId-000000000000:${sequenceNumber}`,
      eventName: 'aws:kinesis:record',
      invokeIdentityArn: 'arn:aws:iam::000000000000:role/bench',
      awsRegion: 'eu-west-1',
      eventSourceARN: `arn:aws:kinesis:eu-west-1:000000000000:stream/${stream}`,
    };
  }),
});

export type Image = NonNullable<NonNullable<DynamoDBRecord['dynamodb']>['NewImage']>;

const keysOf = ({ pk, sk }: Image): Image => ({ ...(pk && { pk }), ...(sk && { sk }) });

export const tableBatch = (
  images: readonly Image[],
  { first, arrivedAtMs }: BatchPlace,
): TableStreamEvent => ({
  shardId: 'shardId-00000001732173000000-0a1b2c3d',
  Records: images.map((image, index) => ({
    eventName: 'MODIFY',
    dynamodb: {
      ApproximateCreationDateTime: arrivedAtMs / 1_000,
      Keys: keysOf(image),
      NewImage: image,
      SequenceNumber: String(first + index),
    },
  })),
});
