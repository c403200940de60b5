import fc from 'fast-check';
import { expect, test } from 'vitest';
import { demand } from '../../evaluate/world/demand.ts';
import { incrementsOf } from '../../evaluate/world/increments.ts';
import { COMMON_USERS_MIN, GAPS_MIN, likeness, SHRINK } from '../../evaluate/world/likeness.ts';
import { numbered } from '../../evaluate/world/numbered.ts';
import { pairDays } from '../../evaluate/world/pair-days.ts';
import { historyAfter, NOBODY, shopperAfter } from '../../evaluate/world/shopper.ts';
import { BOUGHT_MAX } from '../../functions/core/profile/bought.ts';
import {
  AMOUNT_UNIT,
  type ArrivedItem,
  BASKET_LINES_LIVE_MAX,
  HISTORY_MAX,
  LEARNING_PRESETS,
} from '../../functions/core/recommend/learning.ts';
import { TREND_ITEMS_MAX } from '../../functions/core/recommend/trends.ts';
import { days, type EpochMs, epochMs, hours, utcDayOf } from '../../functions/core/time.ts';
import { learntSlowly } from '../support/learnt-slowly.ts';

const item = fc.integer({ min: 0, max: 30 }).map((number) => `i${number}`);
/** Gaps on both sides of half an hour, of a day and of the reach. */
const gap = fc.constantFrom(
  0,
  60_000,
  1_799_999,
  1_800_000,
  86_400_000,
  30 * 86_400_000,
  40 * 86_400_000,
);
const orders = fc
  .array(
    fc.record({
      gap,
      weight: fc.constantFrom(1, 3, 5),
      items: fc.uniqueArray(item, { minLength: 1, maxLength: 6 }),
    }),
    { maxLength: 25 },
  )
  .map((list) => {
    let at = Date.UTC(2026, 0, 1);
    return list.map(({ gap: later, ...order }) => {
      at += later;
      return { ...order, arrivedAt: at };
    });
  });

test('increments are to the millionth what the slow reading of a user’s list says', () => {
  fc.assert(
    fc.property(
      orders,
      fc.constantFrom('commerce' as const, 'taste' as const),
      (events, preset) => {
        const sums = new Map<string, number>();
        let history: readonly ArrivedItem[] = [];
        for (const event of events) {
          const day = new Date(event.arrivedAt).toISOString().slice(0, 10);
          const add = (from: string, to: string, amount: number) => {
            const key = JSON.stringify([day, from, to]);
            sums.set(key, (sums.get(key) ?? 0) + amount);
          };
          incrementsOf(history, event, LEARNING_PRESETS[preset], {
            pair: add,
            own: (one) => add(one, '', AMOUNT_UNIT),
          });
          history = historyAfter(history, {
            user: 'u',
            event: '',
            at: epochMs(event.arrivedAt),
            items: event.items,
          });
        }
        const slow = learntSlowly(events, LEARNING_PRESETS[preset]);
        // A list of the slow reading is not cut; beyond what a profile keeps the two may differ.
        fc.pre(new Set(events.flatMap(({ items }) => items)).size <= HISTORY_MAX);
        expect(sums).toEqual(slow);
      },
    ),
  );
});

const FIRST_DAY = 20_000;
const added = fc.array(
  fc.record({
    day: fc.integer({ min: 0, max: 130 }),
    from: item,
    to: item,
    amount: fc.integer({ min: 1, max: 5 * AMOUNT_UNIT }),
  }),
  { minLength: 1, maxLength: 60 },
);

test('a list is the decayed sum of its days before the cut, the increments are of those since', () => {
  fc.assert(
    fc.property(added, fc.constantFrom(0, 1, 5), (increments, later) => {
      const ordered = increments.toSorted((left, right) => left.day - right.day);
      const last = ordered.at(-1)?.day ?? 0;
      const cut = FIRST_DAY + last + later;
      const pairs = pairDays(numbered(), { listDays: 90, halfLifeDays: 30 });
      for (const { day, from, to, amount } of ordered) {
        pairs.add(FIRST_DAY + day, from, to, amount);
        pairs.addOwn(FIRST_DAY + day, from, AMOUNT_UNIT);
      }
      const slow = (from: string, isAsked: (day: number) => boolean) => {
        const sums = new Map<string, number>();
        for (const one of ordered) {
          const day = FIRST_DAY + one.day;
          if (one.from !== from || !isAsked(day)) continue;
          const units = (one.amount / AMOUNT_UNIT) * 2 ** ((day - (cut - 1)) / 30);
          sums.set(one.to, (sums.get(one.to) ?? 0) + units);
        }
        return sums;
      };
      for (const from of new Set(ordered.map((one) => one.from))) {
        const base = slow(from, (day) => day >= cut - 90 && day < cut);
        const since = slow(from, (day) => day >= cut);
        for (const [found, expected] of [
          [pairs.listOf(from, cut), base],
          [pairs.deltaOf(from, cut), since],
        ] as const) {
          expect(new Set(found.pairs.map(([to]) => to))).toEqual(new Set(expected.keys()));
          for (const [to, weight] of found.pairs)
            expect(weight).toBeCloseTo(expected.get(to) ?? 0, 9);
          const weights = found.pairs.map(([, weight]) => weight);
          expect(weights).toEqual(weights.toSorted((left, right) => right - left));
        }
      }
    }),
  );
});

