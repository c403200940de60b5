/** How the cache is reached: a cluster over TLS, signed in by IAM; on a laptop one plain server. */
import { Cluster, Redis, type RedisOptions } from 'iovalkey';
import { iamToken, type Signer } from './iam-token.ts';
import type { ValkeyAddress } from './valkey-address.ts';

export type ValkeyClient = Pick<Redis, 'mget' | 'eval' | 'set' | 'del' | 'zrange' | 'disconnect'>;

/** Waiting is the business of whoever calls; these only end what would wait for ever. */
const COMMON: RedisOptions = {
  lazyConnect: true,
  // Asks for what a user of the cache may not know; a server that loads answers with a fault.
  enableReadyCheck: false,
  connectTimeout: 1_000,
  // A connection that died with a frozen process is given up, and made anew.
  socketTimeout: 2_000,
  maxRetriesPerRequest: 1,
};

const RETRY_MS = { step: 100, max: 1_000 };
const retryAfterMs = (attempt: number): number => Math.min(attempt * RETRY_MS.step, RETRY_MS.max);

/** For one node, or for all that a cluster names. */
const standalone = ({ host, port }: ValkeyAddress): Redis =>
  new Redis({ ...COMMON, host, port, retryStrategy: retryAfterMs });

type SignIn = NonNullable<ValkeyAddress['signIn']>;

const cluster = (
  { host, port }: ValkeyAddress,
  signIn: SignIn,
  signer: () => Signer,
  tls: boolean,
): Cluster => {
  const password = (): string => iamToken(signIn, signer(), Date.now());
  const client = new Cluster([{ host, port }], {
    lazyConnect: true,
    enableReadyCheck: false,
    clusterRetryStrategy: retryAfterMs,
    slotsRefreshTimeout: 1_000,
    // Names, not addresses: a certificate is for a name.
    dnsLookup: (name, done) => done(null, name),
    redisOptions: {
      ...COMMON,
      username: signIn.user,
      password: password(),
      ...(tls && { tls: {} }),
    },
  });
  // A token ages and a connection is made when it is needed: each takes the token of its moment.
  client.on('+node', ({ options }: Redis) =>
    Object.defineProperty(options, 'password', { get: password, enumerable: true }),
  );
  return client;
};

export interface ConnectOptions {
  readonly signer: () => Signer;
  /** Hears of a connection that failed; the calls on it fail as well. */
  readonly report: (fault: unknown) => void;
  /** False in tests, whose server has no certificate. */
  readonly tls?: boolean;
}

/** Connects at the first call. */
export const connectValkey = (
  address: ValkeyAddress,
  { signer, report, tls = true }: ConnectOptions,
): ValkeyClient => {
  const client =
    address.signIn === undefined
      ? standalone(address)
      : cluster(address, address.signIn, signer, tls);
  // Without a listener the client writes each fault to the console.
  client.on('error', report);
  return client;
};
