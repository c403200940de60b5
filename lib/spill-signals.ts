import { Metric } from 'aws-cdk-lib/aws-cloudwatch';
import { minute, type Signal } from './signal.ts';

/** Names of the queues. */
export interface SpillNames {
  readonly queue: string;
  readonly deadLetters: string;
}

const SPILL_WAITS_SECONDS = 900;

export const spillSignals = ({ queue, deadLetters }: SpillNames): readonly Signal[] => [
  {
    id: 'SpillFilling',
    says: 'Events wait in the spill queue: the raw stream does not take them.',
    runbook: 'spill-filling',
    pages: false,
    metric: ofQueue(queue, 'ApproximateNumberOfMessagesVisible'),
    above: 0,
    minutes: 3,
    of: 5,
  },
  {
    id: 'SpillWaits',
    says: 'An event has been waiting in the spill queue for more than 15 minutes.',
    runbook: 'spill-filling',
    pages: true,
    metric: ofQueue(queue, 'ApproximateAgeOfOldestMessage'),
    above: SPILL_WAITS_SECONDS,
    minutes: 3,
    of: 5,
  },
  {
    id: 'SpillDead',
    says: 'drain gave up on spilled events; they are in the dead-letter queue.',
    runbook: 'spill-dead',
    pages: true,
    metric: ofQueue(deadLetters, 'ApproximateNumberOfMessagesVisible'),
    above: 0,
    minutes: 1,
    of: 1,
  },
];

const ofQueue = (QueueName: string, metricName: string): Metric =>
  new Metric({
    namespace: 'AWS/SQS',
    metricName,
    dimensionsMap: { QueueName },
    statistic: 'Maximum',
    period: minute,
  });
