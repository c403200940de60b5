/** SQS of the local cloud: standard queues in files, durable before the answer. */
import { join } from 'node:path';
import type { LocalService, MessageQueue, ResolvedResource, ResourceType } from '../../cloud.ts';
import { jsonService } from '../aws-json.ts';
import { attributesOf, type Queues, sqsOperations } from './operations.ts';
import {
  type Message,
  md5,
  openQueue,
  type Queue,
  type QueueSettings,
  receiptOf,
} from './queue.ts';

export interface SqsOptions {
  /** Queues live in the folder `sqs` below it. */
  readonly dataDir: string;
  readonly clock: { readonly now: () => number };
  readonly endpointUrl: string;
  readonly report?: (fault: unknown) => void;
}

export interface Sqs extends LocalService {
  readonly messageQueue: (arn: string) => MessageQueue | undefined;
}

const ACCOUNT = '000000000000';
const ARN_PREFIX = `arn:aws:sqs:us-east-1:${ACCOUNT}:`;
const MS = 1000;
const RETENTION_S = 345_600;
const VISIBILITY_S = 30;

const nameIn = (urlOrArn: string): string => urlOrArn.split(/[/:]/).at(-1) ?? '';

const redriveOf = (policy: unknown): QueueSettings['redrive'] => {
  if (policy === undefined) return null;
  const { deadLetterTargetArn, maxReceiveCount } = Object(policy);
  return { arn: String(deadLetterTargetArn), receivesMax: Number(maxReceiveCount) };
};

const settingsOf = ({ properties }: ResolvedResource): QueueSettings => ({
  retentionMs: Number(properties.MessageRetentionPeriod ?? RETENTION_S) * MS,
  visibilityMs: Number(properties.VisibilityTimeout ?? VISIBILITY_S) * MS,
  delayMs: Number(properties.DelaySeconds ?? 0) * MS,
  redrive: redriveOf(properties.RedrivePolicy),
});

interface World {
  readonly queues: Map<string, Queue>;
  readonly now: () => number;
}

/** In its dead-letter queue first: a kill between the two leaves a copy, never a loss. */
const receive = (
  { queues, now }: World,
  queue: Queue,
  limits: Parameters<Queues['receive']>[1],
) => {
  const { redrive, visibilityMs } = queue.settings();
  const taken: Message[] = [];
  let bytes = 0;
  for (const message of queue.visible()) {
    const grave = redrive === null ? undefined : queues.get(nameIn(redrive.arn));
    if (redrive !== null && grave !== undefined && message.receives >= redrive.receivesMax) {
      grave.put([{ ...message, receives: 0, firstReceivedMs: null, visibleAtMs: now() }]);
      queue.remove([message.id]);
      continue;
    }
    bytes += Buffer.byteLength(message.body);
    const isFull = taken.length > 0 && bytes > (limits.bytesMax ?? Number.POSITIVE_INFINITY);
    if (taken.length === limits.messagesMax || isFull) break;
    taken.push(message);
  }
  return taken.length === 0 ? [] : queue.take(taken, limits.visibilityMs ?? visibilityMs);
};

const asRecord = (arn: string, message: Message) => ({
  messageId: message.id,
  receiptHandle: receiptOf(message),
  body: message.body,
  attributes: attributesOf(message),
  messageAttributes: {},
  md5OfBody: md5(message.body),
  eventSource: 'aws:sqs',
  eventSourceARN: arn,
  awsRegion: 'us-east-1',
});

const messageQueue = (world: World, queue: Queue, arn: string): MessageQueue => ({
  arn,
  receive: (limits) =>
    receive(world, queue, limits).map((message) => ({
      id: message.id,
      receipt: receiptOf(message),
      body: asRecord(arn, message),
    })),
  remove: (receipts) => queue.remove(receipts.flatMap((receipt) => queue.held(receipt)?.id ?? [])),
  isEmpty: () => queue.all().length === 0,
  onChange: queue.onChange,
});

export const createSqs = ({ dataDir, clock, endpointUrl, report }: SqsOptions): Sqs => {
  const world: World = { queues: new Map(), now: clock.now };
  const settings = new Map<string, QueueSettings>();
  const urlOf = (name: string): string => `${endpointUrl}/${ACCOUNT}/${name}`;
  const open = (name: string): Queue =>
    openQueue(join(dataDir, 'sqs', `${name}.log`), {
      settings: () => settings.get(name) ?? settingsOf({ properties: {} } as ResolvedResource),
      now: clock.now,
    });
  const queueType: ResourceType = {
    type: 'AWS::SQS::Queue',
    honoured: [
      'DelaySeconds',
      'MessageRetentionPeriod',
      'QueueName',
      'RedrivePolicy',
      'VisibilityTimeout',
    ],
    inert: {
      KmsMasterKeyId: 'keys',
      KmsDataKeyReusePeriodSeconds: 'keys',
      SqsManagedSseEnabled: 'keys',
      Tags: 'tags',
    },
    create: async (resource) => {
      const { QueueName } = resource.properties;
      const name = typeof QueueName === 'string' ? QueueName : resource.physicalName;
      settings.set(name, settingsOf(resource));
      if (!world.queues.has(name)) world.queues.set(name, open(name));
      const attributes = { Arn: ARN_PREFIX + name, QueueName: name, QueueUrl: urlOf(name) };
      return { ref: urlOf(name), attributes };
    },
  };
  const operations = sqsOperations({
    find: (url) => world.queues.get(nameIn(url)),
    names: () => [...world.queues.keys()],
    urlOf,
    arnOf: (url) => ARN_PREFIX + nameIn(url),
    receive: (queue, limits) => receive(world, queue, limits),
    now: clock.now,
  });
  return {
    handle: jsonService({ version: '1.0', operations, ...(report && { report }) }),
    resourceTypes: [queueType],
    messageQueue: (arn) => {
      const queue = arn.startsWith(ARN_PREFIX) ? world.queues.get(nameIn(arn)) : undefined;
      return queue === undefined ? undefined : messageQueue(world, queue, arn);
    },
    close: async () => {
      for (const queue of world.queues.values()) queue.close();
    },
  };
};
