import { MathExpression, Metric } from 'aws-cdk-lib/aws-cloudwatch';
import { minute, type Signal } from './signal.ts';

/** Names of the queues. */
export interface SpillNames {
  readonly queue: string;
  readonly deadLetters: string;
}

const SPILL_WAITS_MINUTES = 15;

export const spillSignals = ({ queue, deadLetters }: SpillNames): readonly Signal[] => [
  {
    id: 'SpillFilling',
    says: 'Events wait in the spill queue: the raw stream does not take them.',
    runbook: 'spill-filling',
    pages: false,
    metric: held(queue),
    above: 0,
    minutes: 3,
    of: 5,
  },
  {
    id: 'SpillWaits',
    says: `The spill queue has not been empty for ${SPILL_WAITS_MINUTES} minutes.`,
    runbook: 'spill-filling',
    pages: true,
    metric: held(queue),
    above: 0,
    minutes: SPILL_WAITS_MINUTES,
    of: SPILL_WAITS_MINUTES,
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

/**
 * Those that rest between two tries are hidden. The age of the oldest says less than it seems: a
 * message that was received three times is left out of it.
 */
const held = (queue: string): MathExpression =>
  new MathExpression({
    label: 'messages, visible or resting',
    expression: 'FILL(visible, 0) + FILL(resting, 0)',
    period: minute,
    usingMetrics: {
      visible: ofQueue(queue, 'ApproximateNumberOfMessagesVisible'),
      resting: ofQueue(queue, 'ApproximateNumberOfMessagesNotVisible'),
    },
  });

const ofQueue = (QueueName: string, metricName: string): Metric =>
  new Metric({
    namespace: 'AWS/SQS',
    metricName,
    dimensionsMap: { QueueName },
    statistic: 'Maximum',
    period: minute,
  });
