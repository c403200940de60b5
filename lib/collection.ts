import type { ITableV2 } from 'aws-cdk-lib/aws-dynamodb';
import type { IStream } from 'aws-cdk-lib/aws-kinesis';
import type { IQueue } from 'aws-cdk-lib/aws-sqs';
import { Construct } from 'constructs';
import { collectEnv } from '../functions/collect/env.ts';
import {
  type CapabilityProps,
  type ParkingProps,
  TABLE_READ_KEY_ACTIONS,
} from './capability-props.ts';
import { NodeFunction } from './node-function.ts';
import { grantParking } from './parking.ts';

export interface CollectionProps extends CapabilityProps, ParkingProps {
  /** What arrives, as it arrived, partitioned by origin key. */
  readonly events: IStream;
  /** Where events wait while their stream is away. */
  readonly spill: IQueue;
  /** Keys and tenants. */
  readonly records: ITableV2;
}

/** Takes requests in and answers once the stream, or the spill queue, has them. */
export class Collection extends Construct {
  readonly function: NodeFunction;

  constructor(scope: Construct, id: string, props: CollectionProps) {
    super(scope, id);

    this.function = new NodeFunction(this, 'Function', {
      capability: 'collect',
      config: props.config,
      deployedAt: props.deployedAt,
      environment: collectEnv.provide({
        RAW_STREAM: props.events.streamName,
        RECORDS_TABLE: props.records.tableName,
        FAILED_BUCKET: props.failed.bucketName,
        SPILL_QUEUE_URL: props.spill.queueUrl,
      }),
    });

    props.events.grant(this.function, 'kinesis:PutRecords');
    props.spill.grant(this.function, 'sqs:SendMessage');
    props.records.grant(this.function, 'dynamodb:GetItem');
    props.key?.grant(this.function, 'kms:GenerateDataKey', ...TABLE_READ_KEY_ACTIONS);
    grantParking(this.function, props.failed, props.key, 'collect');
  }
}
