import { memoryProfileCache } from '../../functions/adapters/memory-profile-cache.ts';
import type { ProfileCache } from '../../functions/ports/profile-cache.ts';
import { type ProfileEntries, traitsEntry } from '../../functions/ports/profile-entries.ts';
import { type Process, WorldFault } from './process.ts';
import type { Scheduler } from './scheduler.ts';
import type { TableModel } from './table-model.ts';

/** The copies beside the table: the shipped cache in memory, which may be away. */
export class CacheModel {
  awayUntilMs = 0;
  readonly entries: ProfileCache;
  readonly #scheduler: Scheduler;

  constructor(scheduler: Scheduler) {
    this.#scheduler = scheduler;
    this.entries = memoryProfileCache(
      () => scheduler.nowMs,
      () => 0,
    );
  }

  port(process: Process): ProfileCache {
    const unlessAway = async <T>(what: string, effect: () => Promise<T>): Promise<T> => {
      const isAway = this.awayUntilMs > this.#scheduler.nowMs;
      const effected = await process.call(what, () => (isAway ? undefined : [effect()]));
      if (effected === undefined) throw new WorldFault('the cache is away');
      const [answer] = effected;
      if (answer === undefined) throw new WorldFault('no answer');
      return answer;
    };
    return {
      read: (origins) => unlessAway('read cache', () => this.entries.read(origins)),
      write: (copies) => unlessAway('write cache', () => this.entries.write(copies)),
    };
  }
}

/** The table as serving functions read it; `isSlow` tells whose answer comes late. */
export const tableEntries = (
  table: TableModel,
  process: Process,
  isSlow = false,
): ProfileEntries => ({
  read: (origins) =>
    process.call(
      'read table',
      () =>
        origins.map(({ tenant, user }) => {
          const rt = table.profiles.get(`${tenant}#${user}`);
          const tr = table.traits.get(`${tenant}#${user}`);
          return {
            ...(rt && {
              rt: {
                since: rt.since,
                version: rt.version,
                ttl: rt.ttl,
                at: rt.newestArrivedAt,
                stored: rt.facets,
              },
            }),
            ...(tr && { tr: traitsEntry(tr.version, tr.ttl, tr.traits) }),
          };
        }),
      isSlow,
    ),
});
