import { type Change, readEffects } from '../core/analytics/effects.ts';
import { parseOriginKey } from '../core/event/event.ts';
import { readTableStreamBatch, type TableStreamEvent } from '../runtime/table-stream-batch.ts';

export interface ReadChanges {
  readonly records: number;
  readonly changes: readonly Change[];
  /** Items `rt` whose effects cannot be read: their minutes show a gap in the ledger. */
  readonly unreadable: number;
}

const USER_PREFIX = 'u#';

/** The mapping's filter lets only `rt` through; here it is asked again, for free. */
export const readChanges = (event: TableStreamEvent): ReadChanges => {
  const records = readTableStreamBatch(event).filter(
    ({ pk, sk }) => sk === 'rt' && pk.startsWith(USER_PREFIX),
  );
  const changes: Change[] = [];
  for (const record of records) {
    const origin = parseOriginKey(record.pk.slice(USER_PREFIX.length));
    const effects = readEffects(record.text('fx') ?? '');
    if (origin === undefined || effects === undefined) continue;
    changes.push({ ...origin, sequence: record.sequence, at: record.at, effects });
  }
  return { records: records.length, changes, unreadable: records.length - changes.length };
};
