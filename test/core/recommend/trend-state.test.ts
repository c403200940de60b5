/** Trends against a slow count that keeps every weight of every minute. */
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { utf8Bytes } from '../../../functions/core/event/utf8.ts';
import {
  addDemand,
  DEMAND_ITEMS_MAX,
  type DemandTable,
  newDemandTable,
} from '../../../functions/core/recommend/demand-table.ts';
import {
  decodeTrendState,
  encodeTrendState,
  TRENDS_BYTES_MAX,
} from '../../../functions/core/recommend/trend-codec.ts';
import { fadedAt, type TrendList } from '../../../functions/core/recommend/trend-list.ts';
import {
  categoryScope,
  type DemandMinute,
  endOfMinute,
  HOT_HALF_LIFE,
  mergeMinutes,
  newTrendState,
  POPULAR_HALF_LIFE,
  regionScope,
  type ScopeOf,
  type TrendState,
  trendsOf,
  wholeScope,
} from '../../../functions/core/recommend/trend-state.ts';
import { TREND_ITEMS_MAX } from '../../../functions/core/recommend/trends.ts';
import type { DurationMs } from '../../../functions/core/time.ts';

/** In November 2026, as in January: nothing may overflow. */
const FIRST = 29_900_000;
const REGIONS = ['AMER', 'EMEA', 'APAC', 'UNKNOWN'] as const;

interface Asked {
  readonly item: string;
  readonly region: (typeof REGIONS)[number];
  readonly weight: number;
}

interface Told {
  /** Since the one before. */
  readonly gap: number;
  readonly asked: readonly Asked[];
}

const asked = (items: number): fc.Arbitrary<Asked> =>
  fc.record({
    item: fc.oneof(fc.nat(9), fc.nat(items), fc.nat(items)).map((n) => `item-${n}`),
    region: fc.constantFrom(...REGIONS),
    weight: fc.constantFrom(1, 3, 5),
  });

const told = (items: number, perMinute: number) =>
  fc.array(
    fc.record({
      gap: fc.oneof(fc.integer({ min: 1, max: 3 }), fc.integer({ min: 1, max: 20_000 })),
      asked: fc.array(asked(items), { maxLength: perMinute, size: 'max' }),
    }),
    { minLength: 1, maxLength: 12, size: 'max' },
  );

const tableOf = (all: readonly Asked[]): DemandTable => {
  const table = newDemandTable();
  for (const one of all) addDemand(table, one);
  return table;
};

const minutesOf = (all: readonly Told[]): readonly (DemandMinute & Told)[] => {
  let minute = FIRST;
  return all.map((one) => {
    minute += one.gap;
    return { ...one, minute, table: tableOf(one.asked) };
  });
};

const categoryOf = (item: string): string | undefined =>
  ['TECH', 'HOME', undefined][item.length % 3];

const SCOPES: Readonly<Record<string, [ScopeOf, (one: Asked) => boolean]>> = {
  all: [wholeScope, () => true],
  'region:EMEA': [regionScope('EMEA'), ({ region }) => region === 'EMEA'],
  'category:TECH': [categoryScope('TECH', categoryOf), ({ item }) => categoryOf(item) === 'TECH'],
};

/** The definition: every weight, halved once in a half-life, up to the newest minute. */
const slowly = (
  all: readonly (DemandMinute & Told)[],
  belongs: (one: Asked) => boolean,
  halfLife: DurationMs,
): ReadonlyMap<string, number> => {
  const newest = all.at(-1)?.minute ?? FIRST;
  const sums = new Map<string, number>();
  for (const { minute, asked: mine } of all) {
    for (const one of mine.filter(belongs)) {
      const part = one.weight * 2 ** ((-(newest - minute) * 60_000) / halfLife);
      sums.set(one.item, (sums.get(one.item) ?? 0) + part);
    }
  }
  return sums;
};

const HALF_LIVES = { hot: HOT_HALF_LIFE, popular: POPULAR_HALF_LIFE } as const;
const LISTS = ['hot', 'popular'] as const;
/** Of the codec's rounding, over a dozen minutes. */
const NEARLY = 1 + 1e-6;

