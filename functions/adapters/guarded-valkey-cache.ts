import type { FaultDoors } from '../runtime/fault-doors.ts';
import { type GuardedCache, guardedCache } from '../runtime/guarded-cache.ts';
import { signerFrom } from './iam-token.ts';
import { valkeyAddress } from './valkey-address.ts';
import { connectValkey } from './valkey-client.ts';
import { valkeyProfileCache } from './valkey-profile-cache.ts';

export interface GuardedValkey {
  readonly timeoutMs: number;
  readonly env: NodeJS.ProcessEnv;
  readonly doors: Pick<FaultDoors, 'port'>;
  readonly fault: (message: string, cause: unknown) => void;
}

/** Undefined where the address says that there is no cache. */
export const guardedValkeyCache = (
  url: string,
  { timeoutMs, env, doors, fault }: GuardedValkey,
): GuardedCache | undefined => {
  const address = valkeyAddress(url);
  if (address === undefined) return undefined;
  const client = connectValkey(address, {
    signer: () => signerFrom(env),
    report: (cause) => fault('the connection to the cache failed', cause),
  });
  const cache = doors.port('cache', valkeyProfileCache(client));
  return guardedCache(cache, { now: Date.now, timeoutMs });
};
