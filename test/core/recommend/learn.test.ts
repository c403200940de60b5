import fc from 'fast-check';
import { expect, test } from 'vitest';
import { readFx } from '../../../functions/core/analytics/effects.ts';
import {
  compileProfile,
  decodeFacets,
  encodeFacets,
  facetDifferences,
  foldFacets,
  noFacets,
} from '../../../functions/core/profile/facets.ts';
import { encodeFx, type Fx } from '../../../functions/core/profile/fx.ts';
import { learntWith } from '../../../functions/core/profile/positives.ts';
import { LEARNT_PAIRS_MAX, learn } from '../../../functions/core/recommend/learn.ts';
import {
  AMOUNT_UNIT,
  LEARNING_PRESETS,
  type LearntDay,
  type PresetName,
} from '../../../functions/core/recommend/learning.ts';
import { days, minutes } from '../../../functions/core/time.ts';
import { config } from '../../../tributary.config.ts';
import { counted, NOW } from '../../support/counted-events.ts';
import { learntSlowly, type SlowPairs } from '../../support/learnt-slowly.ts';

const definitions = compileProfile(config);

interface Said {
  readonly arrivedAt: number;
  readonly name: string;
  readonly items: readonly string[];
  readonly orderCounts: boolean;
}

const eventOf = ({ arrivedAt, name, items, orderCounts }: Said, index: number) => {
  const plain = counted({ at: NOW, arrivedAt, name, orderCounts }, index);
  const lines = items.map((productId) => ({ productId }));
  return { ...plain, event: { ...plain.event, commerce: { items: lines } } };
};

/** One user's events in writes that end after so many: the effects of each, as they are stored. */
const effectsOf = (
  said: readonly Said[],
  sizes: readonly number[],
  preset: PresetName = 'commerce',
): readonly Fx[] => {
  const { neighboursMax } = LEARNING_PRESETS[preset];
  const events = said.map(eventOf);
  let facets = noFacets(definitions);
  const all: Fx[] = [];
  for (let from = 0; from < events.length; ) {
    const mine = events.slice(from, from + (sizes[all.length % sizes.length] ?? 1));
    from += mine.length;
    const counts = Map.groupBy(mine, ({ arrivedAt }) => Math.floor(arrivedAt / minutes(1)));
    const after = foldFacets(facets, mine, definitions);
    const fx = readFx(
      encodeFx({
        minutes: [...counts]
          .sort(([left], [right]) => left - right)
          .map(([minute, { length }]) => ({ minute, applied: length, duplicate: 0, parked: 0 })),
        events: mine,
        before: learntWith(facets.positives, mine, neighboursMax),
        differences: facetDifferences(facets, after),
      }),
    );
    if (fx === undefined) throw new Error('effects can be read');
    all.push(fx);
    facets = decodeFacets(encodeFacets(after), definitions);
  }
  return all;
};

const sumsOf = (all: readonly (readonly LearntDay[])[]): SlowPairs => {
  const sums: SlowPairs = new Map();
  const add = (day: string, from: string, to: string, amount: number): void => {
    const key = JSON.stringify([day, from, to]);
    sums.set(key, (sums.get(key) ?? 0) + amount);
  };
  for (const { day, pairs, counts } of all.flat()) {
    for (const { from, to, amount } of pairs) add(day, from, to, amount);
    for (const { item, events } of counts) add(day, item, '', events * AMOUNT_UNIT);
  }
  return sums;
};

const WEIGHTS: ReadonlyMap<string, number> = new Map([
  ...[['Product Viewed', 1] as const, ['Product Clicked', 1] as const],
  ...[['Product Added', 3] as const, ['Order Completed', 5] as const],
]);

/** Each event once, as the nightly SQL counts them, of a basket the first 20 lines. */
const meant = (said: readonly Said[], preset: PresetName): SlowPairs =>
  learntSlowly(
    said.flatMap(({ arrivedAt, name, items, orderCounts }) => {
      const weight = orderCounts ? WEIGHTS.get(name) : undefined;
      const each = [...new Set(items)].slice(0, 20);
      return weight === undefined || each.length === 0 ? [] : [{ arrivedAt, weight, items: each }];
    }),
    LEARNING_PRESETS[preset],
  );

