import { CLAIM_MS, type LearntVersions } from '../ports/learnt-versions.ts';
import type { ValkeyClient } from './valkey-client.ts';

const CLAIM = `
local held = tonumber(redis.call('GET', KEYS[1]) or '0')
if held < tonumber(ARGV[1]) then redis.call('SET', KEYS[1], ARGV[1], 'PX', ARGV[2]) end
return held
`;

/** A tenant has no `#`, so no user has another one's key. */
const keyOf = (tenant: string, user: string): string => `v:{${tenant}#${user}}`;

export const valkeyLearntVersions = (client: ValkeyClient): LearntVersions => ({
  // A call per user, because a cluster answers for one place a call; they leave together.
  claim: async (tenant, newest) => {
    const claims = [...newest].map(async ([user, version]) => {
      const held = await client.eval(CLAIM, 1, keyOf(tenant, user), version, CLAIM_MS);
      return [user, Number(held)] as const;
    });
    return new Map(await Promise.all(claims));
  },
});
