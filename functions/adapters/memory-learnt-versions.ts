import { CLAIM_MS, type LearntVersions } from '../ports/learnt-versions.ts';

/** In this process, for tests and the simulation. */
export const memoryLearntVersions = (now: () => number): LearntVersions => {
  const claims = new Map<string, { readonly version: number; readonly untilMs: number }>();
  return {
    claim: async (tenant, newest) => {
      const before = new Map<string, number>();
      for (const [user, version] of newest) {
        const key = `${tenant}#${user}`;
        const claim = claims.get(key);
        const held = claim !== undefined && now() < claim.untilMs ? claim.version : 0;
        before.set(user, held);
        if (held < version) claims.set(key, { version, untilMs: now() + CLAIM_MS });
      }
      return before;
    },
  };
};
