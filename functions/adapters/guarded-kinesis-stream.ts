import { KinesisClient } from '@aws-sdk/client-kinesis';
import type { EventStream } from '../ports/event-stream.ts';
import { type GuardedStream, guardedStream } from '../runtime/guarded-stream.ts';
import { kinesisEventStream } from './kinesis-event-stream.ts';
import { PATIENCE } from './patience.ts';

/**
 * Tried again by us, record by record; a try of the SDK's own would repeat the whole call. What
 * `through` makes of the stream is behind the breaker.
 */
export const guardedKinesisStream = (
  streamName: string,
  through: (stream: EventStream) => EventStream,
): GuardedStream => {
  const client = new KinesisClient({ maxAttempts: 1, requestHandler: PATIENCE });
  return guardedStream(through(kinesisEventStream(client, streamName)), Date.now);
};