const GAPS = [0, 1, minutes(30) - 1, minutes(30), days(1), days(30) - 1, days(30), days(30) + 1];
const histories = fc
  .array(
    fc.record({
      name: fc.constantFrom(...WEIGHTS.keys(), 'Product Removed', 'home'),
      gap: fc.oneof(fc.constantFrom(...GAPS), fc.integer({ min: 0, max: minutes(40) })),
      items: fc.array(
        fc.integer({ min: 0, max: 19 }).map((n) => `item-${n}`),
        { maxLength: 6 },
      ),
      orderCounts: fc.constantFrom(true, true, true, false),
    }),
    { maxLength: 50 },
  )
  .map((all) => {
    let arrivedAt: number = NOW;
    return all.map(({ gap, ...event }): Said => {
      arrivedAt += gap;
      return { ...event, arrivedAt };
    });
  });
const cuts = fc.array(fc.integer({ min: 1, max: 12 }), { minLength: 1, maxLength: 5 });

test.each(['commerce', 'taste'] as const)(
  'writes of any sizes teach to the millionth what the events mean: %s',
  (preset) => {
    fc.assert(
      fc.property(histories, cuts, (said, sizes) => {
        const effects = effectsOf(said, sizes, preset);
        expect(effects.every(({ cut }) => cut === 0)).toBe(true);
        const each = effects.map((fx) => learn([fx], LEARNING_PRESETS[preset]).days);
        const slow = meant(said, preset);
        expect(sumsOf(each)).toEqual(slow);
        expect(sumsOf([learn(effects, LEARNING_PRESETS[preset]).days])).toEqual(slow);
      }),
      { numRuns: 300 },
    );
  },
);

const order = (items: readonly string[], arrivedAt: number = NOW): Said => ({
  ...{ name: 'Order Completed', orderCounts: true, items, arrivedAt },
});
const learntOf = (said: readonly Said[]): SlowPairs =>
  sumsOf([learn(effectsOf(said, [1]), LEARNING_PRESETS.commerce).days]);

test('of a basket of 25 lines the first 20 are learnt', () => {
  const basket = [order(Array.from({ length: 25 }, (_, n) => `i${n}`))];
  expect(learntOf(basket)).toEqual(meant(basket, 'commerce'));
  expect(learntOf(basket).size).toBe(20 * 20);
});

test('an item that 20 others pushed out of the list within half an hour counts again', () => {
  const others = Array.from({ length: 20 }, (_, n) => `i${n}`);
  const said = [order(['again']), order(others, NOW + 1), order(['again'], NOW + 2)];
  const own = JSON.stringify(['2026-11-21', 'again', '']);
  expect(learntOf(said).get(own)).toBe(2 * AMOUNT_UNIT);
  expect(meant(said, 'commerce').get(own)).toBe(AMOUNT_UNIT);
});

test('an event whose strings were left out teaches nothing', () => {
  const said = Array.from({ length: 60 }, (_, n) =>
    order(
      Array.from({ length: 20 }, (__, k) => `${n}-${k}-${'x'.repeat(20)}`),
      NOW + n,
    ),
  );
  const [fx] = effectsOf(said, [60]);
  if (fx === undefined) throw new Error('a write has effects');
  expect(fx.cut).toBeGreaterThan(0);
  const { days: learnt } = learn([fx], LEARNING_PRESETS.commerce);
  const events = learnt.flatMap(({ counts }) => counts).length / 20;
  expect(events).toBe(60 - fx.cut);
});

test('effects of a bundle that did not say when an event arrived teach nothing', () => {
  const [fx] = effectsOf([order(['a', 'b'])], [1]);
  if (fx === undefined) throw new Error('a write has effects');
  const old = { ...fx, before: ['c'], events: fx.events.map((event) => event.slice(0, 8)) };
  const read = readFx(JSON.stringify(old));
  expect(learn(read ? [read] : [], LEARNING_PRESETS.commerce)).toEqual({ days: [], taken: 1 });
});

test('changes after 50,000 pairs are not looked at, and are told', () => {
  const changes = Array.from({ length: 200 }, (_, n) =>
    effectsOf([order(Array.from({ length: 20 }, (__, k) => `${n}-${k}`))], [1]),
  ).flat();
  const { days: learnt, taken } = learn(changes, LEARNING_PRESETS.commerce);
  expect(taken).toBe(Math.ceil(LEARNT_PAIRS_MAX / (20 * 19)));
  expect(learnt.flatMap(({ pairs }) => pairs)).toHaveLength(taken * 20 * 19);
});
