/** What is asked for: positive events by item and region of the user, minute by minute of arrival. */
import type { Change, MinuteEffects } from '../analytics/effects.ts';
import { utf8Bytes } from '../event/utf8.ts';
import { ITEM_ID_BYTES_MAX } from '../profile/recent-items.ts';
import { addDemand, type DemandTable, newDemandTable } from './demand-table.ts';
import { POSITIVE_WEIGHTS } from './learning.ts';

const weights = new Map(Object.entries(POSITIVE_WEIGHTS));

/** In place. An event counts once for each item that it names, whatever the quantities are. */
export const addMinuteDemand = (table: DemandTable, { events }: MinuteEffects): void => {
  for (const { name, region, lines } of events) {
    const weight = name === undefined ? undefined : weights.get(name);
    if (weight === undefined) continue;
    for (const item of new Set(lines.map(({ item: each }) => each))) {
      // No item of the catalogue has a longer id.
      if (utf8Bytes(item) <= ITEM_ID_BYTES_MAX) addDemand(table, { item, region, weight });
    }
  }
};

/** Of one tenant, by minute of arrival; minutes in which nothing was asked for are not there. */
export const demandByMinute = (changes: readonly Change[]): ReadonlyMap<number, DemandTable> => {
  const tables = new Map<number, DemandTable>();
  for (const { effects } of changes) {
    for (const minute of effects.minutes) {
      const table = tables.get(minute.minute) ?? newDemandTable();
      addMinuteDemand(table, minute);
      if (table.items.size > 0) tables.set(minute.minute, table);
    }
  }
  return tables;
};
