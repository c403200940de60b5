import fc from 'fast-check';
import { expect, test } from 'vitest';
import type { EnrichedEvent, JsonObject } from '../../../functions/core/event/event.ts';
import { utf8Bytes } from '../../../functions/core/event/utf8.ts';
import {
  decodeTraits,
  encodeTraits,
  mergeTraits,
  noTraits,
  TRAITS_BYTES_MAX,
  TRAITS_MAX,
  type Traits,
  traitsOf,
  withTold,
} from '../../../functions/core/profile/traits.ts';
import { epochMs } from '../../../functions/core/time.ts';
import { counted, NOW } from '../../support/counted-events.ts';

const identify = (traits: JsonObject, more: Partial<EnrichedEvent> = {}): EnrichedEvent => ({
  ...counted({ kind: 'identify', at: NOW }).event,
  traits,
  ...more,
});
const told = (traits: JsonObject, at = NOW as number, eventId = 'e'): Traits =>
  traitsOf(identify(traits, { eventId }), epochMs(at));
const valuesOf = ({ byName }: Traits): Record<string, unknown> =>
  Object.fromEntries([...byName].map(([name, { value }]) => [name, value]));

test('scalars are kept as they are, and what is none as its JSON text', () => {
  expect(valuesOf(told({ a: 'x', b: 1.5, c: true, d: null, e: [1, { f: 2 }] }))).toEqual({
    a: 'x',
    b: 1.5,
    c: true,
    d: null,
    e: '[1,{"f":2}]',
  });
});

test('only identify events tell traits, in traits or else in context', () => {
  const { event } = counted({ name: 'Product Viewed', at: NOW });
  expect(traitsOf({ ...event, traits: { a: 1 } }, NOW)).toBe(noTraits);
  expect(valuesOf(traitsOf(identify({}, { context: { traits: { a: 1 } } }), NOW))).toEqual({
    a: 1,
  });
  expect(valuesOf(traitsOf(identify({ b: 2 }, { context: { traits: { a: 1 } } }), NOW))).toEqual({
    b: 2,
  });
});

test('a name over 64 bytes and a value over 1 KB are dropped and counted', () => {
  const traits = told({
    ['n'.repeat(64)]: 1,
    ['n'.repeat(65)]: 2,
    ['é'.repeat(33)]: 3,
    value: 'v'.repeat(1_022),
    long: 'v'.repeat(1_023),
  });
  expect(Object.keys(valuesOf(traits)).sort((left, right) => left.length - right.length)).toEqual([
    'value',
    'n'.repeat(64),
  ]);
  expect(traits.dropped).toBe(3);
});

const events = fc.array(
  fc.tuple(
    fc.dictionary(
      fc.oneof(
        fc.constantFrom('a', 'b', '__proto__', 'constructor', 'é'),
        fc.string({ maxLength: 40 }),
      ),
      fc.oneof(fc.string({ maxLength: 900, unit: 'binary' }), fc.integer(), fc.boolean()),
      { maxKeys: 40, noNullPrototype: true },
    ),
    fc.integer({ min: 0, max: 6 }),
  ),
  { maxLength: 12 },
);

test('whatever is told, an item has at most 100 traits and 8 KB', () => {
  fc.assert(
    fc.property(events, (all) => {
      const traits = all
        .map(([bag, at], n) => told(bag as JsonObject, at, `e${n}`))
        .reduce(mergeTraits, noTraits);
      expect(traits.byName.size).toBeLessThanOrEqual(TRAITS_MAX);
      expect(utf8Bytes(encodeTraits(traits))).toBeLessThanOrEqual(TRAITS_BYTES_MAX);
      expect(decodeTraits(encodeTraits(traits))).toEqual(traits);
    }),
    { numRuns: 60 },
  );
});

test('the last writer by event time, then event id, wins in any order of arrival', () => {
  const small = fc.array(
    fc.tuple(fc.constantFrom('a', 'b', 'c'), fc.integer({ min: 0, max: 3 }), fc.nat(999)),
    { maxLength: 10 },
  );
  fc.assert(
    fc.property(small, fc.integer({ min: 0, max: 10 }), (all, turn) => {
      const list = all.map(([name, at, value], n) => ({ name, at, value, eventId: `e${n}` }));
      const expected = new Map<string, number>();
      for (const name of ['a', 'b', 'c']) {
        const [last] = list
          .filter((each) => each.name === name)
          .sort((left, right) => right.at - left.at || (left.eventId < right.eventId ? 1 : -1));
        if (last !== undefined) expected.set(name, last.value);
      }
      const turned = [...list.slice(turn), ...list.slice(0, turn)];
      const merged = turned
        .map(({ name, at, value, eventId }) => told({ [name]: value }, at, eventId))
        .reduce(mergeTraits, noTraits);
      expect(valuesOf(merged)).toEqual(Object.fromEntries(expected));
    }),
  );
});

test('the 101st trait pushes out the oldest, and is counted', () => {
  const hundred = Array.from({ length: 100 }, (_, n) => told({ [`t${n}`]: n }, NOW + n, `e${n}`));
  const full = hundred.reduce(mergeTraits, noTraits);
  expect(full.byName.size).toBe(100);
  expect(full.dropped).toBe(0);
  const over = mergeTraits(full, told({ newest: 1 }, NOW + 1_000));
  expect(over.byName.size).toBe(100);
  expect(over.byName.has('t0')).toBe(false);
  expect(over.byName.has('newest')).toBe(true);
  expect(over.dropped).toBe(1);
});

test('telling again what was told changes nothing', () => {
  fc.assert(
    fc.property(events, (all) => {
      const tellings = all.map(([bag, at], n) => told(bag as JsonObject, at, `e${n}`));
      const once = withTold(noTraits, tellings);
      if (once !== undefined) expect(withTold(once, tellings)).toBeUndefined();
    }),
    { numRuns: 60 },
  );
});

test('traits that fill 8 KB to the last byte stay within them as they are stored', () => {
  const fill = (length: number): Traits =>
    Array.from({ length: 9 }, (_, n) => told({ [`n${n}`]: 'v'.repeat(length) })).reduce(
      mergeTraits,
      noTraits,
    );
  for (let length = 980; length <= 1_010; length += 1) {
    const stored = utf8Bytes(encodeTraits(fill(length)));
    expect(stored).toBeLessThanOrEqual(TRAITS_BYTES_MAX);
    expect(stored).toBeGreaterThan(TRAITS_BYTES_MAX - 1_100);
  }
});
