import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import {
  DeleteMessageCommand,
  ReceiveMessageCommand,
  SendMessageCommand,
  SQSClient,
} from '@aws-sdk/client-sqs';
import { expect, onTestFinished, test } from 'vitest';
import { CREDENTIALS, temporaryFolder } from '../support/served.ts';

const startChild = async (dataDir: string) => {
  const child = spawn(process.execPath, [join(import.meta.dirname, 'sqs-child.ts'), dataDir], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  onTestFinished(() => {
    child.kill('SIGKILL');
  });
  const [chunk] = (await once(child.stdout as NodeJS.ReadableStream, 'data')) as [Buffer];
  const { url, queueUrl } = JSON.parse(chunk.toString()) as { url: string; queueUrl: string };
  const client = new SQSClient({
    endpoint: url,
    region: 'us-east-1',
    credentials: CREDENTIALS,
    useQueueUrlAsEndpoint: false,
    maxAttempts: 1,
  });
  const kill = async (): Promise<void> => {
    const gone = once(child, 'exit');
    child.kill('SIGKILL');
    await gone;
    client.destroy();
  };
  return { client, QueueUrl: queueUrl, kill };
};

test('kill -9 while messages arrive loses none that was acknowledged, and none that was deleted comes back', async () => {
  const folder = temporaryFolder();
  onTestFinished(folder.remove);
  const acknowledged: string[] = [];
  const deleted: string[] = [];
  for (let life = 0; life < 3; life += 1) {
    const { client, QueueUrl, kill } = await startChild(folder.path);
    const sending = Array.from({ length: 40 }, async (_, index) => {
      const body = `life ${life}, message ${index}`;
      await client.send(new SendMessageCommand({ QueueUrl, MessageBody: body }));
      acknowledged.push(body);
    });
    await Promise.race(sending);
    const { Messages = [] } = await client.send(new ReceiveMessageCommand({ QueueUrl }));
    for (const { Body = '', ReceiptHandle } of Messages) {
      await client.send(new DeleteMessageCommand({ QueueUrl, ReceiptHandle }));
      deleted.push(Body);
    }
    await kill();
    await Promise.allSettled(sending);
  }
  const { client, QueueUrl, kill } = await startChild(folder.path);
  const kept: string[] = [];
  const command = new ReceiveMessageCommand({ QueueUrl, MaxNumberOfMessages: 10 });
  for (;;) {
    const { Messages = [] } = await client.send(command);
    if (Messages.length === 0) break;
    kept.push(...Messages.map(({ Body = '' }) => Body));
  }
  await kill();
  expect(deleted).toHaveLength(3);
  expect(kept.filter((body) => deleted.includes(body))).toEqual([]);
  expect(acknowledged.filter((body) => !kept.includes(body) && !deleted.includes(body))).toEqual(
    [],
  );
});
