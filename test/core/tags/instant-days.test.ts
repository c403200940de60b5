import fc from 'fast-check';
import { expect, test } from 'vitest';
import { encodeInstant, instants } from '../../../functions/core/tags/instant.ts';
import {
  boundInstants,
  decodeInstants,
  encodeInstants,
  type InstantDays,
  instantDays,
  instantSince,
  withOneInstantLess,
} from '../../../functions/core/tags/instant-days.ts';
import { type EpochMs, epochMs, startOfUtcDay } from '../../../functions/core/time.ts';
import { commutativeMonoidLaws } from '../../laws/commutative-monoid.ts';

interface Told {
  readonly day: number;
  readonly at: EpochMs;
}

const FIRST_DAY = 20_000;
const told = fc.record({
  day: fc.integer({ min: FIRST_DAY, max: FIRST_DAY + 12 }),
  at: fc.integer({ min: -40, max: 40 }).map((days) => epochMs(startOfUtcDay(FIRST_DAY + days) + 7)),
});
const logs = fc.array(told, { maxLength: 20 });
const picks = fc.constantFrom('earliest', 'latest' as const);

const kept = (all: readonly Told[], pick: 'earliest' | 'latest'): InstantDays =>
  all.reduce<InstantDays>(
    (sum, { day, at }) => instantDays[pick].merge(sum, [{ arrivalDay: day, at, mixed: false }]),
    [],
  );

for (const pick of ['earliest', 'latest'] as const) {
  commutativeMonoidLaws(
    `instants by day, ${pick}`,
    instantDays[pick],
    logs.map((all) => kept(all, pick)),
  );
}

test('whatever the cut, a reader takes what arrived since, as if all of it were kept', () => {
  fc.assert(
    fc.property(logs, picks, fc.integer({ min: -1, max: 14 }), (all, pick, offset) => {
      const cut = FIRST_DAY + offset;
      const since = all.filter(({ day }) => day >= cut).map(({ at }) => at);
      const expected = since.reduce<EpochMs | undefined>(
        (best, at) => instants[pick].merge(best, at),
        undefined,
      );
      expect(instantSince(kept(all, pick), cut, pick)).toEqual({ at: expected, mixed: false });
    }),
  );
});

test('bounded to nine days and one for what is older, which says that it is mixed', () => {
  fc.assert(
    fc.property(logs, picks, fc.integer({ min: -1, max: 14 }), (all, pick, offset) => {
      const newest = Math.max(FIRST_DAY, ...all.map(({ day }) => day));
      const bounded = boundInstants(kept(all, pick), pick, newest);
      expect(bounded.length).toBeLessThanOrEqual(10);
      const exact = instantSince(kept(all, pick), FIRST_DAY + offset, pick);
      const read = instantSince(bounded, FIRST_DAY + offset, pick);
      if (!read.mixed) expect(read.at ?? exact.at).toBe(exact.at);
      expect(instantSince(bounded, 0, pick).at).toBe(instantSince(kept(all, pick), 0, pick).at);
    }),
  );
});

test('stored and read again, one less at a time down to one', () => {
  fc.assert(
    fc.property(logs, picks, (all, pick) => {
      let tiles = kept(all, pick);
      for (;;) {
        expect(decodeInstants(encodeInstants(tiles))).toEqual(tiles);
        const less = withOneInstantLess(tiles, pick);
        if (less === tiles) break;
        expect(less.length).toBeLessThan(tiles.length);
        tiles = less;
      }
      expect(tiles.length).toBeLessThanOrEqual(1);
    }),
  );
});

test('a copy that claimed a later time is gone once its day is the nightly’s', () => {
  const events = [
    { day: FIRST_DAY, at: epochMs(startOfUtcDay(FIRST_DAY) + 1_000) },
    { day: FIRST_DAY, at: epochMs(startOfUtcDay(FIRST_DAY) + 31_000) },
    { day: FIRST_DAY + 1, at: epochMs(startOfUtcDay(FIRST_DAY) + 500) },
  ];
  const tiles = kept(events, 'latest');
  expect(instantSince(tiles, FIRST_DAY, 'latest').at).toBe(events[1]?.at);
  expect(instantSince(tiles, FIRST_DAY + 1, 'latest').at).toBe(events[2]?.at);
});

test('what was written before there were days is read, as of the day of its instant', () => {
  const at = epochMs(startOfUtcDay(FIRST_DAY) + 5);
  expect(decodeInstants(encodeInstant(at))).toEqual([{ arrivalDay: FIRST_DAY, at, mixed: true }]);
  expect(decodeInstants(encodeInstant(undefined))).toEqual([]);
});
