import { createServer } from 'node:http2';
import type { AddressInfo } from 'node:net';
import type { KinesisClient } from '@aws-sdk/client-kinesis';
import { afterEach, beforeEach, expect, test } from 'vitest';
import {
  kinesisEventStream,
  newKinesisClient,
} from '../../functions/adapters/kinesis-event-stream.ts';

const server = createServer();
let connections = 0;
server.on('session', () => {
  connections += 1;
});
server.on('stream', (stream) => {
  stream.resume().on('end', () => {
    stream.respond({ ':status': 200, 'content-type': 'application/x-amz-json-1.1' });
    stream.end('{"FailedRecordCount":0,"Records":[{"SequenceNumber":"1","ShardId":"s"}]}');
  });
});

let client: KinesisClient;
beforeEach(async () => {
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  process.env.AWS_ENDPOINT_URL = `http://127.0.0.1:${port}`;
  process.env.AWS_REGION = 'eu-west-1';
  process.env.AWS_ACCESS_KEY_ID = 'test';
  process.env.AWS_SECRET_ACCESS_KEY = 'test';
  client = newKinesisClient();
});
afterEach(async () => {
  client.destroy();
  await new Promise((resolve) => server.close(resolve));
});

test('puts of a function share one connection, one after the other and at once', async () => {
  const stream = kinesisEventStream(client, 'events');
  const put = () => stream.put([{ partitionKey: 'main#u', data: '{}\n' }]);
  expect(await put()).toEqual(['stored']);
  await Promise.all([put(), put(), put()]);
  await put();
  expect(connections).toBe(1);
});
