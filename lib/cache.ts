import { Names, RemovalPolicy } from 'aws-cdk-lib';
import {
  FlowLogDestination,
  FlowLogTrafficType,
  GatewayVpcEndpointAwsService,
  type ISecurityGroup,
  SecurityGroup,
  SubnetType,
  Vpc,
} from 'aws-cdk-lib/aws-ec2';
import {
  CfnReplicationGroup,
  CfnServerlessCache,
  CfnSubnetGroup,
  CfnUser,
  CfnUserGroup,
} from 'aws-cdk-lib/aws-elasticache';
import type { IKey } from 'aws-cdk-lib/aws-kms';
import { LogGroup } from 'aws-cdk-lib/aws-logs';
import { Construct } from 'constructs';
import type { CacheConfig, PlatformConfig } from './config.ts';

export interface CacheProps {
  readonly config: PlatformConfig;
  readonly cache: CacheConfig;
  readonly key: IKey | undefined;
}

/** Not the default port, for which the whole internet is scanned. */
const NODES_PORT = 6380;

/** What a projection needs: read, write and its script; no administration. */
const ACCESS = 'on ~* -@all +@connection +@read +@write +@scripting';

/**
 * A copy of the profiles in memory, in a network of its own without a way to the internet: what
 * is inside reaches S3 and DynamoDB by gateway endpoints. Losing it costs milliseconds, not data.
 */
export class Cache extends Construct {
  readonly network: Vpc;
  readonly securityGroup: ISecurityGroup;

  constructor(scope: Construct, id: string, props: CacheProps) {
    super(scope, id);
    this.network = this.#network(props.config);
    this.securityGroup = new SecurityGroup(this, 'SecurityGroup', {
      vpc: this.network,
      description: 'Who may reach the cache',
      allowAllOutbound: false,
    });
    const userGroup = this.#userGroup();
    if (props.cache.kind === 'serverless') this.#serverless(props.cache, userGroup, props.key);
    else this.#nodes(props.cache, userGroup, props.key);
  }

  #network(config: PlatformConfig): Vpc {
    const network = new Vpc(this, 'Network', {
      // Environment-agnostic: the zones are chosen at deployment, none is looked up at synth.
      maxAzs: 2,
      natGateways: 0,
      restrictDefaultSecurityGroup: false,
      subnetConfiguration: [
        { name: 'Private', subnetType: SubnetType.PRIVATE_ISOLATED, cidrMask: 22 },
      ],
      gatewayEndpoints: {
        S3: { service: GatewayVpcEndpointAwsService.S3 },
        DynamoDb: { service: GatewayVpcEndpointAwsService.DYNAMODB },
      },
    });
    network.addFlowLog('Rejected', {
      destination: FlowLogDestination.toCloudWatchLogs(
        new LogGroup(this, 'FlowLogs', {
          retention: config.logRetentionDays,
          removalPolicy: RemovalPolicy.DESTROY,
        }),
      ),
      trafficType: FlowLogTrafficType.REJECT,
    });
    return network;
  }

  /** IAM signs in; there is no password to leak. ElastiCache wants ids, so they are derived. */
  #userGroup(): CfnUserGroup {
    const userId = this.#idOf('user');
    const user = new CfnUser(this, 'User', {
      engine: 'valkey',
      userId,
      userName: userId,
      authenticationMode: { Type: 'iam' },
      accessString: ACCESS,
    });
    return new CfnUserGroup(this, 'UserGroup', {
      engine: 'valkey',
      userGroupId: this.#idOf('users'),
      userIds: [user.ref],
    });
  }

  #serverless(
    cache: Extract<CacheConfig, { kind: 'serverless' }>,
    userGroup: CfnUserGroup,
    key: IKey | undefined,
  ): void {
    new CfnServerlessCache(this, 'Serverless', {
      serverlessCacheName: this.#idOf('cache'),
      engine: 'valkey',
      majorEngineVersion: '8',
      // A bound on the bill: over it ElastiCache evicts or throttles, and readers go to the table.
      cacheUsageLimits: {
        dataStorage: { maximum: cache.storageGbMax, unit: 'GB' },
        ecpuPerSecond: { maximum: cache.ecpuPerSecondMax },
      },
      securityGroupIds: [this.securityGroup.securityGroupId],
      subnetIds: this.network.isolatedSubnets.map(({ subnetId }) => subnetId),
      userGroupId: userGroup.ref,
      ...(key === undefined ? {} : { kmsKeyId: key.keyId }),
    });
  }

  #nodes(
    cache: Extract<CacheConfig, { kind: 'nodes' }>,
    userGroup: CfnUserGroup,
    key: IKey | undefined,
  ): void {
    const subnets = new CfnSubnetGroup(this, 'Subnets', {
      description: 'Where the nodes of the cache live',
      subnetIds: this.network.isolatedSubnets.map(({ subnetId }) => subnetId),
    });
    new CfnReplicationGroup(this, 'Nodes', {
      replicationGroupDescription: 'Profiles in memory',
      engine: 'valkey',
      engineVersion: '8.0',
      cacheNodeType: cache.nodeType,
      numNodeGroups: cache.shards,
      replicasPerNodeGroup: cache.replicasPerShard,
      automaticFailoverEnabled: true,
      multiAzEnabled: true,
      port: NODES_PORT,
      transitEncryptionEnabled: true,
      transitEncryptionMode: 'required',
      atRestEncryptionEnabled: true,
      cacheSubnetGroupName: subnets.ref,
      securityGroupIds: [this.securityGroup.securityGroupId],
      userGroupIds: [userGroup.ref],
      ...(key === undefined ? {} : { kmsKeyId: key.keyId }),
    });
  }

  #idOf(what: string): string {
    const own = Names.uniqueResourceName(this, { maxLength: 30, separator: '-' });
    return `${own}-${what}`.toLowerCase();
  }
}
