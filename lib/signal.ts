import { Duration } from 'aws-cdk-lib';
import type { IMetric } from 'aws-cdk-lib/aws-cloudwatch';

/** One signal, one threshold, one runbook. */
export interface Signal {
  readonly id: string;
  readonly says: string;
  readonly runbook: string;
  /** Wakes somebody; else it can wait for the day. */
  readonly pages: boolean;
  readonly metric: IMetric;
  /** Alarms above this. */
  readonly above: number;
  /** In this many of the last `of` periods of the metric, which are minutes where it says no other. */
  readonly minutes: number;
  readonly of: number;
  /** Nothing measured is what is watched for; else it says nothing. */
  readonly watchesSilence?: true;
}

export const minute = Duration.minutes(1);
