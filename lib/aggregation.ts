import type { Duration } from 'aws-cdk-lib';
import type { ITableV2 } from 'aws-cdk-lib/aws-dynamodb';
import type { IStream } from 'aws-cdk-lib/aws-kinesis';
import { Construct } from 'constructs';
import { aggregateEnv } from '../functions/aggregate/env.ts';
import { orNone } from '../functions/runtime/env.ts';
import {
  type CapabilityProps,
  type ParkingProps,
  TABLE_WRITE_KEY_ACTIONS,
} from './capability-props.ts';
import { NodeFunction, type StreamReader } from './node-function.ts';
import { grantParking } from './parking.ts';
import { grantTimelineRows } from './timeline-rows.ts';

export interface AggregationProps extends CapabilityProps, ParkingProps {
  /** Enriched events, partitioned by origin key. */
  readonly events: IStream;
  readonly profiles: ITableV2;
  /** Where rows of the timeline go; undefined in a size that keeps none. */
  readonly timeline: ITableV2 | undefined;
  /** Two hours less than the stream's retention: what would expire unseen lands in `failed`. */
  readonly recordAge: Duration;
}

/** Folds the event stream into profiles. */
export class Aggregation extends Construct {
  readonly function: NodeFunction;
  readonly reading: StreamReader;

  constructor(scope: Construct, id: string, props: AggregationProps) {
    super(scope, id);

    this.function = new NodeFunction(this, 'Function', {
      capability: 'aggregate',
      config: props.config,
      deployedAt: props.deployedAt,
      environment: aggregateEnv.provide({
        PROFILES_TABLE: props.profiles.tableName,
        FAILED_BUCKET: props.failed.bucketName,
        TIMELINE_TABLE: orNone(props.timeline?.tableName),
      }),
    });

    props.profiles.grant(this.function, 'dynamodb:GetItem', 'dynamodb:PutItem');
    grantTimelineRows(this.function, props.timeline, 'dynamodb:PutItem');
    props.key?.grant(this.function, ...TABLE_WRITE_KEY_ACTIONS);
    grantParking(this.function, props.failed, props.key, 'aggregate', 'state', 'outcome');
    const mapping = this.function.readStream('EnrichedEvents', {
      ...props.config.mappings.aggregate,
      events: props.events,
      recordAge: props.recordAge,
      discarded: props.failed,
      key: props.key,
      counts: props.config.alarms,
    });
    this.reading = { function: this.function, mapping };
  }
}
