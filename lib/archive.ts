import { RemovalPolicy, Stack } from 'aws-cdk-lib';
import { PolicyStatement, Role, ServicePrincipal } from 'aws-cdk-lib/aws-iam';
import type { IStream } from 'aws-cdk-lib/aws-kinesis';
import { CfnDeliveryStream } from 'aws-cdk-lib/aws-kinesisfirehose';
import type { IKey } from 'aws-cdk-lib/aws-kms';
import { LogGroup, LogStream } from 'aws-cdk-lib/aws-logs';
import type { IBucket } from 'aws-cdk-lib/aws-s3';
import { Construct } from 'constructs';
import type { PlatformConfig } from './config.ts';

export interface ArchiveProps {
  readonly config: PlatformConfig;
  readonly events: IStream;
  readonly lake: IBucket;
  /** The folder of the lake: `raw` is what arrived, `enriched` what was made of it. */
  readonly prefix: 'raw' | 'enriched';
  readonly key: IKey | undefined;
}

/** Everything a stream carried, as gzipped lines by the hour of its arrival in the lake. */
export class Archive extends Construct {
  readonly deliveryStreamName: string;

  constructor(scope: Construct, id: string, props: ArchiveProps) {
    super(scope, id);
    const logGroup = new LogGroup(this, 'Logs', {
      retention: props.config.logRetentionDays,
      removalPolicy: RemovalPolicy.DESTROY,
    });
    const logStream = new LogStream(this, 'LogStream', {
      logGroup,
      removalPolicy: RemovalPolicy.DESTROY,
    });
    const role = this.#role(props, logGroup);
    const delivery = new CfnDeliveryStream(this, 'Delivery', {
      deliveryStreamType: 'KinesisStreamAsSource',
      kinesisStreamSourceConfiguration: {
        kinesisStreamArn: props.events.streamArn,
        roleArn: role.roleArn,
      },
      extendedS3DestinationConfiguration: {
        bucketArn: props.lake.bucketArn,
        roleArn: role.roleArn,
        prefix: `${props.prefix}/dt=!{timestamp:yyyy-MM-dd}/hr=!{timestamp:HH}/`,
        errorOutputPrefix: `errors/${props.prefix}/!{firehose:error-output-type}/dt=!{timestamp:yyyy-MM-dd}/`,
        compressionFormat: 'GZIP',
        bufferingHints: {
          intervalInSeconds: props.config.archive.seconds,
          sizeInMBs: props.config.archive.megabytes,
        },
        cloudWatchLoggingOptions: {
          enabled: true,
          logGroupName: logGroup.logGroupName,
          logStreamName: logStream.logStreamName,
        },
        ...(props.key === undefined
          ? {}
          : {
              encryptionConfiguration: { kmsEncryptionConfig: { awskmsKeyArn: props.key.keyArn } },
            }),
      },
    });
    // Firehose tries its role when it is made, so the role's policy must be there first.
    delivery.node.addDependency(role.node.findChild('DefaultPolicy'));
    this.deliveryStreamName = delivery.ref;
  }

  #role(props: ArchiveProps, logGroup: LogGroup): Role {
    const role = new Role(this, 'Role', {
      assumedBy: new ServicePrincipal('firehose.amazonaws.com', {
        conditions: { StringEquals: { 'aws:SourceAccount': Stack.of(this).account } },
      }),
      description: `What the delivery of ${props.prefix} events may do`,
    });
    const may = (actions: readonly string[], ...resources: readonly string[]) =>
      role.addToPolicy(new PolicyStatement({ actions: [...actions], resources: [...resources] }));
    may(
      [
        'kinesis:DescribeStream',
        'kinesis:GetRecords',
        'kinesis:GetShardIterator',
        'kinesis:ListShards',
      ],
      props.events.streamArn,
    );
    may(
      ['s3:GetBucketLocation', 's3:ListBucket', 's3:ListBucketMultipartUploads'],
      props.lake.bucketArn,
    );
    may(
      ['s3:AbortMultipartUpload', 's3:GetObject', 's3:PutObject'],
      props.lake.arnForObjects(`${props.prefix}/*`),
      props.lake.arnForObjects(`errors/${props.prefix}/*`),
    );
    may(['logs:PutLogEvents'], logGroup.logGroupArn);
    props.key?.grant(role, 'kms:Decrypt', 'kms:GenerateDataKey');
    return role;
  }
}
