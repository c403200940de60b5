import type { Origin } from '../core/event/event.ts';
import type { StoredOff } from '../core/profile/stored-off.ts';

export interface OffStore {
  /** `newer`: the item of a run that is not older lies there, and stays. */
  readonly save: (origin: Origin, off: StoredOff) => Promise<'saved' | 'newer'>;
}
