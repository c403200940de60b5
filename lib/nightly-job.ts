import { RemovalPolicy, Stack } from 'aws-cdk-lib';
import { Role, ServicePrincipal } from 'aws-cdk-lib/aws-iam';
import type { IKey } from 'aws-cdk-lib/aws-kms';
import type { IFunction } from 'aws-cdk-lib/aws-lambda';
import { LogGroup } from 'aws-cdk-lib/aws-logs';
import {
  DefinitionBody,
  LogLevel,
  StateMachine,
  StateMachineType,
} from 'aws-cdk-lib/aws-stepfunctions';
import { Construct } from 'constructs';
import type { PlatformConfig } from './config.ts';
import { allow, grantStatements, type LakeNames } from './lake-grants.ts';
import { nightlyMachine, type Substituted } from './nightly-machine.ts';

export interface NightlyJobProps {
  readonly config: PlatformConfig;
  readonly key: IKey | undefined;
  readonly lake: LakeNames;
  readonly functions: Readonly<Record<'plan' | 'plan-load' | 'load' | 'reconcile', IFunction>>;
}

/** The machine's text made a machine: its role, its log, what its names stand for. */
export class NightlyJob extends Construct {
  readonly machine: StateMachine;

  constructor(scope: Construct, id: string, props: NightlyJobProps) {
    super(scope, id);
    const { config, functions, lake } = props;
    const role = new Role(this, 'Role', {
      assumedBy: new ServicePrincipal('states.amazonaws.com', {
        conditions: { StringEquals: { 'aws:SourceAccount': Stack.of(this).account } },
      }),
      description: 'What the nightly job may do',
    });
    allow(role, {
      actions: ['lambda:InvokeFunction'],
      on: Object.values(functions).map(({ functionArn }) => functionArn),
    });
    grantStatements(this, role, props);
    const substitutions: Readonly<Record<Substituted, string>> = {
      Plan: functions.plan.functionArn,
      PlanLoad: functions['plan-load'].functionArn,
      Load: functions.load.functionArn,
      Reconcile: functions.reconcile.functionArn,
      WorkGroup: lake.workGroupName,
    };
    this.machine = new StateMachine(this, 'Machine', {
      stateMachineType: StateMachineType.STANDARD,
      definitionBody: DefinitionBody.fromString(
        JSON.stringify(nightlyMachine({ loadsAtOnce: config.loads.atOnce })),
      ),
      definitionSubstitutions: { ...substitutions },
      role,
      tracingEnabled: true,
      logs: {
        // Each step of each execution is kept for 90 days anyway, and costs nothing.
        level: LogLevel.ERROR,
        includeExecutionData: false,
        destination: new LogGroup(this, 'Logs', {
          retention: config.logRetentionDays,
          removalPolicy: RemovalPolicy.DESTROY,
        }),
      },
    });
  }
}
