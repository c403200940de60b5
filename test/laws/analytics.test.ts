/** What `tally` counts is cut into rows by minute, shard and batch: sums of rows must not show how. */
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { mergeCounts, newCounts } from '../../functions/core/analytics/bounded-counts.ts';
import type { Effects, MinuteEffects } from '../../functions/core/analytics/effects.ts';
import { answerRealtime } from '../../functions/core/analytics/live-answers.ts';
import {
  addMinute,
  decodeMinuteSums,
  encodeMinuteSums,
  type MinuteSums,
  newMinuteSums,
  totalsOf,
} from '../../functions/core/analytics/minute-sums.ts';
import { type PageViewList, tilesByUser } from '../../functions/core/analytics/page-view-list.ts';
import {
  addSessions,
  encodeSessionSums,
  newSessionSums,
} from '../../functions/core/analytics/session-sums.ts';
import {
  addToSketch,
  encodeSketch,
  newSketch,
  SKETCH_EXACT_MAX,
  type Sketch,
  unionOf,
} from '../../functions/core/analytics/sketch.ts';
import type { TallyRow } from '../../functions/core/analytics/tally-rows.ts';
import { hash48 } from '../../functions/core/hash.ts';
import { epochMs } from '../../functions/core/time.ts';
import { commutativeMonoidLaws } from './commutative-monoid.ts';

const DAY = 20_412;
const NOW = epochMs(DAY * 86_400_000 + 36_000_000);

const sorted = <V>(map: ReadonlyMap<string | number, V>) =>
  [...map].sort(([left], [right]) => (String(left) < String(right) ? -1 : 1));

commutativeMonoidLaws(
  'bounded counts',
  { empty: newCounts(), merge: (left, right) => mergeCounts([left, right]) },
  fc.record({
    byName: fc
      .array(fc.tuple(fc.constantFrom('$page', '__proto__', 'ü', ''), fc.integer()))
      .map((counts) => new Map(counts)),
    other: fc.nat(9),
  }),
  ({ byName, other }) => ({ byName: sorted(byName), other }),
);

/** At the edge where counting ends and estimating begins, and far from it. */
const sketches: fc.Arbitrary<Sketch> = fc
  .tuple(fc.nat(3), fc.constantFrom(0, 1, 7, SKETCH_EXACT_MAX, SKETCH_EXACT_MAX + 1, 600))
  .map(([group, count]) => {
    const sketch = newSketch();
    for (let n = 0; n < count; n += 1) addToSketch(sketch, hash48(`${group}-${n}`));
    return sketch;
  });

const shownSketch = ({ exact, registers }: Sketch) =>
  exact === undefined
    ? encodeSketch({ exact, registers })
    : [...exact].sort((left, right) => left - right);

commutativeMonoidLaws(
  'sketches',
  { empty: newSketch(), merge: (left, right) => unionOf([left, right]) },
  sketches,
  shownSketch,
);

const events = fc.record({
  at: fc.constantFrom(0, 29_999, 30_000).map((ms) => epochMs(NOW + ms)),
  name: fc.constantFrom('$page', 'Product Added', 'Order Completed', undefined),
  category: fc.constant(undefined),
  region: fc.constantFrom('EMEA', undefined),
  page: fc.constant(undefined),
  campaign: fc.constant(undefined),
  valueMicros: fc.integer({ min: -1_000_000_000_000, max: 1_000_000_000_000 }),
  lines: fc.constant([]),
});

const minutes: fc.Arbitrary<MinuteEffects> = fc
  .record({
    duplicate: fc.nat(3),
    parked: fc.nat(3),
    orders: fc.option(fc.integer({ min: -2, max: 2 }), { nil: undefined }),
    events: fc.array(events, { maxLength: 4 }),
  })
  .map((one) => ({ ...one, minute: DAY * 1_440, applied: one.events.length }) as MinuteEffects);

const told = fc.array(fc.tuple(fc.constantFrom('ann', 'b b', 'eve'), minutes), { maxLength: 6 });
type Told = readonly (readonly [string, MinuteEffects])[];

const rowOf = (all: Told): MinuteSums => {
  const sums = newMinuteSums();
  for (const [user, effects] of all) addMinute(sums, user, effects);
  return sums;
};

