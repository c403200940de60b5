import { at, every, list, type Rule, resources, statements, target } from './rule.ts';

const QUEUE = 'AWS::SQS::Queue';
const KEPT_SECONDS = 1_209_600;

export const queueRules: readonly Rule[] = [
  {
    id: 'queue-is-encrypted',
    why: 'a spilled event is as personal as one on the stream',
    broken: every(
      QUEUE,
      (queue) =>
        target(at(queue, 'KmsMasterKeyId')) !== undefined ||
        at(queue, 'SqsManagedSseEnabled') === true,
    ),
  },
  {
    id: 'queue-keeps-as-long-as-it-can',
    why: 'what waits here was acknowledged, and is nowhere else',
    broken: every(QUEUE, (queue) => at(queue, 'MessageRetentionPeriod') === KEPT_SECONDS),
  },
  {
    id: 'queue-demands-tls',
    why: 'without a policy of its own a queue answers over plain HTTP',
    broken: every(QUEUE, (_queue, template, logicalId) =>
      resources(template, 'AWS::SQS::QueuePolicy').some(
        ([, { Properties }]) =>
          list(at(Properties, 'Queues')).some((queue) => target(queue) === logicalId) &&
          statements(at(Properties, 'PolicyDocument')).some(
            ({ effect, condition }) =>
              effect === 'Deny' && at(condition, 'Bool.aws:SecureTransport') === 'false',
          ),
      ),
    ),
  },
];
