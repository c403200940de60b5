import { expect, test } from 'vitest';
import { ofSize, plain, SIZES, theOne } from './templates.ts';

const STATEFUL = new Set([
  'AWS::Athena::WorkGroup',
  'AWS::DynamoDB::GlobalTable',
  'AWS::ElastiCache::ReplicationGroup',
  'AWS::ElastiCache::ServerlessCache',
  'AWS::Glue::Database',
  'AWS::Glue::Table',
  'AWS::Kinesis::Stream',
  'AWS::KinesisFirehose::DeliveryStream',
  'AWS::KMS::Key',
  'AWS::S3::Bucket',
]);

const statefulIds = (size: (typeof SIZES)[number]): readonly string[] =>
  Object.entries(ofSize(size).dataTemplate.toJSON().Resources as Record<string, { Type: string }>)
    .filter(([, { Type }]) => STATEFUL.has(Type))
    .map(([id, { Type }]) => `${Type} ${id}`)
    .sort();

// A changed id is a new, empty resource beside the old one. Move data before you change a line here.
test('the logical ids of what keeps data never change', () => {
  expect(statefulIds('standard')).toMatchInlineSnapshot(`
    [
      "AWS::Athena::WorkGroup TablesWorkGroupCBF2AF68",
      "AWS::DynamoDB::GlobalTable Profiles4FC22479",
      "AWS::DynamoDB::GlobalTable Records091F6ECA",
      "AWS::ElastiCache::ServerlessCache CacheServerlessB4693E6C",
      "AWS::Glue::Database TablesDatabaseAABD3FAE",
      "AWS::Glue::Table TablesEnrichedLines04974F50",
      "AWS::Glue::Table TablesEventsB3720E14",
      "AWS::Glue::Table TablesPairsDay1BAC0616",
      "AWS::Glue::Table TablesPositives2B6A7AFA",
      "AWS::Glue::Table TablesRawLines42476F74",
      "AWS::Glue::Table TablesRunLinesB9338803",
      "AWS::Glue::Table TablesTagsLoadedA151015D",
      "AWS::Glue::Table TablesUserDayD8DB8C64",
      "AWS::Glue::Table TablesUserTotalF74D8B5A",
      "AWS::KMS::Key Key961B73FD",
      "AWS::Kinesis::Stream EnrichedEvents10247081",
      "AWS::Kinesis::Stream RawUserEvents12DA2C06",
      "AWS::Kinesis::Stream UserProfileUpdatesA0DDB0D1",
      "AWS::KinesisFirehose::DeliveryStream EnrichedArchiveDelivery3D94578B",
      "AWS::KinesisFirehose::DeliveryStream RawArchiveDelivery8DED586E",
      "AWS::S3::Bucket AccessLogs8B620ECA",
      "AWS::S3::Bucket Failed178E83A2",
      "AWS::S3::Bucket Lake5F1B88EA",
    ]
  `);
  expect(statefulIds('starter')).toMatchInlineSnapshot(`
    [
      "AWS::Athena::WorkGroup TablesWorkGroupCBF2AF68",
      "AWS::DynamoDB::GlobalTable Profiles4FC22479",
      "AWS::DynamoDB::GlobalTable Records091F6ECA",
      "AWS::Glue::Database TablesDatabaseAABD3FAE",
      "AWS::Glue::Table TablesEnrichedLines04974F50",
      "AWS::Glue::Table TablesEventsB3720E14",
      "AWS::Glue::Table TablesPairsDay1BAC0616",
      "AWS::Glue::Table TablesPositives2B6A7AFA",
      "AWS::Glue::Table TablesRawLines42476F74",
      "AWS::Glue::Table TablesRunLinesB9338803",
      "AWS::Glue::Table TablesTagsLoadedA151015D",
      "AWS::Glue::Table TablesUserDayD8DB8C64",
      "AWS::Glue::Table TablesUserTotalF74D8B5A",
      "AWS::Kinesis::Stream EnrichedEvents10247081",
      "AWS::Kinesis::Stream RawUserEvents12DA2C06",
      "AWS::KinesisFirehose::DeliveryStream EnrichedArchiveDelivery3D94578B",
      "AWS::KinesisFirehose::DeliveryStream RawArchiveDelivery8DED586E",
      "AWS::S3::Bucket AccessLogs8B620ECA",
      "AWS::S3::Bucket Failed178E83A2",
      "AWS::S3::Bucket Lake5F1B88EA",
    ]
  `);
  expect(statefulIds('scale')).toMatchInlineSnapshot(`
    [
      "AWS::Athena::WorkGroup TablesWorkGroupCBF2AF68",
      "AWS::DynamoDB::GlobalTable Profiles4FC22479",
      "AWS::DynamoDB::GlobalTable Records091F6ECA",
      "AWS::ElastiCache::ReplicationGroup CacheNodes5B43AEF0",
      "AWS::Glue::Database TablesDatabaseAABD3FAE",
      "AWS::Glue::Table TablesEnrichedLines04974F50",
      "AWS::Glue::Table TablesEventsB3720E14",
      "AWS::Glue::Table TablesPairsDay1BAC0616",
      "AWS::Glue::Table TablesPositives2B6A7AFA",
      "AWS::Glue::Table TablesRawLines42476F74",
      "AWS::Glue::Table TablesRunLinesB9338803",
      "AWS::Glue::Table TablesTagsLoadedA151015D",
      "AWS::Glue::Table TablesUserDayD8DB8C64",
      "AWS::Glue::Table TablesUserTotalF74D8B5A",
      "AWS::KMS::Key Key961B73FD",
      "AWS::Kinesis::Stream EnrichedEvents10247081",
      "AWS::Kinesis::Stream RawUserEvents12DA2C06",
      "AWS::Kinesis::Stream UserProfileUpdatesA0DDB0D1",
      "AWS::KinesisFirehose::DeliveryStream EnrichedArchiveDelivery3D94578B",
      "AWS::KinesisFirehose::DeliveryStream RawArchiveDelivery8DED586E",
      "AWS::S3::Bucket AccessLogs8B620ECA",
      "AWS::S3::Bucket Failed178E83A2",
      "AWS::S3::Bucket Lake5F1B88EA",
    ]
  `);
});

