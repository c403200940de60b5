import type { ITableV2 } from 'aws-cdk-lib/aws-dynamodb';
import { PolicyStatement } from 'aws-cdk-lib/aws-iam';
import type { IStream } from 'aws-cdk-lib/aws-kinesis';
import type { IBucket } from 'aws-cdk-lib/aws-s3';
import { Construct } from 'constructs';
import { adminEnv } from '../functions/admin/env.ts';
import { type CapabilityProps, TABLE_WRITE_KEY_ACTIONS } from './capability-props.ts';
import { DISCARDED_PREFIX } from './discarded-to.ts';
import { NodeFunction } from './node-function.ts';
import { allowRows } from './row-grants.ts';

export interface AdminProps extends CapabilityProps {
  /** Keys and the catalogue. */
  readonly records: ITableV2;
  /** What could not be used, with its bytes. */
  readonly failed: IBucket;
  /** Where it is sent on again. */
  readonly events: IStream;
}

/** For operators: looks at what failed and sends it on again. For servers: keeps the catalogue. */
export class Admin extends Construct {
  readonly function: NodeFunction;

  constructor(scope: Construct, id: string, props: AdminProps) {
    super(scope, id);
    const { config, records, failed, events, key } = props;

    this.function = new NodeFunction(this, 'Function', {
      capability: 'admin',
      config,
      deployedAt: props.deployedAt,
      environment: adminEnv.provide({
        RAW_STREAM: events.streamName,
        RECORDS_TABLE: records.tableName,
        FAILED_BUCKET: failed.bucketName,
      }),
    });

    records.grant(this.function, 'dynamodb:GetItem');
    // Keys lie in the same table.
    allowRows(this.function, records, ['dynamodb:UpdateItem'], ['i#*', 'chg#*']);
    allowRows(this.function, records, ['dynamodb:DeleteItem'], ['i#*']);
    events.grant(this.function, 'kinesis:PutRecords');
    const allow = (action: string, ...resources: string[]): void =>
      this.function.addToRolePolicy(new PolicyStatement({ actions: [action], resources }));
    allow('s3:ListBucket', failed.bucketArn);
    allow(
      's3:GetObject',
      failed.arnForObjects('failed/*'),
      failed.arnForObjects(`${DISCARDED_PREFIX}*`),
    );
    allow(
      's3:PutObject',
      failed.arnForObjects('failed/redriven/failed/*'),
      failed.arnForObjects(`failed/redriven/${DISCARDED_PREFIX}*`),
    );
    key?.grant(this.function, ...TABLE_WRITE_KEY_ACTIONS);
  }
}
