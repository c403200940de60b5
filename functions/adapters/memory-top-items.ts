import { type TopItems, TURN_MS } from '../ports/top-items.ts';

/** In this process, for tests. */
export const memoryTopItems = (now: () => number): TopItems => {
  const turns = new Map<string, number>();
  const tops = new Map<string, readonly string[]>();
  const keyOf = (tenant: string, user: string): string => `${tenant}#${user}`;
  return {
    claim: async (tenant, users) => {
      const mine = users.filter((user) => now() >= (turns.get(keyOf(tenant, user)) ?? 0));
      for (const user of mine) turns.set(keyOf(tenant, user), now() + TURN_MS);
      return new Map(mine.map((user) => [user, tops.get(keyOf(tenant, user)) ?? []]));
    },
    put: async (tenant, user, items) => {
      tops.set(keyOf(tenant, user), items);
    },
  };
};
