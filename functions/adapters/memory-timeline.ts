import { type Origin, originKeyOf } from '../core/event/event.ts';
import { isExpired } from '../core/profile/stored-profile.ts';
import type { TimelineRow } from '../core/profile/timeline.ts';
import { epochMs } from '../core/time.ts';
import type { TimelineReader, TimelineStore } from '../ports/timeline.ts';

const keyOf = ({ tenant, user }: Origin): string => originKeyOf({ tenant, userId: user });

/** Timelines in this process, for tests, the bench and the simulation. */
export class MemoryTimeline implements TimelineStore, TimelineReader {
  readonly users = new Map<string, Map<string, TimelineRow>>();
  readonly #now: () => number;

  constructor(now: () => number) {
    this.#now = now;
  }

  readonly #isLive = ({ ttl }: TimelineRow): boolean => !isExpired(ttl, epochMs(this.#now()));

  readonly putIfAbsent: TimelineStore['putIfAbsent'] = async (origin, row) => {
    const rows = this.users.get(keyOf(origin)) ?? new Map<string, TimelineRow>();
    const held = rows.get(row.key);
    if (held !== undefined && this.#isLive(held)) return 'was there';
    this.users.set(keyOf(origin), rows.set(row.key, row));
    return 'put';
  };

  readonly read: TimelineReader['read'] = async (origin, from, rowsMax) => {
    const rows = [...(this.users.get(keyOf(origin))?.values() ?? [])]
      .filter(({ key }) => !from || key < from.key || (from.inclusive && key === from.key))
      .sort((left, right) => (left.key < right.key ? 1 : -1));
    const page = rows.slice(0, rowsMax);
    const last = rows.length > rowsMax ? page.at(-1) : undefined;
    return {
      rows: page.filter(this.#isLive),
      next: last && { key: last.key, inclusive: false },
    };
  };
}
