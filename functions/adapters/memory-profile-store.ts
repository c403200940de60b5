import { type Origin, originKeyOf } from '../core/event/event.ts';
import type { StoredProfile } from '../core/profile/stored-profile.ts';
import type { Found, ProfileStore, Saved, StoredTraits } from '../ports/profile-store.ts';

const keyOf = ({ tenant, user }: Origin): string => originKeyOf({ tenant, userId: user });

const versionOf = (found: Found<{ readonly version: number }>): number | undefined =>
  found === undefined || 'unreadable' in found ? undefined : found.version;

const savedIn = <T extends { readonly version: number }>(
  items: Map<string, Found<T>>,
  key: string,
  item: T,
  readVersion: number | undefined,
): Saved<T> => {
  const held = items.get(key);
  const matches = readVersion === undefined ? held === undefined : versionOf(held) === readVersion;
  if (!matches) return { kind: 'conflict', winner: held };
  items.set(key, item);
  return { kind: 'saved' };
};

/** Profiles in this process, for tests, the bench and the simulation. */
export class MemoryProfileStore implements ProfileStore {
  readonly profiles = new Map<string, Found<StoredProfile>>();
  readonly traits = new Map<string, Found<StoredTraits>>();

  readonly load: ProfileStore['load'] = async (origin) => this.profiles.get(keyOf(origin));
  readonly loadTraits: ProfileStore['loadTraits'] = async (origin) =>
    this.traits.get(keyOf(origin));
  readonly save: ProfileStore['save'] = async (origin, profile, readVersion) =>
    savedIn(this.profiles, keyOf(origin), profile, readVersion);
  readonly saveTraits: ProfileStore['saveTraits'] = async (origin, traits, readVersion) =>
    savedIn(this.traits, keyOf(origin), traits, readVersion);
}