const shownTotals = ({ names, regions, ...numbers }: Omit<MinuteSums, 'users'>) => {
  const { applied, duplicate, parked, orders, revenueMicros, unnamed } = numbers;
  const counts = { applied, duplicate, parked, orders, revenueMicros, unnamed };
  return { counts, names: sorted(names.byName), regions: sorted(regions.byName) };
};

commutativeMonoidLaws(
  'totals of minute rows',
  {
    empty: newMinuteSums(),
    merge: (left, right) => ({ ...newMinuteSums(), ...numbersOf(totalsOf([left, right])) }),
  },
  told.map(rowOf),
  shownTotals,
);

/** The totals without the sketches and lists of nothing that `totalsOf` carries along. */
function numbersOf(totals: ReturnType<typeof totalsOf>) {
  const { applied, duplicate, parked, orders, revenueMicros, unnamed, names, regions } = totals;
  return { applied, duplicate, parked, orders, revenueMicros, unnamed, names, regions };
}

const shownTiles = (lists: readonly PageViewList[]) =>
  sorted(tilesByUser(lists)).map(([user, tiles]) => [user, sorted(tiles)]);

commutativeMonoidLaws(
  'page views by user',
  { empty: [], merge: (left: readonly PageViewList[], right) => [...left, ...right] },
  fc.array(
    told.map((all) => rowOf(all).pageViews),
    { maxLength: 3 },
  ),
  shownTiles,
);

const sessions = fc
  .array(
    fc.record({
      day: fc.constantFrom(DAY - 1, DAY),
      sessions: fc.integer({ min: -2, max: 2 }),
      bounces: fc.integer({ min: -2, max: 2 }),
      durationMs: fc.integer({ min: -999, max: 999 }),
      entries: fc.dictionary(fc.constantFrom('/', '/cart'), fc.integer({ min: -1, max: 2 })),
      exits: fc.dictionary(fc.constantFrom('/', '/cart'), fc.integer({ min: -1, max: 2 })),
    }),
    { maxLength: 3 },
  )
  .chain((days) =>
    fc
      .tuple(fc.array(minutes, { maxLength: 2 }), fc.nat(2))
      .map(
        ([list, lateForSessions]): Effects => ({ minutes: list, sessions: days, lateForSessions }),
      ),
  );

const sessionRow = (all: readonly Effects[]): TallyRow => {
  const sums = newSessionSums();
  for (const effects of all) addSessions(sums, effects);
  return { last: '', asOf: NOW, ttl: 0, sums: encodeSessionSums(sums) };
};

commutativeMonoidLaws(
  'rows of sessions',
  { empty: [], merge: (left: readonly TallyRow[], right) => [...left, ...right] },
  fc.array(fc.array(sessions, { maxLength: 3 }).map(sessionRow), { maxLength: 3 }),
  (rows) => answerRealtime({ minutes: [], sessions: rows }, 1, NOW).today,
);

test('one row, or any number of rows of any parts of it in any order: the same answer', () => {
  fc.assert(
    fc.property(told, fc.array(fc.nat(2), { minLength: 6, maxLength: 6 }), (all, places) => {
      const parts = [0, 1, 2].map((part) =>
        rowOf(all.filter((_, n) => places[n] === part).toReversed()),
      );
      const whole = rowOf(all);
      expect(shownTotals(totalsOf(parts) as MinuteSums)).toEqual(shownTotals(whole));
      for (const name of ['users', 'adders', 'buyers'] as const) {
        const union = unionOf(parts.map((part) => part[name]));
        expect(shownSketch(union)).toEqual(shownSketch(whole[name]));
      }
      expect(shownTiles(parts.map(({ pageViews }) => pageViews))).toEqual(
        shownTiles([whole.pageViews]),
      );
    }),
  );
});

test('a row that is written and read between any two changes is the same row', () => {
  fc.assert(
    fc.property(told, (all) => {
      let stored = encodeMinuteSums(newMinuteSums());
      for (const [user, effects] of all) {
        const sums = decodeMinuteSums(stored);
        addMinute(sums, user, effects);
        stored = encodeMinuteSums(sums);
      }
      expect(stored).toBe(encodeMinuteSums(rowOf(all)));
    }),
  );
});
