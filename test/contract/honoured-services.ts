/** Streams, tables and deliveries. */
import { all, HOUR_MS, type HonouredRow, objectsIn, put, type Row, set } from './honoured-rows.ts';
import type { SmallWorld } from './small-world.ts';

const listed = async (world: SmallWorld): Promise<number> => {
  const { Shards } = await world.call('Kinesis_20131202.ListShards', {
    StreamName: world.ref('Stream'),
  });
  return (Shards as unknown[]).length;
};

const keptHours = async (world: SmallWorld): Promise<unknown> => {
  const { StreamDescriptionSummary } = await world.call('Kinesis_20131202.DescribeStreamSummary', {
    StreamName: world.ref('Stream'),
  });
  return Object(StreamDescriptionSummary).RetentionPeriodHours;
};

const STREAM = 'AWS::Kinesis::Stream';

export const streamRows: readonly Row[] = [
  {
    type: STREAM,
    path: 'Name',
    change: set('Stream', 'Name', 'own-name'),
    observe: async (world) => world.ref('Stream'),
    before: 'small-Stream',
    after: 'own-name',
  },
  {
    type: STREAM,
    path: 'ShardCount',
    change: set('Stream', 'ShardCount', 3),
    observe: listed,
    before: 1,
    after: 3,
  },
  {
    type: STREAM,
    path: 'RetentionPeriodHours',
    change: set('Stream', 'RetentionPeriodHours', 48),
    observe: keptHours,
    before: 24,
    after: 48,
  },
  {
    type: STREAM,
    path: 'StreamModeDetails.StreamMode',
    change: set('Stream', 'StreamModeDetails.StreamMode', 'ON_DEMAND'),
    refused: 'Stream',
  },
];

const TABLE = 'AWS::DynamoDB::GlobalTable';
const dynamo = (world: SmallWorld, operation: string, input: object = {}) =>
  world.call(`DynamoDB_20120810.${operation}`, { TableName: world.ref('Table'), ...input });

