import type { Origin } from '../core/event/event.ts';
import { type CacheChange, entryLifeMs, type ProfileCache } from '../ports/profile-cache.ts';
import { ENTRY_NAMES, type UserEntries } from '../ports/profile-entries.ts';
import { cacheKeyOf, entryToText, textToEntry } from './cache-entries.ts';
import type { ValkeyClient } from './valkey-client.ts';

/**
 * The guard, in the one place where all writers meet: an entry is written over an older one only.
 * A redelivered batch, two copies of `project` and a reader's late copy all come through here.
 */
const PUT_IF_NEWER = `
local held = redis.call('GETRANGE', KEYS[1], 0, 63)
local since, version = string.match(held, '^(%d+) (%d+) ')
if since then
  local other = tonumber(since) - tonumber(ARGV[1])
  if other > 0 or (other == 0 and tonumber(version) >= tonumber(ARGV[2])) then return 0 end
end
redis.call('SET', KEYS[1], ARGV[3], 'PX', ARGV[4])
return 1
`;

export const valkeyProfileCache = (
  client: ValkeyClient,
  random: () => number = Math.random,
): ProfileCache => {
  const readUser = async (origin: Origin): Promise<UserEntries> => {
    const texts = await client.mget(ENTRY_NAMES.map((name) => cacheKeyOf(origin, name)));
    return Object.fromEntries(
      ENTRY_NAMES.flatMap((name, place) => {
        const entry = textToEntry(texts[place] ?? '');
        return entry === undefined ? [] : [[name, entry]];
      }),
    );
  };

  const change = async ({ origin, name, entry }: CacheChange): Promise<unknown> => {
    const key = cacheKeyOf(origin, name);
    if (entry === undefined) return client.del(key);
    const { since, version } = entry;
    const life = entryLifeMs(random);
    return client.eval(PUT_IF_NEWER, 1, key, since, version, entryToText(entry), life);
  };

  return {
    // A call per user, because a cluster answers for one place a call; they leave together.
    read: (origins) => Promise.all(origins.map(readUser)),
    // A connection keeps the order of what is sent on it, and a user's entries share one.
    write: async (changes) => {
      await Promise.all(changes.map(change));
    },
  };
};
