import { Duration } from 'aws-cdk-lib';
import type { ITableV2 } from 'aws-cdk-lib/aws-dynamodb';
import type { IStream } from 'aws-cdk-lib/aws-kinesis';
import type { IKey } from 'aws-cdk-lib/aws-kms';
import type { IBucket } from 'aws-cdk-lib/aws-s3';
import { Construct } from 'constructs';
import { projectEnv } from '../functions/project/env.ts';
import { orNone } from '../functions/runtime/env.ts';
import { type CapabilityProps, TABLE_READ_KEY_ACTIONS } from './capability-props.ts';
import { type Inside, putInside } from './inside.ts';
import { allow, snapshotReads } from './lake-grants.ts';
import { NodeFunction, type StreamReader, type TableReading } from './node-function.ts';
import { allowRows } from './row-grants.ts';

export interface ProjectionProps extends CapabilityProps, Pick<TableReading, 'discarded'> {
  /** The stream of the table `profiles`: each applied change once, in order per user. */
  readonly changes: string;
  /** Who wants to know what became of a profile reads this. */
  readonly updates: IStream;
  /** Where lists of items are, and the catalogue; undefined in a size that tells nothing of them. */
  readonly recommending: { readonly records: ITableV2; readonly lake: IBucket } | undefined;
  /** Undefined in a size without a cache. */
  readonly inside: Inside | undefined;
}

/** A table's stream keeps 24 hours; what would expire unseen lands in `failed` before it does. */
const RECORD_AGE = Duration.hours(22);

/** Tells others what became of a profile, and keeps the cache's copies. */
export class Projection extends Construct {
  readonly function: NodeFunction;
  readonly reading: StreamReader;

  constructor(scope: Construct, id: string, props: ProjectionProps) {
    super(scope, id);

    this.function = new NodeFunction(this, 'Function', {
      capability: 'project',
      config: props.config,
      deployedAt: props.deployedAt,
      environment: projectEnv.provide({
        UPDATES_STREAM: props.updates.streamName,
        CACHE_URL: orNone(props.inside?.cacheUrl),
        RECORDS_TABLE: orNone(props.recommending?.records.tableName),
        LAKE_BUCKET: orNone(props.recommending?.lake.bucketName),
      }),
    });

    if (props.inside) putInside(this.function, props.inside);
    props.updates.grant(this.function, 'kinesis:PutRecords');
    // Kinesis asks for a data key on the caller's behalf.
    props.key?.grant(this.function, 'kms:GenerateDataKey');
    if (props.recommending) this.#letRecommend(props.recommending, props.key);
    const mapping = this.function.readTable('Changes', {
      ...props.config.mappings.project,
      changes: props.changes,
      items: ['rt', 'tr', 'off'],
      events: ['INSERT', 'MODIFY', 'REMOVE'],
      recordAge: RECORD_AGE,
      discarded: props.discarded,
      key: props.key,
      counts: props.config.alarms,
    });
    this.reading = { function: this.function, mapping };
  }

  #letRecommend({ records, lake }: { records: ITableV2; lake: IBucket }, key?: IKey): void {
    allowRows(this.function, records, ['dynamodb:BatchGetItem'], ['i#*']);
    allowRows(this.function, records, ['dynamodb:GetItem'], ['rec#*']);
    allow(this.function, ...snapshotReads(lake));
    key?.grant(this.function, ...TABLE_READ_KEY_ACTIONS);
  }
}
