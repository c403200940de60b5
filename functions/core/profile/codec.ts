import { utf8Bytes } from '../event/utf8.ts';
import { invariant } from '../invariant.ts';
import type { EpochMs } from '../time.ts';
import { decodeFacets, encodeFacets, type Facets, type ProfileDefinitions } from './facets.ts';
import type { Memory } from './memory.ts';
import { decodeMemory, encodeMemory } from './memory-codec.ts';
import type { StoredProfile } from './stored-profile.ts';

/** A user's profile as the aggregator folds it. */
export interface Profile {
  readonly version: number;
  readonly ttl: number;
  readonly since: EpochMs;
  readonly newestArrivedAt: EpochMs;
  readonly known: boolean;
  readonly duplicates: number;
  readonly memory: Memory;
  readonly facets: Facets;
}

/** Without `fx` and keys. */
export const PROFILE_BYTES_MAX = 8 * 1_024;
/** Names and numbers of the small attributes: v, ttl, since, at, known, dup and the names m, p, fx. */
const SMALL_ATTRIBUTES_BYTES = 100;

export const encodeProfile = (profile: Profile, fx: string): StoredProfile => {
  const { version, ttl, since, newestArrivedAt, known, duplicates } = profile;
  const memory = encodeMemory(profile.memory);
  const facets = encodeFacets(profile.facets);
  invariant(
    memory.length + utf8Bytes(facets) + SMALL_ATTRIBUTES_BYTES <= PROFILE_BYTES_MAX,
    'a profile fits into 8 KB',
  );
  return { version, ttl, since, newestArrivedAt, known, duplicates, memory, facets, fx };
};

/** Throws what cannot be read: nobody may write over it before a person has looked. */
export const decodeProfile = (stored: StoredProfile, definitions: ProfileDefinitions): Profile => {
  const { version, ttl, since, newestArrivedAt, known, duplicates } = stored;
  for (const number of [version, ttl, since, newestArrivedAt, duplicates]) {
    invariant(Number.isSafeInteger(number) && number >= 0, 'numbers of an item are whole');
  }
  return {
    version,
    ttl,
    since,
    newestArrivedAt,
    known,
    duplicates,
    memory: decodeMemory(stored.memory),
    facets: decodeFacets(stored.facets, definitions),
  };
};
