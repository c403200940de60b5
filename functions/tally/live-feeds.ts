import type { Change } from '../core/analytics/effects.ts';
import {
  FEED_KEPT_SECONDS,
  type FeedEvent,
  feedEventsOf,
  grownFeed,
} from '../core/analytics/live-feed.ts';
import { epochMs } from '../core/time.ts';
import type { TallyStore } from '../ports/tally-store.ts';

export const FEED_EVERY_MS = 1_000;
/** Tenants whose feeds one process keeps; of more, the one written longest ago begins anew. */
const FEEDS_MAX = 100;

interface Feed {
  events: readonly FeedEvent[];
  writtenAtMs: number;
  dirty: boolean;
}

export interface FeedPorts {
  readonly store: TallyStore;
  readonly now: () => number;
  readonly sleep: (ms: number) => Promise<void>;
}

/**
 * The feeds of one shard, each written at most once a second. Nobody tells a function that a burst
 * is over: so what a call may not write yet, it writes at its end, as soon as it may.
 */
export const liveFeeds = ({ store, now, sleep }: FeedPorts) => {
  const feeds = new Map<string, Feed>();

  const opened = async (tenant: string, shardId: string): Promise<Feed> => {
    const key = `${shardId}/${tenant}`;
    const feed = feeds.get(key) ?? {
      events: await store.loadFeed(tenant, shardId),
      writtenAtMs: 0,
      dirty: false,
    };
    feeds.delete(key);
    feeds.set(key, feed);
    const [oldest] = feeds.keys();
    if (feeds.size > FEEDS_MAX && oldest !== undefined) feeds.delete(oldest);
    return feed;
  };

  /** Until a feed may be written; a clock that was set back makes nobody wait. */
  const dueInMs = ({ writtenAtMs }: Feed): number => {
    const sinceMs = now() - writtenAtMs;
    return sinceMs < 0 ? 0 : Math.max(0, FEED_EVERY_MS - sinceMs);
  };

  const write = async (tenant: string, shardId: string, feed: Feed): Promise<void> => {
    const nowMs = now();
    const ttl = Math.ceil(nowMs / 1_000) + FEED_KEPT_SECONDS;
    await store.saveFeed({ tenant, shardId, asOf: epochMs(nowMs), ttl, events: feed.events });
    feed.writtenAtMs = nowMs;
    feed.dirty = false;
  };

  return {
    show: async (changes: readonly Change[], shardId: string): Promise<void> => {
      const byTenant = Map.groupBy(changes, ({ tenant }) => tenant);
      for (const [tenant, mine] of byTenant) {
        const feed = await opened(tenant, shardId);
        const grown = grownFeed(feed.events, mine.flatMap(feedEventsOf));
        feed.dirty ||= grown !== feed.events;
        feed.events = grown;
        if (feed.dirty && dueInMs(feed) === 0) await write(tenant, shardId, feed);
      }
    },
    /** Waits at most so long, and not at all for what is due only later. */
    writeWaiting: async (shardId: string, waitMsMax: number): Promise<void> => {
      const waiting = [...feeds].filter(([key, { dirty }]) => {
        const [shard] = key.split('/');
        return dirty && shard === shardId;
      });
      const waitMs = Math.max(0, ...waiting.map(([, feed]) => dueInMs(feed)));
      if (waitMs > waitMsMax) return;
      if (waitMs > 0) await sleep(waitMs);
      for (const [key, feed] of waiting) {
        await write(key.slice(shardId.length + 1), shardId, feed);
      }
    },
  };
};
