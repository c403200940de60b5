import { invariant } from '../core/invariant.ts';
import {
  DELTA_ITEMS_MAX,
  DELTA_MEMBERS_KEPT,
  DELTA_MEMBERS_MAX,
  type DeltaDay,
  deltaDays,
  deltaEndsAt,
  deltaOf,
} from '../core/recommend/deltas.ts';
import type { ItemDelta } from '../core/recommend/ranking.ts';
import type { PairDeltas } from '../ports/pair-deltas.ts';
import { deltaAdds, deltaKeyOf } from './pair-delta-keys.ts';
import type { ValkeyClient } from './valkey-client.ts';

/**
 * Adds to neighbours of an item on a day; an item with more than it may have loses the lightest, so
 * many at once that those who come next have time to grow. Its own events stay, whatever they weigh.
 */
const ADD = `
for place = 2, #ARGV, 2 do redis.call('ZINCRBY', KEYS[1], ARGV[place], ARGV[place + 1]) end
local members = redis.call('ZCARD', KEYS[1])
if members > ${DELTA_MEMBERS_MAX} then
  local over = members - ${DELTA_MEMBERS_KEPT}
  for _, member in ipairs(redis.call('ZRANGE', KEYS[1], 0, over)) do
    if member ~= '' and over > 0 then
      redis.call('ZREM', KEYS[1], member)
      over = over - 1
    end
  end
end
redis.call('PEXPIREAT', KEYS[1], ARGV[1])
return members
`;

const pairsIn = (flat: readonly string[]): readonly (readonly [string, number])[] =>
  Array.from({ length: flat.length / 2 }, (_, n) => [
    flat[2 * n] ?? '',
    Number(flat[2 * n + 1] ?? 0),
  ]);

export const valkeyPairDeltas = (client: ValkeyClient): PairDeltas => {
  const readDay = async (key: string): Promise<readonly (readonly [string, number])[]> =>
    pairsIn(await client.zrange(key, 0, DELTA_MEMBERS_MAX - 1, 'REV', 'WITHSCORES'));

  const readItem = async (
    tenant: string,
    item: string,
    days: readonly DeltaDay[],
  ): Promise<readonly (readonly [string, ItemDelta])[]> => {
    const read = days.map(
      async (day) => [day, await readDay(deltaKeyOf(tenant, item, day.day))] as const,
    );
    const delta = deltaOf(await Promise.all(read));
    return delta === undefined ? [] : [[item, delta]];
  };

  return {
    // A call per key, because a cluster answers for one place a call; they leave together.
    add: async (tenant, days) => {
      await Promise.all(
        deltaAdds(days).map(({ item, day, amounts }) => {
          const more = [...amounts].flatMap(([other, amount]) => [amount, other]);
          return client.eval(ADD, 1, deltaKeyOf(tenant, item, day), deltaEndsAt(day), ...more);
        }),
      );
    },
    read: async (tenant, items, range) => {
      invariant(items.length <= DELTA_ITEMS_MAX, 'deltas of at most 100 items are read at once');
      const days = deltaDays(range);
      const found = await Promise.all(items.map((item) => readItem(tenant, item, days)));
      return new Map(found.flat());
    },
  };
};
