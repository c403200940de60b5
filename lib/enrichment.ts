import type { Duration } from 'aws-cdk-lib';
import type { IStream } from 'aws-cdk-lib/aws-kinesis';
import { Construct } from 'constructs';
import { enrichEnv } from '../functions/enrich/env.ts';
import type { CapabilityProps, ParkingProps } from './capability-props.ts';
import { NodeFunction, type StreamReader } from './node-function.ts';
import { grantParking } from './parking.ts';

export interface EnrichmentProps extends CapabilityProps, ParkingProps {
  readonly events: IStream;
  readonly enriched: IStream;
  /** Two hours less than the stream's retention: what would expire unseen lands in `failed`. */
  readonly recordAge: Duration;
}

/** Turns what arrived into what is known about it, record by record and in order per user. */
export class Enrichment extends Construct {
  readonly function: NodeFunction;
  readonly reading: StreamReader;

  constructor(scope: Construct, id: string, props: EnrichmentProps) {
    super(scope, id);

    this.function = new NodeFunction(this, 'Function', {
      capability: 'enrich',
      config: props.config,
      deployedAt: props.deployedAt,
      environment: enrichEnv.provide({
        ENRICHED_STREAM: props.enriched.streamName,
        FAILED_BUCKET: props.failed.bucketName,
      }),
    });

    props.enriched.grant(this.function, 'kinesis:PutRecords');
    props.key?.grant(this.function, 'kms:GenerateDataKey');
    grantParking(this.function, props.failed, props.key, 'enrich');
    const mapping = this.function.readStream('RawUserEvents', {
      ...props.config.mappings.enrich,
      events: props.events,
      recordAge: props.recordAge,
      discarded: props.failed,
      key: props.key,
      counts: props.config.alarms,
    });
    this.reading = { function: this.function, mapping };
  }
}