/** Cut at any minutes, written and read again in between. */
const merged = (
  scope: string,
  all: readonly DemandMinute[],
  cuts: readonly number[] = [],
): TrendState => {
  const [scopeOf] = SCOPES[scope] ?? [wholeScope];
  let state = newTrendState(scope, FIRST);
  const edges = [0, ...cuts.map((cut) => cut % (all.length + 1)), all.length];
  for (const [place, end] of edges.entries()) {
    // Cuts are in no order: so minutes come again, from any point on.
    const start = Math.min(edges[place - 1] ?? 0, end);
    const next = mergeMinutes(state, all.slice(start, end), scopeOf);
    state = decodeTrendState(scope, encodeTrendState(next));
  }
  return state;
};

test('of no more than 200 items the weights are what a slow count says, in every scope', () => {
  fc.assert(
    fc.property(
      told(TREND_ITEMS_MAX - 1, 60),
      fc.constantFrom(...Object.keys(SCOPES)),
      (all, scope) => {
        const minutes = minutesOf(all);
        const state = merged(scope, minutes);
        const [, belongs] = SCOPES[scope] ?? [undefined, () => true];
        for (const name of LISTS) {
          const truth = slowly(minutes, belongs, HALF_LIVES[name]);
          expect([state[name].floor, state[name].missed]).toEqual([undefined, undefined]);
          expect(new Set(state[name].items.keys())).toEqual(new Set(truth.keys()));
          for (const [id, { counted, error }] of state[name].items) {
            const weight = fadedAt(counted, endOfMinute(state.through), HALF_LIVES[name]);
            expect(Math.abs(weight / (truth.get(id) ?? 0) - 1)).toBeLessThan(1e-6);
            expect(error).toBeUndefined();
          }
        }
      },
    ),
    { numRuns: 60, endOnFailure: true },
  );
});

const withinBounds = (
  list: TrendList,
  truth: ReadonlyMap<string, number>,
  weigh: (sum: number | undefined) => number,
): void => {
  const [floor, missed] = [weigh(list.floor), weigh(list.missed)];
  const total = [...truth.values()].reduce((sum, weight) => sum + weight, 0);
  expect(list.items.size).toBeLessThanOrEqual(TREND_ITEMS_MAX);
  expect(floor).toBeLessThanOrEqual((NEARLY * total) / TREND_ITEMS_MAX);
  expect(missed).toBeLessThanOrEqual((NEARLY * total) / DEMAND_ITEMS_MAX);
  for (const [id, weight] of truth) {
    const item = list.items.get(id);
    if (item === undefined) {
      expect(weight).toBeLessThanOrEqual(NEARLY * (floor + missed));
      continue;
    }
    const counted = weigh(item.counted);
    expect(counted).toBeLessThanOrEqual(NEARLY * weight);
    expect(NEARLY * (counted + weigh(item.error) + missed)).toBeGreaterThanOrEqual(weight);
  }
};

test('of more items every weight is within its bounds, whatever was cut, written and read again', () => {
  fc.assert(
    fc.property(told(1_500, 1_800), fc.array(fc.nat(20), { maxLength: 4 }), (all, cuts) => {
      const minutes = minutesOf(all);
      const state = merged(
        'all',
        minutes,
        [...cuts].sort((left, right) => left - right),
      );
      for (const name of LISTS) {
        const at = endOfMinute(state.through);
        const truth = slowly(minutes, () => true, HALF_LIVES[name]);
        withinBounds(state[name], truth, (sum) => fadedAt(sum, at, HALF_LIVES[name]));
      }
    }),
    { numRuns: 25, endOnFailure: true },
  );
});

test('minutes that come again, from any point on, change nothing', () => {
  fc.assert(
    fc.property(told(150, 20), fc.array(fc.nat(20), { maxLength: 6 }), (all, cuts) => {
      const minutes = minutesOf(all);
      const once = mergeMinutes(newTrendState('all', FIRST), minutes, wholeScope);
      let again = newTrendState('all', FIRST);
      for (const cut of cuts) again = mergeMinutes(again, minutes.slice(0, cut), wholeScope);
      expect(mergeMinutes(again, minutes, wholeScope)).toEqual(once);
    }),
  );
});

