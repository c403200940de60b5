import type { ITableV2 } from 'aws-cdk-lib/aws-dynamodb';
import type { IBucket } from 'aws-cdk-lib/aws-s3';
import { Construct } from 'constructs';
import { personalizeEnv } from '../functions/personalize/env.ts';
import { orNone } from '../functions/runtime/env.ts';
import { type CapabilityProps, TABLE_READ_KEY_ACTIONS } from './capability-props.ts';
import { type Inside, putInside } from './inside.ts';
import { allow, snapshotReads } from './lake-grants.ts';
import { NodeFunction } from './node-function.ts';
import { allowRows } from './row-grants.ts';

export interface PersonalizationProps extends CapabilityProps {
  readonly profiles: ITableV2;
  /** Keys, the catalogue's rows, nightly lists and what is in demand. */
  readonly records: ITableV2;
  /** Where snapshots of the catalogue lie. */
  readonly lake: IBucket;
  /** Undefined in a size without a cache: then nothing is known of items since the last night. */
  readonly inside: Inside | undefined;
}

/** Answers with items for somebody, and why each; never writes. */
export class Personalization extends Construct {
  readonly function: NodeFunction;

  constructor(scope: Construct, id: string, props: PersonalizationProps) {
    super(scope, id);
    const { profiles, records, lake, inside } = props;

    this.function = new NodeFunction(this, 'Function', {
      capability: 'personalize',
      config: props.config,
      deployedAt: props.deployedAt,
      environment: personalizeEnv.provide({
        PROFILES_TABLE: profiles.tableName,
        RECORDS_TABLE: records.tableName,
        LAKE_BUCKET: lake.bucketName,
        CACHE_URL: orNone(inside?.cacheUrl),
      }),
    });

    if (inside) putInside(this.function, inside);
    profiles.grant(this.function, 'dynamodb:BatchGetItem');
    allowRows(this.function, records, ['dynamodb:BatchGetItem'], ['i#*']);
    allowRows(this.function, records, ['dynamodb:GetItem'], ['key#*', 'rec#*']);
    allow(this.function, ...snapshotReads(lake));
    props.key?.grant(this.function, ...TABLE_READ_KEY_ACTIONS);
  }
}
