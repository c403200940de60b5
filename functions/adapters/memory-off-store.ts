import { originKeyOf } from '../core/event/event.ts';
import type { StoredOff } from '../core/profile/stored-off.ts';
import type { OffStore } from '../ports/off-store.ts';

/** Items `off` in this process, for tests and the simulation; by origin key. */
export class MemoryOffStore implements OffStore {
  readonly items = new Map<string, StoredOff>();

  readonly save: OffStore['save'] = async ({ tenant, user }, off) => {
    const key = originKeyOf({ tenant, userId: user });
    const held = this.items.get(key);
    if (held !== undefined && held.runId >= off.runId) return 'newer';
    this.items.set(key, off);
    return 'saved';
  };
}
