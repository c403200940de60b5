/** The last events of a shard in short, for people to watch: a view, from which nothing is counted. */
import { jsonBytes } from '../tags/text-bytes.ts';
import { type EpochMs, epochMs } from '../time.ts';
import type { Change } from './effects.ts';
import { paddedSequence } from './tally-rows.ts';

export const FEED_EVENTS_MAX = 25;
export const FEED_KEPT_SECONDS = 86_400;
export const FEED_TEXT_CHARACTERS_MAX = 100;
/** In JSON, where one character may take six. */
export const FEED_TEXT_BYTES_MAX = 200;
const FEED_WIDE_CHARACTERS_MAX = 33;

export interface FeedEvent {
  /** The change's padded sequence and the event's place in it: texts compare in order of the shard. */
  readonly id: string;
  readonly at: EpochMs;
  readonly arrivedAt: EpochMs;
  readonly user: string;
  readonly name?: string;
  readonly category?: string;
  readonly region?: string;
  readonly page?: string;
  readonly campaign?: string;
  readonly valueMicros?: number;
}

const PLACE_DIGITS = 3;

const clipped = (text: string): string => {
  const short = text.slice(0, FEED_TEXT_CHARACTERS_MAX).toWellFormed();
  if (jsonBytes(short) <= FEED_TEXT_BYTES_MAX) return short;
  return text.slice(0, FEED_WIDE_CHARACTERS_MAX).toWellFormed();
};

const TEXTS = ['name', 'category', 'region', 'page', 'campaign'] as const;

export const feedPk = (tenant: string): string => `f#${tenant}`;

/** Of one change, in its order. */
export const feedEventsOf = ({ user, sequence, effects }: Change): readonly FeedEvent[] =>
  effects.minutes
    .flatMap(({ minute, events }) => events.map((event) => ({ minute, event })))
    .map(({ minute, event }, place) => ({
      id: `${paddedSequence(sequence)}.${String(place).padStart(PLACE_DIGITS, '0')}`,
      at: event.at,
      arrivedAt: epochMs(minute * 60_000),
      user,
      ...Object.fromEntries(
        TEXTS.flatMap((name) => (event[name] ? [[name, clipped(event[name])]] : [])),
      ),
      ...(event.valueMicros === 0 ? {} : { valueMicros: event.valueMicros }),
    }));

/** The newest of both; what is there already, or older than all that is kept, changes nothing. */
export const grownFeed = (
  feed: readonly FeedEvent[],
  events: readonly FeedEvent[],
): readonly FeedEvent[] => {
  const newest = feed.at(-1)?.id ?? '';
  const fresh = events.filter(({ id }) => id > newest);
  return fresh.length === 0 ? feed : [...feed, ...fresh].slice(-FEED_EVENTS_MAX);
};

export interface ShardFeed {
  readonly shardId: string;
  readonly asOf: EpochMs;
  /** Oldest first. */
  readonly events: readonly FeedEvent[];
}

/** Per shard the newest event that was handed out; text for the client to hand back as it is. */
export type FeedPlaces = Readonly<Record<string, string>>;

const PLACE = /^\d{56}\.\d{3}$/;
export const FEED_SHARDS_MAX = 100;

export const readPlaces = (text: string): FeedPlaces | undefined => {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    return undefined;
  }
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return undefined;
  const entries = Object.entries(value);
  const known =
    entries.length <= FEED_SHARDS_MAX &&
    entries.every(([, place]) => typeof place === 'string' && PLACE.test(place));
  return known ? (value as FeedPlaces) : undefined;
};

export interface FeedPage {
  /** Newest first. */
  readonly events: readonly FeedEvent[];
  readonly places: FeedPlaces;
  /** Events may lie between the cursor and the oldest one here. */
  readonly skipped: boolean;
}

const byNewest = (left: FeedEvent, right: FeedEvent): number =>
  right.arrivedAt - left.arrivedAt || right.at - left.at;

/** What came after the places of the last answer; all that is kept, where there was none. */
export const feedAfter = (feeds: readonly ShardFeed[], places: FeedPlaces): FeedPage => {
  const newestFirst = feeds
    .toSorted((left, right) => right.asOf - left.asOf)
    .slice(0, FEED_SHARDS_MAX);
  const fresh = newestFirst.map(({ shardId, events }) => ({
    shardId,
    events: events.filter(({ id }) => id > (places[shardId] ?? '')),
  }));
  return {
    events: fresh.flatMap(({ events }) => events).sort(byNewest),
    places: Object.fromEntries(
      newestFirst.flatMap(({ shardId, events }) => {
        const newest = events.at(-1)?.id ?? places[shardId];
        return newest === undefined ? [] : [[shardId, newest]];
      }),
    ),
    skipped: fresh.some(
      ({ shardId, events }) => places[shardId] !== undefined && events.length >= FEED_EVENTS_MAX,
    ),
  };
};
