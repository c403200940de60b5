/** Why a tag says what it says: its tiles, and the events of the timeline that are in them. */
import type * as z from 'zod';
import type { TagTiles } from '../tags/explain.ts';
import type { OffPart } from '../tags/explain-off.ts';
import type { ServedTag } from '../tags/read.ts';
import { type EpochMs, startOfUtcDay, toRfc3339, toUtcDate } from '../time.ts';
import { answerTag } from './answer.ts';
import { type FedEvent, isWhole } from './fed-events.ts';
import { shownMove } from './timeline-answer.ts';
import type { explainAnswer } from './timeline-schemas.ts';

export type ExplainAnswer = z.infer<typeof explainAnswer>;

/** Events that an answer names; more are said to be cut. */
export const EXPLAINED_EVENTS_MAX = 100;

export interface Explained {
  readonly userId: string;
  readonly version: number;
  readonly newestArrivedAt: EpochMs;
  readonly tag: ServedTag;
  readonly tiles: TagTiles;
  /** Absent where no run of the nightly job has filled the tag. */
  readonly off: OffPart | undefined;
  /** Newest first; undefined in a size that keeps no timeline. */
  readonly fed: readonly FedEvent[] | undefined;
}

const shownTiles = ({ tiles }: TagTiles): ExplainAnswer['tiles'] =>
  tiles.map(({ start, arrivalDay, mixed, part, amount }) => ({
    ...(start !== undefined && { start: toRfc3339(start) }),
    ...(arrivalDay !== undefined && { arrivalDay: toUtcDate(arrivalDay) }),
    ...(mixed && { mixed }),
    ...(part !== undefined && { part }),
    amount,
  }));

const shownNightly = ({ runId, cut, tiles, total, said }: OffPart): ExplainAnswer['nightly'] => ({
  runId,
  cut: toRfc3339(startOfUtcDay(cut)),
  ...(said !== undefined && { said: typeof said === 'string' ? said : toRfc3339(said) }),
  total,
  tiles: tiles.map(({ start, amount }) => ({
    ...(start !== undefined && { start: toRfc3339(start) }),
    amount,
  })),
});

const shownWindow = ({ kind, lengthMs, hopMs, from }: TagTiles): ExplainAnswer['window'] => ({
  kind,
  ...(lengthMs !== undefined && { lengthMs }),
  ...(hopMs !== undefined && { hopMs }),
  ...(from !== undefined && { from: toRfc3339(from) }),
});

const shownEvent = (fed: FedEvent): ExplainAnswer['events'][number] => {
  const { event, amount, version = 'unknown' as const, moved } = fed;
  const { eventId, kind, name, timestamp, arrivedAt } = event;
  return {
    eventId,
    kind,
    name,
    timestamp,
    arrivedAt,
    amount,
    version,
    moved: typeof moved === 'string' ? moved : shownMove(moved),
  };
};

export const answerExplain = (
  { userId, version, newestArrivedAt, tag, tiles, off, fed }: Explained,
  now: EpochMs,
): ExplainAnswer => {
  const events = (fed ?? []).slice(0, EXPLAINED_EVENTS_MAX);
  const { floor, since, unit } = tiles;
  return {
    userId,
    version,
    servedAt: toRfc3339(now),
    name: tag.name,
    tag: answerTag(tag, newestArrivedAt),
    window: shownWindow(tiles),
    ...(floor !== undefined && { floor: toRfc3339(floor) }),
    ...(since !== undefined && { since: toRfc3339(since) }),
    unit,
    total: tiles.total,
    tiles: shownTiles(tiles),
    ...(off && { nightly: shownNightly(off) }),
    events: events.map(shownEvent),
    cut: !isWhole(events, tiles),
    timeline: fed === undefined ? 'off' : 'kept',
  };
};
