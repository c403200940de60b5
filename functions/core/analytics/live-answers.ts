/** Live figures as clients read them: rows of minutes and days, summed relative to a given instant. */
import type * as z from 'zod';
import type { PageViewRows } from '../profile/answer.ts';
import { pageViewWindows } from '../profile/page-views.ts';
import { type EpochMs, epochMs, toRfc3339, utcDayOf } from '../time.ts';
import type { FeedEvent, FeedPage, ShardFeed } from './live-feed.ts';
import type { countersAnswer, liveAnswer, realtimeAnswer } from './live-schemas.ts';
import { decodeMinuteSums, type MinuteSums, type MinuteTotals, totalsOf } from './minute-sums.ts';
import { tilesByUser } from './page-view-list.ts';
import { decodeSessionSums } from './session-sums.ts';
import { type Estimate, estimateOf, estimateWithout, unionOf } from './sketch.ts';
import type { TallyRow } from './tally-rows.ts';

export type RealtimeAnswer = z.infer<typeof realtimeAnswer>;
export type CountersAnswer = z.infer<typeof countersAnswer>;
export type LiveAnswer = z.infer<typeof liveAnswer>;

export const ACTIVE_MINUTES = 5;
export const CART_MINUTES = 30;

export interface ReadMinute {
  readonly minute: number;
  readonly rows: readonly MinuteSums[];
  readonly asOf: EpochMs | undefined;
}

const newest = (instants: readonly (EpochMs | undefined)[]): EpochMs | undefined => {
  const known = instants.filter((at) => at !== undefined);
  return known.length === 0 ? undefined : epochMs(Math.max(...known));
};

const instantOrNull = (at: EpochMs | undefined): string | null =>
  at === undefined ? null : toRfc3339(at);

export const readMinute = (minute: number, rows: readonly TallyRow[]): ReadMinute => ({
  minute,
  rows: rows.map(({ sums }) => decodeMinuteSums(sums)),
  asOf: newest(rows.map(({ asOf }) => asOf)),
});

const MICROS = 1_000_000;

const answerSums = (totals: MinuteTotals) => ({
  applied: totals.applied,
  duplicate: totals.duplicate,
  parked: totals.parked,
  orders: totals.orders,
  revenue: totals.revenueMicros / MICROS,
  byName: Object.fromEntries(totals.names.byName),
  otherNames: totals.names.other,
  unnamed: totals.unnamed,
  byRegion: Object.fromEntries(totals.regions.byName),
});

const usersOf = (rows: readonly MinuteSums[]): Estimate =>
  estimateOf(unionOf(rows.map(({ users }) => users)));

const rowsSince = (minutes: readonly ReadMinute[], first: number): readonly MinuteSums[] =>
  minutes.filter(({ minute }) => minute >= first).flatMap(({ rows }) => rows);

const cartsOf = (rows: readonly MinuteSums[]): Estimate =>
  estimateWithout(
    unionOf(rows.map(({ adders }) => adders)),
    unionOf(rows.map(({ buyers }) => buyers)),
  );

const perSecond = (minutes: readonly ReadMinute[], now: number): number => {
  const whole = minutes.find(({ minute }) => minute === now - 1)?.rows ?? [];
  return Math.round((whole.reduce((sum, { applied }) => sum + applied, 0) / 60) * 10) / 10;
};

const today = (rows: readonly TallyRow[], day: number): RealtimeAnswer['today'] => {
  const sums = rows.map((row) => decodeSessionSums(row.sums));
  const orders = sums.reduce((sum, one) => sum + one.orders, 0);
  const sessions = sums.reduce((sum, { days }) => sum + (days.get(day)?.sessions ?? 0), 0);
  return {
    orders,
    revenue: sums.reduce((sum, one) => sum + one.revenueMicros, 0) / MICROS,
    sessions,
    conversion: sessions > 0 ? Math.round((orders / sessions) * 10_000) / 10_000 : null,
  };
};

export const minuteOfInstant = (at: EpochMs): number => Math.floor(at / 60_000);

export interface RealtimeRows {
  /** At least the last 30, and all that are shown. */
  readonly minutes: readonly ReadMinute[];
  readonly sessions: readonly TallyRow[];
}

