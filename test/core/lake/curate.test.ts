import fc from 'fast-check';
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest';
import { type LakeInMemory, lakeInMemory } from '../../support/lake-tables.ts';
import { byText, flagsOf, type LineParts, landedOf, lineOf } from './lines.ts';

let lake: LakeInMemory;
beforeAll(async () => {
  lake = await lakeInMemory({ lake: [] });
});
afterAll(() => lake.close());
beforeEach(async () => {
  for (const table of ['events', 'enriched_lines']) await lake.duck(`DELETE FROM ${table}`);
});

const curate = async (...days: readonly string[]): Promise<void> => {
  for (const day of days) await lake.run({ kind: 'curate', day });
};

const flags = async (): Promise<readonly string[]> => {
  const rows = await lake.duck(
    "SELECT ltrim(split_part(line_key, '/', 3), '0') AS n, dup, again, stub FROM events",
  );
  return rows.map(({ n, dup, again, stub }) => `${n} ${dup} ${again} ${stub}`).sort(byText);
};

const D20 = '2026-11-20';
const D21 = '2026-11-21';
const D22 = '2026-11-22';

test('a line is taken by the day of its arrival, from the day before it up to the fourth after', async () => {
  await lake.land([
    landedOf({ n: 1, arrived: `${D21}T00:00` }, D20),
    landedOf({ n: 2, arrived: `${D21}T23:59` }, '2026-11-25'),
    landedOf({ n: 3, arrived: `${D21}T10:00` }, '2026-11-26'),
    landedOf({ n: 4, arrived: `${D22}T00:00` }, D21),
    landedOf({ n: 5, arrived: `${D22}T00:00`, happened: `${D21}T23:59` }),
  ]);
  await curate(D21);
  expect(await flags()).toEqual(['9991 false false false', '9992 false false false']);
});

test('what is no line of ours is left out, whatever stands beside it', async () => {
  const nothing = ['', '{"half":', '[1,2]', 'text', `{"arrivedAt":"${D21}T10:00:00.000Z"}`, 'null'];
  const odd = lineOf({ n: 9, arrived: `${D21}T10:00` }).replace('9999', '9x99');
  await lake.land([
    ...[...nothing, odd].map((line) => ({ dt: D21, line })),
    landedOf({ n: 1, arrived: `${D21}T10:00` }),
  ]);
  await curate(D21);
  expect(await flags()).toEqual(['9991 false false false']);
});

test('of lines of one key a real one beats a stub, then the older lookups do, whichever landed first', async () => {
  const arrived = `${D21}T10:00`;
  const all: readonly LineParts[] = [
    { n: 1, arrived, stub: true },
    { n: 1, arrived, lookups: 3, name: 'newer' },
    { n: 1, arrived, lookups: 2, name: 'older' },
  ];
  const names = () => lake.duck('SELECT name, stub, profile_key FROM events');
  for (const order of [all, all.toReversed()]) {
    for (const parts of order) {
      await lake.land([landedOf(parts)]);
      await curate(D21);
    }
    expect(await names()).toEqual([{ name: 'older', stub: false, profile_key: 'u' }]);
    // The better ones' objects have gone: what the table has is among the lines.
    await lake.duck('DELETE FROM enriched_lines');
    await lake.land(all.slice(0, 2).map((parts) => landedOf(parts)));
    await curate(D21);
    expect(await names()).toEqual([{ name: 'older', stub: false, profile_key: 'u' }]);
    for (const table of ['events', 'enriched_lines']) await lake.duck(`DELETE FROM ${table}`);
  }
});

test('a stub is a keyed line of its user, and nobody’s copy', async () => {
  await lake.land([
    landedOf({ n: 1, arrived: `${D21}T10:00`, stub: true, user: 'a#b' }),
    landedOf({ n: 2, arrived: `${D21}T11:00`, stub: true, user: 'a#b' }),
  ]);
  await curate(D21);
  expect(await lake.duck('SELECT tenant, profile_key, dup FROM events')).toEqual([
    { tenant: 'main', profile_key: 'a#b', dup: false },
    { tenant: 'main', profile_key: 'a#b', dup: false },
  ]);
});

