import {
  ChangeMessageVisibilityCommand,
  DeleteMessageBatchCommand,
  DeleteMessageCommand,
  GetQueueAttributesCommand,
  GetQueueUrlCommand,
  ListQueuesCommand,
  type Message,
  PurgeQueueCommand,
  ReceiveMessageCommand,
  SendMessageBatchCommand,
  SendMessageCommand,
  SQSClient,
} from '@aws-sdk/client-sqs';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { sqsSpillQueue } from '../../functions/adapters/sqs-spill-queue.ts';
import { sqsSpilledMessages } from '../../functions/adapters/sqs-spilled-messages.ts';
import { cutSpill, readSpill } from '../../functions/core/event/spill.ts';
import type { Invocation } from '../../localstack/cloud.ts';
import { createMappings } from '../../localstack/services/mapping/mapping.ts';
import { createSqs, type Sqs } from '../../localstack/services/sqs/create-sqs.ts';
import { type Served, serve, temporaryFolder } from '../support/served.ts';

let folder: ReturnType<typeof temporaryFolder>;
let nowMs: number;
let sqs: Sqs;
let served: Served;
let client: SQSClient;
let QueueUrl: string;

const create = async (logicalId: string, properties: Readonly<Record<string, unknown>>) => {
  const made = await sqs.resourceTypes[0]?.create({
    stack: 'data',
    logicalId,
    type: 'AWS::SQS::Queue',
    physicalName: `data-${logicalId}`,
    properties,
    metadata: {},
  });
  if (made === undefined) throw new Error('SQS creates no queue');
  return made;
};

let spillArn: string;
let deadUrl: string;

const start = async (): Promise<void> => {
  sqs = createSqs({
    dataDir: folder.path,
    clock: { now: () => nowMs },
    endpointUrl: 'http://127.0.0.1:1',
  });
  served = await serve(sqs.handle);
  client = new SQSClient({
    endpoint: served.url,
    region: 'us-east-1',
    credentials: { accessKeyId: 'a', secretAccessKey: 'b' },
    useQueueUrlAsEndpoint: false,
    maxAttempts: 1,
  });
  const dead = await create('Dead', { MessageRetentionPeriod: 1_209_600 });
  deadUrl = dead.ref;
  const spill = await create('Spill', {
    MessageRetentionPeriod: 86_400,
    VisibilityTimeout: 60,
    RedrivePolicy: { deadLetterTargetArn: dead.attributes.Arn, maxReceiveCount: 2 },
  });
  QueueUrl = spill.ref;
  spillArn = spill.attributes.Arn ?? '';
};

const stop = async (): Promise<void> => {
  client.destroy();
  await served.close();
  await sqs.close();
};

beforeEach(async () => {
  folder = temporaryFolder();
  nowMs = Date.UTC(2026, 10, 24);
  await start();
});

afterEach(async () => {
  await stop();
  folder.remove();
});

const send = (MessageBody: string) =>
  client.send(new SendMessageCommand({ QueueUrl, MessageBody }));

const receive = async (url = QueueUrl, more: object = {}): Promise<readonly Message[]> => {
  const command = new ReceiveMessageCommand({ QueueUrl: url, MaxNumberOfMessages: 10, ...more });
  return (await client.send(command)).Messages ?? [];
};

const bodies = (messages: readonly Message[]) => messages.map(({ Body }) => Body);

const remove = ({ ReceiptHandle }: Message) =>
  client.send(new DeleteMessageCommand({ QueueUrl, ReceiptHandle }));

const only = async (url = QueueUrl): Promise<Message> => {
  const [message, ...others] = await receive(url);
  expect(others).toEqual([]);
  if (message === undefined) throw new Error('there is no message');
  return message;
};

test('a message that was received is hidden for its time, and comes again if nobody deletes it', async () => {
  await send('one');
  expect((await only()).Body).toBe('one');
  nowMs += 59_999;
  expect(await receive()).toEqual([]);
  nowMs += 1;
  await remove(await only());
  nowMs += 60_000;
  expect(await receive()).toEqual([]);
});

test('the receipt of a slow reader deletes nothing once another has the message', async () => {
  await send('one');
  const slow = await only();
  nowMs += 60_000;
  await only();
  await remove(slow);
  const { Attributes } = await client.send(
    new GetQueueAttributesCommand({ QueueUrl, AttributeNames: ['All'] }),
  );
  expect(Attributes).toMatchObject({
    ApproximateNumberOfMessages: '0',
    ApproximateNumberOfMessagesNotVisible: '1',
  });
});

test('a message that was received as often as may be goes to the dead-letter queue', async () => {
  await send('one');
  for (let times = 0; times < 2; times += 1) {
    await only();
    nowMs += 60_000;
  }
  expect(await receive()).toEqual([]);
  expect((await only(deadUrl)).Body).toBe('one');
});

