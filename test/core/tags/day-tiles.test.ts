import fc from 'fast-check';
import { expect, test } from 'vitest';
import {
  amountSince,
  boundDays,
  DAY_TILES_MAX,
  type DayTile,
  dayTiles,
  decodeDays,
  encodeDays,
  firstDayAt,
} from '../../../functions/core/tags/day-tiles.ts';

const tile = (eventDay: number, arrivalDay: number, amount = 1): DayTile => ({
  eventDay,
  arrivalDay,
  amount,
  mixed: false,
});
const of = (...tiles: readonly DayTile[]) => dayTiles.merge({ tiles, floorDay: 0 }, dayTiles.empty);

test('30 days are today and the 29 before', () => {
  const state = of(tile(100, 130), tile(101, 130, 10), tile(130, 130, 100));
  expect(amountSince(state, firstDayAt(130, 30))).toBe(110);
});

test('arrival days more than 8 before the newest collapse and keep the newest of them', () => {
  const state = of(tile(100, 100, 1), tile(100, 101, 2), tile(100, 102, 4));
  expect(boundDays(state, 30, 109).tiles).toEqual([
    tile(100, 100, 1),
    tile(100, 101, 2),
    tile(100, 102, 4),
  ]);
  expect(boundDays(state, 30, 110).tiles).toEqual([
    { eventDay: 100, arrivalDay: 101, amount: 3, mixed: true },
    tile(100, 102, 4),
  ]);
});

test('when full, two arrival days of the oldest day merge before a day is dropped', () => {
  const paired = of(
    ...Array.from({ length: 20 }, (_, i) => [tile(110 + i, 122), tile(110 + i, 123)]).flat(),
    tile(130, 130),
  );
  const merged = boundDays(paired, 30, 130);
  expect(merged.tiles).toHaveLength(DAY_TILES_MAX);
  expect(merged.tiles[0]).toEqual({ eventDay: 110, arrivalDay: 123, amount: 2, mixed: true });
  const days = of(...Array.from({ length: 41 }, (_, i) => tile(60 + i, 100)));
  const dropped = boundDays(days, 90, 100);
  expect(dropped.tiles).toHaveLength(DAY_TILES_MAX);
  expect(dropped.floorDay).toBe(61);
});

test('a lifetime tag loses nothing, whatever the bound', () => {
  const arrivals = fc.array(fc.tuple(fc.integer({ min: 0, max: 80 }), fc.integer()), {
    maxLength: 120,
  });
  fc.assert(
    fc.property(arrivals, (all) => {
      const state = of(...all.map(([day, amount]) => tile(0, 20_000 + day, amount)));
      const bounded = boundDays(state, undefined, 20_080);
      expect(amountSince(bounded, 0)).toBe(amountSince(state, 0));
      expect(bounded.tiles.length).toBeLessThanOrEqual(10);
      expect(decodeDays(encodeDays(bounded))).toEqual(bounded);
    }),
  );
});

test('bounding early and late gives the same tiles while the bound is not met', () => {
  const some = fc.array(
    fc.tuple(fc.integer({ min: 80, max: 99 }), fc.integer({ min: 80, max: 99 })),
    {
      maxLength: 30,
    },
  );
  fc.assert(
    fc.property(some, some, (first, second) => {
      const [a, b] = [first, second].map((list) => of(...list.map(([e, r]) => tile(e, r))));
      if (a === undefined || b === undefined) throw new Error('two lists');
      const early = boundDays(dayTiles.merge(boundDays(a, 30, 95), b), 30, 99);
      const late = boundDays(dayTiles.merge(a, b), 30, 99);
      fc.pre(dayTiles.merge(a, b).tiles.length <= DAY_TILES_MAX);
      expect(early).toEqual(late);
    }),
  );
});
