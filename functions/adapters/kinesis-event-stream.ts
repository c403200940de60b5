import { KinesisClient, PutRecordsCommand } from '@aws-sdk/client-kinesis';
import { invariant } from '../core/invariant.ts';
import type { EventStream } from '../ports/event-stream.ts';

const encoder = new TextEncoder();

/**
 * Its own default opens a connection for each call and closes it after: a TLS handshake for every
 * batch. One that stays open carries them all.
 */
export const newKinesisClient = (): KinesisClient =>
  new KinesisClient({ requestHandler: { disableConcurrentStreams: false } });

/** One PutRecords a call; a throttled record fails alone, inside an answer of 200. */
export const kinesisEventStream = (client: KinesisClient, streamName: string): EventStream => ({
  put: async (records) => {
    const { Records = [] } = await client.send(
      new PutRecordsCommand({
        StreamName: streamName,
        Records: records.map(({ partitionKey, data }) => ({
          PartitionKey: partitionKey,
          Data: encoder.encode(data),
        })),
      }),
    );
    invariant(Records.length === records.length, 'PutRecords answers for each record');
    return Records.map(({ ErrorCode }) => (ErrorCode === undefined ? 'stored' : 'failed'));
  },
});
