/** Servers of the cache to hold adapters to: as on a laptop, and a cluster with our user's rights. */
import { connectValkey, type ValkeyClient } from '../../functions/adapters/valkey-client.ts';
import { CACHE_ACCESS } from '../../lib/cache.ts';
import { type CacheServer, startCacheServer } from './cache-server.ts';

export interface ClientWorld {
  readonly client: () => ValkeyClient;
  /** As the default user, who may do anything. */
  readonly call: CacheServer['call'];
  readonly faults: readonly unknown[];
  readonly start: () => Promise<void>;
  readonly stop: () => Promise<void>;
}

const USER = 'cache-user';
/** As lib/cache.ts makes it, so that nothing is called here that is refused there. */
const allowed = async (server: CacheServer): Promise<void> => {
  await server.call('ACL', 'SETUSER', USER, 'reset', 'nopass', ...CACHE_ACCESS.split(' '));
};

const whole = async (server: CacheServer): Promise<void> => {
  await server.call('CLUSTER', 'ADDSLOTSRANGE', '0', '16383');
  while (!String(await server.call('CLUSTER', 'INFO')).includes('cluster_state:ok'))
    await new Promise((resolve) => setTimeout(resolve, 20));
};

const CLUSTER = ['--cluster-enabled', 'yes', '--cluster-announce-ip', '127.0.0.1'];
const SIGNER = {
  accessKeyId: 'test',
  secretAccessKey: 'test',
  sessionToken: 'token',
  region: 'eu-west-1',
};

export const overServer = (isCluster: boolean): ClientWorld => {
  let server: CacheServer | undefined;
  let client: ValkeyClient | undefined;
  const faults: unknown[] = [];
  const started = <T>(value: T | undefined): T => {
    if (value === undefined) throw new Error('no server yet');
    return value;
  };
  return {
    faults,
    client: () => started(client),
    call: (...given) => started(server).call(...given),
    start: async () => {
      server = await startCacheServer(isCluster ? CLUSTER : []);
      await allowed(server);
      if (isCluster) await whole(server);
      const address = { host: '127.0.0.1', port: server.port };
      const signIn = { user: USER, cache: 'cache', serverless: true };
      client = connectValkey(isCluster ? { ...address, signIn } : address, {
        signer: () => SIGNER,
        report: (fault) => faults.push(fault),
        tls: false,
      });
    },
    stop: async () => {
      client?.disconnect();
      await server?.stop();
    },
  };
};
