import { ArnFormat, Names, RemovalPolicy, Stack } from 'aws-cdk-lib';
import {
  FlowLogDestination,
  FlowLogTrafficType,
  GatewayVpcEndpointAwsService,
  InterfaceVpcEndpointAwsService,
  Peer,
  Port,
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

interface Made {
  readonly name: string;
  readonly arn: string;
  readonly host: string;
  readonly port: string;
}

export interface CacheProps {
  readonly config: PlatformConfig;
  readonly cache: CacheConfig;
  readonly key: IKey | undefined;
}

/** Not the default port, for which the whole internet is scanned. */
const NODES_PORT = 6380;
/** Those of a serverless cache (its second is for replicas), and ours. */
const PORTS = Port.tcpRange(6379, NODES_PORT);

/** What a projection and its readers call, and what their client asks a cluster; nothing else. */
export const CACHE_ACCESS =
  'on ~* -@all +@connection +get +getrange +mget +set +del +eval +zincrby +zcard +zrange +zrem +pexpireat +cluster|slots +info';

/**
 * A copy of the profiles in memory, in a network of its own without a way to the internet: what
 * is inside reaches S3 and DynamoDB by gateway endpoints. Losing it costs milliseconds, not data.
 */
export class Cache extends Construct {
  readonly network: Vpc;
  readonly securityGroup: SecurityGroup;
  /** For functions that work inside. */
  readonly inside: SecurityGroup;
  /** Where and as whom: what adapters/valkey-address.ts reads. */
  readonly url: string;
  readonly arn: string;
  readonly userArn: string;

  constructor(scope: Construct, id: string, props: CacheProps) {
    super(scope, id);
    this.network = this.#network(props.config);
    this.securityGroup = new SecurityGroup(this, 'SecurityGroup', {
      vpc: this.network,
      description: 'Who may reach the cache',
      allowAllOutbound: false,
    });
    this.inside = this.#inside();
    const user = this.#user();
    this.userArn = user.attrArn;
    const userGroup = this.#userGroup(user);
    const made =
      props.cache.kind === 'serverless'
        ? this.#serverless(props.cache, userGroup, props.key)
        : this.#nodes(props.cache, userGroup, props.key);
    this.arn = made.arn;
    this.url = `valkey://${user.userName}@${made.host}:${made.port}/${made.name}?kind=${props.cache.kind}`;
  }

  /** Out: to the cache, and to AWS by the endpoints, which are all that this network leads to. */
  #inside(): SecurityGroup {
    const inside = new SecurityGroup(this, 'Inside', {
      vpc: this.network,
      description: 'Functions that read or write the cache',
      allowAllOutbound: false,
    });
    inside.addEgressRule(Peer.anyIpv4(), Port.tcp(443), 'Endpoints of AWS; there is no way on');
    inside.addEgressRule(this.securityGroup, PORTS, 'The cache');
    this.securityGroup.addIngressRule(inside, PORTS, 'Functions that read or write the cache');
    const endpoint = new SecurityGroup(this, 'KinesisEndpoint', {
      vpc: this.network,
      description: 'Who may put records from inside',
      allowAllOutbound: false,
    });
    endpoint.addIngressRule(inside, Port.tcp(443), 'Functions that read or write the cache');
    // The CDK would let the whole network in; the one that asks is named above.
    this.network.addInterfaceEndpoint('Kinesis', {
      service: InterfaceVpcEndpointAwsService.KINESIS_STREAMS,
      securityGroups: [endpoint],
      open: false,
    });
    return inside;
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
  #user(): CfnUser {
    const userId = this.#idOf('user');
    return new CfnUser(this, 'User', {
      engine: 'valkey',
      userId,
      userName: userId,
      authenticationMode: { Type: 'iam' },
      accessString: CACHE_ACCESS,
    });
  }

  #userGroup(user: CfnUser): CfnUserGroup {
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
  ): Made {
    const name = this.#idOf('cache');
    const made = new CfnServerlessCache(this, 'Serverless', {
      serverlessCacheName: name,
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
    const { attrArn: arn, attrEndpointAddress: host, attrEndpointPort: port } = made;
    return { name, arn, host, port };
  }

  #nodes(
    cache: Extract<CacheConfig, { kind: 'nodes' }>,
    userGroup: CfnUserGroup,
    key: IKey | undefined,
  ): Made {
    const subnets = new CfnSubnetGroup(this, 'Subnets', {
      description: 'Where the nodes of the cache live',
      subnetIds: this.network.isolatedSubnets.map(({ subnetId }) => subnetId),
    });
    const made = new CfnReplicationGroup(this, 'Nodes', {
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
    return {
      name: made.ref,
      arn: Stack.of(this).formatArn({
        service: 'elasticache',
        resource: 'replicationgroup',
        resourceName: made.ref,
        arnFormat: ArnFormat.COLON_RESOURCE_NAME,
      }),
      host: made.attrConfigurationEndPointAddress,
      port: made.attrConfigurationEndPointPort,
    };
  }

  #idOf(what: string): string {
    const own = Names.uniqueResourceName(this, { maxLength: 30, separator: '-' });
    return `${own}-${what}`.toLowerCase();
  }
}
