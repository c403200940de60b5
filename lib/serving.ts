import type { ITableV2 } from 'aws-cdk-lib/aws-dynamodb';
import { Construct } from 'constructs';
import { profileEnv } from '../functions/profile/env.ts';
import { orNone } from '../functions/runtime/env.ts';
import { type CapabilityProps, TABLE_READ_KEY_ACTIONS } from './capability-props.ts';
import { type Inside, putInside } from './inside.ts';
import { NodeFunction } from './node-function.ts';
import { grantTimelineRows } from './timeline-rows.ts';

export interface ServingProps extends CapabilityProps {
  readonly profiles: ITableV2;
  /** Keys and tenants. */
  readonly records: ITableV2;
  /** Where rows of the timeline are; undefined in a size that keeps none. */
  readonly timeline: ITableV2 | undefined;
  /** Undefined in a size without a cache. */
  readonly inside: Inside | undefined;
}

/** Answers with what is known about a user; never writes. */
export class Serving extends Construct {
  readonly function: NodeFunction;

  constructor(scope: Construct, id: string, props: ServingProps) {
    super(scope, id);

    this.function = new NodeFunction(this, 'Function', {
      capability: 'profile',
      config: props.config,
      deployedAt: props.deployedAt,
      environment: profileEnv.provide({
        PROFILES_TABLE: props.profiles.tableName,
        RECORDS_TABLE: props.records.tableName,
        TIMELINE_TABLE: orNone(props.timeline?.tableName),
        CACHE_URL: orNone(props.inside?.cacheUrl),
      }),
    });

    if (props.inside) putInside(this.function, props.inside);
    props.profiles.grant(this.function, 'dynamodb:BatchGetItem');
    props.records.grant(this.function, 'dynamodb:GetItem');
    grantTimelineRows(this.function, props.timeline, 'dynamodb:Query');
    props.key?.grant(this.function, ...TABLE_READ_KEY_ACTIONS);
  }
}
