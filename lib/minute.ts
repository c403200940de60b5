import type { ITableV2 } from 'aws-cdk-lib/aws-dynamodb';
import type { IBucket } from 'aws-cdk-lib/aws-s3';
import { Construct } from 'constructs';
import { TENANTS_PK } from '../functions/core/recommend/demand-rows.ts';
import { minuteEnv } from '../functions/minute/env.ts';
import { callOnSchedule } from './call-on-schedule.ts';
import { type CapabilityProps, TABLE_WRITE_KEY_ACTIONS } from './capability-props.ts';
import { allow, snapshotReads } from './lake-grants.ts';
import { NodeFunction } from './node-function.ts';
import { allowRows } from './row-grants.ts';

export interface MinuteProps extends CapabilityProps {
  /** The catalogue's rows and what has changed of them, pointers to snapshots, and demand. */
  readonly records: ITableV2;
  /** Whose folder `catalogue` holds the snapshots. */
  readonly lake: IBucket;
}

/** A later call would only do what the next one does. */
const START_WITHIN_SECONDS = 60;

/** What is due once a minute, whether anything happens or not. */
export class Minute extends Construct {
  readonly function: NodeFunction;

  constructor(scope: Construct, id: string, props: MinuteProps) {
    super(scope, id);
    const { records, lake, key } = props;

    this.function = new NodeFunction(this, 'Function', {
      capability: 'minute',
      config: props.config,
      deployedAt: props.deployedAt,
      environment: minuteEnv.provide({
        RECORDS_TABLE: records.tableName,
        LAKE_BUCKET: lake.bucketName,
      }),
    });

    const rows = (action: string, ...keys: readonly string[]): void =>
      allowRows(this.function, records, [`dynamodb:${action}`], keys);
    // What has changed, what was asked for in a minute, and whose it was.
    rows('Query', 'chg#*', 'm#*', TENANTS_PK);
    rows('DeleteItem', 'chg#*');
    // Items, and what is in demand of them.
    rows('BatchGetItem', 'i#*');
    rows('GetItem', 'rec#*', 'tick#*');
    rows('PutItem', 'rec#*', 'tick#*', 'i#*#trend#*');
    allow(this.function, ...snapshotReads(lake), {
      actions: ['s3:PutObject', 's3:DeleteObject'],
      on: [lake.arnForObjects('catalogue/*')],
    });
    key?.grant(this.function, ...TABLE_WRITE_KEY_ACTIONS);
    callOnSchedule(this, {
      calls: this.function,
      ids: { schedule: 'Schedule', role: 'ScheduleRole' },
      does: 'Calls what is due once a minute',
      of: 'each minute',
      cron: 'cron(* * * * ? *)',
      retries: 1,
      startWithinSeconds: START_WITHIN_SECONDS,
    });
  }
}
