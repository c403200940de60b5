/** What events say of items that nobody has put. */
import { expect, test } from 'vitest';
import { type Change, readEffects } from '../../functions/core/analytics/effects.ts';
import { namedItems } from '../../functions/core/catalogue/named-items.ts';
import { epochMs } from '../../functions/core/time.ts';

type Line = readonly [item: string, quantity: number, priceMicros: number];

interface Said {
  readonly minute?: number;
  readonly name?: string | undefined;
  readonly category?: string;
  readonly lines: readonly Line[];
}

/** Through the text that an aggregator would have written. */
const changeOf = (...events: readonly Said[]): Change => {
  const strings: string[] = [];
  const indexOf = (text: string | undefined): number =>
    text === undefined ? -1 : strings.push(text) - 1;
  const fx = {
    minutes: events.map(({ minute = 5 }) => ({ minute, applied: 1, duplicate: 0, parked: 0 })),
    strings,
    events: events.map((said) => [
      ...[0, indexOf('name' in said ? said.name : 'Product Viewed'), indexOf(said.category)],
      ...[-1, -1, -1, 0],
      said.lines.map(([item, quantity, price]) => [indexOf(item), quantity, price]),
    ]),
    ...{ before: [], sessions: [], lateForSessions: 0, cut: 0 },
  };
  const effects = readEffects(JSON.stringify(fx));
  if (effects === undefined) throw new Error('unreadable');
  return { tenant: 'main', user: 'u', sequence: '1', at: epochMs(0), effects };
};

const short = (changes: readonly Change[]) =>
  namedItems(changes).map(({ item: { id, categories, price }, at }) => [id, categories, price, at]);

test('a view names its item, with its category, its price and its minute', () => {
  expect(short([changeOf({ category: 'Shoes', lines: [['lamp', 1, 1_250_000]] })])).toEqual([
    ['lamp', ['SHOES'], 1.25, 300_000],
  ]);
  expect(short([changeOf({ lines: [['lamp', 1, 0]] })])).toEqual([
    ['lamp', [], undefined, 300_000],
  ]);
});

test('an order’s category is none of its items’', () => {
  const lines: readonly Line[] = [
    ['a', 2, 3_000_000],
    ['b', 1, 0],
  ];
  expect(short([changeOf({ name: 'Order Completed', category: 'X', lines })])).toEqual([
    ['a', [], 3, 300_000],
    ['b', [], undefined, 300_000],
  ]);
});

test('only events that speak for an item name it', () => {
  const lines: readonly Line[] = [['a', 1, 0]];
  for (const name of ['Product Removed', 'Order Refunded', '$page', 'constructor', undefined])
    expect(short([changeOf({ name, lines })])).toEqual([]);
  for (const name of ['Product Clicked', 'Product Added', 'Order Completed'])
    expect(short([changeOf({ name, lines })]).length).toBe(1);
});

test('what two events say of one item is put together, from the first one on', () => {
  const first = changeOf({ minute: 7, lines: [['a', 1, 0]] });
  const second = changeOf(
    { minute: 6, category: 'tech', lines: [['a', 1, 2_000_000]] },
    { minute: 8, category: 'other', lines: [['a', 1, 9_000_000]] },
  );
  expect(short([first, second])).toEqual([['a', ['TECH'], 2, 360_000]]);
});

test('an id that may have been clipped, or is none of a catalogue, names nothing', () => {
  const named = (id: string) => short([changeOf({ lines: [[id, 1, 0]] })]).length;
  expect(named('x'.repeat(127))).toBe(1);
  expect(named('x'.repeat(128))).toBe(0);
  expect(named('ü'.repeat(65))).toBe(0);
});

test('a category that no catalogue takes costs an item nothing but itself', () => {
  const change = changeOf({ category: 'x'.repeat(120), lines: [['a', 1, 2_000_000]] });
  const [[id, categories] = []] = short([change]);
  expect(id).toBe('a');
  expect([[], ['X'.repeat(120)]]).toContainEqual(categories);
});

test('lines that no aggregator of ours wrote are passed over, and the event counts', () => {
  const effects = readEffects(
    JSON.stringify({
      minutes: [{ minute: 1, applied: 3, duplicate: 0, parked: 0 }],
      strings: ['Product Viewed', 'a'],
      events: [
        [0, 0, -1, -1, -1, -1, 0],
        [0, 0, -1, -1, -1, -1, 0, 'x'],
        [0, 0, -1, -1, -1, -1, 0, [7, [1, 1, null], [9, 1, 1]]],
      ],
      ...{ sessions: [], lateForSessions: 0 },
    }),
  );
  expect(effects?.minutes[0]?.events.map(({ lines }) => lines)).toEqual([
    [],
    [],
    [{ item: 'a', priceMicros: 0 }],
  ]);
});
