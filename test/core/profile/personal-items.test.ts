import fc from 'fast-check';
import { expect, test } from 'vitest';
import type { CanonicalEvent } from '../../../functions/core/event/event.ts';
import { BOUGHT_MAX, foldBought } from '../../../functions/core/profile/bought.ts';
import {
  type CountedEvent,
  compileProfile,
  decodeFacets,
  encodeFacets,
  type Facets,
  foldFacets,
  noFacets,
} from '../../../functions/core/profile/facets.ts';
import { foldPositives, positiveOf } from '../../../functions/core/profile/positives.ts';
import { days, epochMs } from '../../../functions/core/time.ts';
import { config } from '../../../tributary.config.ts';
import { counted, NOW } from '../../support/counted-events.ts';

const definitions = compileProfile(config);
const born = noFacets(definitions);
/** Purchases are kept to the minute. */
const MINUTE = NOW - (NOW % 60_000);

interface Spoken {
  readonly name: string;
  readonly arrivedAt: number;
  readonly items: readonly string[];
  readonly orderCounts?: boolean;
}

const said = ({ name, arrivedAt, items, orderCounts = true }: Spoken, index = 0): CountedEvent => {
  const plain = counted({ name, at: arrivedAt, orderCounts }, index);
  const commerce = { items: items.map((productId) => ({ productId })) } as NonNullable<
    CanonicalEvent['commerce']
  >;
  return { ...plain, event: { ...plain.event, commerce } };
};

const stored = (facets: Facets): Facets => decodeFacets(encodeFacets(facets), definitions);
const foldAll = (spoken: readonly Spoken[], batch = spoken.length): Facets => {
  let facets = born;
  const events = spoken.map(said);
  for (let start = 0; start < events.length; start += Math.max(1, batch))
    facets = stored(foldFacets(facets, events.slice(start, start + batch), definitions));
  return facets;
};

/** In order of arrival, the whole list, as slowly as it can be said. */
const listSlowly = (spoken: readonly Spoken[]): readonly string[] => {
  let list: readonly string[] = [];
  for (const { name, items, orderCounts = true } of spoken) {
    const speaks = /^(Product (Viewed|Clicked|Added)|Order Completed)$/.test(name) && orderCounts;
    for (const item of speaks ? new Set(items) : [])
      list = [item, ...list.filter((other) => other !== item)];
  }
  return list.slice(0, 20);
};

const spokenEvents = fc
  .array(
    fc.record({
      name: fc.constantFrom(
        ...['Product Viewed', 'Product Clicked', 'Product Added', 'Order Completed'],
        ...['Product Removed', 'constructor'],
      ),
      gap: fc.oneof(fc.constantFrom(0, 1), fc.integer({ min: 0, max: days(40) })),
      items: fc.array(
        fc.integer({ min: 0, max: 29 }).map((n) => `item-${n}`),
        { maxLength: 5 },
      ),
      orderCounts: fc.boolean(),
    }),
    { maxLength: 60 },
  )
  .map((all) => {
    let arrivedAt: number = NOW;
    return all.map(({ gap, ...event }) => {
      arrivedAt += gap;
      return { ...event, arrivedAt };
    });
  });

test('positive items are those of counted positive events, the newest first, however they are cut', () => {
  fc.assert(
    fc.property(spokenEvents, fc.integer({ min: 1, max: 20 }), (spoken, batch) => {
      const { positives } = foldAll(spoken, batch);
      expect(positives.map(({ item }) => item)).toEqual(listSlowly(spoken));
      for (const { item, arrivedAt } of positives) {
        const last = spoken.findLast((each) => listSlowly([each]).includes(item));
        expect(arrivedAt).toBe(last?.arrivedAt);
      }
    }),
  );
});

test('inside a write events speak in the order of their arrival', () => {
  const spoken = [
    { name: 'Product Viewed', arrivedAt: NOW + 2, items: ['late'] },
    { name: 'Product Viewed', arrivedAt: NOW + 1, items: ['early', 'next'] },
  ];
  expect(foldAll(spoken).positives.map(({ item }) => item)).toEqual(['late', 'next', 'early']);
});

test('of an event with 25 items the first 20 are learnt live', () => {
  const items = Array.from({ length: 25 }, (_, n) => `i${n}`);
  const positive = positiveOf(said({ name: 'Order Completed', arrivedAt: NOW, items }));
  expect(positive?.items).toEqual(items.slice(0, 20));
  expect(foldPositives([], positive ? [positive] : [])[0]?.item).toBe('i19');
});

