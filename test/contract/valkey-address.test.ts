/** Where a cache is, as whom to sign in, and which one a laptop has. */
import { createHash, createHmac } from 'node:crypto';
import { afterEach, expect, test } from 'vitest';
import { iamToken } from '../../functions/adapters/iam-token.ts';
import { valkeyAddress } from '../../functions/adapters/valkey-address.ts';
import { createCache, type LocalCache } from '../../localstack/services/elasticache/elasticache.ts';
import { program } from '../support/cache-server.ts';

const NAME = 'tributary-dev-cache';
const SERVERLESS = `valkey://tributary-dev-user@${NAME}-abc123.serverless.euw1.cache.amazonaws.com:6379/${NAME}?kind=serverless`;

test('a deployed cache is signed in to, over TLS, under its own name', () => {
  expect(valkeyAddress(SERVERLESS)).toEqual({
    host: `${NAME}-abc123.serverless.euw1.cache.amazonaws.com`,
    port: 6379,
    signIn: { user: 'tributary-dev-user', cache: NAME, serverless: true },
  });
  expect(
    valkeyAddress('valkey://u@clustercfg.n.euw1.amazonaws.com:6380/n?kind=nodes'),
  ).toMatchObject({
    port: 6380,
    signIn: { user: 'u', cache: 'n', serverless: false },
  });
});

test('on this machine nobody signs in, and none is none', () => {
  expect(valkeyAddress('valkey://u@127.0.0.1:40123/n?kind=serverless')).toEqual({
    host: '127.0.0.1',
    port: 40_123,
  });
  expect(valkeyAddress('valkey://u@none:0/n?kind=serverless')).toBeUndefined();
  expect(valkeyAddress('none')).toBeUndefined();
});

const SIGNER = {
  accessKeyId: 'AKIDEXAMPLE',
  secretAccessKey: 'wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY',
  sessionToken: 'token/with+signs=',
  region: 'eu-west-1',
};
const AT = Date.UTC(2026, 10, 25, 0, 30, 15, 123);

test.each([true, false])(
  'a token is what the SDK’s own signer presigns (serverless: %s)',
  async (serverless) => {
    const { SignatureV4 } = await import('@smithy/signature-v4');
    class Sha256 {
      readonly #hash;
      constructor(secret?: string | Uint8Array) {
        this.#hash = secret === undefined ? createHash('sha256') : createHmac('sha256', secret);
      }
      update(data: string | Uint8Array): void {
        this.#hash.update(data);
      }
      async digest(): Promise<Uint8Array> {
        return this.#hash.digest();
      }
      reset(): void {}
    }
    const signer = new SignatureV4({
      service: 'elasticache',
      region: SIGNER.region,
      credentials: SIGNER,
      sha256: Sha256 as never,
    });
    const user = 'tributary-dev-user';
    const signed = await signer.presign(
      {
        method: 'GET',
        protocol: 'http:',
        hostname: NAME,
        path: '/',
        headers: { host: NAME },
        query: {
          Action: 'connect',
          User: user,
          ...(serverless && { ResourceType: 'ServerlessCache' }),
        },
      } as never,
      { expiresIn: 900, signingDate: new Date(AT) },
    );
    const token = new URL(`http://${iamToken({ user, cache: NAME, serverless }, SIGNER, AT)}`);
    expect(token.host).toBe(NAME);
    expect(Object.fromEntries(token.searchParams)).toEqual(signed.query);
  },
);

let cache: LocalCache | undefined;
afterEach(() => cache?.close());

const addressOf = async (environment: Record<string, string>): Promise<string> => {
  const made = createCache({
    environment,
    report: (fault) => {
      throw fault;
    },
  });
  cache = made;
  const [type] = made.resourceTypes;
  const resource = {
    properties: {},
    metadata: {},
    stack: '',
    logicalId: '',
    type: '',
    physicalName: '',
  };
  const created = await type?.create(resource);
  return `${created?.attributes['Endpoint.Address']}:${created?.attributes['Endpoint.Port']}`;
};

test('without a server on PATH, or as VALKEY_URL has it, there is none, and the start says so', async () => {
  expect(await addressOf({ PATH: '/nowhere' })).toBe('none:0');
  expect(cache?.said()).toMatch(/^none, .*reads come from the table$/);
  expect(await addressOf({ ...process.env, VALKEY_URL: 'none' } as never)).toBe('none:0');
  expect(cache?.said()).toMatch(/^none, .*VALKEY_URL/);
});

test('a server of yours is taken, if it runs on this machine', async () => {
  expect(await addressOf({ VALKEY_URL: 'redis://127.0.0.1:7000' })).toBe('127.0.0.1:7000');
  expect(cache?.said()).toBe('redis://127.0.0.1:7000 (VALKEY_URL)');
  expect(await addressOf({ VALKEY_URL: 'valkey://localhost' })).toBe('localhost:6379');
  await expect(addressOf({ VALKEY_URL: 'redis://cache.example.com' })).rejects.toThrow(
    'which is not this machine: unset it and start again',
  );
});

test('a size without a cache starts none, and says so', () => {
  const made = createCache({ environment: process.env, report: () => undefined });
  expect([made.said(), made.process()]).toEqual([
    'none in this size: reads come from the table',
    undefined,
  ]);
});

test.skipIf(program === undefined)('a server from PATH ends with the platform', async () => {
  const address = await addressOf(process.env as never);
  const { pid, port } = cache?.process() ?? {};
  expect(address).toBe(`127.0.0.1:${port}`);
  expect(cache?.said()).toBe(`${program} on port ${port}`);
  const isAlive = () => process.kill(pid ?? -1, 0);
  expect(isAlive()).toBe(true);
  await cache?.close();
  expect(isAlive).toThrow('ESRCH');
});
