import type { OracleFact } from '../../functions/core/profile/oracle.ts';
import { readTimelineRow, type TimelineRow } from '../../functions/core/profile/timeline.ts';
import { violated } from './violation.ts';

const COPY = /~\d+$/;
const EVENT_ID = /"eventId":"([^"]+)"/;

const add = (counts: Map<string, number>, what: string): void => {
  counts.set(what, (counts.get(what) ?? 0) + 1);
};

/** Every event that counted is told of, and none is told to have counted more often than it did. */
export const auditTimeline = (
  user: string,
  rows: Iterable<TimelineRow>,
  facts: readonly OracleFact[],
): void => {
  const counted = new Map<string, number>();
  for (const { eventId } of facts) add(counted, eventId.replace(COPY, ''));
  const told = new Set<string>();
  const applied = new Map<string, number>();
  for (const row of rows)
    for (const { text, effect } of readTimelineRow(row).lines) {
      const eventId = EVENT_ID.exec(text)?.[1] ?? '';
      told.add(eventId);
      if (effect.startsWith('applied')) add(applied, eventId);
    }
  for (const eventId of counted.keys())
    if (!told.has(eventId))
      violated('timeline', `${eventId} of ${user} counted, and no row tells it`);
  for (const [eventId, times] of applied)
    if (times > (counted.get(eventId) ?? 0))
      violated('timeline', `${eventId} of ${user} is told ${times} times to have counted`);
};