test('everything that keeps data is in Data', () => {
  for (const size of SIZES) {
    const types = Object.values(
      ofSize(size).platformTemplate.toJSON().Resources as Record<string, { Type: string }>,
    ).map(({ Type }) => Type);
    expect(types.filter((type) => STATEFUL.has(type))).toEqual([]);
  }
});

test('streams differ by size in number, shards and retention', () => {
  const streams = (size: (typeof SIZES)[number]) =>
    Object.values(ofSize(size).dataTemplate.findResources('AWS::Kinesis::Stream')).map(
      ({ Properties }) => [Properties.ShardCount, Properties.RetentionPeriodHours],
    );
  expect(SIZES.map(streams)).toEqual([
    [
      [1, 24],
      [1, 24],
    ],
    [
      [1, 72],
      [1, 72],
      [1, 24],
    ],
    [
      [136, 72],
      [192, 72],
      [20, 24],
    ],
  ]);
});

test('enriched events are kept as long as raw ones, or a redrive would find half', () => {
  for (const size of SIZES) {
    const { dataTemplate } = ofSize(size);
    expect(
      theOne(dataTemplate, 'AWS::Kinesis::Stream', 'Enriched').Properties.RetentionPeriodHours,
    ).toBe(theOne(dataTemplate, 'AWS::Kinesis::Stream', 'Raw').Properties.RetentionPeriodHours);
  }
});

test('only the table of profiles tells its changes, with the new image', () => {
  const { dataTemplate } = ofSize('standard');
  const stream = (id: string) =>
    theOne(dataTemplate, 'AWS::DynamoDB::GlobalTable', id).Properties.StreamSpecification;
  expect(stream('Profiles')).toEqual({ StreamViewType: 'NEW_IMAGE' });
  expect(stream('Records')).toBe(undefined);
});

test('starter goes without a trace; the others keep their data and refuse to lose it', () => {
  const policies = (size: (typeof SIZES)[number]) => [
    ...new Set(
      Object.values(
        ofSize(size).dataTemplate.toJSON().Resources as Record<
          string,
          { Type: string; DeletionPolicy?: string }
        >,
      )
        .filter(({ Type }) =>
          /^AWS::(Kinesis|DynamoDB|S3|Glue)::(Stream|GlobalTable|Bucket|Database|Table)$/.test(
            Type,
          ),
        )
        .map(({ DeletionPolicy }) => DeletionPolicy),
    ),
  ];
  expect(SIZES.map(policies)).toEqual([['Delete'], ['Retain'], ['Retain']]);
  expect(SIZES.map((size) => ofSize(size).data.terminationProtection)).toEqual([false, true, true]);
});

