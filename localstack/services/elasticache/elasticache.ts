/**
 * The cache, which a laptop runs without, as the starter size does on AWS: its endpoint resolves to
 * `none`, which adapters read as "no cache". So its limits, engine and nodes bind nobody here.
 */
import type { ResourceType } from '../../cloud.ts';

const NO_CACHE = { ref: 'none', attributes: cacheAttributes() };

function cacheAttributes(): Readonly<Record<string, string>> {
  const endpoints = ['Endpoint', 'ReaderEndpoint', 'PrimaryEndPoint', 'ConfigurationEndPoint'];
  return Object.fromEntries([
    ['ARN', 'none'],
    ...endpoints.flatMap((name) => [
      [`${name}.Address`, 'none'],
      [`${name}.Port`, '0'],
    ]),
  ]);
}

export const cacheResourceTypes: readonly ResourceType[] = [
  {
    type: 'AWS::ElastiCache::ServerlessCache',
    honoured: ['CacheUsageLimits', 'Engine', 'MajorEngineVersion', 'ServerlessCacheName'],
    inert: {
      KmsKeyId: 'keys',
      SecurityGroupIds: 'vpc',
      SubnetIds: 'vpc',
      Tags: 'tags',
      UserGroupId: 'iam',
    },
    create: async () => NO_CACHE,
  },
  {
    type: 'AWS::ElastiCache::ReplicationGroup',
    honoured: [
      'AutomaticFailoverEnabled',
      'CacheNodeType',
      'Engine',
      'EngineVersion',
      'MultiAZEnabled',
      'NumNodeGroups',
      'Port',
      'ReplicasPerNodeGroup',
      'ReplicationGroupDescription',
    ],
    inert: {
      AtRestEncryptionEnabled: 'keys',
      CacheSubnetGroupName: 'vpc',
      KmsKeyId: 'keys',
      SecurityGroupIds: 'vpc',
      Tags: 'tags',
      TransitEncryptionEnabled: 'keys',
      TransitEncryptionMode: 'keys',
      UserGroupIds: 'iam',
    },
    create: async () => NO_CACHE,
  },
];