test('a purchase is worth half after 60 days, and the next one adds 1', () => {
  const order = (after: number, item = 'soap'): Spoken => ({
    name: 'Order Completed',
    arrivedAt: NOW + after,
    items: [item],
  });
  expect(foldAll([order(0)]).bought).toEqual([{ item: 'soap', weight: 1, boughtAt: MINUTE }]);
  const at = MINUTE + days(60);
  const twice = { item: 'soap', weight: 1.5, boughtAt: epochMs(at) };
  expect(foldAll([order(0), order(days(60))]).bought).toEqual([twice]);
  expect(foldBought([twice], [said(order(0))])).toEqual([{ ...twice, weight: 2 }]);
  expect(foldAll([order(0), order(days(60), 'tea'), order(days(61))], 1).bought).toMatchObject([
    { item: 'soap' },
    { item: 'tea', weight: 1 },
  ]);
});

test('an order that was counted before buys nothing again, and a view nothing at all', () => {
  const spoken = [
    { name: 'Order Completed', arrivedAt: NOW, items: ['a'], orderCounts: false },
    { name: 'Product Viewed', arrivedAt: NOW, items: ['b'] },
  ];
  expect(foldAll(spoken).bought).toEqual([]);
});

test('of 17 things bought the one that weighs least is forgotten', () => {
  fc.assert(
    fc.property(spokenEvents, fc.integer({ min: 1, max: 9 }), (spoken, batch) => {
      const orders = spoken.map((each) => ({ ...each, name: 'Order Completed' }));
      const { bought } = foldAll(orders, batch);
      expect(bought.length).toBeLessThanOrEqual(BOUGHT_MAX);
      const left = ({ weight, boughtAt }: Facets['bought'][number]): number =>
        weight * 2 ** ((boughtAt - NOW) / days(60));
      for (const [place, each] of bought.entries()) {
        const next = bought[place + 1];
        if (next !== undefined) expect(left(each)).toBeGreaterThanOrEqual(left(next) * (1 - 1e-9));
      }
    }),
  );
});

test('up to 16 things bought weigh the same, however their orders are cut', () => {
  fc.assert(
    fc.property(spokenEvents, fc.integer({ min: 1, max: 9 }), (spoken, batch) => {
      const orders = spoken.map((each) => ({
        ...each,
        name: 'Order Completed',
        items: each.items.filter((item) => item.length === 'item-1'.length),
      }));
      expect(foldAll(orders, batch).bought).toEqual(foldAll(orders).bought);
    }),
  );
});

test('ids that stand in the recent items cost a character each', () => {
  const spoken = Array.from({ length: 20 }, (_, n) => ({
    name: 'Order Completed',
    arrivedAt: NOW + n * days(1),
    items: [`item-${n}`],
  }));
  const facets = foldAll(spoken, 3);
  const { h, b } = JSON.parse(encodeFacets(facets)) as { h: string[]; b: string[] };
  expect([h.length, b.length]).toEqual([1, 1]);
  expect(facets.positives).toHaveLength(20);
  expect(facets.bought).toHaveLength(16);
});

test('long ids: the newest that fit, and both lists are read as they were written', () => {
  const nasty = fc.constantFrom('x', '"', '\u0001', 'é', '😀');
  fc.assert(
    fc.property(nasty, fc.integer({ min: 1, max: 60 }), (text, length) => {
      const spoken = Array.from({ length: 40 }, (_, n) => ({
        name: 'Order Completed',
        arrivedAt: NOW + n * days(3),
        items: [`${n}${text.repeat(length)}`],
      }));
      const facets = foldAll(spoken, 7);
      expect(facets.positives.map(({ item }) => item)).toEqual(
        listSlowly(spoken).slice(0, facets.positives.length),
      );
      expect(encodeFacets(stored(facets))).toBe(encodeFacets(facets));
    }),
  );
});

test('an item of state from before there were such lists has none', () => {
  const facets = foldAll([{ name: 'Order Completed', arrivedAt: NOW, items: ['a'] }]);
  const { h: _, b: __, ...old } = JSON.parse(encodeFacets(facets)) as Record<string, unknown>;
  const read = decodeFacets(JSON.stringify(old), definitions);
  expect([read.positives, read.bought, [...read.items.keys()]]).toEqual([[], [], ['a']]);
});

test('a list whose item has no id is refused', () => {
  const broken = { ...(JSON.parse(encodeFacets(born)) as object), h: ['ZA'] };
  expect(() => decodeFacets(JSON.stringify(broken), definitions)).toThrow('has its id');
});
