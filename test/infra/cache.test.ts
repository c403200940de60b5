import { expect, test } from 'vitest';
import { ofSize, plain, theOne } from './templates.ts';

const { dataTemplate } = ofSize('standard');

test('starter has neither cache nor network', () => {
  const types = Object.values(ofSize('starter').dataTemplate.toJSON().Resources as object).map(
    (resource: { Type: string }) => resource.Type,
  );
  expect(types.filter((type) => /^AWS::(EC2|ElastiCache)::/.test(type))).toEqual([]);
});

test('standard has a bounded serverless cache under the customer key', () => {
  expect(theOne(dataTemplate, 'AWS::ElastiCache::ServerlessCache').Properties).toMatchObject({
    Engine: 'valkey',
    CacheUsageLimits: {
      DataStorage: { Maximum: 5, Unit: 'GB' },
      ECPUPerSecond: { Maximum: 10_000 },
    },
    KmsKeyId: expect.anything(),
    UserGroupId: expect.anything(),
  });
});

test('scale has nodes in two zones, which only TLS reaches', () => {
  const { dataTemplate: scale } = ofSize('scale');
  expect(theOne(scale, 'AWS::ElastiCache::ReplicationGroup').Properties).toMatchObject({
    NumNodeGroups: 2,
    ReplicasPerNodeGroup: 1,
    MultiAZEnabled: true,
    AutomaticFailoverEnabled: true,
    TransitEncryptionEnabled: true,
    TransitEncryptionMode: 'required',
    AtRestEncryptionEnabled: true,
    KmsKeyId: expect.anything(),
  });
  scale.resourceCountIs('AWS::ElastiCache::ServerlessCache', 0);
});

test('the network has two zones, no gateway to the internet, and endpoints for S3, DynamoDB and Kinesis', () => {
  dataTemplate.resourceCountIs('AWS::EC2::Subnet', 2);
  for (const type of ['InternetGateway', 'NatGateway', 'EgressOnlyInternetGateway', 'Route']) {
    dataTemplate.resourceCountIs(`AWS::EC2::${type}`, 0);
  }
  expect(
    Object.values(dataTemplate.findResources('AWS::EC2::VPCEndpoint')).map(({ Properties }) =>
      plain(Properties.ServiceName),
    ),
  ).toEqual([
    'com.amazonaws.{AWS::Region}.s3',
    'com.amazonaws.{AWS::Region}.dynamodb',
    'com.amazonaws.{AWS::Region}.kinesis-streams',
  ]);
});

test('zones are chosen when it is deployed, not looked up at synth', () => {
  expect(
    Object.values(dataTemplate.findResources('AWS::EC2::Subnet')).map(
      ({ Properties }) => Properties.AvailabilityZone,
    ),
  ).toEqual([
    { 'Fn::Select': [0, { 'Fn::GetAZs': '' }] },
    { 'Fn::Select': [1, { 'Fn::GetAZs': '' }] },
  ]);
  expect(ofSize('standard').app.synth().manifest.missing ?? []).toEqual([]);
});

test('nobody administers the cache, and nobody has a password for it', () => {
  expect(theOne(dataTemplate, 'AWS::ElastiCache::User').Properties).toMatchObject({
    AuthenticationMode: { Type: 'iam' },
    AccessString:
      'on ~* -@all +@connection +get +getrange +mget +set +del +eval +zincrby +zcard +zrange +zrem +pexpireat +cluster|slots +info',
  });
});

test('ids that ElastiCache wants from us fit, and differ by stage', () => {
  const { UserId, UserName } = theOne(dataTemplate, 'AWS::ElastiCache::User').Properties;
  expect(UserId).toBe(UserName);
  for (const id of [
    UserId,
    theOne(dataTemplate, 'AWS::ElastiCache::UserGroup').Properties.UserGroupId,
    theOne(dataTemplate, 'AWS::ElastiCache::ServerlessCache').Properties.ServerlessCacheName,
  ]) {
    expect(id).toMatch(/^[a-z][a-z0-9-]{0,39}$/);
  }
});

test('functions inside reach the cache and the endpoints of AWS, and nobody else reaches either', () => {
  const rules = (type: string) =>
    Object.values(dataTemplate.findResources(`AWS::EC2::SecurityGroup${type}`)).map(
      ({ Properties }) => [
        `${plain(Properties.GroupId)} ${Properties.FromPort}-${Properties.ToPort}`,
        plain(Properties.SourceSecurityGroupId ?? Properties.DestinationSecurityGroupId),
      ],
    );
  expect(rules('Ingress')).toMatchInlineSnapshot(`
    [
      [
        "{CacheSecurityGroup.GroupId} 6379-6380",
        "{CacheInside.GroupId}",
      ],
      [
        "{CacheKinesisEndpoint.GroupId} 443-443",
        "{CacheInside.GroupId}",
      ],
    ]
  `);
  expect(rules('Egress')).toMatchInlineSnapshot(`
    [
      [
        "{CacheInside.GroupId} 6379-6380",
        "{CacheSecurityGroup.GroupId}",
      ],
    ]
  `);
  const groups = Object.values(dataTemplate.findResources('AWS::EC2::SecurityGroup')).map(
    ({ Properties }) => [
      Properties.GroupDescription,
      Properties.SecurityGroupIngress ?? [],
      Properties.SecurityGroupEgress,
    ],
  );
  expect(groups).toMatchInlineSnapshot(`
    [
      [
        "Who may reach the cache",
        [],
        [
          {
            "CidrIp": "255.255.255.255/32",
            "Description": "Disallow all traffic",
            "FromPort": 252,
            "IpProtocol": "icmp",
            "ToPort": 86,
          },
        ],
      ],
      [
        "Functions that read or write the cache",
        [],
        [
          {
            "CidrIp": "0.0.0.0/0",
            "Description": "Endpoints of AWS; there is no way on",
            "FromPort": 443,
            "IpProtocol": "tcp",
            "ToPort": 443,
          },
        ],
      ],
      [
        "Who may put records from inside",
        [],
        [
          {
            "CidrIp": "255.255.255.255/32",
            "Description": "Disallow all traffic",
            "FromPort": 252,
            "IpProtocol": "icmp",
            "ToPort": 86,
          },
        ],
      ],
    ]
  `);
});
