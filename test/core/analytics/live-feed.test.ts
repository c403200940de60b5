import { expect, test } from 'vitest';
import {
  FEED_SHARDS_MAX,
  feedAfter,
  readPlaces,
} from '../../../functions/core/analytics/live-feed.ts';
import { epochMs } from '../../../functions/core/time.ts';

const PLACE = `${'1'.padStart(56, '0')}.001`;
const shards = (count: number): readonly string[] =>
  Array.from({ length: count }, (_, shard) => `shard-${String(shard).padStart(3, '0')}`);

test('a cursor names as many shards as an answer does, and no more is taken', () => {
  const cursorOf = (count: number): string =>
    JSON.stringify(Object.fromEntries(shards(count).map((shard) => [shard, PLACE])));
  expect(Object.keys(readPlaces(cursorOf(FEED_SHARDS_MAX)) ?? {})).toHaveLength(FEED_SHARDS_MAX);
  expect(readPlaces(cursorOf(FEED_SHARDS_MAX + 1))).toBe(undefined);
});

test('of more shards than that an answer has those that were written last', () => {
  const feeds = shards(FEED_SHARDS_MAX + 1).map((shardId, shard) => ({
    shardId,
    asOf: epochMs(shard),
    events: [{ id: PLACE, at: epochMs(shard), arrivedAt: epochMs(shard), user: 'ann' }],
  }));
  const { places } = feedAfter(feeds, {});
  expect(Object.keys(places)).toHaveLength(FEED_SHARDS_MAX);
  expect(places['shard-000']).toBe(undefined);
});
