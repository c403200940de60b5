import { Duration, Fn, RemovalPolicy, Stack, type StackProps } from 'aws-cdk-lib';
import { ServicePrincipal } from 'aws-cdk-lib/aws-iam';
import { Stream, StreamEncryption, StreamMode } from 'aws-cdk-lib/aws-kinesis';
import { Key } from 'aws-cdk-lib/aws-kms';
import {
  BlockPublicAccess,
  Bucket,
  BucketEncryption,
  type LifecycleRule,
  ObjectOwnership,
  StorageClass,
} from 'aws-cdk-lib/aws-s3';
import type { Construct } from 'constructs';
import { Archive } from './archive.ts';
import { Cache } from './cache.ts';
import type { PlatformConfig, StreamConfig } from './config.ts';
import { handOver } from './handover.ts';
import { LAKE_FOLDERS, Lake } from './lake.ts';
import { SpillQueue } from './spill-queue.ts';
import { stateTable } from './state-table.ts';

export interface DataStackProps extends StackProps {
  readonly config: PlatformConfig;
  readonly stage: string;
}

const ENRICHED_DAYS = 90;
const RAW_COLD_AFTER_DAYS = 90;
/** Of what a run unloaded: an accepted run and the next nights' guards look back at it. */
const UNLOADED_DAYS = 14;
/** Results of queries hold rows of people, and are read within minutes. */
const RESULTS_DAYS = 1;
const OLD_VERSIONS_DAYS = 7;
const ACCESS_LOG_DAYS = 90;

/** Everything that must outlive a deployment. Its logical ids are frozen by a test. */
export class DataStack extends Stack {
  readonly #config: PlatformConfig;
  readonly #removalPolicy: RemovalPolicy;
  readonly #key: Key | undefined;

  constructor(scope: Construct, id: string, props: DataStackProps) {
    super(scope, id, props);
    this.#config = props.config;
    this.#removalPolicy = props.config.protect ? RemovalPolicy.RETAIN : RemovalPolicy.DESTROY;
    this.#key = props.config.customerKey ? this.#customerKey() : undefined;
    const { streams, cache } = props.config;

    const raw = this.#stream('RawUserEvents', streams.raw);
    const enriched = this.#stream('EnrichedEvents', streams.enriched);
    const updates = streams.updates && this.#stream('UserProfileUpdates', streams.updates);

    const table = { config: props.config, key: this.#key, removalPolicy: this.#removalPolicy };
    const profiles = stateTable(this, 'Profiles', { ...table, changes: true });
    const records = stateTable(this, 'Records', { ...table, changes: false });

    const accessLogs = this.#accessLogs();
    const lake = this.#bucket('Lake', accessLogs, [
      { prefix: 'enriched/', expiration: Duration.days(ENRICHED_DAYS) },
      {
        prefix: 'raw/',
        transitions: [
          {
            storageClass: StorageClass.GLACIER_INSTANT_RETRIEVAL,
            transitionAfter: Duration.days(RAW_COLD_AFTER_DAYS),
          },
        ],
      },
      { prefix: `${LAKE_FOLDERS.nightly}/`, expiration: Duration.days(UNLOADED_DAYS) },
      { prefix: `${LAKE_FOLDERS.results}/`, expiration: Duration.days(RESULTS_DAYS) },
    ]);
    const tables = new Lake(this, 'Tables', {
      config: props.config.lake,
      stage: props.stage,
      bucket: lake,
      key: this.#key,
      removalPolicy: this.#removalPolicy,
    });
    const failed = this.#bucket('Failed', accessLogs, []);

