/**
 * Which events of a timeline fed a tag. Rows that know what their events did are believed; a row of
 * a redelivery does not, so its events are taken for counted where no other row has them.
 */
import type { EnrichedEvent } from '../event/event.ts';
import { combined, type TagTiles } from '../tags/explain.ts';
import type { ShownValue } from '../tags/read.ts';
import { type EpochMs, epochMs, fromRfc3339 } from '../time.ts';
import type { BeforeAfter } from './moved.ts';
import { orderHash } from './orders.ts';
import type { Effect, ReadTimelineRow } from './timeline.ts';

export interface FedEvent {
  readonly event: EnrichedEvent;
  readonly timestamp: EpochMs;
  readonly amount: number;
  readonly version: number | undefined;
  /** Of the tag, by the fold that counted the event. */
  readonly moved: BeforeAfter<ShownValue> | 'unmoved' | 'unknown';
}

export interface TagAsked {
  readonly name: string;
  readonly tiles: TagTiles;
  /** Of the profile that the tiles are of: what a later one counted is not in them. */
  readonly version: number;
}

/** An event that a row tells of. */
export interface Told {
  readonly event: EnrichedEvent;
  readonly timestamp: EpochMs;
  readonly arrivedAt: EpochMs;
  readonly effect: Effect;
  readonly row: ReadTimelineRow;
}

export const toldIn = (row: ReadTimelineRow): readonly Told[] =>
  row.lines.map(({ text, effect }) => {
    const event = JSON.parse(text) as EnrichedEvent;
    const timestamp = fromRfc3339(event.timestamp) ?? epochMs(0);
    const arrivedAt = fromRfc3339(event.arrivedAt) ?? epochMs(0);
    return { event, timestamp, arrivedAt, effect, row };
  });

/** In order of arrival, with whether the order counts. */
const countedOf = (all: readonly Told[]): readonly (Told & { readonly orderCounts: boolean })[] => {
  const known = all
    .filter(({ effect }) => effect.startsWith('applied'))
    .map((told) => ({ ...told, orderCounts: told.effect === 'applied' }));
  const ids = new Set(known.map(({ event }) => event.eventId));
  const orders = new Set(known.map(({ event }) => orderHash(event)));
  const guessed = all
    .filter(({ effect }) => effect === 'unknown')
    .sort((left, right) => left.arrivedAt - right.arrivedAt)
    .flatMap((told) => {
      const order = orderHash(told.event);
      if (ids.has(told.event.eventId)) return [];
      ids.add(told.event.eventId);
      const orderCounts = order === undefined || !orders.has(order);
      orders.add(order);
      return [{ ...told, orderCounts }];
    });
  return [...known, ...guessed];
};

const movedIn = (
  { version, moved: { tags } }: ReadTimelineRow,
  name: string,
): FedEvent['moved'] => {
  if (version === undefined) return 'unknown';
  return (Object.hasOwn(tags, name) ? tags[name] : undefined) ?? 'unmoved';
};

/** Newest first. */
export const fedEvents = (
  told: readonly Told[],
  { name, tiles, version }: TagAsked,
): readonly FedEvent[] =>
  countedOf(told.filter(({ row }) => (row.version ?? 0) <= version))
    .flatMap((each) => {
      const amount = tiles.amountOf(each);
      return amount === undefined ? [] : [{ each, amount }];
    })
    .map(({ each: { event, timestamp, row }, amount }) => ({
      event,
      timestamp,
      amount,
      version: row.version,
      moved: movedIn(row, name),
    }))
    .sort((left, right) => right.timestamp - left.timestamp);

/**
 * Whether the events are all that the tiles hold: nothing has expired, been cut or not arrived. Of
 * different values and of a top that cannot be told from amounts.
 */
export const isWhole = (
  fed: readonly FedEvent[],
  { combining, tiles, total }: TagTiles,
): boolean => {
  if (combining === 'pick') return fed.length > 0;
  if (combining === 'values' || combining === 'top') return false;
  return combined(fed, combining) === (tiles.length === 0 ? combined([], combining) : total);
};

/** Whether reading on can add nothing; of sums with two signs that is never known. */
export const isFound = (fed: readonly FedEvent[], tiles: TagTiles): boolean =>
  (tiles.growsOnly || tiles.kind === 'instant') && isWhole(fed, tiles);
