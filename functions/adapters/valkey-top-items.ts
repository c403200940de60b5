import { TOP_KEPT_MS, type TopItems, TURN_MS } from '../ports/top-items.ts';
import type { ValkeyClient } from './valkey-client.ts';

/** Nothing where it is not the user's turn; else the text that was put, which may be empty. */
const CLAIM = `
if redis.call('SET', KEYS[1], '1', 'NX', 'PX', ARGV[1]) then
  return redis.call('GET', KEYS[2]) or '[]'
end
return false
`;

/** A tenant has no `#`, so no user has another one's keys; both lie in one place of a cluster. */
const keysOf = (tenant: string, user: string): readonly [turn: string, top: string] => [
  `turn:{${tenant}#${user}}`,
  `top:{${tenant}#${user}}`,
];

const itemsIn = (text: string): readonly string[] => {
  const read: unknown = JSON.parse(text);
  return Array.isArray(read) ? read.filter((each) => typeof each === 'string') : [];
};

export const valkeyTopItems = (client: ValkeyClient): TopItems => ({
  claim: async (tenant, users) => {
    const claims = users.map(async (user) => {
      const [turn, top] = keysOf(tenant, user);
      const told: unknown = await client.eval(CLAIM, 2, turn, top, TURN_MS);
      return typeof told === 'string' ? [[user, itemsIn(told)] as const] : [];
    });
    return new Map((await Promise.all(claims)).flat());
  },
  put: async (tenant, user, items) => {
    const [, top] = keysOf(tenant, user);
    await client.set(top, JSON.stringify(items), 'PX', TOP_KEPT_MS);
  },
});
