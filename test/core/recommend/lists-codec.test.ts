import fc from 'fast-check';
import { expect, test } from 'vitest';
import { type ItemLists, NEIGHBOURS_MAX } from '../../../functions/core/recommend/lists.ts';
import {
  decodeLists,
  encodeLists,
  LISTS_BYTES_MAX,
} from '../../../functions/core/recommend/lists-codec.ts';

const weighted = fc.array(
  fc.tuple(
    fc.string({ unit: 'grapheme', minLength: 1, maxLength: 128 }),
    fc.double({ min: 1e-6, max: 1e6, noNaN: true }),
  ),
  { maxLength: 150 },
);
const lists: fc.Arbitrary<ItemLists> = fc.record(
  {
    events: fc.double({ min: 0, max: 1e9, noNaN: true }),
    pairs: weighted,
    similar: weighted,
    repurchaseDays: fc.double({ min: 0.001, max: 90, noNaN: true }),
  },
  { requiredKeys: ['events', 'pairs', 'similar'] },
);

const bytesOf = (text: string): number => new TextEncoder().encode(text).length;

test('a row is bounded in bytes, whatever ids there are', () => {
  fc.assert(
    fc.property(lists, (all) => {
      expect(bytesOf(encodeLists(all))).toBeLessThanOrEqual(LISTS_BYTES_MAX);
    }),
  );
});

test('what is read is the beginning of what was written, to six digits', () => {
  fc.assert(
    fc.property(lists, (all) => {
      const read = decodeLists(encodeLists(all));
      for (const name of ['pairs', 'similar'] as const) {
        const [written, found] = [all[name], read[name]];
        expect(found.length).toBeLessThanOrEqual(Math.min(NEIGHBOURS_MAX, written.length));
        expect(found.map(([item]) => item)).toEqual(
          written.slice(0, found.length).map(([item]) => item.toWellFormed()),
        );
        for (const [rank, [, weight]] of found.entries())
          expect(Math.abs(weight / (written[rank]?.[1] ?? 0) - 1)).toBeLessThan(1e-5);
      }
      expect(decodeLists(encodeLists(read))).toEqual(read);
    }),
  );
});

test('both lists of ids of twenty characters fit whole, and of long ids they end at one rank', () => {
  const of = (length: number) =>
    Array.from(
      { length: NEIGHBOURS_MAX },
      (_, place) => [String(place).padStart(length, '0'), 1 / (place + 3)] as const,
    );
  const short = decodeLists(encodeLists({ events: 1, pairs: of(20), similar: of(20) }));
  expect([short.pairs.length, short.similar.length]).toEqual([NEIGHBOURS_MAX, NEIGHBOURS_MAX]);
  const long = decodeLists(encodeLists({ events: 1, pairs: of(128), similar: of(128) }));
  expect(long.pairs.length).toBe(long.similar.length);
  expect(long.pairs.length).toBeGreaterThan(20);
});
