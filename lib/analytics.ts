import type { ITableV2 } from 'aws-cdk-lib/aws-dynamodb';
import { Construct } from 'constructs';
import { analyticsEnv } from '../functions/analytics/env.ts';
import { type CapabilityProps, TABLE_READ_KEY_ACTIONS } from './capability-props.ts';
import { NodeFunction } from './node-function.ts';

export interface AnalyticsProps extends CapabilityProps {
  /** What `tally` counted, and keys. */
  readonly records: ITableV2;
}

/** Answers with what happens over all users; never writes. */
export class Analytics extends Construct {
  readonly function: NodeFunction;

  constructor(scope: Construct, id: string, props: AnalyticsProps) {
    super(scope, id);

    this.function = new NodeFunction(this, 'Function', {
      capability: 'analytics',
      config: props.config,
      deployedAt: props.deployedAt,
      environment: analyticsEnv.provide({ RECORDS_TABLE: props.records.tableName }),
    });

    props.records.grant(this.function, 'dynamodb:GetItem', 'dynamodb:Query');
    props.key?.grant(this.function, ...TABLE_READ_KEY_ACTIONS);
  }
}