const putItem = (world: SmallWorld, item: object) => dynamo(world, 'PutItem', { Item: item });
const faultOf = async (answer: Promise<Record<string, unknown>>): Promise<string> =>
  String((await answer).__type ?? 'none').replace(/^.*#/, '');

const imagesOfAChange = async (world: SmallWorld): Promise<readonly string[]> => {
  const key = { pk: { S: 'p' }, sk: { S: 's' } };
  await putItem(world, { ...key, n: { N: '1' } });
  await putItem(world, { ...key, n: { N: '2' } });
  const source = world.cloud.dynamodb.recordSource(world.attribute('Table', 'StreamArn'));
  const names: string[] = [];
  for (const { shardId } of source?.shards() ?? []) {
    const limits = { recordsMax: 10, bytesMax: 1_000_000 };
    for (const { body } of (await source?.read(shardId, null, limits)) ?? []) {
      names.push(...Object.keys(Object(body.dynamodb)).filter((name) => name.endsWith('Image')));
    }
  }
  return names.sort((a, b) => a.localeCompare(b));
};

const itemsAfterExpiry = async (world: SmallWorld): Promise<number> => {
  const expired = String(Math.floor(Date.now() / 1_000));
  await putItem(world, { pk: { S: 'p' }, sk: { S: 's' }, ttl: { N: expired } });
  world.shiftTo(48 * HOUR_MS);
  await world.cloud.dynamodb.upkeep();
  return Number((await dynamo(world, 'Scan')).Count);
};

const recovery = async (world: SmallWorld): Promise<unknown> => {
  const { ContinuousBackupsDescription } = await dynamo(world, 'DescribeContinuousBackups');
  const { PointInTimeRecoveryDescription } = Object(ContinuousBackupsDescription);
  const { PointInTimeRecoveryStatus, RecoveryPeriodInDays } = PointInTimeRecoveryDescription;
  return [PointInTimeRecoveryStatus, RecoveryPeriodInDays ?? 0];
};

const numericSort = { AttributeName: 'sk', AttributeType: 'N' };
const RECOVERY = 'Replicas.0.PointInTimeRecoverySpecification';

export const tableRows: readonly Row[] = [
  {
    type: TABLE,
    path: 'TableName',
    change: set('Table', 'TableName', 'own-name'),
    observe: async (world) => world.ref('Table'),
    before: 'small-Table',
    after: 'own-name',
  },
  {
    type: TABLE,
    path: 'KeySchema',
    change: all(
      set('Table', 'KeySchema.1.AttributeName', 'sort'),
      set('Table', 'AttributeDefinitions.1.AttributeName', 'sort'),
    ),
    observe: (world) => faultOf(putItem(world, { pk: { S: 'p' }, sk: { S: 's' } })),
    before: 'none',
    after: 'ValidationException',
  },
  {
    type: TABLE,
    path: 'AttributeDefinitions',
    change: set('Table', 'AttributeDefinitions.1', numericSort),
    observe: (world) => faultOf(putItem(world, { pk: { S: 'p' }, sk: { S: 's' } })),
    before: 'none',
    after: 'ValidationException',
  },
  {
    type: TABLE,
    path: 'BillingMode',
    change: set('Table', 'BillingMode', 'PROVISIONED'),
    refused: 'on-demand',
  },
  {
    type: TABLE,
    path: 'StreamSpecification.StreamViewType',
    change: set('Table', 'StreamSpecification.StreamViewType', 'NEW_AND_OLD_IMAGES'),
    observe: imagesOfAChange,
    before: ['NewImage', 'NewImage'],
    after: ['NewImage', 'NewImage', 'OldImage'],
  },
  {
    type: TABLE,
    path: 'TimeToLiveSpecification',
    change: set('Table', 'TimeToLiveSpecification.AttributeName', 'other'),
    observe: itemsAfterExpiry,
    before: 0,
    after: 1,
  },
  {
    type: TABLE,
    path: 'Replicas[].Region',
    change: set('Table', 'Replicas.0.Region', 'eu-west-1'),
    refused: 'one replica, in us-east-1',
  },
  {
    type: TABLE,
    path: 'Replicas[].DeletionProtectionEnabled',
    change: set('Table', 'Replicas.0.DeletionProtectionEnabled', false),
    observe: (world) => faultOf(dynamo(world, 'DeleteTable')),
    before: 'ValidationException',
    after: 'none',
  },
  {
    type: TABLE,
    path: 'Replicas[].PointInTimeRecoverySpecification.PointInTimeRecoveryEnabled',
    change: set('Table', RECOVERY, { PointInTimeRecoveryEnabled: false }),
    observe: recovery,
    before: ['ENABLED', 35],
    after: ['DISABLED', 0],
  },
  {
    type: TABLE,
    path: 'Replicas[].PointInTimeRecoverySpecification.RecoveryPeriodInDays',
    change: set('Table', `${RECOVERY}.RecoveryPeriodInDays`, 7),
    observe: recovery,
    before: ['ENABLED', 35],
    after: ['ENABLED', 7],
  },
];

const DELIVERY = 'AWS::KinesisFirehose::DeliveryStream';
const S3_DESTINATION = 'ExtendedS3DestinationConfiguration';

const delivered =
  (bucket: string, read: (keys: readonly string[]) => unknown): HonouredRow['observe'] =>
  async (world) => {
    await put(world, 'Stream');
    await world.cloud.firehose.flush();
    return read(objectsIn(world, bucket));
  };

const pumpedAfter =
  (offsetMs: number, bytes: number): HonouredRow['observe'] =>
  async (world) => {
    await put(world, 'Stream', bytes);
    // A shard takes a megabyte a second.
    world.shiftTo(2_000);
    await put(world, 'Stream', bytes);
    await world.cloud.firehose.pump();
    world.shiftTo(2_000 + offsetMs);
    await world.cloud.firehose.pump();
    return objectsIn(world, 'Bucket').length;
  };

const OTHER_ERRORS = 'broken/!{firehose:error-output-type}/';

/** Nothing that Firehose does here can fail, so no object ever lies there: the setting is shown. */
const errorPrefix = async (world: SmallWorld): Promise<unknown> => {
  const { DeliveryStreamDescription } = await world.call(
    'Firehose_20150804.DescribeDeliveryStream',
    { DeliveryStreamName: world.ref('Delivery') },
  );
  const [destination] = Object(DeliveryStreamDescription).Destinations;
  return destination.ExtendedS3DestinationDescription.ErrorOutputPrefix;
};

const count = (keys: readonly string[]): number => keys.length;

export const deliveryRows: readonly Row[] = [
  {
    type: DELIVERY,
    path: 'DeliveryStreamName',
    change: set('Delivery', 'DeliveryStreamName', 'own-name'),
    observe: async (world) =>
      (await world.call('Firehose_20150804.ListDeliveryStreams', {})).DeliveryStreamNames,
    before: ['small-Delivery'],
    after: ['own-name'],
  },
  {
    type: DELIVERY,
    path: 'DeliveryStreamType',
    change: set('Delivery', 'DeliveryStreamType', 'DirectPut'),
    refused: 'reads a Kinesis stream',
  },
  {
    type: DELIVERY,
    path: 'KinesisStreamSourceConfiguration.KinesisStreamARN',
    change: set('Delivery', 'KinesisStreamSourceConfiguration.KinesisStreamARN', {
      'Fn::GetAtt': ['OtherStream', 'Arn'],
    }),
    observe: delivered('Bucket', count),
    before: 1,
    after: 0,
  },
  {
    type: DELIVERY,
    path: `${S3_DESTINATION}.BucketARN`,
    change: set('Delivery', `${S3_DESTINATION}.BucketARN`, {
      'Fn::GetAtt': ['OtherBucket', 'Arn'],
    }),
    observe: delivered('OtherBucket', count),
    before: 0,
    after: 1,
  },
  {
    type: DELIVERY,
    path: `${S3_DESTINATION}.Prefix`,
    change: set('Delivery', `${S3_DESTINATION}.Prefix`, 'other/'),
    observe: delivered('Bucket', ([key = '']) => key.split('/')[0]),
    before: 'raw',
    after: 'other',
  },
  {
    type: DELIVERY,
    path: `${S3_DESTINATION}.ErrorOutputPrefix`,
    change: set('Delivery', `${S3_DESTINATION}.ErrorOutputPrefix`, OTHER_ERRORS),
    observe: errorPrefix,
    before: 'errors/!{firehose:error-output-type}/',
    after: OTHER_ERRORS,
  },
  {
    type: DELIVERY,
    path: `${S3_DESTINATION}.CompressionFormat`,
    change: set('Delivery', `${S3_DESTINATION}.CompressionFormat`, 'UNCOMPRESSED'),
    observe: delivered('Bucket', ([key = '']) => key.includes('.gz')),
    before: true,
    after: false,
  },
  {
    type: DELIVERY,
    path: `${S3_DESTINATION}.BufferingHints.IntervalInSeconds`,
    change: set('Delivery', `${S3_DESTINATION}.BufferingHints.IntervalInSeconds`, 900),
    observe: pumpedAfter(61_000, 10),
    before: 1,
    after: 0,
  },
  {
    type: DELIVERY,
    path: `${S3_DESTINATION}.BufferingHints.SizeInMBs`,
    change: set('Delivery', `${S3_DESTINATION}.BufferingHints.SizeInMBs`, 1),
    observe: pumpedAfter(0, 700_000),
    before: 0,
    after: 1,
  },
];