const had = fc.array(
  fc.record({
    user: fc.integer({ min: 0, max: 5 }).map((number) => `u${number}`),
    item: fc.integer({ min: 0, max: 5 }).map((number) => `i${number}`),
    hour: fc.integer({ min: 0, max: 24 * 120 }),
  }),
  { maxLength: 80 },
);

test('likeness is a shrunk cosine over the users of the last ninety days', () => {
  fc.assert(
    fc.property(had, (acts) => {
      const cut = FIRST_DAY + 120;
      const items = numbered();
      const likes = likeness(items, 90);
      const users = new Map<string, Set<string>>();
      for (const { user, item: one, hour } of acts.toSorted((a, b) => a.hour - b.hour)) {
        const at = epochMs(days(FIRST_DAY) + hours(hour));
        likes.add(user, one, at, 1);
        const day = utcDayOf(at);
        if (day > cut - 90 && day < cut) users.set(one, (users.get(one) ?? new Set()).add(user));
      }
      for (const [one, mine] of users) {
        const expected = [...users].flatMap(([other, theirs]) => {
          const both = [...mine].filter((user) => theirs.has(user)).length;
          const weight = both / (Math.sqrt(mine.size * theirs.size) + SHRINK);
          return other === one || both < COMMON_USERS_MIN ? [] : [[other, weight] as const];
        });
        expect(new Map(likes.similarTo(one, cut))).toEqual(new Map(expected));
      }
    }),
  );
});

test('a usual gap is the median of all users’ gaps, known from twenty on', () => {
  const likes = likeness(numbered(), 90);
  const cut = FIRST_DAY + 60;
  const buy = (user: string, day: number) =>
    likes.add(user, 'milk', epochMs(days(FIRST_DAY + day)), 5);
  for (let user = 0; user < GAPS_MIN - 1; user += 1) buy(`u${user}`, 0);
  for (let user = 0; user < GAPS_MIN - 1; user += 1) buy(`u${user}`, 5 + (user % 3));
  expect(likes.repurchaseDays('milk', cut)).toBeUndefined();
  buy('u0', 45);
  expect(likes.repurchaseDays('milk', cut)).toBe(6);
  expect(likes.repurchaseDays('bread', cut)).toBeUndefined();
});

test('demand is the decayed sum of every event, made anew by the minute', () => {
  fc.assert(
    fc.property(
      fc.array(fc.tuple(item, fc.integer({ min: 0, max: 400 }), fc.constantFrom(1, 3, 5)), {
        minLength: 1,
        maxLength: 60,
      }),
      (acts) => {
        const wanted = demand();
        const events = acts
          .map(([one, hour, weight]) => ({ one, at: epochMs(hours(hour)), weight }))
          .sort((left, right) => left.at - right.at);
        for (const { one, at, weight } of events) wanted.add(one, at, weight);
        const now = epochMs(hours(401) + 59_999);
        const { hot, popular, at } = wanted.trends(now);
        expect(at).toBe(hours(401));
        for (const [list, halfLife] of [
          [hot, hours(6)],
          [popular, days(7)],
        ] as const) {
          for (const [one, score] of list) {
            const slow = events
              .filter((event) => event.one === one)
              .reduce((sum, event) => sum + event.weight * 2 ** ((event.at - at) / halfLife), 0);
            expect(score / slow).toBeCloseTo(1, 9);
          }
          expect(list).toHaveLength(new Set(events.map(({ one }) => one)).size);
        }
      },
    ),
  );
});

test('what falls out of the list of demand comes in again when it is wanted', () => {
  const wanted = demand();
  const at = (hour: number): EpochMs => epochMs(hours(hour));
  for (let number = 0; number < TREND_ITEMS_MAX; number += 1) wanted.add(`i${number}`, at(1), 5);
  wanted.add('late', at(1), 1);
  const ids = (now: EpochMs) => wanted.trends(now).popular.map(([id]) => id);
  expect(ids(at(2))).not.toContain('late');
  wanted.add('late', at(2), 5);
  expect(ids(at(3))).toContain('late');
  expect(ids(at(3))).toHaveLength(TREND_ITEMS_MAX);
});

test('a profile keeps its last positive items and the heaviest purchases, of twenty lines of an order', () => {
  let shopper = NOBODY;
  for (let number = 0; number < 40; number += 1) {
    const act = { user: 'u', at: epochMs(days(number)), event: 'Order Completed' };
    shopper = shopperAfter(shopper, { ...act, items: ['often', `i${number}`] });
  }
  expect(shopper.positives).toHaveLength(HISTORY_MAX);
  expect(shopper.positives.slice(0, 2).map((held) => held.item)).toEqual(['i39', 'often']);
  expect(shopper.bought).toHaveLength(BOUGHT_MAX);
  expect(shopper.bought[0]?.item).toBe('often');
  const slow = Array.from({ length: 40 }, (_, day) => 2 ** ((day - 39) / 60));
  const sum = slow.reduce((all, each) => all + each, 0);
  expect(shopper.bought[0]?.weight).toBeCloseTo(sum, 0);
  const lines = Array.from({ length: 25 }, (_, line) => `l${line}`);
  const at = epochMs(days(40));
  const order = { user: 'u', at, event: 'Order Completed', items: lines };
  expect(shopperAfter(NOBODY, order).positives[0]?.item).toBe(`l${BASKET_LINES_LIVE_MAX - 1}`);
  const seen = { ...order, event: 'Product Viewed' };
  expect(shopperAfter(NOBODY, seen).bought).toEqual([]);
});
