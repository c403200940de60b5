import { randomUUID } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import { AwsFault, type Input, type Operation } from '../aws-json.ts';
import { type Message, md5, type Queue, receiptOf } from './queue.ts';

export interface Queues {
  readonly find: (url: string) => Queue | undefined;
  readonly names: () => readonly string[];
  readonly urlOf: (name: string) => string;
  readonly arnOf: (url: string) => string;
  readonly receive: (queue: Queue, limits: ReceiveLimits) => readonly Message[];
  readonly now: () => number;
}

export interface ReceiveLimits {
  readonly messagesMax: number;
  readonly bytesMax?: number;
  readonly visibilityMs?: number;
}

/** https://docs.aws.amazon.com/AWSSimpleQueueService/latest/SQSDeveloperGuide/quotas-messages.html */
const CALL_BYTES_MAX = 1024 * 1024;
const CALL_MESSAGES_MAX = 10;
const WAIT_POLL_MS = 50;
const MS = 1000;
const VISIBILITY_S_MAX = 43_200;
const DELAY_S_MAX = 900;
const WAIT_S_MAX = 20;
/** What XML 1.0 has no place for: https://www.w3.org/TR/xml/#charsets */
const NOT_XML = /[^\t\n\r\u0020-\uD7FF\uE000-\uFFFD\u{10000}-\u{10FFFF}]/u;

const fault = (code: string, message: string): AwsFault =>
  new AwsFault(`com.amazonaws.sqs#${code}`, message);

const textOf = (input: Input, name: string): string => {
  const value = input[name];
  if (typeof value !== 'string' || value === '')
    throw fault('MissingParameter', `The request must contain the parameter ${name}.`);
  return value;
};

const secondsOf = (value: unknown, name: string, secondsMax: number): number => {
  const seconds = Number(value);
  if (!Number.isInteger(seconds) || seconds < 0 || seconds > secondsMax)
    throw fault('InvalidParameterValue', `${name} must be between 0 and ${secondsMax}.`);
  return seconds * MS;
};

const newMessage = (queue: Queue, input: Input, nowMs: number): Message => {
  const body = textOf(input, 'MessageBody');
  if (Buffer.byteLength(body) > CALL_BYTES_MAX)
    throw fault('InvalidParameterValue', 'A message must be shorter than 1048576 bytes.');
  if (NOT_XML.test(body))
    throw fault('InvalidMessageContents', 'The body holds characters that XML 1.0 does not know.');
  if (Object.keys(Object(input.MessageAttributes)).length > 0)
    throw fault('UnsupportedOperation', 'The local cloud keeps no message attributes.');
  const delayMs =
    input.DelaySeconds === undefined
      ? queue.settings().delayMs
      : secondsOf(input.DelaySeconds, 'DelaySeconds', DELAY_S_MAX);
  return {
    id: randomUUID(),
    body,
    sentMs: nowMs,
    receives: 0,
    firstReceivedMs: null,
    visibleAtMs: nowMs + delayMs,
  };
};

const entriesOf = (input: Input): readonly Input[] => {
  const entries = Array.isArray(input.Entries) ? (input.Entries as readonly Input[]) : [];
  if (entries.length === 0) throw fault('EmptyBatchRequest', 'There should be at least one entry.');
  if (entries.length > CALL_MESSAGES_MAX)
    throw fault('TooManyEntriesInBatchRequest', 'At most 10 entries are permitted in a request.');
  if (new Set(entries.map(({ Id }) => Id)).size < entries.length)
    throw fault('BatchEntryIdsNotDistinct', 'Two entries have the same Id.');
  return entries;
};

