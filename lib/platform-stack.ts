import { CfnOutput, Duration, Stack, type StackProps } from 'aws-cdk-lib';
import type { Construct } from 'constructs';
import { Aggregation } from './aggregation.ts';
import { Collection } from './collection.ts';
import { type PlatformConfig, RECORD_AGE_MARGIN_HOURS } from './config.ts';
import { Enrichment } from './enrichment.ts';
import { Front } from './front.ts';
import { HandedOver } from './handover.ts';
import { Serving } from './serving.ts';

export interface PlatformStackProps extends StackProps {
  readonly config: PlatformConfig;
  readonly stage: string;
  readonly deployedAt?: string | undefined;
}

/** Everything without a memory: may be destroyed and deployed again at any time. */
export class PlatformStack extends Stack {
  constructor(scope: Construct, id: string, props: PlatformStackProps) {
    super(scope, id, props);
    const { config, stage, deployedAt } = props;
    const data = new HandedOver(this, stage, config);
    const raw = data.stream('rawStream', 'RawUserEvents');
    const enriched = data.stream('enrichedStream', 'EnrichedEvents');
    const profiles = data.table('profilesTable', 'Profiles');
    const records = data.table('recordsTable', 'Records');
    const failed = data.bucket('failedBucket', 'Failed');
    const all = { config, deployedAt, key: data.key };

    const collection = new Collection(this, 'Collection', { ...all, events: raw, records, failed });
    new Enrichment(this, 'Enrichment', {
      ...all,
      events: raw,
      enriched,
      failed,
      recordAge: ageWithin(config.streams.raw.retentionHours),
    });
    new Aggregation(this, 'Aggregation', {
      ...all,
      events: enriched,
      profiles,
      failed,
      recordAge: ageWithin(config.streams.enriched.retentionHours),
    });
    const serving = new Serving(this, 'Serving', { ...all, profiles, records });
    const front = new Front(this, 'Front', {
      config,
      collect: collection.function,
      profile: serving.function,
    });

    new CfnOutput(this, 'ApiUrl', { value: front.url });
    new CfnOutput(this, 'ApiId', { value: front.apiId });
  }
}

const ageWithin = (retentionHours: number): Duration =>
  Duration.hours(retentionHours - RECORD_AGE_MARGIN_HOURS);
