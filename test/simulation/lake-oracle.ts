import type { EnrichedEvent } from '../../functions/core/event/event.ts';
import { keyOf, type ReadLine } from './stated-memory.ts';

/** A line as the lake must tell it: once by key, and which of its lines are copies. */
export interface LakeLine {
  readonly key: string;
  readonly line: ReadLine;
  /** UTC day of arrival. */
  readonly day: number;
  /** An event that an earlier line of this user has told, within 30 days of arrival. */
  readonly dup: boolean;
  /** An order that an earlier event has told, within 30 days of arrival. */
  readonly again: boolean;
}

const DAY_MS = 86_400_000;
const REACH_DAYS = 30;

export const dayOf = ({ arrivedAt }: ReadLine): number =>
  Math.floor(Date.parse(arrivedAt) / DAY_MS);

const orderIn = ({ name, commerce }: EnrichedEvent): string | undefined =>
  commerce?.orderId === undefined || name === 'Order Refunded'
    ? undefined
    : `${name}\n${commerce.orderId}`;

const isReached = (from: number | undefined, day: number): boolean =>
  from !== undefined && day - from <= REACH_DAYS;

/** All lines of ONE user, in any order and each as often as you like: slow and obvious. */
export const lakeOf = (lines: Iterable<ReadLine>): readonly LakeLine[] => {
  const byKey = new Map<string, ReadLine>();
  for (const line of lines) {
    const key = keyOf(line.at);
    const held = byKey.get(key);
    if (held === undefined || (held.stub && !line.stub)) byKey.set(key, line);
  }
  const ordered = [...byKey].toSorted(([left, a], [right, b]) =>
    a.arrivedAt === b.arrivedAt ? (left < right ? -1 : 1) : a.arrivedAt < b.arrivedAt ? -1 : 1,
  );
  const ids = new Map<string, number>();
  const orders = new Map<string, number>();
  return ordered.map(([key, line]): LakeLine => {
    const day = dayOf(line);
    if (line.stub) return { key, line, day, dup: false, again: false };
    const { eventId } = line.event;
    const dup = isReached(ids.get(eventId), day);
    if (!dup) ids.set(eventId, day);
    const order = orderIn(line.event);
    const again = !dup && order !== undefined && isReached(orders.get(order), day);
    if (order !== undefined && !dup && !again) orders.set(order, day);
    return { key, line, day, dup, again };
  });
};
