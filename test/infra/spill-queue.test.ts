import { expect, test } from 'vitest';
import { sizes } from '../../lib/config.ts';
import { ofSize, SIZES } from './templates.ts';

const queues = (size: (typeof SIZES)[number]) =>
  Object.entries(ofSize(size).dataTemplate.findResources('AWS::SQS::Queue'));

const DAYS_14 = 14 * 86_400;

test.each(SIZES)('%s: spilled events are kept 14 days and tried 1,000 times', (size) => {
  const spill = queues(size).find(([id]) => id.startsWith('SpillQueue'));
  expect(spill?.[1].Properties).toMatchObject({
    MessageRetentionPeriod: DAYS_14,
    RedrivePolicy: { maxReceiveCount: 1000 },
  });
  const dead = queues(size).find(([id]) => id.startsWith('SpillDeadLetters'));
  expect(dead?.[1].Properties.MessageRetentionPeriod).toBe(DAYS_14);
});

test.each(SIZES)('%s: a message is hidden for six timeouts of its reader', (size) => {
  const { timeoutSeconds } = sizes[size].functions.drain;
  const spill = queues(size).find(([id]) => id.startsWith('SpillQueue'));
  expect(spill?.[1].Properties.VisibilityTimeout).toBe(6 * timeoutSeconds);
});

test('the queues are encrypted, under the customer key where there is one', () => {
  const encryption = SIZES.map((size) =>
    queues(size).map(([, { Properties }]) =>
      Properties.KmsMasterKeyId === undefined ? Properties.SqsManagedSseEnabled : 'key',
    ),
  );
  expect(encryption).toEqual([
    [true, true],
    ['key', 'key'],
    ['key', 'key'],
  ]);
});

test.each(SIZES)('%s: no queue is reached without TLS', (size) => {
  const policies = ofSize(size).dataTemplate.findResources('AWS::SQS::QueuePolicy');
  const refusals = Object.values(policies).filter((policy) =>
    JSON.stringify(policy).includes('"Condition":{"Bool":{"aws:SecureTransport":"false"}}'),
  );
  expect(refusals).toHaveLength(2);
});
