/** What a batch does to the copies in the cache. */
import { parseOriginKey } from '../core/event/event.ts';
import type { CacheChange } from '../ports/profile-cache.ts';
import { offEntry, traitsEntry } from '../ports/profile-entries.ts';
import { readTableStreamBatch, type TableStreamEvent } from '../runtime/table-stream-batch.ts';
import { USER_PREFIX, type UserChange } from './read-changes.ts';
import type { OffChange } from './read-off-changes.ts';

/** An item that cannot be read has no copy either: readers meet it in the table, where it is told. */
export const profileChanges = ({ origin, latest, gone }: UserChange): readonly CacheChange[] => {
  if (gone || latest === undefined) return [{ origin, name: 'rt' }];
  const { since, version, ttl, newestArrivedAt: at, stored } = latest;
  return [{ origin, name: 'rt', entry: { since, version, ttl, at, stored } }];
};

export const offCacheChanges = ({ origin, latest, gone }: OffChange): readonly CacheChange[] =>
  gone || latest === undefined
    ? [{ origin, name: 'off' }]
    : [{ origin, name: 'off', entry: offEntry(latest) }];

/** The last word of the batch on each user's traits, which nobody is told of. */
export const traitsChanges = (event: TableStreamEvent): readonly CacheChange[] => {
  const records = readTableStreamBatch(event).filter(
    ({ pk, sk }) => sk === 'tr' && pk.startsWith(USER_PREFIX),
  );
  const last = new Map(records.map((record) => [record.pk, record]));
  return [...last].flatMap(([pk, record]): readonly CacheChange[] => {
    const origin = parseOriginKey(pk.slice(USER_PREFIX.length));
    if (origin === undefined) return [];
    const [version, ttl] = ['v', 'ttl'].map(record.number);
    const stored = record.text('p');
    if (record.removed || version === undefined || ttl === undefined || stored === undefined)
      return [{ origin, name: 'tr' }];
    return [{ origin, name: 'tr', entry: traitsEntry(version, ttl, stored) }];
  });
};
