import { Stack } from 'aws-cdk-lib';
import { PolicyStatement, Role, ServicePrincipal } from 'aws-cdk-lib/aws-iam';
import type { IFunction } from 'aws-cdk-lib/aws-lambda';
import { CfnSchedule } from 'aws-cdk-lib/aws-scheduler';
import { Construct } from 'constructs';

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
    const role = new Role(this, 'Role', {
      assumedBy: new ServicePrincipal('scheduler.amazonaws.com', {
        conditions: { StringEquals: { 'aws:SourceAccount': Stack.of(this).account } },
      }),
      description: 'What the schedule of the nightly job may do',
    });
    role.addToPolicy(
      new PolicyStatement({
        actions: ['lambda:InvokeFunction'],
        resources: [starts.functionArn],
      }),
    );
    const schedule = new CfnSchedule(this, 'Nightly', {
      description: 'Starts the nightly job',
      state: 'ENABLED',
      scheduleExpression: `cron(0 ${hourUtc} * * ? *)`,
      scheduleExpressionTimezone: 'UTC',
      flexibleTimeWindow: { mode: 'OFF' },
      target: {
        arn: starts.functionArn,
        roleArn: role.roleArn,
        input: JSON.stringify({ source: 'schedule' }),
        retryPolicy: {
          maximumRetryAttempts: TRIES,
          maximumEventAgeInSeconds: START_WITHIN_SECONDS,
        },
      },
    });
    // Scheduler tries its role when it is made.
    schedule.node.addDependency(role);
  }
}