/** A batch answers for each entry. */
const eachEntry = (input: Input, perform: (entry: Input) => object): object => {
  const Successful: object[] = [];
  const Failed: object[] = [];
  for (const entry of entriesOf(input)) {
    try {
      Successful.push({ Id: entry.Id, ...perform(entry) });
    } catch (thrown) {
      if (!(thrown instanceof AwsFault)) throw thrown;
      const Code = thrown.name.replace(/^.*#/, '');
      Failed.push({ Id: entry.Id, Code, Message: thrown.message, SenderFault: true });
    }
  }
  return { Successful, ...(Failed.length > 0 ? { Failed } : {}) };
};

export const attributesOf = (message: Message) => ({
  ApproximateReceiveCount: String(message.receives),
  SentTimestamp: String(message.sentMs),
  SenderId: '000000000000',
  ApproximateFirstReceiveTimestamp: String(message.firstReceivedMs),
});

const asReceived = (message: Message, input: Input): object => {
  const asked = [input.AttributeNames, input.MessageSystemAttributeNames].flat().map(String);
  const attributes = Object.entries(attributesOf(message)).filter(
    ([name]) => asked.includes('All') || asked.includes(name),
  );
  return {
    MessageId: message.id,
    ReceiptHandle: receiptOf(message),
    MD5OfBody: md5(message.body),
    Body: message.body,
    ...(attributes.length > 0 ? { Attributes: Object.fromEntries(attributes) } : {}),
  };
};

const queueAttributes = (queue: Queue, arn: string, nowMs: number) => {
  const { visibilityMs, retentionMs, delayMs, redrive } = queue.settings();
  const all = queue.all();
  const visible = all.filter(({ visibleAtMs }) => visibleAtMs <= nowMs).length;
  const delayed = all.filter(
    ({ receives, visibleAtMs }) => receives === 0 && visibleAtMs > nowMs,
  ).length;
  return {
    QueueArn: arn,
    ApproximateNumberOfMessages: String(visible),
    ApproximateNumberOfMessagesNotVisible: String(all.length - visible - delayed),
    ApproximateNumberOfMessagesDelayed: String(delayed),
    VisibilityTimeout: String(visibilityMs / MS),
    MessageRetentionPeriod: String(retentionMs / MS),
    DelaySeconds: String(delayMs / MS),
    ...(redrive === null
      ? {}
      : {
          RedrivePolicy: JSON.stringify({
            deadLetterTargetArn: redrive.arn,
            maxReceiveCount: redrive.receivesMax,
          }),
        }),
  };
};

export const sqsOperations = (queues: Queues): Readonly<Record<string, Operation>> => {
  const queueOf = (input: Input): Queue => {
    const queue = queues.find(textOf(input, 'QueueUrl'));
    if (queue !== undefined) return queue;
    throw fault('QueueDoesNotExist', 'The specified queue does not exist.');
  };
  const hide = (queue: Queue, input: Input): object => {
    const message = queue.held(textOf(input, 'ReceiptHandle'));
    if (message === undefined) throw fault('MessageNotInflight', 'The message is not in flight.');
    const { VisibilityTimeout } = input;
    queue.hide(message, secondsOf(VisibilityTimeout, 'VisibilityTimeout', VISIBILITY_S_MAX));
    return {};
  };
  const remove = (queue: Queue, input: Input): object => {
    const message = queue.held(textOf(input, 'ReceiptHandle'));
    if (message !== undefined) queue.remove([message.id]);
    return {};
  };
  const send = (queue: Queue, input: Input): object => {
    const message = newMessage(queue, input, queues.now());
    queue.put([message]);
    return { MessageId: message.id, MD5OfMessageBody: md5(message.body) };
  };
  const receive = async (input: Input): Promise<object> => {
    const queue = queueOf(input);
    const messagesMax = Number(input.MaxNumberOfMessages ?? 1);
    if (!Number.isInteger(messagesMax) || messagesMax < 1 || messagesMax > CALL_MESSAGES_MAX)
      throw fault('InvalidParameterValue', 'MaxNumberOfMessages must be between 1 and 10.');
    const { VisibilityTimeout } = input;
    const limits = {
      messagesMax,
      ...(VisibilityTimeout === undefined
        ? {}
        : { visibilityMs: secondsOf(VisibilityTimeout, 'VisibilityTimeout', VISIBILITY_S_MAX) }),
    };
    let waitMs = secondsOf(input.WaitTimeSeconds ?? 0, 'WaitTimeSeconds', WAIT_S_MAX);
    let messages = queues.receive(queue, limits);
    for (; messages.length === 0 && waitMs > 0; waitMs -= WAIT_POLL_MS) {
      await sleep(WAIT_POLL_MS, undefined, { ref: false });
      messages = queues.receive(queue, limits);
    }
    return messages.length === 0 ? {} : { Messages: messages.map((one) => asReceived(one, input)) };
  };
  return {
    SendMessage: (input) => send(queueOf(input), input),
    SendMessageBatch: (input) => {
      const queue = queueOf(input);
      const bytes = entriesOf(input).reduce(
        (sum, { MessageBody }) => sum + Buffer.byteLength(String(MessageBody)),
        0,
      );
      if (bytes > CALL_BYTES_MAX)
        throw fault('BatchRequestTooLong', 'The messages of a request are at most 1048576 bytes.');
      return eachEntry(input, (entry) => send(queue, entry));
    },
    ReceiveMessage: receive,
    DeleteMessage: (input) => remove(queueOf(input), input),
    DeleteMessageBatch: (input) => {
      const queue = queueOf(input);
      return eachEntry(input, (entry) => remove(queue, entry));
    },
    ChangeMessageVisibility: (input) => hide(queueOf(input), input),
    ChangeMessageVisibilityBatch: (input) => {
      const queue = queueOf(input);
      return eachEntry(input, (entry) => hide(queue, entry));
    },
    GetQueueAttributes: (input) => {
      const all = queueAttributes(
        queueOf(input),
        queues.arnOf(String(input.QueueUrl)),
        queues.now(),
      );
      const asked = Array.isArray(input.AttributeNames) ? input.AttributeNames : [];
      const Attributes = Object.fromEntries(
        Object.entries(all).filter(([name]) => asked.includes('All') || asked.includes(name)),
      );
      return { Attributes };
    },
    GetQueueUrl: (input) => {
      const url = queues.urlOf(textOf(input, 'QueueName'));
      queueOf({ QueueUrl: url });
      return { QueueUrl: url };
    },
    ListQueues: ({ QueueNamePrefix = '' }) => ({
      QueueUrls: queues
        .names()
        .filter((name) => name.startsWith(String(QueueNamePrefix)))
        .map(queues.urlOf),
    }),
    PurgeQueue: (input) => {
      const queue = queueOf(input);
      queue.remove(queue.all().map(({ id }) => id));
      return {};
    },
  };
};
