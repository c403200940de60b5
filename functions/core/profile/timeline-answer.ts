/** A page of a user's timeline as clients read it. */
import type * as z from 'zod';
import type { EnrichedEvent } from '../event/event.ts';
import { type EpochMs, toRfc3339 } from '../time.ts';
import type { BeforeAfter, Moved } from './moved.ts';
import type { ReadTimelineRow } from './timeline.ts';
import type { timelineAnswer } from './timeline-schemas.ts';

export type TimelineAnswer = z.infer<typeof timelineAnswer>;

/** The part of a row that is on a page, last sent first. */
export interface PagedRow {
  readonly row: ReadTimelineRow;
  /** Lines of the row that were on earlier pages, and those on this one. */
  readonly from: number;
  readonly to: number;
}

export const shownMove = <T>([before, after]: BeforeAfter<T>): {
  before: T | null;
  after: T | null;
} => ({
  before,
  after,
});

const shownMoves = <T>(
  moves: Readonly<Record<string, BeforeAfter<T>>>,
): Record<string, { before: T | null; after: T | null }> =>
  Object.fromEntries(Object.entries(moves).map(([name, move]) => [name, shownMove(move)]));

const hasMoved = ({ tags, interests }: Moved): boolean =>
  Object.keys(tags).length + Object.keys(interests).length > 0;

export const answerTimeline = (
  userId: string,
  paged: readonly PagedRow[],
  cursor: string | undefined,
  now: EpochMs,
): TimelineAnswer => ({
  userId,
  servedAt: toRfc3339(now),
  events: paged.flatMap(({ row, from, to }) =>
    row.lines
      .toReversed()
      .slice(from, to)
      .map(({ text, effect }) => ({
        version: row.version ?? ('unknown' as const),
        effect,
        event: JSON.parse(text) as EnrichedEvent & Record<string, unknown>,
      })),
  ),
  changes: Object.fromEntries(
    paged.flatMap(({ row: { version, moved } }) =>
      version === undefined || !hasMoved(moved)
        ? []
        : [[version, { tags: shownMoves(moved.tags), interests: shownMoves(moved.interests) }]],
    ),
  ),
  cut: paged.reduce((sum, { row: { cut }, from }) => sum + (from === 0 ? cut : 0), 0),
  ...(cursor !== undefined && { cursor }),
});