test('what is hot fades in hours, what is popular in days', () => {
  const ask = (minute: number, item: string, weight: number): DemandMinute => ({
    minute,
    table: tableOf([{ item, region: 'EMEA', weight }]),
  });
  const minutes = [ask(FIRST + 1, 'old', 8), ask(FIRST + 1 + 2 * 360, 'new', 5)];
  const state = mergeMinutes(newTrendState('all', FIRST), minutes, wholeScope);
  const { hot, popular, at, scope } = trendsOf(state);
  expect([scope, at]).toEqual(['all', endOfMinute(FIRST + 1 + 720)]);
  expect(hot).toEqual([
    ['new', 5],
    ['old', 2],
  ]);
  expect(popular.map(([id]) => id)).toEqual(['old', 'new']);
});

test('what a minute’s table had no place for is missed of every item, and fades like the rest', () => {
  const minutes = [FIRST + 1, FIRST + 1 + 360].map((minute) => ({
    minute,
    table: { ...tableOf([{ item: 'lamp', region: 'EMEA', weight: 9 }]), floor: 4 },
  }));
  const { hot, through } = mergeMinutes(newTrendState('all', FIRST), minutes, wholeScope);
  const at = endOfMinute(through);
  expect(fadedAt(hot.missed, at, HOT_HALF_LIFE)).toBeCloseTo(4 + 2, 6);
  expect(hot.floor).toBeUndefined();
});

test('who has just got a place does not lead by what may have been missed of it', () => {
  const many = Array.from({ length: TREND_ITEMS_MAX }, (_, n) => ({
    ...{ item: `item-${n}`, region: 'EMEA' as const },
    weight: 100 + n,
  }));
  const first = { minute: FIRST + 1, table: tableOf(many) };
  const late = {
    minute: FIRST + 2,
    table: tableOf([{ ...many[0], item: 'late', weight: 1 } as Asked]),
  };
  const later = {
    minute: FIRST + 3,
    table: tableOf([{ ...many[0], item: 'later', weight: 1 } as Asked]),
  };
  const state = mergeMinutes(newTrendState('all', FIRST), [first, late, later], wholeScope);
  expect(state.popular.items.has('late')).toBe(false);
  expect(state.popular.items.size).toBe(TREND_ITEMS_MAX);
  const { popular } = trendsOf(state);
  expect(popular[0]?.[0]).toBe(`item-${TREND_ITEMS_MAX - 1}`);
});

test('a state fits into its bytes: of the longest ids the heaviest stay, and the floor says so', () => {
  const of = (id: (n: number) => string): DemandMinute => ({
    minute: FIRST + 1,
    table: tableOf(
      Array.from({ length: TREND_ITEMS_MAX }, (_, n) => ({
        ...{ item: id(n), region: 'EMEA' as const },
        weight: n + 1,
      })),
    ),
  });
  const stateOf = (id: (n: number) => string) => {
    const text = encodeTrendState(mergeMinutes(newTrendState('all', FIRST), [of(id)], wholeScope));
    expect(utf8Bytes(text)).toBeLessThanOrEqual(TRENDS_BYTES_MAX);
    return decodeTrendState('all', text);
  };
  expect(stateOf((n) => `${n}`.padStart(36, '0')).hot.items.size).toBe(TREND_ITEMS_MAX);
  const worst = (n: number): string => `${n}`.padEnd(128, '\u0001');
  const { hot, popular } = stateOf(worst);
  expect(hot.items.size).toBe(popular.items.size);
  expect(hot.items.size).toBeGreaterThan(25);
  expect(hot.items.has(worst(TREND_ITEMS_MAX - 1))).toBe(true);
  const floor = fadedAt(hot.floor, endOfMinute(FIRST + 1), HOT_HALF_LIFE);
  expect(floor).toBeCloseTo(TREND_ITEMS_MAX - hot.items.size, 3);
});

test('what is no text of ours is refused', () => {
  const list = '{"i":[],"f":null,"m":null}';
  expect(decodeTrendState('all', `{"t":1,"h":${list},"p":${list}}`).through).toBe(1);
  for (const text of [
    '{}',
    `{"t":1.5,"h":${list},"p":${list}}`,
    `{"t":1,"h":${list}}`,
    `{"t":1,"h":${list},"p":{"i":[["a",null]],"f":null,"m":null}}`,
    `{"t":1,"h":${list},"p":{"i":[[1,2]],"f":null,"m":null}}`,
    `{"t":1,"h":${list},"p":{"i":[],"f":"1","m":null}}`,
  ]) {
    expect(() => decodeTrendState('all', text)).toThrow();
  }
});
