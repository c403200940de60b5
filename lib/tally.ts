import { Duration } from 'aws-cdk-lib';
import type { ITableV2 } from 'aws-cdk-lib/aws-dynamodb';
import { Construct } from 'constructs';
import { tallyEnv } from '../functions/tally/env.ts';
import { type CapabilityProps, TABLE_WRITE_KEY_ACTIONS } from './capability-props.ts';
import { NodeFunction, type StreamReader, type TableReading } from './node-function.ts';
import { allowRows } from './row-grants.ts';

export interface TallyProps extends CapabilityProps, Pick<TableReading, 'discarded'> {
  /** The stream of the table `profiles`: each applied change once, in order per user. */
  readonly changes: string;
  readonly records: ITableV2;
}

/** A table's stream keeps 24 hours; what would expire unseen lands in `failed` before it does. */
const RECORD_AGE = Duration.hours(22);
/** The longest there is. Nothing is gathered in it: a window is how Lambda tells the shard. */
const WINDOW = Duration.seconds(900);

/** Counts what happened, from the effects that every applied change carries. */
export class Tally extends Construct {
  readonly function: NodeFunction;
  readonly reading: StreamReader;

  constructor(scope: Construct, id: string, props: TallyProps) {
    super(scope, id);

    this.function = new NodeFunction(this, 'Function', {
      capability: 'tally',
      config: props.config,
      deployedAt: props.deployedAt,
      environment: tallyEnv.provide({ RECORDS_TABLE: props.records.tableName }),
    });

    props.records.grant(this.function, 'dynamodb:GetItem', 'dynamodb:PutItem');
    // Items that events name first, and that they have changed.
    allowRows(this.function, props.records, ['dynamodb:UpdateItem'], ['i#*', 'chg#*']);
    props.key?.grant(this.function, ...TABLE_WRITE_KEY_ACTIONS);
    const mapping = this.function.readTable('Changes', {
      ...props.config.mappings.tally,
      changes: props.changes,
      items: ['rt'],
      events: ['INSERT', 'MODIFY'],
      recordAge: RECORD_AGE,
      tumblingWindow: WINDOW,
      discarded: props.discarded,
      key: props.key,
      counts: props.config.alarms,
    });
    this.reading = { function: this.function, mapping };
  }
}
