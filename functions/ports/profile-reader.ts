import type { Origin } from '../core/event/event.ts';
import type { Facets } from '../core/profile/facets.ts';
import type { Off } from '../core/tags/off.ts';
import type { EpochMs } from '../core/time.ts';

/** As stored: a scalar, or JSON text of what is none. */
export type TraitValue = string | number | boolean | null;

export interface ReadProfile {
  readonly version: number;
  readonly facets: Facets;
  /** What the nightly job says of the user; absent until a run has. */
  readonly off?: Off | undefined;
  readonly traits: Readonly<Record<string, TraitValue>>;
  readonly newestArrivedAt: EpochMs;
  /** Events named this user by a `userId`: it is no visitor's anonymous id. */
  readonly known?: boolean;
  /** Nobody who knows could be asked: this is what a user without events would have. */
  readonly stale?: boolean;
}

/** Profiles as they are now, eventually consistent; one answer per origin, in order. */
export interface ProfileReader {
  readonly read: (origins: readonly Origin[]) => Promise<readonly (ReadProfile | undefined)[]>;
}
