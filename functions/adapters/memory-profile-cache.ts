import { type Origin, originKeyOf } from '../core/event/event.ts';
import { entryLifeMs, type ProfileCache } from '../ports/profile-cache.ts';
import { ENTRY_NAMES, type EntryName, type ProfileEntry } from '../ports/profile-entries.ts';

const keyOf = ({ tenant, user }: Origin, name: EntryName): string =>
  `${name} ${originKeyOf({ tenant, userId: user })}`;

const isOlder = (held: ProfileEntry, entry: ProfileEntry): boolean =>
  held.since === entry.since ? held.version < entry.version : held.since < entry.since;

/** A cache in this process, for tests and the simulation. */
export const memoryProfileCache = (
  now: () => number,
  random: () => number = Math.random,
): ProfileCache => {
  const held = new Map<string, { readonly entry: ProfileEntry; readonly untilMs: number }>();
  const get = (key: string): ProfileEntry | undefined => {
    const found = held.get(key);
    return found !== undefined && now() < found.untilMs ? found.entry : undefined;
  };
  return {
    read: async (origins) =>
      origins.map((origin) =>
        Object.fromEntries(
          ENTRY_NAMES.flatMap((name) => {
            const entry = get(keyOf(origin, name));
            return entry === undefined ? [] : [[name, entry]];
          }),
        ),
      ),
    write: async (changes) => {
      for (const { origin, name, entry } of changes) {
        const key = keyOf(origin, name);
        const before = get(key);
        if (entry === undefined) held.delete(key);
        else if (before === undefined || isOlder(before, entry))
          held.set(key, { entry, untilMs: now() + entryLifeMs(random) });
      }
    },
  };
};
