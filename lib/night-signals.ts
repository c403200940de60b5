import { Duration } from 'aws-cdk-lib';
import { type IMetric, MathExpression, Metric } from 'aws-cdk-lib/aws-cloudwatch';
import { minute, type Signal } from './signal.ts';

const hour = Duration.hours(1);
/** A night and its delay; alarms look back a day in minutes, and seven in hours. */
const NIGHT_WITHIN_HOURS = 26;
const SLOW_HOURS = 6;
const MS_PER_HOUR = 3_600_000;
/** Of what the lake says; what slips past the dedupe memory is far below it. */
const DRIFT_PERCENT = 0.01;

export const nightSignals = (machineArn: string): readonly Signal[] => [
  {
    id: 'NightFailed',
    says: 'A run of the nightly job failed: batch tags stay as of the night before.',
    runbook: 'night-failed',
    pages: false,
    metric: failed(machineArn),
    above: 0,
    minutes: 1,
    of: 1,
  },
  {
    id: 'NightRefused',
    says: 'The guard of the nightly job refused to load what it had made.',
    runbook: 'night-refused',
    pages: false,
    metric: ofFunction('plan', 'NightRefused', 'Sum'),
    above: 0,
    minutes: 1,
    of: 1,
  },
  {
    id: 'NightMissing',
    says: `No run of the nightly job has ended well for ${NIGHT_WITHIN_HOURS} hours.`,
    runbook: 'night-missing',
    pages: false,
    metric: hourWithout(machineArn),
    above: 0,
    minutes: NIGHT_WITHIN_HOURS,
    of: NIGHT_WITHIN_HOURS,
    watchesSilence: true,
  },
  {
    id: 'NightSlow',
    says: `A run of the nightly job took longer than ${SLOW_HOURS} hours.`,
    runbook: 'night-slow',
    pages: false,
    metric: ofMachine(machineArn, 'ExecutionTime', 'Maximum', minute),
    above: SLOW_HOURS * MS_PER_HOUR,
    minutes: 1,
    of: 1,
  },
  {
    id: 'TagDrift',
    says: `A tag of the stream is more than ${DRIFT_PERCENT} % off what the lake says.`,
    runbook: 'tag-drift',
    pages: false,
    metric: ofFunction('reconcile', 'TagDrift', 'Maximum'),
    above: DRIFT_PERCENT,
    minutes: 1,
    of: 1,
  },
];

const ofMachine = (
  StateMachineArn: string,
  metricName: string,
  statistic: string,
  period: Duration,
): Metric =>
  new Metric({
    namespace: 'AWS/States',
    metricName,
    dimensionsMap: { StateMachineArn },
    statistic,
    period,
  });

const ofFunction = (service: string, metricName: string, statistic: string): Metric =>
  new Metric({
    namespace: 'Tributary',
    metricName,
    dimensionsMap: { service },
    statistic,
    period: minute,
  });

const failed = (machineArn: string): IMetric =>
  new MathExpression({
    label: 'runs that failed',
    expression: 'FILL(failed, 0) + FILL(late, 0) + FILL(aborted, 0)',
    period: minute,
    usingMetrics: {
      failed: ofMachine(machineArn, 'ExecutionsFailed', 'Sum', minute),
      late: ofMachine(machineArn, 'ExecutionsTimedOut', 'Sum', minute),
      aborted: ofMachine(machineArn, 'ExecutionsAborted', 'Sum', minute),
    },
  });

/** Nothing where nothing ended: the alarm takes an hour without a datapoint as one without a night. */
const hourWithout = (machineArn: string): IMetric =>
  new MathExpression({
    label: 'hours without a run that ended well',
    expression: 'IF(ended > 0, 0, 1)',
    period: hour,
    usingMetrics: { ended: ofMachine(machineArn, 'ExecutionsSucceeded', 'Sum', hour) },
  });
