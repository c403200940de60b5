import { Stack } from 'aws-cdk-lib';
import type { ITableV2 } from 'aws-cdk-lib/aws-dynamodb';
import type { IStream } from 'aws-cdk-lib/aws-kinesis';
import { Construct } from 'constructs';
import { loadEnv } from '../functions/load/env.ts';
import { nightlyEnv } from '../functions/nightly/env.ts';
import { planEnv } from '../functions/plan/env.ts';
import { planLoadEnv } from '../functions/plan-load/env.ts';
import { reconcileEnv } from '../functions/reconcile/env.ts';
import { type CapabilityProps, TABLE_WRITE_KEY_ACTIONS } from './capability-props.ts';
import type { Capability } from './config.ts';
import { LAKE_FOLDERS } from './lake.ts';
import { allow, grantResults, type LakeNames } from './lake-grants.ts';
import { NightlyJob } from './nightly-job.ts';
import { NightlySchedule } from './nightly-schedule.ts';
import { NodeFunction } from './node-function.ts';

export interface NightlyProps extends CapabilityProps {
  readonly profiles: ITableV2;
  /** Keys, and the runs of the job. */
  readonly records: ITableV2;
  readonly lake: LakeNames;
  readonly raw: IStream;
  /** Names: the lags of the pipeline are metrics of these. */
  readonly enrichFunction: string;
  readonly enrichedDelivery: string;
  readonly hourUtc: number;
}

type Step = Extract<Capability, 'plan' | 'plan-load' | 'load' | 'reconcile'>;

/** The tags of every user by all that has arrived, made from the lake each night. */
export class Nightly extends Construct {
  readonly functions: Readonly<Record<'nightly' | Step, NodeFunction>>;
  readonly stateMachineArn: string;
  readonly #props: NightlyProps;

  constructor(scope: Construct, id: string, props: NightlyProps) {
    super(scope, id);
    this.#props = props;
    const steps = {
      plan: this.#plan(),
      'plan-load': this.#planLoad(),
      load: this.#load(),
      reconcile: this.#reconcile(),
    };
    const { stateMachineArn, stateMachineName } = new NightlyJob(this, 'Job', {
      ...props,
      functions: steps,
    }).machine;
    const nightly = this.#nightly(stateMachineArn, stateMachineName);
    new NightlySchedule(this, 'Schedule', { starts: nightly, hourUtc: props.hourUtc });
    this.functions = { nightly, ...steps };
    this.stateMachineArn = stateMachineArn;
  }

  /** Decides what a night does, prints its statements, judges it and writes down how it ended. */
  #plan(): NodeFunction {
    const { records, lake, raw, enrichFunction, enrichedDelivery, key } = this.#props;
    const plan = this.#function('plan', 'Plan', {
      ...planEnv.provide({
        RECORDS_TABLE: records.tableName,
        LAKE_BUCKET: lake.bucket.bucketName,
        LAKE_DATABASE: lake.databaseName,
        RAW_STREAM: raw.streamName,
        ENRICH_FUNCTION: enrichFunction,
        ENRICHED_DELIVERY: enrichedDelivery,
      }),
    });
    records.grant(
      plan,
      'dynamodb:DeleteItem',
      'dynamodb:GetItem',
      'dynamodb:PutItem',
      'dynamodb:UpdateItem',
    );
    grantResults(this, plan, lake);
    allow(
      plan,
      { actions: ['s3:ListBucket'], on: [lake.bucket.bucketArn] },
      // Metrics have no resources to name.
      { actions: ['cloudwatch:GetMetricData'], on: ['*'] },
    );
    key?.grant(plan, ...TABLE_WRITE_KEY_ACTIONS);
    return plan;
  }

  #planLoad(): NodeFunction {
    const { records, lake, key } = this.#props;
    const planLoad = this.#function(
      'plan-load',
      'PlanLoad',
      planLoadEnv.provide({
        RECORDS_TABLE: records.tableName,
        LAKE_BUCKET: lake.bucket.bucketName,
      }),
    );
    records.grant(planLoad, 'dynamodb:UpdateItem');
    allow(planLoad, { actions: ['s3:ListBucket'], on: [lake.bucket.bucketArn] });
    key?.grant(planLoad, ...TABLE_WRITE_KEY_ACTIONS);
    return planLoad;
  }

  /** Writes what was unloaded into the users' items, and never over what a later run wrote. */
  #load(): NodeFunction {
    const { profiles, records, lake, config, key } = this.#props;
    const load = this.#function(
      'load',
      'Load',
      loadEnv.provide({
        RECORDS_TABLE: records.tableName,
        PROFILES_TABLE: profiles.tableName,
        LAKE_BUCKET: lake.bucket.bucketName,
        WRITES_PER_SECOND: String(config.loads.writesPerSecond),
      }),
    );
    records.grant(load, 'dynamodb:PutItem', 'dynamodb:UpdateItem');
    profiles.grant(load, 'dynamodb:PutItem');
    allow(
      load,
      { actions: ['s3:ListBucket'], on: [lake.bucket.bucketArn] },
      {
        actions: ['s3:GetObject'],
        on: [lake.bucket.arnForObjects(`${LAKE_FOLDERS.nightly}/*`)],
      },
    );
    key?.grant(load, ...TABLE_WRITE_KEY_ACTIONS);
    return load;
  }

  #reconcile(): NodeFunction {
    const { profiles, records, lake, key } = this.#props;
    const reconcile = this.#function(
      'reconcile',
      'Reconcile',
      reconcileEnv.provide({
        RECORDS_TABLE: records.tableName,
        PROFILES_TABLE: profiles.tableName,
      }),
    );
    records.grant(reconcile, 'dynamodb:UpdateItem');
    profiles.grant(reconcile, 'dynamodb:BatchGetItem');
    grantResults(this, reconcile, lake);
    key?.grant(reconcile, ...TABLE_WRITE_KEY_ACTIONS);
    return reconcile;
  }

  /** Starts a run for whoever may, and tells how it goes. Nothing inside the machine is this. */
  #nightly(machineArn: string, machineName: string): NodeFunction {
    const { records, key } = this.#props;
    const nightly = this.#function(
      'nightly',
      'Nightly',
      nightlyEnv.provide({ RECORDS_TABLE: records.tableName, NIGHTLY_MACHINE: machineArn }),
    );
    records.grant(nightly, 'dynamodb:GetItem', 'dynamodb:PutItem', 'dynamodb:UpdateItem');
    allow(
      nightly,
      { actions: ['states:StartExecution'], on: [machineArn] },
      {
        actions: ['states:DescribeExecution'],
        on: [
          Stack.of(this).formatArn({
            service: 'states',
            resource: `execution:${machineName}:*`,
          }),
        ],
      },
    );
    key?.grant(nightly, ...TABLE_WRITE_KEY_ACTIONS);
    return nightly;
  }

  #function(
    capability: 'nightly' | Step,
    id: string,
    environment: Readonly<Record<string, string>>,
  ): NodeFunction {
    const { config, deployedAt } = this.#props;
    return new NodeFunction(this, id, { capability, config, deployedAt, environment });
  }
}
