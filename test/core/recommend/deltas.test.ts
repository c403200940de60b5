import fc from 'fast-check';
import { expect, test } from 'vitest';
import {
  DELTA_DAYS_MAX,
  DELTA_KEPT_MS,
  deltaDays,
  deltaEndsAt,
  deltaOf,
} from '../../../functions/core/recommend/deltas.ts';
import { AMOUNT_UNIT } from '../../../functions/core/recommend/learning.ts';
import { NEIGHBOURS_MAX } from '../../../functions/core/recommend/lists.ts';
import {
  days,
  type EpochMs,
  epochMs,
  fromRfc3339,
  toUtcDate,
  utcDayOf,
} from '../../../functions/core/time.ts';

const at = (text: string): EpochMs => fromRfc3339(text) as EpochMs;
const NOW = at('2026-11-21T09:40:07.000Z');
const TODAY = utcDayOf(NOW);
const namesOf = (from?: string): readonly string[] =>
  deltaDays({ from, now: NOW }).map(({ day }) => day);

test('days from the cut to today are read, and none that is in the lists', () => {
  expect(namesOf('2026-11-20')).toEqual(['2026-11-21', '2026-11-20']);
  expect(namesOf('2026-11-21')).toEqual(['2026-11-21']);
  expect(namesOf('2026-11-22')).toEqual([]);
});

test('without lists, or with old ones, the days that are kept are read', () => {
  const kept = ['2026-11-21', '2026-11-20', '2026-11-19', '2026-11-18'];
  expect(kept).toHaveLength(DELTA_DAYS_MAX);
  expect(namesOf()).toEqual(kept);
  expect(namesOf('2026-11-01')).toEqual(kept);
  expect(deltaDays({ now: NOW })[0]?.share).toBe(1);
  expect(deltaDays({ now: NOW })[3]?.share).toBeCloseTo(2 ** (-3 / 30), 12);
});

test('a day is kept 72 hours after its end, so that all that are read are there', () => {
  expect(deltaEndsAt('2026-11-18')).toBe(at('2026-11-22T00:00:00.000Z'));
  expect(DELTA_KEPT_MS).toBe(days(3));
  for (const { day } of deltaDays({ now: NOW })) expect(deltaEndsAt(day)).toBeGreaterThan(NOW);
});

/** As the nightly SQL makes it: units of the days before the cut, halved by each 30 days of age. */
const listSlowly = (byDay: ReadonlyMap<number, number>, cut: number): number => {
  let sum = 0;
  for (const [day, amount] of byDay)
    if (day < cut) sum += (amount / AMOUNT_UNIT) * 2 ** (-(cut - 1 - day) / 30);
  return sum;
};

test('list and delta together are the list of tomorrow, but for one factor of all items', () => {
  const amounts = fc.dictionary(
    fc.integer({ min: 0, max: 20 }).map(String),
    fc.integer({ min: 1, max: 9_000_000 }),
    { minKeys: 1 },
  );
  fc.assert(
    fc.property(amounts, fc.integer({ min: 0, max: 3 }), (byAgo, back) => {
      const byDay = new Map(Object.entries(byAgo).map(([ago, sum]) => [TODAY - Number(ago), sum]));
      const cut = TODAY - back;
      const read = deltaDays({ from: toUtcDate(cut), now: NOW }).map((day) => {
        const amount = byDay.get(utcDayOf(at(day.day)));
        return [day, amount === undefined ? [] : [['b', amount] as const]] as const;
      });
      const delta = deltaOf(read)?.pairs[0]?.[1] ?? 0;
      const served = listSlowly(byDay, cut) + delta;
      const tomorrow = listSlowly(byDay, TODAY + 1);
      expect(served * 2 ** (-(back + 1) / 30)).toBeCloseTo(tomorrow, 9);
    }),
  );
});

test('the heaviest 100 neighbours are taken, of equal weight by id, own events aside', () => {
  const [day] = deltaDays({ now: epochMs(NOW) });
  if (day === undefined) throw new Error('today is read');
  const many = Array.from({ length: 128 }, (_, n) => [`i${n}`, (n + 1) * AMOUNT_UNIT] as const);
  const delta = deltaOf([[day, [['', 3 * AMOUNT_UNIT], ...many]]]);
  expect(delta?.events).toBe(3);
  expect(delta?.pairs).toHaveLength(NEIGHBOURS_MAX);
  expect(delta?.pairs[0]).toEqual(['i127', 128]);
  const equal = deltaOf([[day, ['b', 'c', 'a'].map((item) => [item, AMOUNT_UNIT] as const)]]);
  expect(equal?.pairs.map(([item]) => item)).toEqual(['a', 'b', 'c']);
  expect(deltaOf([[day, []]])).toBeUndefined();
});
