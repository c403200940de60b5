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

/**
 * The feeds of one shard. Written at most once a second: what a call leaves unwritten goes with the
 * next one, at the latest with the empty call that ends the window.
 */
export const liveFeeds = (store: TallyStore, now: () => number) => {
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

  const write = async (tenant: string, shardId: string, feed: Feed): Promise<void> => {
    const nowMs = now();
    if (!feed.dirty || nowMs - feed.writtenAtMs < FEED_EVERY_MS) return;
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
        await write(tenant, shardId, feed);
      }
    },
    writeWaiting: async (shardId: string): Promise<void> => {
      for (const [key, feed] of feeds) {
        const [shard, tenant] = key.split('/');
        if (shard === shardId && tenant !== undefined) await write(tenant, shardId, feed);
      }
    },
  };
};
