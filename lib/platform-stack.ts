import { CfnOutput, Duration, Stack, type StackProps } from 'aws-cdk-lib';
import type { Construct } from 'constructs';
import { config as tags } from '../tributary.config.ts';
import { Admin } from './admin.ts';
import { Aggregation } from './aggregation.ts';
import { Alarms } from './alarms.ts';
import { Analytics } from './analytics.ts';
import { Collection } from './collection.ts';
import { type PlatformConfig, RECORD_AGE_MARGIN_HOURS } from './config.ts';
import { floorText, monthlyFloor } from './cost/floor.ts';
import { Drain } from './drain.ts';
import { Enrichment } from './enrichment.ts';
import { Front } from './front.ts';
import { HandedOver, handOver } from './handover.ts';
import { Minute } from './minute.ts';
import { Nightly } from './nightly.ts';
import { Personalization } from './personalization.ts';
import { Projection } from './projection.ts';
import { Serving } from './serving.ts';
import { Tally } from './tally.ts';

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
    const spill = data.queue('spillQueue', 'Spill');
    const lake = data.lake();
    const timeline = config.timeline ? records : undefined;
    const inside = config.cache ? data.inside() : undefined;
    const all = { config, deployedAt, key: data.key };

    const collection = new Collection(this, 'Collection', {
      ...all,
      events: raw,
      spill,
      records,
      failed,
    });
    const drain = new Drain(this, 'Drain', { ...all, spill, events: raw });
    const enrichment = new Enrichment(this, 'Enrichment', {
      ...all,
      events: raw,
      enriched,
      failed,
      recordAge: ageWithin(config.streams.raw.retentionHours),
    });
    const aggregation = new Aggregation(this, 'Aggregation', {
      ...all,
      events: enriched,
      profiles,
      timeline,
      failed,
      recordAge: ageWithin(config.streams.enriched.retentionHours),
    });
    const serving = new Serving(this, 'Serving', { ...all, profiles, records, timeline, inside });
    const personalization = new Personalization(this, 'Personalization', {
      ...all,
      profiles,
      records,
      lake: lake.bucket,
      inside,
    });
    const projection = config.streams.updates
      ? new Projection(this, 'Projection', {
          ...all,
          changes: data.name('profileChanges'),
          updates: data.stream('updatesStream', 'UserProfileUpdates'),
          discarded: failed,
          recommending: config.tellsRecommendations ? { records, lake: lake.bucket } : undefined,
          inside,
        })
      : undefined;
    const tally = new Tally(this, 'Tally', {
      ...all,
      changes: data.name('profileChanges'),
      records,
      discarded: failed,
    });
    const minute = new Minute(this, 'Minute', { ...all, records, lake: lake.bucket });
    const analytics = new Analytics(this, 'Analytics', { ...all, records });
    const admin = new Admin(this, 'Admin', { ...all, records, failed, events: raw });
    const nightly = new Nightly(this, 'Nightly', {
      ...all,
      profiles,
      records,
      lake,
      raw,
      enrichFunction: enrichment.function.functionName,
      enrichedDelivery: data.name('enrichedDelivery'),
      hourUtc: tags.nightly?.hourUtc ?? NIGHTLY_HOUR_UTC,
    });
    handOver(this, stage, { nightlyMachine: nightly.stateMachineArn });
    const front = new Front(this, 'Front', {
      config,
      collect: collection.function,
      profile: serving.function,
      personalize: personalization.function,
      analytics: analytics.function,
      admin: admin.function,
      nightly: nightly.functions.nightly,
    });

    const alarms = config.alarms
      ? new Alarms(this, 'Alarms', {
          functions: {
            collect: collection.function,
            drain: drain.function,
            enrich: enrichment.function,
            aggregate: aggregation.function,
            profile: serving.function,
            personalize: personalization.function,
            ...(projection && { project: projection.function }),
            tally: tally.function,
            minute: minute.function,
            analytics: analytics.function,
            admin: admin.function,
            ...nightly.functions,
          },
          tables: {
            ...(projection && { project: projection.reading }),
            tally: tally.reading,
          },
          readers: {
            enrich: {
              ...enrichment.reading,
              streamName: raw.streamName,
              retentionHours: config.streams.raw.retentionHours,
            },
            aggregate: {
              ...aggregation.reading,
              streamName: enriched.streamName,
              retentionHours: config.streams.enriched.retentionHours,
            },
          },
          spill: { queue: data.name('spillQueue'), deadLetters: data.name('spillDeadLetters') },
          deliveries: {
            raw: data.name('rawDelivery'),
            enriched: data.name('enrichedDelivery'),
          },
          nightlyMachine: nightly.stateMachineArn,
          apiId: front.apiId,
          stage,
          key: data.key,
        })
      : undefined;

    this.#tell(props, { front, alarms, recordsTable: records.tableName });
  }

  /** The first thing a person wants to know is what it costs; the CLI sorts outputs by name. */
  #tell(
    { config }: PlatformStackProps,
    told: { front: Front; alarms: Alarms | undefined; recordsTable: string },
  ): void {
    const floor = monthlyFloor(config, { alarms: told.alarms?.count ?? 0 });
    const outputs = {
      AboutUsdPerMonth: floorText(floor),
      ApiId: told.front.apiId,
      ApiUrl: told.front.url,
      FirstKey: `npm run keys -- create --kind operator --table ${told.recordsTable}`,
      ...(told.alarms && {
        TopicOfPages: told.alarms.pages.topicArn,
        TopicOfTickets: told.alarms.tickets.topicArn,
      }),
      QuotaToRaise: quotaText(config),
    };
    for (const [name, value] of Object.entries(outputs)) new CfnOutput(this, name, { value });
  }
}

/** Where `tributary.config.ts` says nothing: behind midnight, and before Europe's day. */
const NIGHTLY_HOUR_UTC = 3;

const ageWithin = (retentionHours: number): Duration =>
  Duration.hours(retentionHours - RECORD_AGE_MARGIN_HOURS);

/** Concurrency that must stay unreserved in every account. */
const UNRESERVED_MIN = 100;

const quotaText = (config: PlatformConfig): string => {
  const reserved = Object.values(config.functions).reduce(
    (total, { reserved: own }) => total + (own ?? 0),
    0,
  );
  return reserved > 0
    ? `Lambda "Concurrent executions" (L-B99A9384) to at least ${reserved + UNRESERVED_MIN}, of which ${reserved} are reserved here; API Gateway throttle to ${config.throttle.requestsPerSecond} requests/s`
    : 'Lambda "Concurrent executions" (L-B99A9384): a new account has 10, which busy minutes use up; ask for 1,000';
};
