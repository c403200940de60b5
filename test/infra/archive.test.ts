import { expect, test } from 'vitest';
import { grants, ofSize, plain, SIZES, theOne } from './templates.ts';

const { dataTemplate } = ofSize('standard');

interface Delivery {
  readonly DeliveryStreamType: string;
  readonly KinesisStreamSourceConfiguration: { readonly KinesisStreamARN: unknown };
  readonly ExtendedS3DestinationConfiguration: Readonly<Record<string, unknown>>;
}

const delivery = (id: 'Raw' | 'Enriched'): Delivery =>
  theOne(dataTemplate, 'AWS::KinesisFirehose::DeliveryStream', `${id}Archive`)
    .Properties as unknown as Delivery;

test('what arrives lands in the lake by the hour, gzipped, with its failures apart', () => {
  expect(delivery('Raw').ExtendedS3DestinationConfiguration).toMatchObject({
    Prefix: 'raw/dt=!{timestamp:yyyy-MM-dd}/hr=!{timestamp:HH}/',
    ErrorOutputPrefix: 'errors/raw/!{firehose:error-output-type}/dt=!{timestamp:yyyy-MM-dd}/',
    CompressionFormat: 'GZIP',
    CloudWatchLoggingOptions: { Enabled: true },
  });
  expect(delivery('Enriched').ExtendedS3DestinationConfiguration).toMatchObject({
    Prefix: 'enriched/dt=!{timestamp:yyyy-MM-dd}/hr=!{timestamp:HH}/',
    CompressionFormat: 'GZIP',
  });
});

test('each delivery reads its own stream', () => {
  const source = (id: 'Raw' | 'Enriched') =>
    plain(delivery(id).KinesisStreamSourceConfiguration.KinesisStreamARN);
  expect([source('Raw'), source('Enriched')]).toEqual([
    '{RawUserEvents.Arn}',
    '{EnrichedEvents.Arn}',
  ]);
  expect(delivery('Raw').DeliveryStreamType).toBe('KinesisStreamAsSource');
});

test('objects are written at least every minute', () => {
  expect(
    SIZES.map((size) => {
      const { Properties } = theOne(
        ofSize(size).dataTemplate,
        'AWS::KinesisFirehose::DeliveryStream',
        'Raw',
      );
      return (Properties as unknown as Delivery).ExtendedS3DestinationConfiguration.BufferingHints;
    }),
  ).toEqual([
    { IntervalInSeconds: 60, SizeInMBs: 64 },
    { IntervalInSeconds: 60, SizeInMBs: 64 },
    { IntervalInSeconds: 60, SizeInMBs: 128 },
  ]);
});

test('a delivery may read its stream and write its two folders', () => {
  expect(grants(dataTemplate, 'RawArchive')).toMatchInlineSnapshot(`
    [
      "kinesis:DescribeStream {RawUserEvents.Arn}",
      "kinesis:GetRecords {RawUserEvents.Arn}",
      "kinesis:GetShardIterator {RawUserEvents.Arn}",
      "kinesis:ListShards {RawUserEvents.Arn}",
      "kms:Decrypt {Key.Arn}",
      "kms:GenerateDataKey {Key.Arn}",
      "logs:PutLogEvents {RawArchiveLogs.Arn}",
      "s3:AbortMultipartUpload {Lake.Arn}/errors/raw/*",
      "s3:AbortMultipartUpload {Lake.Arn}/raw/*",
      "s3:GetBucketLocation {Lake.Arn}",
      "s3:GetObject {Lake.Arn}/errors/raw/*",
      "s3:GetObject {Lake.Arn}/raw/*",
      "s3:ListBucket {Lake.Arn}",
      "s3:ListBucketMultipartUploads {Lake.Arn}",
      "s3:PutObject {Lake.Arn}/errors/raw/*",
      "s3:PutObject {Lake.Arn}/raw/*",
    ]
  `);
});

test('a delivery waits for its role, which Firehose tries at once', () => {
  const [resource] = Object.values(
    dataTemplate.findResources('AWS::KinesisFirehose::DeliveryStream'),
  ) as { DependsOn?: string[] }[];
  expect(resource?.DependsOn?.some((id) => id.includes('RoleDefaultPolicy'))).toBe(true);
});
