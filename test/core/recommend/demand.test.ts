/** What a table of demand says of an item holds for what was asked for, however it was cut and merged. */
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { readEffects } from '../../../functions/core/analytics/effects.ts';
import { utf8Bytes } from '../../../functions/core/event/utf8.ts';
import { ITEM_ID_BYTES_MAX } from '../../../functions/core/profile/recent-items.ts';
import { demandByMinute } from '../../../functions/core/recommend/demand.ts';
import {
  DEMAND_BYTES_MAX,
  decodeDemand,
  encodeDemand,
} from '../../../functions/core/recommend/demand-codec.ts';
import {
  addDemand,
  countedWeight,
  DEMAND_ITEMS_HELD_MAX,
  DEMAND_ITEMS_MAX,
  DEMAND_REGIONS,
  type Demanded,
  type DemandTable,
  heaviestOf,
  mergeDemand,
  newDemandTable,
} from '../../../functions/core/recommend/demand-table.ts';
import { epochMs } from '../../../functions/core/time.ts';
import { commutativeMonoidLaws } from '../../laws/commutative-monoid.ts';

const demanded = (items: number): fc.Arbitrary<Demanded> =>
  fc.record({
    // A few are asked for often, most once.
    item: fc
      .oneof(fc.nat(Math.min(20, items)), fc.nat(items), fc.nat(items))
      .map((n) => `item-${n}`),
    region: fc.constantFrom(...DEMAND_REGIONS, undefined, 'MARS', '__proto__'),
    weight: fc.constantFrom(1, 1, 3, 5),
  });

const tableOf = (all: readonly Demanded[]): DemandTable => {
  const table = newDemandTable();
  for (const one of all) addDemand(table, one);
  return table;
};

const sorted = ({ items, floor }: DemandTable) => ({
  items: [...items].sort(([left], [right]) => (left < right ? -1 : 1)),
  floor,
});

commutativeMonoidLaws(
  'demand of no more items than have a place',
  { empty: newDemandTable(), merge: mergeDemand },
  fc.array(demanded(100), { maxLength: 30 }).map(tableOf),
  sorted,
);

/** The slow way: every weight is kept. */
const exactly = (all: readonly Demanded[]): ReadonlyMap<string, readonly number[]> => {
  const sums = new Map<string, number[]>();
  for (const { item, region, weight } of all) {
    const weights = sums.get(item) ?? [0, 0, 0, 0];
    const place = DEMAND_REGIONS.map(String).indexOf(region ?? '');
    weights[place === -1 ? 3 : place] = (weights.at(place === -1 ? 3 : place) ?? 0) + weight;
    sums.set(item, weights);
  }
  return sums;
};

const total = (weights: readonly number[]): number => weights.reduce((sum, one) => sum + one, 0);

const holds = (table: DemandTable, all: readonly Demanded[], itemsMax: number): void => {
  const truth = exactly(all);
  const weight = all.reduce((sum, one) => sum + one.weight, 0);
  expect(table.items.size).toBeLessThanOrEqual(itemsMax);
  if (truth.size <= itemsMax) expect(table.floor).toBe(0);
  expect(table.floor).toBeLessThanOrEqual(weight / DEMAND_ITEMS_MAX);
  for (const [item, weights] of truth) {
    const told = table.items.get(item);
    if (told === undefined) {
      expect(total(weights)).toBeLessThanOrEqual(table.floor);
      continue;
    }
    const counted = countedWeight(told);
    expect(counted).toBeLessThanOrEqual(total(weights));
    expect(counted + told.error).toBeGreaterThanOrEqual(total(weights));
    for (const [place, of] of told.weights.entries())
      expect(of).toBeLessThanOrEqual(weights[place] ?? 0);
    if (table.floor === 0) expect(told).toEqual({ weights, error: 0 });
  }
};

/** Many enough to overflow a table once or twice. */
const many = (items: number) =>
  fc.array(demanded(items), { minLength: 0, maxLength: 3_000, size: 'max' });

test('exact while every item has a place; beyond it every weight is within its bounds', () => {
  fc.assert(
    fc.property(many(2_500), (all) => {
      const table = tableOf(all);
      holds(table, all, DEMAND_ITEMS_HELD_MAX);
      holds(heaviestOf(table), all, DEMAND_ITEMS_MAX);
    }),
    { numRuns: 40, endOnFailure: true },
  );
});

test('cut anyhow, merged in any order, and written in between: every weight is within its bounds', () => {
  fc.assert(
    fc.property(
      many(1_500),
      fc.array(fc.nat(3_000), { maxLength: 6 }),
      fc.boolean(),
      (all, cuts, isFolded) => {
        const edges = [0, ...cuts.map((cut) => Math.min(cut, all.length)), all.length].sort(
          (left, right) => left - right,
        );
        const parts = edges
          .slice(1)
          .map((end, place) => tableOf(all.slice(edges[place], end)))
          .map((table) => decodeDemand(encodeDemand(table)));
        const merged = isFolded
          ? parts.reduce(mergeDemand, newDemandTable())
          : parts.reduceRight((sum, part) => mergeDemand(part, sum), newDemandTable());
        holds(merged, all, DEMAND_ITEMS_MAX);
      },
    ),
    { numRuns: 40, endOnFailure: true },
  );
});