    const archive = { config: props.config, lake, key: this.#key };
    const rawArchive = new Archive(this, 'RawArchive', { ...archive, events: raw, prefix: 'raw' });
    const enrichedArchive = new Archive(this, 'EnrichedArchive', {
      ...archive,
      events: enriched,
      prefix: 'enriched',
    });

    const spill = new SpillQueue(this, 'Spill', {
      key: this.#key,
      removalPolicy: this.#removalPolicy,
      drainSeconds: props.config.functions.drain.timeoutSeconds,
    });

    const inside =
      cache && new Cache(this, 'Cache', { config: props.config, cache, key: this.#key });

    handOver(this, props.stage, {
      rawStream: raw.streamName,
      enrichedStream: enriched.streamName,
      ...(updates && { updatesStream: updates.streamName }),
      ...(profiles.tableStreamArn && { profileChanges: profiles.tableStreamArn }),
      profilesTable: profiles.tableName,
      recordsTable: records.tableName,
      lakeBucket: lake.bucketName,
      lakeDatabase: tables.databaseName,
      lakeWorkGroup: tables.workGroupName,
      failedBucket: failed.bucketName,
      spillQueue: spill.queue.queueName,
      spillQueueUrl: spill.queue.queueUrl,
      spillDeadLetters: spill.deadLetters.queueName,
      rawDelivery: rawArchive.deliveryStreamName,
      enrichedDelivery: enrichedArchive.deliveryStreamName,
      ...(this.#key && { key: this.#key.keyArn }),
      ...(inside && {
        cacheUrl: inside.url,
        cacheArn: inside.arn,
        cacheUserArn: inside.userArn,
        insideSubnets: Fn.join(
          ',',
          inside.network.isolatedSubnets.map(({ subnetId }) => subnetId),
        ),
        insideSecurityGroup: inside.inside.securityGroupId,
      }),
    });
  }

  #customerKey(): Key {
    const key = new Key(this, 'Key', {
      description: 'Encrypts everything that Tributary keeps',
      enableKeyRotation: true,
      removalPolicy: RemovalPolicy.RETAIN,
    });
    // CloudWatch publishes alarms to the encrypted topic in Platform as itself.
    key.grant(
      new ServicePrincipal('cloudwatch.amazonaws.com', {
        conditions: { StringEquals: { 'aws:SourceAccount': this.account } },
      }),
      'kms:Decrypt',
      'kms:GenerateDataKey',
    );
    return key;
  }

  #stream(id: string, { shards, retentionHours }: StreamConfig): Stream {
    const stream = new Stream(this, id, {
      streamMode: StreamMode.PROVISIONED,
      shardCount: shards,
      retentionPeriod: Duration.hours(retentionHours),
      removalPolicy: this.#removalPolicy,
      ...(this.#key
        ? { encryption: StreamEncryption.KMS, encryptionKey: this.#key }
        : { encryption: StreamEncryption.MANAGED }),
    });
    return stream;
  }

  #bucket(id: string, accessLogs: Bucket, lifecycleRules: readonly LifecycleRule[]): Bucket {
    return new Bucket(this, id, {
      ...closed,
      removalPolicy: this.#removalPolicy,
      versioned: true,
      serverAccessLogsBucket: accessLogs,
      serverAccessLogsPrefix: `${id.toLowerCase()}/`,
      lifecycleRules: [
        {
          abortIncompleteMultipartUploadAfter: Duration.days(1),
          noncurrentVersionExpiration: Duration.days(OLD_VERSIONS_DAYS),
          // A catalogue that changes all the time leaves one behind each minute.
          expiredObjectDeleteMarker: true,
        },
        ...lifecycleRules,
      ],
      ...(this.#key
        ? { encryption: BucketEncryption.KMS, encryptionKey: this.#key, bucketKeyEnabled: true }
        : { encryption: BucketEncryption.S3_MANAGED }),
    });
  }

  /** S3 cannot write access logs under a customer key, so this one has S3's own. */
  #accessLogs(): Bucket {
    return new Bucket(this, 'AccessLogs', {
      ...closed,
      encryption: BucketEncryption.S3_MANAGED,
      removalPolicy: this.#removalPolicy,
      lifecycleRules: [{ expiration: Duration.days(ACCESS_LOG_DAYS) }],
    });
  }
}

const closed = {
  enforceSSL: true,
  minimumTLSVersion: 1.2,
  blockPublicAccess: BlockPublicAccess.BLOCK_ALL,
  objectOwnership: ObjectOwnership.BUCKET_OWNER_ENFORCED,
} as const;
