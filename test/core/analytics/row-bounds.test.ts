/** Everything in a row that grows has a bound in bytes; what is over it is counted, never lost. */
import { expect, test } from 'vitest';
import type { Effects, MinuteEffects } from '../../../functions/core/analytics/effects.ts';
import {
  FEED_EVENTS_MAX,
  feedEventsOf,
  grownFeed,
} from '../../../functions/core/analytics/live-feed.ts';
import {
  addMinute,
  decodeMinuteSums,
  encodeMinuteSums,
  NAMES_BOUND,
  newMinuteSums,
  REGIONS_BOUND,
} from '../../../functions/core/analytics/minute-sums.ts';
import { PAGE_VIEW_ROWS_MAX } from '../../../functions/core/analytics/page-view-list.ts';
import {
  addSessions,
  encodeSessionSums,
  newSessionSums,
  PAGES_BOUND,
  SESSION_DAYS_MAX,
} from '../../../functions/core/analytics/session-sums.ts';
import { utf8Bytes } from '../../../functions/core/event/utf8.ts';
import { epochMs } from '../../../functions/core/time.ts';

const KB = 1_024;
/** Far below the 400 KB of an item, and what one write of a busy minute costs at most. */
const MINUTE_ROW_BYTES_MAX = 80 * KB;
const DAY_ROW_BYTES_MAX = 64 * KB;
const FEED_ROW_BYTES_MAX = 40 * KB;

const MINUTE = 29_000_000;
const AT = epochMs(MINUTE * 60_000);

const eventOf = (more: Partial<MinuteEffects['events'][number]> = {}) => ({
  at: AT,
  name: '$page',
  category: undefined,
  region: undefined,
  page: undefined,
  campaign: undefined,
  valueMicros: 0,
  lines: [],
  ...more,
});

const minuteOf = (...events: MinuteEffects['events']): MinuteEffects => ({
  minute: MINUTE,
  applied: events.length,
  duplicate: 0,
  parked: 0,
  events,
});

/** Characters that JSON writes as six, as two, and as they are. */
const LETTERS = ['\u0001', '"', 'x', 'ü', '語'];
const name = (n: number, letter: string, characters = 118): string =>
  `${n} `.padEnd(characters, letter);

test('200 rows of page views fit into a minute; the 201st is left out, and the row says so', () => {
  const sums = newMinuteSums();
  for (let n = 0; n < PAGE_VIEW_ROWS_MAX; n += 1) addMinute(sums, `user-${n}`, minuteOf(eventOf()));
  expect(sums.pageViews).toMatchObject({ cut: false });
  addMinute(sums, 'user-7', minuteOf(eventOf()));
  expect(sums.pageViews).toMatchObject({ cut: false });
  addMinute(sums, 'one more', minuteOf(eventOf()));
  expect(sums.pageViews).toMatchObject({ cut: true });
  expect(decodeMinuteSums(encodeMinuteSums(sums)).pageViews).toEqual(sums.pageViews);
  expect(sums.pageViews.counts.size).toBe(PAGE_VIEW_ROWS_MAX);
  // Left out of the list alone: it counts as an event, by its name and as a user.
  expect(sums.applied).toBe(PAGE_VIEW_ROWS_MAX + 2);
  expect(sums.names.byName.get('$page')).toBe(PAGE_VIEW_ROWS_MAX + 2);
  expect(sums.users.exact?.size).toBe(PAGE_VIEW_ROWS_MAX + 1);
});

test.each(LETTERS)('a minute of everything at its bound, in %j, stays below 80 KB', (letter) => {
  const sums = newMinuteSums();
  // Ids have no control characters, and at most 128 characters and 200 bytes.
  const safe = letter === '\u0001' ? '"' : letter;
  const userCharacters = Math.min(128, Math.floor(190 / utf8Bytes(safe)));
  for (let n = 0; n < 2_000; n += 1) {
    const user = name(n, safe, userCharacters);
    const valueMicros = 999_999_999_999_000_000 / 2_000;
    addMinute(
      sums,
      user,
      minuteOf(
        eventOf({ name: name(n, letter, 20 + (n % 108)), region: name(n, letter, 5 + (n % 27)) }),
        eventOf({ valueMicros: Math.round(valueMicros / 1_000) }),
        eventOf({ name: 'Product Added' }),
        eventOf({ name: 'Order Completed' }),
      ),
    );
  }
  expect(utf8Bytes(encodeMinuteSums(sums))).toBeLessThan(MINUTE_ROW_BYTES_MAX);
  expect(sums.names.byName.size).toBe(NAMES_BOUND.namesMax);
  expect(sums.regions.byName.size).toBe(REGIONS_BOUND.namesMax);
  const byName = [...sums.names.byName.values()].reduce((sum, count) => sum + count, 0);
  expect(byName + sums.names.other).toBe(8_000);
});

test('a name that is too long in the row is counted as other', () => {
  const sums = newMinuteSums();
  const long = '\u0001'.repeat(22);
  addMinute(sums, 'ann', minuteOf(eventOf({ name: long }), eventOf({ name: 'x'.repeat(128) })));
  expect([...sums.names.byName.keys()]).toEqual(['x'.repeat(128)]);
  expect(sums.names.other).toBe(1);
});

test.each(LETTERS)('a day of everything at its bound, in %j, stays below 64 KB', (letter) => {
  const sums = newSessionSums();
  for (let n = 0; n < 500; n += 1) {
    const pages = { [name(n, letter, 20 + (n % 108))]: 1_000_000 };
    const session = { day: 20_000 + n, sessions: 1_000_000, bounces: 1_000_000, durationMs: 1e15 };
    const effects: Effects = {
      minutes: [],
      sessions: [{ ...session, entries: pages, exits: pages }],
      lateForSessions: 1,
    };
    addSessions(sums, effects);
  }
  expect(utf8Bytes(encodeSessionSums(sums))).toBeLessThan(DAY_ROW_BYTES_MAX);
  expect(sums.days.size).toBe(SESSION_DAYS_MAX + 1);
  const sessions = [...sums.days.values()].reduce((sum, one) => sum + one.sessions, 0);
  expect(sessions).toBe(500 * 1_000_000);
  for (const { byName, other } of [sums.entries, sums.exits]) {
    expect(byName.size).toBeLessThanOrEqual(PAGES_BOUND.namesMax);
    expect([...byName.values()].reduce((sum, count) => sum + count, other)).toBe(500_000_000);
  }
});

test.each(LETTERS)('a feed of 25 events of long texts, in %j, stays below 40 KB', (letter) => {
  const text = letter.repeat(128);
  const event = eventOf({ name: text, category: text, region: text, page: text, campaign: text });
  const events = feedEventsOf({
    tenant: 'main',
    user: '"'.repeat(128),
    sequence: '9'.repeat(40),
    at: AT,
    effects: {
      minutes: [minuteOf(...Array.from({ length: 40 }, () => ({ ...event, valueMicros: -1 })))],
      sessions: [],
      lateForSessions: 0,
    },
  });
  const feed = grownFeed([], events);
  expect(feed).toHaveLength(FEED_EVENTS_MAX);
  expect(utf8Bytes(JSON.stringify(feed))).toBeLessThan(FEED_ROW_BYTES_MAX);
  expect(text.startsWith(feed[0]?.name ?? 'nothing')).toBe(true);
});