test('a reader may give a message back at once, or keep it longer', async () => {
  await send('one');
  const { ReceiptHandle } = await only();
  const keep = (VisibilityTimeout: number) =>
    client.send(new ChangeMessageVisibilityCommand({ QueueUrl, ReceiptHandle, VisibilityTimeout }));
  await keep(120);
  nowMs += 119_999;
  expect(await receive()).toEqual([]);
  await keep(0);
  expect(bodies(await receive())).toEqual(['one']);
});

test('what is older than the retention is gone', async () => {
  await send('one');
  nowMs += 86_400_001;
  expect(await receive()).toEqual([]);
});

test('after a restart the messages are there, the hidden ones hidden, the deleted ones gone', async () => {
  for (const body of ['seen', 'deleted', 'waiting']) await send(body);
  const [, second] = await receive(QueueUrl, { MaxNumberOfMessages: 2 });
  if (second !== undefined) await remove(second);
  await stop();
  await start();
  expect(bodies(await receive())).toEqual(['waiting']);
  nowMs += 60_000;
  expect(bodies(await receive())).toEqual(['seen', 'waiting']);
});

test('a call takes ten messages, 1 MiB and characters of XML, and says which it refuses', async () => {
  const batch = (all: readonly string[]) =>
    client.send(
      new SendMessageBatchCommand({
        QueueUrl,
        Entries: all.map((MessageBody, index) => ({ Id: `m${index}`, MessageBody })),
      }),
    );
  await expect(batch(Array(11).fill('x'))).rejects.toThrow('At most 10');
  await expect(batch(Array(2).fill('x'.repeat(600_000)))).rejects.toThrow('1048576');
  await expect(send('\uFFFE')).rejects.toThrow('XML');
  const { Successful, Failed } = await batch(['good', 'bad \u0001']);
  expect(Successful?.map(({ Id }) => Id)).toEqual(['m0']);
  expect(Failed?.map(({ Id, Code }) => [Id, Code])).toEqual([['m1', 'InvalidMessageContents']]);
});

test('queues are found by name and listed; one that is not there is named as such; purged is empty', async () => {
  expect((await client.send(new ListQueuesCommand({}))).QueueUrls).toEqual([deadUrl, QueueUrl]);
  const found = await client.send(new GetQueueUrlCommand({ QueueName: 'data-Spill' }));
  expect(found.QueueUrl).toBe(QueueUrl);
  const nowhere = new GetQueueUrlCommand({ QueueName: 'nowhere' });
  await expect(client.send(nowhere)).rejects.toMatchObject({ name: 'QueueDoesNotExist' });
  await send('one');
  await client.send(new PurgeQueueCommand({ QueueUrl }));
  expect(await receive()).toEqual([]);
});

test('several messages are deleted in one call', async () => {
  await send('one');
  await send('two');
  const Entries = (await receive()).map(({ ReceiptHandle }, index) => ({
    Id: `m${index}`,
    ReceiptHandle,
  }));
  await client.send(new DeleteMessageBatchCommand({ QueueUrl, Entries }));
  nowMs += 60_000;
  expect(await receive()).toEqual([]);
});

test('the spill queue keeps every envelope, in order per user and to the last character', async () => {
  const records = Array.from({ length: 60 }, (_, index) => ({
    partitionKey: `main#u${index % 25}`,
    data: `${JSON.stringify({ index, text: '\uFFFE\uFFFF"\\'.repeat(index * 500) })}\n`,
  }));
  const { outcomes, fault } = await sqsSpillQueue(QueueUrl, client).spill(records);
  expect(fault).toBeUndefined();
  expect(outcomes).toEqual(records.map(() => 'spilled'));
  const kept: Message[] = [];
  for (let page = await receive(); page.length > 0; page = await receive()) kept.push(...page);
  const byBody = (all: readonly string[]) => all.toSorted((a, b) => a.localeCompare(b));
  expect(byBody(bodies(kept).map(String))).toEqual(
    byBody(cutSpill(records).map(({ body }) => body)),
  );
  const read = kept.flatMap(({ Body }) => readSpill(String(Body)) ?? []);
  expect(read).toHaveLength(records.length);
});

test('a queue that is away is told, with its cause', async () => {
  const { outcomes, fault } = await sqsSpillQueue(`${QueueUrl}-nowhere`, client).spill([
    { partitionKey: 'main#u', data: 'x\n' },
  ]);
  expect(outcomes).toEqual(['failed']);
  expect(fault).toMatchObject({ name: 'QueueDoesNotExist' });
});

test('a drain hides more messages than one call takes, each for its own time', async () => {
  for (let index = 0; index < 12; index += 1) await send(`m${index}`);
  const held = [...(await receive()), ...(await receive())];
  expect(held).toHaveLength(12);
  await sqsSpilledMessages(QueueUrl, client).hide(
    held.map(({ ReceiptHandle, Body }) => ({
      receipt: String(ReceiptHandle),
      seconds: Body === 'm11' ? 2 : 1_800,
    })),
  );
  nowMs += 2_000;
  await remove(await only());
  nowMs += 1_797_999;
  expect(await receive()).toEqual([]);
  nowMs += 1;
  expect(await receive()).toHaveLength(10);
});

