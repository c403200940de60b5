/**
 * Where a cache is: `valkey://<user>@<host>:<port>/<cache>?kind=serverless`. `none`, alone or as
 * the host, says that there is no cache, as on a laptop without a server.
 */
export interface ValkeyAddress {
  readonly host: string;
  readonly port: number;
  /** Signs in by IAM to this cache; absent on a laptop, whose server asks nobody. */
  readonly signIn?: {
    readonly user: string;
    readonly cache: string;
    readonly serverless: boolean;
  };
}

const NONE = 'none';
const LOOPBACK = new Set(['127.0.0.1', 'localhost', '[::1]']);

export const valkeyAddress = (url: string): ValkeyAddress | undefined => {
  if (url === NONE) return undefined;
  const { hostname: host, port, username, pathname, searchParams } = new URL(url);
  if (host === NONE) return undefined;
  const at = { host, port: Number(port) };
  // What runs on this machine has neither TLS nor IAM in front of it.
  if (LOOPBACK.has(host)) return at;
  const serverless = searchParams.get('kind') === 'serverless';
  const cache = pathname.slice(1);
  return { ...at, signIn: { user: decodeURIComponent(username), cache, serverless } };
};
