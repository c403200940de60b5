import { type Origin, parseOriginKey } from '../core/event/event.ts';
import { decodeFacets, type Facets, type ProfileDefinitions } from '../core/profile/facets.ts';
import { type EpochMs, epochMs } from '../core/time.ts';
import {
  readTableStreamBatch,
  type TableRecord,
  type TableStreamEvent,
} from '../runtime/table-stream-batch.ts';

/** The item `rt` of a user as one version left it. */
export interface ProfileVersion {
  readonly since: EpochMs;
  readonly version: number;
  /** Epoch seconds. */
  readonly ttl: number;
  readonly newestArrivedAt: EpochMs;
  readonly updatedAt: EpochMs;
  readonly stored: string;
  readonly facets: Facets;
}

/** What a batch did to one user's item `rt`. */
export interface UserChange {
  readonly originKey: string;
  readonly origin: Origin;
  /** Of the last record of this user: what has to come again where this is not finished. */
  readonly sequence: string;
  /** The latest version in the batch; absent where the batch only removed the item. */
  readonly latest?: ProfileVersion;
  /** The batch ends with the item gone, or with one that cannot be read. */
  readonly gone: boolean;
}

export interface ReadChanges {
  readonly records: number;
  readonly changes: readonly UserChange[];
  /** Items that no bundle of ours wrote, or that were damaged: nothing is said of them. */
  readonly unreadable: number;
}

export const USER_PREFIX = 'u#';

const versionOf = (
  record: TableRecord,
  definitions: ProfileDefinitions,
): ProfileVersion | undefined => {
  const [version, ttl, at] = ['v', 'ttl', 'at'].map(record.number);
  const stored = record.text('p');
  if (version === undefined || ttl === undefined || at === undefined || stored === undefined)
    return undefined;
  try {
    return {
      since: epochMs(record.number('since') ?? 0),
      version,
      ttl,
      newestArrivedAt: epochMs(at),
      // A table tells the time of a change in whole seconds, which may lie before its last event.
      updatedAt: epochMs(Math.max(at, record.at)),
      stored,
      facets: decodeFacets(stored, definitions),
    };
  } catch {
    return undefined;
  }
};

/**
 * The latest version of each user in the batch: those before it are history by the time that anyone
 * could act on them. The mapping's filter lets `off` through for the load that will write it.
 */
export const readChanges = (
  event: TableStreamEvent,
  definitions: ProfileDefinitions,
): ReadChanges => {
  const records = readTableStreamBatch(event).filter(
    ({ pk, sk }) => sk === 'rt' && pk.startsWith(USER_PREFIX),
  );
  const users = Map.groupBy(records, ({ pk }) => pk);
  const changes: UserChange[] = [];
  let unreadable = 0;
  for (const [pk, mine] of users) {
    const originKey = pk.slice(USER_PREFIX.length);
    const origin = parseOriginKey(originKey);
    const last = mine.at(-1);
    const written = mine.findLast(({ removed }) => !removed);
    if (origin === undefined || last === undefined) {
      unreadable += mine.length;
      continue;
    }
    const latest = written && versionOf(written, definitions);
    if (written !== undefined && latest === undefined) unreadable += 1;
    const gone = last.removed || latest === undefined;
    changes.push({ originKey, origin, sequence: last.sequence, gone, ...(latest && { latest }) });
  }
  return { records: records.length, changes, unreadable };
};
