import { type Origin, originKeyOf } from '../core/event/event.ts';
import type { ProfileReader, ReadProfile } from '../ports/profile-reader.ts';

const keyOf = ({ tenant, user }: Origin): string => originKeyOf({ tenant, userId: user });

/** Profiles in this process, for tests and the simulation. */
export class MemoryProfileReader implements ProfileReader {
  readonly #profiles = new Map<string, ReadProfile>();

  put(origin: Origin, profile: ReadProfile): void {
    this.#profiles.set(keyOf(origin), profile);
  }

  readonly read: ProfileReader['read'] = async (origins) =>
    origins.map((origin) => this.#profiles.get(keyOf(origin)));
}