test('a late object flips the line that it comes before, and its order', async () => {
  const early: LineParts = { n: 1, arrived: `${D20}T23:00`, eventId: 'x' };
  const order = { name: 'Order Completed', orderId: 'o' };
  const first: LineParts = { n: 3, arrived: `${D20}T22:00`, ...order };
  const all: readonly LineParts[] = [
    { n: 2, arrived: `${D21}T10:00`, eventId: 'x' },
    { n: 4, arrived: `${D21}T09:00`, ...order },
  ];
  await lake.land(all.map((parts) => landedOf(parts)));
  await curate(D20, D21);
  expect(await flags()).toEqual(['9992 false false false', '9994 false false false']);
  await lake.land([landedOf(early, D22), landedOf(first, D22)]);
  await curate(D20, D21);
  expect(await flags()).toEqual(flagsOf([...all, early, first]));
  expect(await flags()).toContain('9992 true false false');
  expect(await flags()).toContain('9994 false true false');
});

test('a copy is one within 30 days of arrival, of a line that is none', async () => {
  const all: readonly LineParts[] = ['2026-10-01', '2026-10-31', '2026-11-01', '2026-11-30'].map(
    (day, n) => ({ n: n + 1, arrived: `${day}T10:00`, eventId: 'x' }),
  );
  await lake.land(all.map((parts) => landedOf(parts)));
  await curate(...all.map(({ arrived }) => arrived.slice(0, 10)));
  expect(await flags()).toEqual([
    '9991 false false false',
    '9992 true false false',
    '9993 false false false',
    '9994 true false false',
  ]);
  expect(await flags()).toEqual(flagsOf(all));
});

test('curated again, nothing changes', async () => {
  await lake.land([
    landedOf({ n: 1, arrived: `${D21}T10:00`, eventId: 'x' }),
    landedOf({ n: 1, arrived: `${D21}T10:00`, eventId: 'x' }, D22),
    landedOf({ n: 2, arrived: `${D21}T10:01`, eventId: 'x' }),
  ]);
  await curate(D21);
  const before = await lake.rows('events');
  expect(before).toHaveLength(2);
  await curate(D21, D21);
  expect(await lake.rows('events')).toEqual(before);
});

const DAYS = ['2026-10-22', D20, D21, D22] as const;
const anyLine = fc.record({
  n: fc.integer({ min: 1, max: 8 }),
  user: fc.constantFrom('u', 'v'),
  day: fc.constantFrom(...DAYS),
  hour: fc.constantFrom('08', '09'),
  id: fc.constantFrom('x', 'y', undefined),
  name: fc.constantFrom('Order Completed', 'Order Refunded', 'Product Viewed'),
  orderId: fc.constantFrom('o', 'p'),
  stub: fc.constantFrom(false, false, true),
  late: fc.boolean(),
});

test('flags are those of the lines in order, whatever came first and however often', async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.array(anyLine, { maxLength: 12 }),
      fc.shuffledSubarray([...DAYS]),
      async (drawn, daysFirst) => {
        for (const table of ['events', 'enriched_lines']) await lake.duck(`DELETE FROM ${table}`);
        // One key is one line: of one user, arrived once, with one event in it or a stub.
        const lines = drawn.map((each): LineParts & { readonly late: boolean } => {
          const { user, day, hour, id, name, orderId } =
            drawn.find(({ n }) => n === each.n) ?? each;
          return {
            ...{ n: each.n, user, arrived: `${day}T${hour}:00`, name, stub: each.stub },
            ...{ late: each.late, ...(id !== undefined && { eventId: id }) },
            ...(name.startsWith('Order ') && { orderId }),
          };
        });
        await lake.land(lines.filter(({ late }) => !late).map((parts) => landedOf(parts)));
        await curate(...daysFirst);
        await lake.land(lines.map((parts) => landedOf(parts)));
        await curate(...DAYS);
        expect(await flags()).toEqual(flagsOf(lines));
      },
    ),
    { numRuns: 8 },
  );
});