test("one customer key encrypts streams, tables and buckets; starter has AWS's own", () => {
  const keys = (size: (typeof SIZES)[number]) => {
    const { dataTemplate } = ofSize(size);
    const [replica] = theOne(dataTemplate, 'AWS::DynamoDB::GlobalTable', 'Profiles').Properties
      .Replicas as { SSESpecification?: { KMSMasterKeyId: unknown } }[];
    const { StreamEncryption } = theOne(dataTemplate, 'AWS::Kinesis::Stream', 'Raw').Properties as {
      StreamEncryption: { KeyId: unknown };
    };
    const lake = theOne(dataTemplate, 'AWS::S3::Bucket', 'Lake').Properties as {
      BucketEncryption: {
        ServerSideEncryptionConfiguration: {
          ServerSideEncryptionByDefault: { KMSMasterKeyID?: unknown };
        }[];
      };
    };
    const [bucketRule] = lake.BucketEncryption.ServerSideEncryptionConfiguration;
    return [
      plain(StreamEncryption.KeyId),
      replica?.SSESpecification && plain(replica.SSESpecification.KMSMasterKeyId),
      bucketRule?.ServerSideEncryptionByDefault.KMSMasterKeyID &&
        plain(bucketRule.ServerSideEncryptionByDefault.KMSMasterKeyID),
    ];
  };
  expect(SIZES.map(keys)).toEqual([
    ['alias/aws/kinesis', undefined, undefined],
    ['{Key.Arn}', '{Key.Arn}', '{Key.Arn}'],
    ['{Key.Arn}', '{Key.Arn}', '{Key.Arn}'],
  ]);
});

test('enriched events leave the lake after 90 days; raw ones grow cold and stay', () => {
  const { LifecycleConfiguration } = theOne(
    ofSize('standard').dataTemplate,
    'AWS::S3::Bucket',
    'Lake',
  ).Properties as { LifecycleConfiguration: { Rules: Record<string, unknown>[] } };
  expect(LifecycleConfiguration.Rules).toContainEqual({
    Prefix: 'enriched/',
    ExpirationInDays: 90,
    Status: 'Enabled',
  });
  const raw = LifecycleConfiguration.Rules.filter(({ Prefix }) => Prefix === 'raw/');
  expect(raw).toHaveLength(1);
  expect(raw[0]).not.toHaveProperty('ExpirationInDays');
});

test('what is removed from a bucket leaves nothing behind after a week, not even its marker', () => {
  for (const beginning of ['Lake', 'Failed']) {
    const { LifecycleConfiguration } = theOne(
      ofSize('standard').dataTemplate,
      'AWS::S3::Bucket',
      beginning,
    ).Properties as { LifecycleConfiguration: { Rules: Record<string, unknown>[] } };
    expect(LifecycleConfiguration.Rules[0]).toEqual({
      AbortIncompleteMultipartUpload: { DaysAfterInitiation: 1 },
      NoncurrentVersionExpiration: { NoncurrentDays: 7 },
      ExpiredObjectDeleteMarker: true,
      Status: 'Enabled',
    });
  }
});

test('scale buys capacity, within bounds, and has the tables warm before the first day', () => {
  expect(
    theOne(ofSize('scale').dataTemplate, 'AWS::DynamoDB::GlobalTable', 'Profiles').Properties,
  ).toMatchObject({
    BillingMode: 'PROVISIONED',
    WarmThroughput: { ReadUnitsPerSecond: 20_000, WriteUnitsPerSecond: 40_000 },
    WriteProvisionedThroughputSettings: {
      WriteCapacityAutoScalingSettings: { MinCapacity: 500, MaxCapacity: 40_000 },
    },
  });
  expect(
    theOne(ofSize('standard').dataTemplate, 'AWS::DynamoDB::GlobalTable', 'Profiles').Properties
      .BillingMode,
  ).toBe('PAY_PER_REQUEST');
});
