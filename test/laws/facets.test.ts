import fc from 'fast-check';
import { type Decayed, decayed, decayedOnce } from '../../functions/core/profile/decayed.ts';
import { interests } from '../../functions/core/profile/interests.ts';
import { recentItems } from '../../functions/core/profile/recent-items.ts';
import { sessionDifferences } from '../../functions/core/profile/session-differences.ts';
import { dayTiles } from '../../functions/core/tags/day-tiles.ts';
import { distinct } from '../../functions/core/tags/distinct.ts';
import { extremes } from '../../functions/core/tags/extremes.ts';
import { instants } from '../../functions/core/tags/instant.ts';
import { said, withoutText } from '../../functions/core/tags/said.ts';
import { scaleOf, topOf } from '../../functions/core/tags/top.ts';
import { windowTiles } from '../../functions/core/tags/window-tiles.ts';
import { days, type EpochMs, epochMs } from '../../functions/core/time.ts';
import { instantsBefore, NOW } from '../support/counted-events.ts';
import { commutativeMonoidLaws } from './commutative-monoid.ts';

const times = instantsBefore(NOW).map((at) => epochMs(at));
const amounts = fc.integer({ min: -1_000_000_000, max: 1_000_000_000 });

commutativeMonoidLaws(
  'window tiles',
  windowTiles,
  fc
    .tuple(
      fc.array(fc.tuple(fc.integer({ min: 90, max: 110 }), amounts)),
      fc.constantFrom(0, 99, 100, 101),
    )
    .map(([tiles, floor]) =>
      windowTiles.merge({ tiles: new Map(tiles), floor }, windowTiles.empty),
    ),
  ({ tiles, floor }) => ({ floor, tiles: [...tiles].sort(([a], [b]) => a - b) }),
);

commutativeMonoidLaws(
  'day tiles',
  dayTiles,
  fc
    .tuple(
      fc.array(
        fc.record({
          eventDay: fc.integer({ min: 20, max: 24 }),
          arrivalDay: fc.integer({ min: 20, max: 24 }),
          amount: amounts,
          mixed: fc.boolean(),
        }),
      ),
      fc.constantFrom(0, 21, 22),
    )
    .map(([tiles, floorDay]) => dayTiles.merge({ tiles, floorDay }, dayTiles.empty)),
);

for (const merge of ['min', 'max'] as const) {
  commutativeMonoidLaws(
    `tiles of the ${merge}`,
    extremes[merge],
    fc
      .tuple(
        fc.array(fc.tuple(fc.integer({ min: 90, max: 110 }), amounts)),
        fc.constantFrom(0, 99, 100, 101),
      )
      .map(([tiles, floor]) =>
        extremes[merge].merge({ tiles: new Map(tiles), floor }, extremes[merge].empty),
      ),
    ({ tiles, floor }) => ({ floor, tiles: [...tiles].sort(([a], [b]) => a - b) }),
  );
}

const sayings = fc.option(
  fc.record({
    at: fc.constantFrom(1, 2).map(epochMs),
    tie: fc.constantFrom('a', '\uff5e', '\u{1f600}'),
    text: fc.constantFrom('', 'x', 'y'),
  }),
  { nil: undefined },
);
const withLost = fc.oneof(sayings, sayings.map(withoutText));
commutativeMonoidLaws('what was said first', said.earliest, withLost);
commutativeMonoidLaws('what was said last', said.latest, withLost);

commutativeMonoidLaws(
  'different values',
  distinct,
  fc
    .tuple(fc.array(fc.tuple(fc.nat(5), fc.nat(9))), fc.nat(9))
    .map(([newest, floor]) => ({ newest: new Map(newest), floor })),
  ({ newest, floor }) => ({ floor, newest: [...newest].sort(([a], [b]) => a - b) }),
);

const score = fc.integer({ min: 1, max: 1_000_000_000 });
commutativeMonoidLaws(
  'weights of values',
  topOf(scaleOf(undefined)),
  fc
    .record({
      scores: fc.array(fc.tuple(fc.constantFrom('a', 'b', '__proto__'), score)),
      floor: fc.option(score, { nil: undefined }),
    })
    .map(({ scores: list, floor }) => ({
      scores: new Map(list.map(([key, each]) => [key, { score: each, error: floor }])),
      floor,
    })),
  ({ scores: all, floor }) => ({ floor, scores: [...all].sort(([a], [b]) => (a < b ? -1 : 1)) }),
);

const maybe = fc.option(times, { nil: undefined });
commutativeMonoidLaws('earliest instant', instants.earliest, maybe);
commutativeMonoidLaws('latest instant', instants.latest, maybe);

const scores: fc.Arbitrary<Decayed> = fc.option(
  fc.tuple(fc.constantFrom(1, 2, 4, 8), times).map(([weight, at]) => decayedOnce(weight, at)),
  { nil: undefined },
);
/** 1e-9 of the score is 1.44e-9 of its log2; half a step aside, so that no sum lies on an edge. */
const agreed = (score: Decayed): number | undefined =>
  score === undefined ? undefined : Math.round(score * 2 ** 26 + 0.123);
commutativeMonoidLaws('decayed sums', decayed, scores, agreed);

commutativeMonoidLaws(
  'fading weights of values',
  topOf(scaleOf(days(7))),
  fc
    .record({ scores: fc.array(fc.tuple(fc.constantFrom('a', 'b'), times)), floor: scores })
    .map(({ scores: list, floor }) => ({
      scores: new Map(
        list.map(([key, at]) => [key, { score: decayedOnce(1, at) ?? 0, error: floor }]),
      ),
      floor,
    })),
  ({ scores: all, floor }) => ({
    scores: [...all]
      .sort(([left], [right]) => (left < right ? -1 : 1))
      .map(([key, each]) => [key, agreed(each.score), agreed(each.error)]),
    floor: agreed(floor),
  }),
);

commutativeMonoidLaws(
  'interests',
  interests,
  fc
    .record({
      scores: fc.array(fc.tuple(fc.constantFrom('a', 'b', 'c'), times), { maxLength: 3 }),
      floor: scores,
      activeAt: fc.option(times, { nil: undefined }),
    })
    .map(({ scores: list, floor, activeAt }) => ({
      scores: new Map(
        list.map(([name, at]) => [name, { score: decayedOnce(1, at) ?? 0, error: floor }]),
      ),
      floor,
      activeAt,
    })),
  ({ scores: all, floor, activeAt }) => ({
    scores: [...all]
      .sort(([left], [right]) => (left < right ? -1 : 1))
      .map(([name, each]) => [name, agreed(each.score), agreed(each.error)]),
    floor: agreed(floor),
    activeAt,
  }),
);

commutativeMonoidLaws(
  'recent items',
  recentItems,
  fc
    .array(fc.tuple(fc.constantFrom('a', 'b', 'c', 'd'), times))
    .map((items): ReadonlyMap<string, EpochMs> => new Map(items)),
);

const counts = fc.dictionary(fc.constantFrom('home', '__proto__', 'cart'), fc.integer({ min: 1 }));
commutativeMonoidLaws(
  'session differences',
  sessionDifferences,
  fc
    .array(
      fc.tuple(
        fc.integer({ min: 1, max: 3 }),
        fc.record({
          sessions: fc.integer({ min: 1, max: 9 }),
          bounces: fc.nat(9),
          durationMs: fc.nat(9_999),
          entries: counts,
          exits: counts,
        }),
      ),
    )
    .map((days) => ({ days: new Map(days), late: days.length })),
);
