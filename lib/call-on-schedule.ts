import { Stack } from 'aws-cdk-lib';
import { PolicyStatement, Role, ServicePrincipal } from 'aws-cdk-lib/aws-iam';
import type { IFunction } from 'aws-cdk-lib/aws-lambda';
import { CfnSchedule } from 'aws-cdk-lib/aws-scheduler';
import type { Construct } from 'constructs';

export interface ScheduledCall {
  readonly calls: IFunction;
  /** Ids of the schedule and of its role: they are what AWS knows them by. */
  readonly ids: { readonly schedule: string; readonly role: string };
  readonly does: string;
  /** What it is the schedule of. */
  readonly of: string;
  /** In UTC. */
  readonly cron: string;
  readonly retries: number;
  readonly startWithinSeconds: number;
}

/** A schedule that calls one function, and may call no other. */
export const callOnSchedule = (scope: Construct, call: ScheduledCall): void => {
  const role = new Role(scope, call.ids.role, {
    assumedBy: new ServicePrincipal('scheduler.amazonaws.com', {
      conditions: { StringEquals: { 'aws:SourceAccount': Stack.of(scope).account } },
    }),
    description: `What the schedule of ${call.of} may do`,
  });
  role.addToPolicy(
    new PolicyStatement({
      actions: ['lambda:InvokeFunction'],
      resources: [call.calls.functionArn],
    }),
  );
  const schedule = new CfnSchedule(scope, call.ids.schedule, {
    description: call.does,
    state: 'ENABLED',
    scheduleExpression: call.cron,
    scheduleExpressionTimezone: 'UTC',
    flexibleTimeWindow: { mode: 'OFF' },
    target: {
      arn: call.calls.functionArn,
      roleArn: role.roleArn,
      input: JSON.stringify({ source: 'schedule' }),
      retryPolicy: {
        maximumRetryAttempts: call.retries,
        maximumEventAgeInSeconds: call.startWithinSeconds,
      },
    },
  });
  // Scheduler tries its role when it is made.
  schedule.node.addDependency(role);
};