test('a text holds what it is made of, and at its bytes’ end the heaviest, with a floor', () => {
  const worst = (n: number): string => `${n}`.padEnd(ITEM_ID_BYTES_MAX, '\u0001');
  const short = tableOf([{ item: 'ü', region: 'EMEA', weight: 3 }]);
  expect(sorted(decodeDemand(encodeDemand(short)))).toEqual(sorted(short));

  const uuids = Array.from({ length: DEMAND_ITEMS_MAX }, (_, n) => ({
    item: `${n}`.padStart(36, '0'),
    region: 'APAC',
    weight: 1_000 + n,
  }));
  expect(decodeDemand(encodeDemand(tableOf(uuids))).items.size).toBe(DEMAND_ITEMS_MAX);

  const long = Array.from({ length: DEMAND_ITEMS_MAX }, (_, n) => ({
    item: worst(n),
    region: undefined,
    weight: 1 + n,
  }));
  const text = encodeDemand(tableOf(long));
  expect(utf8Bytes(text)).toBeLessThanOrEqual(DEMAND_BYTES_MAX);
  const { items, floor } = decodeDemand(text);
  expect(items.size).toBeGreaterThan(30);
  expect(items.has(worst(DEMAND_ITEMS_MAX - 1))).toBe(true);
  expect(floor).toBe(DEMAND_ITEMS_MAX - items.size);
});

test('what is no text of ours is refused', () => {
  for (const text of [
    '{}',
    '{"f":-1,"i":[]}',
    '{"f":0,"i":[["a",[1,2,3]]]}',
    '{"f":0,"i":[["a",[1,2,3,0.5]]]}',
    '{"f":0,"i":[[1,[1,2,3,4]]]}',
    'x',
  ]) {
    expect(() => decodeDemand(text)).toThrow();
  }
});

const ARRIVAL = 29_000_000;

/** As the aggregator writes them: texts by their place. */
const changeOf = (user: string, minutes: Readonly<Record<number, readonly unknown[][]>>) => {
  const strings = [
    'Product Viewed',
    'Order Completed',
    '$page',
    'constructor',
    'EMEA',
    'lamp',
    'shade',
    'x'.repeat(ITEM_ID_BYTES_MAX + 1),
  ];
  const fx = {
    minutes: Object.entries(minutes).map(([minute, events]) => ({
      minute: Number(minute),
      applied: events.length,
      duplicate: 0,
      parked: 0,
    })),
    strings,
    events: Object.values(minutes).flat(),
    before: [],
    sessions: [],
    lateForSessions: 0,
    cut: 0,
  };
  const effects = readEffects(JSON.stringify(fx));
  if (effects === undefined) throw new Error('effects of ours are read');
  return { tenant: 'main', user, sequence: '1', at: epochMs(0), effects };
};

const event = (name: number, region: number, items: readonly number[]): unknown[] => [
  ...[0, name, -1, region, -1, -1, 0],
  items.map((item) => [item, 7, 1_000_000]),
];

test('positive events count by their weight, once for each item, in their minute and region', () => {
  const tables = demandByMinute([
    changeOf('ann', {
      [ARRIVAL]: [event(0, 4, [5]), event(1, -1, [5, 6, 5])],
      [ARRIVAL + 1]: [event(0, 4, [6])],
    }),
    changeOf('bob', { [ARRIVAL]: [event(0, 4, [5])], [ARRIVAL + 2]: [event(2, 4, [5])] }),
  ]);
  expect([...tables].map(([minute, table]) => [minute, sorted(table)])).toEqual([
    [
      ARRIVAL,
      {
        items: [
          ['lamp', { weights: [0, 2, 0, 5], error: 0 }],
          ['shade', { weights: [0, 0, 0, 5], error: 0 }],
        ],
        floor: 0,
      },
    ],
    [ARRIVAL + 1, { items: [['shade', { weights: [0, 1, 0, 0], error: 0 }]], floor: 0 }],
  ]);
});

test('nothing counts that is no positive event, names no item, or one that no catalogue has', () => {
  const lineless = [...event(0, 4, []).slice(0, 7)];
  const events = [event(2, 4, [5]), event(3, 4, [5]), event(0, 4, []), event(0, 4, [7]), lineless];
  expect(demandByMinute([changeOf('ann', { [ARRIVAL]: [...events, event(-1, -1, [5])] })])).toEqual(
    new Map(),
  );
});

test('an item that neither of two tables has may be what both gave up', () => {
  const left: DemandTable = { items: new Map(), floor: 3 };
  const right: DemandTable = {
    items: new Map([['lamp', { weights: [1, 0, 0, 4], error: 1 }]]),
    floor: 2,
  };
  const lamp = { weights: [1, 0, 0, 4], error: 4 };
  expect(mergeDemand(left, right)).toEqual({ items: new Map([['lamp', lamp]]), floor: 5 });
});
