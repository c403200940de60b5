/**
 * The cache: a server from PATH, or the one that VALKEY_URL names. Where there is neither its
 * endpoint resolves to `none`, which adapters read as "no cache". It is one server without TLS,
 * whose limits, engine and nodes bind nobody here.
 */
import type { CreatedResource, ResourceType } from '../../cloud.ts';
import { programOnPath, type ServerProcess, startServerProcess } from './server-process.ts';

export interface CacheOptions {
  readonly environment: Readonly<NodeJS.ProcessEnv>;
  readonly report: (fault: unknown) => void;
}

export interface LocalCache {
  readonly resourceTypes: readonly ResourceType[];
  /** For the person at the terminal: which server, or that there is none, and why. */
  readonly said: () => string;
  /** For tests, which end it. */
  readonly process: () => Pick<ServerProcess, 'program' | 'port' | 'pid'> | undefined;
  readonly close: () => Promise<void>;
}

const ENDPOINTS = ['Endpoint', 'ReaderEndpoint', 'PrimaryEndPoint', 'ConfigurationEndPoint'];
const LOOPBACK = new Set(['127.0.0.1', 'localhost', '[::1]']);
const NONE = 'none';
const DEFAULT_PORT = '6379';

const createdAt = (host: string, port: number | string): CreatedResource => ({
  ref: 'cache',
  attributes: Object.fromEntries([
    ['ARN', 'arn:aws:elasticache:us-east-1:000000000000:serverlesscache:cache'],
    ...ENDPOINTS.flatMap((name) => [
      [`${name}.Address`, host],
      [`${name}.Port`, String(port)],
    ]),
  ]),
});

/** The local cloud talks to nobody else. */
const givenAt = (url: string): CreatedResource => {
  const { hostname, port } = new URL(url);
  if (!LOOPBACK.has(hostname))
    throw new Error(`VALKEY_URL is ${url}, which is not this machine: unset it and start again`);
  return createdAt(hostname, port || DEFAULT_PORT);
};

const WITHOUT = 'reads come from the table';

export const createCache = ({ environment, report }: CacheOptions): LocalCache => {
  let server: ServerProcess | undefined;
  let said = `none in this size: ${WITHOUT}`;

  const make = async (): Promise<CreatedResource> => {
    const { VALKEY_URL: url = '', PATH = '' } = environment;
    if (url !== '' && url !== NONE) {
      said = `${url} (VALKEY_URL)`;
      return givenAt(url);
    }
    const program = url === NONE ? undefined : programOnPath(PATH);
    said = `none, as VALKEY_URL or PATH have it (valkey-server, redis-server): ${WITHOUT}`;
    if (program === undefined) return createdAt(NONE, 0);
    try {
      server = await startServerProcess(program);
      said = `${program} on port ${server.port}`;
      return createdAt('127.0.0.1', server.port);
    } catch (fault) {
      report(fault);
      said = `none, ${program} did not start: ${WITHOUT}`;
      return createdAt(NONE, 0);
    }
  };
  let made: Promise<CreatedResource> | undefined;
  const create: ResourceType['create'] = () => {
    made ??= make();
    return made;
  };
  return {
    resourceTypes: resourceTypes(create),
    said: () => said,
    process: () => server,
    close: async () => server?.close(),
  };
};

const resourceTypes = (create: ResourceType['create']): readonly ResourceType[] => [
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
    create,
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
    create,
  },
];
