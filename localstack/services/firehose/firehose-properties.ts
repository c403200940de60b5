/** AWS::KinesisFirehose::DeliveryStream, from a Kinesis stream to a bucket. */

import type { ResolvedResource } from '../../cloud.ts';
import type { FirehoseConfig } from '../../engines/firehose.ts';
import { checkPrefixes } from '../../engines/firehose-names.ts';

interface S3Destination {
  readonly BucketARN: string;
  readonly Prefix?: string;
  readonly ErrorOutputPrefix?: string;
  readonly CompressionFormat?: string;
  readonly BufferingHints?: { readonly IntervalInSeconds?: number; readonly SizeInMBs?: number };
}

interface Properties {
  readonly DeliveryStreamName?: string;
  readonly DeliveryStreamType?: string;
  readonly KinesisStreamSourceConfiguration?: { readonly KinesisStreamARN: string };
  readonly ExtendedS3DestinationConfiguration?: S3Destination;
}

export interface DeliverySpec {
  readonly name: string;
  readonly streamArn: string;
  readonly bucket: string;
  readonly gzip: boolean;
  readonly config: FirehoseConfig;
  readonly prefix: string;
  readonly errorPrefix: string | undefined;
}

const BUFFER_SECONDS_DEFAULT = 300;
const BUFFER_SECONDS_MAX = 900;
const BUFFER_MEGABYTES_DEFAULT = 5;
const BUFFER_MEGABYTES_MAX = 128;
const MEGABYTE = 1_048_576;
/** AWS counts the versions of a delivery stream's settings; a start makes it anew. */
export const DELIVERY_VERSION = '1';

export const HONOURED = [
  'DeliveryStreamName',
  'DeliveryStreamType',
  'KinesisStreamSourceConfiguration.KinesisStreamARN',
  'ExtendedS3DestinationConfiguration.BucketARN',
  'ExtendedS3DestinationConfiguration.Prefix',
  'ExtendedS3DestinationConfiguration.ErrorOutputPrefix',
  'ExtendedS3DestinationConfiguration.CompressionFormat',
  'ExtendedS3DestinationConfiguration.BufferingHints.IntervalInSeconds',
  'ExtendedS3DestinationConfiguration.BufferingHints.SizeInMBs',
] as const;

export const INERT = {
  'KinesisStreamSourceConfiguration.RoleARN': 'iam',
  'ExtendedS3DestinationConfiguration.RoleARN': 'iam',
  'ExtendedS3DestinationConfiguration.CloudWatchLoggingOptions': 'logs',
  'ExtendedS3DestinationConfiguration.EncryptionConfiguration': 'keys',
  Tags: 'tags',
} as const;

const within = (what: string, value: number, least: number, most: number): number => {
  if (value >= least && value <= most) return value;
  throw new Error(`${what} must be ${least} to ${most}, not ${value}`);
};

const gzipOf = (format: string | undefined): boolean => {
  if (format === undefined || format === 'UNCOMPRESSED') return false;
  if (format === 'GZIP') return true;
  throw new Error(`the local cloud compresses by GZIP, not ${format}`);
};

export const deliverySpec = ({ properties, physicalName }: ResolvedResource): DeliverySpec => {
  const given = properties as Properties;
  const destination = given.ExtendedS3DestinationConfiguration;
  const streamArn = given.KinesisStreamSourceConfiguration?.KinesisStreamARN;
  if (given.DeliveryStreamType !== 'KinesisStreamAsSource' || streamArn === undefined) {
    throw new Error('a delivery stream reads a Kinesis stream in the local cloud');
  }
  if (destination === undefined) throw new Error('a delivery stream needs its S3 destination');
  const {
    Prefix: prefix = '',
    ErrorOutputPrefix: errorPrefix,
    BufferingHints: hints,
  } = destination;
  checkPrefixes(prefix, errorPrefix);
  const name = given.DeliveryStreamName ?? physicalName;
  const gzip = gzipOf(destination.CompressionFormat);
  const seconds = hints?.IntervalInSeconds ?? BUFFER_SECONDS_DEFAULT;
  const megabytes = hints?.SizeInMBs ?? BUFFER_MEGABYTES_DEFAULT;
  return {
    name,
    streamArn,
    bucket: destination.BucketARN.slice(destination.BucketARN.lastIndexOf(':') + 1),
    gzip,
    prefix,
    errorPrefix,
    config: {
      prefix,
      deliveryStream: name,
      version: DELIVERY_VERSION,
      suffix: gzip ? '.gz' : '',
      bufferMs: within('IntervalInSeconds', seconds, 0, BUFFER_SECONDS_MAX) * 1_000,
      bufferBytes: within('SizeInMBs', megabytes, 1, BUFFER_MEGABYTES_MAX) * MEGABYTE,
    },
  };
};
