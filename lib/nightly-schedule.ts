import type { IFunction } from 'aws-cdk-lib/aws-lambda';
import { Construct } from 'constructs';
import { callOnSchedule } from './call-on-schedule.ts';

export interface NightlyScheduleProps {
  readonly starts: IFunction;
  /** 0 to 23. */
  readonly hourUtc: number;
}

/** A later start would only find that the night is over. */
const START_WITHIN_SECONDS = 3_600;
const TRIES = 10;

/** Every night at one hour, and as anybody else would: the function takes the flight, or lets it be. */
export class NightlySchedule extends Construct {
  constructor(scope: Construct, id: string, { starts, hourUtc }: NightlyScheduleProps) {
    super(scope, id);
    if (!Number.isInteger(hourUtc) || hourUtc < 0 || hourUtc > 23) {
      throw new Error(
        `nightly.hourUtc in tributary.config.ts is an hour of UTC, 0 to 23, not ${hourUtc}`,
      );
    }
    callOnSchedule(this, {
      calls: starts,
      ids: { schedule: 'Nightly', role: 'Role' },
      does: 'Starts the nightly job',
      of: 'the nightly job',
      cron: `cron(0 ${hourUtc} * * ? *)`,
      retries: TRIES,
      startWithinSeconds: START_WITHIN_SECONDS,
    });
  }
}
