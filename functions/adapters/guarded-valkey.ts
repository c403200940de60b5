import type { LearntVersions } from '../ports/learnt-versions.ts';
import type { PairDeltas } from '../ports/pair-deltas.ts';
import type { TopItems } from '../ports/top-items.ts';
import type { FaultDoors } from '../runtime/fault-doors.ts';
import {
  cacheBehind,
  cacheCalls,
  deltasBehind,
  type GuardedCache,
  topsBehind,
  versionsBehind,
} from '../runtime/guarded-cache.ts';
import { signerFrom } from './iam-token.ts';
import { valkeyAddress } from './valkey-address.ts';
import { connectValkey } from './valkey-client.ts';
import { valkeyLearntVersions } from './valkey-learnt-versions.ts';
import { valkeyPairDeltas } from './valkey-pair-deltas.ts';
import { valkeyProfileCache } from './valkey-profile-cache.ts';
import { valkeyTopItems } from './valkey-top-items.ts';

export interface ValkeyGuard {
  readonly timeoutMs: number;
  readonly env: NodeJS.ProcessEnv;
  readonly doors: Pick<FaultDoors, 'port'>;
  readonly fault: (message: string, cause: unknown) => void;
}

/** What lies on the one server, behind one connection and one breaker. */
export interface GuardedValkey {
  readonly cache: GuardedCache;
  readonly deltas: PairDeltas;
  readonly versions: LearntVersions;
  readonly tops: TopItems;
}

/** Undefined where the address says that there is no cache. */
export const guardedValkey = (
  url: string,
  { timeoutMs, env, doors, fault }: ValkeyGuard,
): GuardedValkey | undefined => {
  const address = valkeyAddress(url);
  if (address === undefined) return undefined;
  const client = connectValkey(address, {
    signer: () => signerFrom(env),
    report: (cause) => fault('the connection to the cache failed', cause),
  });
  const calls = cacheCalls({ now: Date.now, timeoutMs });
  return {
    cache: cacheBehind(calls, doors.port('cache', valkeyProfileCache(client))),
    deltas: deltasBehind(calls, doors.port('cache', valkeyPairDeltas(client))),
    versions: versionsBehind(calls, doors.port('cache', valkeyLearntVersions(client))),
    tops: topsBehind(calls, doors.port('cache', valkeyTopItems(client))),
  };
};
