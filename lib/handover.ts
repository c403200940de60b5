import { Fn, Stack } from 'aws-cdk-lib';
import { type ITableV2, TableV2 } from 'aws-cdk-lib/aws-dynamodb';
import { type IStream, Stream } from 'aws-cdk-lib/aws-kinesis';
import { type IKey, Key } from 'aws-cdk-lib/aws-kms';
import { Bucket, type IBucket } from 'aws-cdk-lib/aws-s3';
import { type IQueue, Queue } from 'aws-cdk-lib/aws-sqs';
import { StringParameter } from 'aws-cdk-lib/aws-ssm';
import type { Construct } from 'constructs';
import type { Inside } from './inside.ts';
import type { LakeNames } from './lake-grants.ts';

/**
 * What Platform learns of Data, and how: by parameters, because an export would block the first
 * deployment that changes what stands behind it.
 */
const NAMES = {
  rawStream: 'streams/raw',
  enrichedStream: 'streams/enriched',
  updatesStream: 'streams/updates',
  profileChanges: 'streams/profiles',
  profilesTable: 'tables/profiles',
  recordsTable: 'tables/records',
  lakeBucket: 'buckets/lake',
  lakeDatabase: 'lake/database',
  lakeWorkGroup: 'lake/workgroup',
  failedBucket: 'buckets/failed',
  spillQueue: 'queues/spill',
  spillQueueUrl: 'queues/spill-url',
  spillDeadLetters: 'queues/spill-dead-letters',
  rawDelivery: 'deliveries/raw',
  enrichedDelivery: 'deliveries/enriched',
  cacheUrl: 'cache/url',
  cacheArn: 'cache/arn',
  cacheUserArn: 'cache/user',
  insideSubnets: 'network/subnets',
  insideSecurityGroup: 'network/functions',
  key: 'key',
  /** Written by Platform, for the commands that start a run. */
  nightlyMachine: 'machines/nightly',
} as const;

export type Handed = keyof typeof NAMES;

export const handOver = (
  scope: Construct,
  stage: string,
  values: Readonly<Partial<Record<Handed, string>>>,
): void => {
  for (const [handed, stringValue] of Object.entries(values)) {
    new StringParameter(scope, `Parameter${capitalized(handed)}`, {
      parameterName: parameterName(stage, handed as Handed),
      stringValue,
    });
  }
};

/** The other side: each resource under the name that Data gave it. */
export class HandedOver {
  readonly #scope: Construct;
  readonly #stage: string;
  /** Absent where AWS's own keys encrypt; then there is nothing to grant. */
  readonly key: IKey | undefined;

  constructor(scope: Construct, stage: string, options: { readonly customerKey: boolean }) {
    this.#scope = scope;
    this.#stage = stage;
    this.key = options.customerKey ? Key.fromKeyArn(scope, 'Key', this.#value('key')) : undefined;
  }

  stream(handed: 'rawStream' | 'enrichedStream' | 'updatesStream', id: string): IStream {
    const streamArn = Stack.of(this.#scope).formatArn({
      service: 'kinesis',
      resource: 'stream',
      resourceName: this.#value(handed),
    });
    return Stream.fromStreamArn(this.#scope, id, streamArn);
  }

  table(handed: 'profilesTable' | 'recordsTable', id: string): ITableV2 {
    return TableV2.fromTableName(this.#scope, id, this.#value(handed));
  }

  bucket(handed: 'failedBucket' | 'lakeBucket', id: string): IBucket {
    return Bucket.fromBucketName(this.#scope, id, this.#value(handed));
  }

  lake(): LakeNames {
    return {
      bucket: this.bucket('lakeBucket', 'Lake'),
      databaseName: this.#value('lakeDatabase'),
      workGroupName: this.#value('lakeWorkGroup'),
    };
  }

  queue(handed: 'spillQueue', id: string): IQueue {
    const queueArn = Stack.of(this.#scope).formatArn({
      service: 'sqs',
      resource: this.#value(handed),
    });
    const queueUrl = this.#value('spillQueueUrl');
    return Queue.fromQueueAttributes(this.#scope, id, { queueArn, queueUrl });
  }

  /** The cache, and the network in which it is reached. */
  inside(): Inside {
    return {
      cacheUrl: this.#value('cacheUrl'),
      cacheArns: [this.#value('cacheArn'), this.#value('cacheUserArn')],
      subnetIds: Fn.split(',', this.#value('insideSubnets')),
      securityGroupIds: [this.#value('insideSecurityGroup')],
    };
  }

  /** The name itself, for an environment variable. */
  name(handed: Handed): string {
    return this.#value(handed);
  }

  #value(handed: Handed): string {
    return StringParameter.valueForStringParameter(this.#scope, parameterName(this.#stage, handed));
  }
}

const parameterName = (stage: string, handed: Handed): string =>
  `/tributary/${stage}/${NAMES[handed]}`;

const capitalized = (word: string): string => word.charAt(0).toUpperCase() + word.slice(1);
