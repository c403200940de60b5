/** What a batch did to the items `off`: what the nightly job says of a user. */
import { type Origin, parseOriginKey } from '../core/event/event.ts';
import { isRunId } from '../core/nightly/run.ts';
import type { StoredOff } from '../core/profile/stored-off.ts';
import type { EpochMs } from '../core/time.ts';
import {
  readTableStreamBatch,
  type TableRecord,
  type TableStreamEvent,
} from '../runtime/table-stream-batch.ts';
import { USER_PREFIX } from './read-changes.ts';

export interface WrittenOff extends StoredOff {
  readonly updatedAt: EpochMs;
}

export interface OffChange {
  readonly originKey: string;
  readonly origin: Origin;
  /** Of the last record of this user: what has to come again where this is not finished. */
  readonly sequence: string;
  /** Absent where the batch only removed the item. */
  readonly latest?: WrittenOff;
  /** The batch ends with the item gone, or with one that cannot be read. */
  readonly gone: boolean;
}

const writtenOff = ({ text, number, at }: TableRecord): WrittenOff | undefined => {
  const [runId, tags] = [text('runId'), text('p')];
  const [cut, ttl] = ['cut', 'ttl'].map(number);
  if (runId === undefined || tags === undefined || cut === undefined || ttl === undefined)
    return undefined;
  return isRunId(runId) ? { runId, cut, ttl, tags, updatedAt: at } : undefined;
};

export const readOffChanges = (event: TableStreamEvent): readonly OffChange[] => {
  const records = readTableStreamBatch(event).filter(
    ({ pk, sk }) => sk === 'off' && pk.startsWith(USER_PREFIX),
  );
  return [...Map.groupBy(records, ({ pk }) => pk)].flatMap(([pk, mine]): readonly OffChange[] => {
    const originKey = pk.slice(USER_PREFIX.length);
    const origin = parseOriginKey(originKey);
    const last = mine.at(-1);
    if (origin === undefined || last === undefined) return [];
    const written = mine.findLast(({ removed }) => !removed);
    const latest = written && writtenOff(written);
    const gone = last.removed || latest === undefined;
    return [{ originKey, origin, sequence: last.sequence, gone, ...(latest && { latest }) }];
  });
};
