/** Queues; what their settings do over time is in sqs.test.ts. */
import type { Row } from './honoured-rows.ts';
import { set } from './honoured-rows.ts';
import type { SmallTemplate, SmallWorld } from './small-world.ts';

const QUEUE = 'AWS::SQS::Queue';

const given = (template: SmallTemplate): void => {
  template.Queue = { Type: QUEUE, Properties: {} };
};

const attribute =
  (name: string) =>
  async (world: SmallWorld): Promise<unknown> => {
    const { Attributes } = await world.call('AmazonSQS.GetQueueAttributes', {
      QueueUrl: world.ref('Queue'),
      AttributeNames: ['All'],
    });
    return Object(Attributes)[name];
  };

export const queueRows: readonly Row[] = [
  {
    type: QUEUE,
    path: 'DelaySeconds',
    given,
    change: set('Queue', 'DelaySeconds', 7),
    observe: attribute('DelaySeconds'),
    before: '0',
    after: '7',
  },
  {
    type: QUEUE,
    path: 'MessageRetentionPeriod',
    given,
    change: set('Queue', 'MessageRetentionPeriod', 60),
    observe: attribute('MessageRetentionPeriod'),
    before: '345600',
    after: '60',
  },
  {
    type: QUEUE,
    path: 'QueueName',
    given,
    change: set('Queue', 'QueueName', 'own-name'),
    observe: async (world) => world.ref('Queue').split('/').at(-1),
    before: 'small-Queue',
    after: 'own-name',
  },
  {
    type: QUEUE,
    path: 'RedrivePolicy',
    given,
    change: set('Queue', 'RedrivePolicy', { deadLetterTargetArn: 'arn:x', maxReceiveCount: 3 }),
    observe: attribute('RedrivePolicy'),
    before: undefined,
    after: '{"deadLetterTargetArn":"arn:x","maxReceiveCount":3}',
  },
  {
    type: QUEUE,
    path: 'VisibilityTimeout',
    given,
    change: set('Queue', 'VisibilityTimeout', 9),
    observe: attribute('VisibilityTimeout'),
    before: '30',
    after: '9',
  },
];