test('a message that somebody else holds by now is not hidden, and that is told', async () => {
  await send('one');
  const slow = await only();
  nowMs += 60_000;
  await only();
  await expect(
    sqsSpilledMessages(QueueUrl, client).hide([
      { receipt: String(slow.ReceiptHandle), seconds: 9 },
    ]),
  ).rejects.toThrow('MessageNotInflight');
});

interface Called {
  readonly messageId: string;
  readonly body: string;
  readonly attributes: Readonly<Record<string, string>>;
}

/** A mapping of the queue whose function answers as the test says; done when nothing is out. */
const mapped = async (
  answer: (records: readonly Called[]) => Invocation | Promise<Invocation>,
  properties: Readonly<Record<string, unknown>> = {},
) => {
  const calls: (readonly Called[])[] = [];
  const mappings = createMappings({
    dataDir: folder.path,
    clock: () => nowMs,
    random: () => 0,
    resources: { recordSource: () => undefined, messageQueue: sqs.messageQueue },
    invoker: {
      invoke: async (_name, payload) => {
        const { Records } = JSON.parse(payload) as { Records: readonly Called[] };
        calls.push(Records);
        return answer(Records);
      },
    },
    objects: { put: async () => undefined },
    metrics: { put: () => undefined },
    pollMs: 5,
  });
  await mappings.resourceTypes[0]?.create({
    stack: 'platform',
    logicalId: 'Mapping',
    type: 'AWS::Lambda::EventSourceMapping',
    physicalName: 'platform-Mapping',
    properties: {
      EventSourceArn: spillArn,
      FunctionName: 'drain',
      FunctionResponseTypes: ['ReportBatchItemFailures'],
      ...properties,
    },
    metadata: {},
  });
  return { calls, mappings };
};

const answered = (failed: readonly string[]): Invocation => ({
  payload: JSON.stringify({
    batchItemFailures: failed.map((itemIdentifier) => ({ itemIdentifier })),
  }),
});

test('a mapping deletes what its function finished; what failed comes again after its time', async () => {
  await send('good');
  await send('bad');
  const { calls, mappings } = await mapped((records) =>
    answered(records.filter(({ body }) => body === 'bad').map(({ messageId }) => messageId)),
  );
  await expect.poll(() => calls.flat().map(({ body }) => body)).toEqual(['good', 'bad']);
  await expect.poll(() => mappings.inFlight()).toBe(0);
  expect(mappings.drained()).toBe(false);
  nowMs += 60_000;
  await expect.poll(() => calls.at(-1)?.map(({ body }) => body)).toEqual(['bad']);
  expect(calls.at(-1)?.[0]?.attributes.ApproximateReceiveCount).toBe('2');
  await mappings.close();
});

test.each([
  ['throws', { payload: '{}', error: 'unhandled' }],
  ['answers nonsense', { payload: '{"batchItemFailures":"all"}' }],
  ['names a message that it was not given', answered(['somebody else'])],
] satisfies readonly (readonly [string, Invocation])[])(
  'of a function that %s no message is deleted',
  async (_what, answer) => {
    await send('one');
    const { calls, mappings } = await mapped(() => answer);
    await expect.poll(() => calls.length).toBe(1);
    await mappings.close();
    nowMs += 60_000;
    expect(bodies(await receive())).toEqual(['one']);
  },
);

test('a slow function sees its message a second time elsewhere, and its late answer deletes nothing', async () => {
  await send('one');
  let finish = (): void => undefined;
  const slow = new Promise<Invocation>((done) => {
    finish = () => done(answered([]));
  });
  const { mappings } = await mapped(() => slow);
  await expect.poll(() => mappings.inFlight()).toBe(1);
  nowMs += 60_000;
  expect(bodies(await receive())).toEqual(['one']);
  finish();
  await mappings.close();
  nowMs += 60_000;
  expect(mappings.drained()).toBe(false);
});

test('a mapping calls at most as often at once as it may', async () => {
  for (let index = 0; index < 8; index += 1) await send(`m${index}`);
  let atOnce = 0;
  let most = 0;
  const { calls, mappings } = await mapped(
    async () => {
      atOnce += 1;
      most = Math.max(most, atOnce);
      await new Promise((done) => setTimeout(done, 20));
      atOnce -= 1;
      return answered([]);
    },
    { BatchSize: 1, ScalingConfig: { MaximumConcurrency: 2 } },
  );
  await expect.poll(() => calls.length).toBe(8);
  await expect.poll(() => mappings.drained()).toBe(true);
  expect(most).toBe(2);
  await mappings.close();
});

test('what belongs to streams is refused beside a queue', async () => {
  await expect(mapped(() => answered([]), { StartingPosition: 'LATEST' })).rejects.toThrow(
    'StartingPosition is not for a queue',
  );
});