export const answerRealtime = (
  { minutes, sessions }: RealtimeRows,
  shownMinutes: number,
  now: EpochMs,
): RealtimeAnswer => {
  const current = minuteOfInstant(now);
  const shown = minutes
    .filter(({ minute }) => minute > current - shownMinutes)
    .toSorted((left, right) => right.minute - left.minute);
  const rows = shown.flatMap((one) => one.rows);
  return {
    servedAt: toRfc3339(now),
    asOf: instantOrNull(newest(minutes.map(({ asOf }) => asOf))),
    minutes: shown
      .filter((one) => one.rows.length > 0)
      .map((one) => ({
        minute: toRfc3339(epochMs(one.minute * 60_000)),
        ...answerSums(totalsOf(one.rows)),
        users: usersOf(one.rows),
      })),
    totals: { ...answerSums(totalsOf(rows)), users: usersOf(rows) },
    active: usersOf(rowsSince(minutes, current - ACTIVE_MINUTES + 1)),
    carts: cartsOf(rowsSince(minutes, current - CART_MINUTES + 1)),
    eventsPerSecond: perSecond(minutes, current),
    today: today(sessions, utcDayOf(now)),
  };
};

const VIEW_NAMES = ['$page', '$screen', 'Product Viewed', 'Ad Viewed'];

export const answerCounters = (minutes: readonly ReadMinute[], now: EpochMs): CountersAnswer => {
  const current = minuteOfInstant(now);
  const rows = rowsSince(minutes, current - ACTIVE_MINUTES + 1);
  const { names, revenueMicros } = totalsOf(rows);
  const counted = (name: string): number => names.byName.get(name) ?? 0;
  return {
    views: VIEW_NAMES.reduce((sum, name) => sum + counted(name), 0),
    carts: cartsOf(rowsSince(minutes, current - CART_MINUTES + 1)).value,
    purchases: counted('Order Completed'),
    revenue: revenueMicros / MICROS,
    activeUsers: usersOf(rows).value,
    eventsPerSecond: perSecond(minutes, current),
    windowMinutes: ACTIVE_MINUTES,
    servedAt: toRfc3339(now),
    asOf: instantOrNull(newest(minutes.map(({ asOf }) => asOf))),
  };
};

export interface RecentPageViews {
  readonly rows: PageViewRows;
  /** A minute had more users and tiles than its list holds. */
  readonly cut: boolean;
  readonly asOf: EpochMs | undefined;
}

/** 004's rows over all users: windows of event time that start in the range, newest first. */
export const answerRecentPageViews = (
  minutes: readonly ReadMinute[],
  range: { readonly from: EpochMs; readonly to: EpochMs },
): RecentPageViews => {
  const lists = minutes.flatMap(({ rows }) => rows.map(({ pageViews }) => pageViews));
  const windows = [...tilesByUser(lists)].flatMap(([userId, tiles]) =>
    pageViewWindows({ tiles, floor: 0 }, range).map((window) => ({ userId, ...window })),
  );
  return {
    rows: windows
      .sort((left, right) => right.start - left.start || (left.userId < right.userId ? -1 : 1))
      .map(({ userId, start, end, views }) => ({
        userId,
        window_start: toRfc3339(start),
        window_end: toRfc3339(end),
        page_view_count: views,
      })),
    cut: lists.some(({ cut }) => cut),
    asOf: newest(minutes.map(({ asOf }) => asOf)),
  };
};

const answerEvent = ({ id: _, at, arrivedAt, user, valueMicros, ...texts }: FeedEvent) => ({
  at: toRfc3339(at),
  arrivedAt: toRfc3339(arrivedAt),
  userId: user,
  ...texts,
  ...(valueMicros === undefined ? {} : { value: valueMicros / MICROS }),
});

export const answerLive = (
  { events, skipped }: FeedPage,
  feeds: readonly ShardFeed[],
  cursor: string,
  now: EpochMs,
): LiveAnswer => ({
  servedAt: toRfc3339(now),
  asOf: instantOrNull(newest(feeds.map(({ asOf }) => asOf))),
  cursor,
  skipped,
  events: events.map(answerEvent),
});
