/** What is unloaded of items, on rows that a reader can add up. */
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest';
import type { RunWindow } from '../../../functions/core/lake/run-window.ts';
import { type LakeInMemory, lakeInMemory, type Row } from '../../support/lake-tables.ts';

let lake: LakeInMemory;
beforeAll(async () => {
  lake = await lakeInMemory({ lake: [] });
});
afterAll(() => lake.close());
beforeEach(async () => {
  for (const table of ['positives', 'pairs_day']) await lake.duck(`DELETE FROM ${table}`);
});

const RUN: RunWindow = {
  ...{ runId: '1764000000000-abcd', attempt: 1, cut: '2026-11-22', today: '2026-11-23' },
  ...{ watermark: null, versions: [], allUsers: true },
};
const DAY_MS = 86_400_000;

const addPair = (src: string, dst: string, day: string, units: number, tenant = 'main') =>
  lake.duck(
    `INSERT INTO pairs_day VALUES ('${tenant}', '${src}', '${dst}', '${day}', ${units * 1e6})`,
  );

let keys = 0;
const addPositive = async (user: string, item: string, day: string, weight = 1): Promise<void> => {
  keys += 1;
  const at = Date.parse(`${day}T00:00:00.000Z`);
  await lake.duck(
    `INSERT INTO positives VALUES ('main', '${user}', 'k${keys}', '${item}', '${day}', ${at}, 1, ${weight}, 1)`,
  );
};

const listed = async (): Promise<ReadonlyMap<unknown, Row>> =>
  new Map((await lake.run({ kind: 'lists', run: RUN })).map((row) => [row.item, row]));

test('weights halve in thirty days by whole days, up to the cut and of ninety days', async () => {
  await addPair('a', 'b', '2026-11-21', 2);
  await addPair('a', 'b', '2026-10-22', 2);
  await addPair('a', 'c', '2026-08-24', 8);
  await addPair('a', 'd', '2026-08-23', 8);
  await addPair('a', 'e', '2026-11-22', 8);
  await addPair('a', '', '2026-10-22', 3);
  await addPair('a', '', '2026-11-21', 1);
  await addPair('a', 'b', '2026-11-21', 5, 'other');
  const rows = await lake.run({ kind: 'lists', run: RUN });
  expect(rows.find(({ tenant }) => tenant === 'other')).toMatchObject({
    events: null,
    pairs: [{ item: 'b', weight: 5 }],
  });
  const mine = rows.find(({ tenant }) => tenant === 'main');
  expect(mine).toMatchObject({ item: 'a', events: 2.5, gap_days: null, similar: null });
  expect(mine?.pairs).toEqual([
    { item: 'b', weight: 3 },
    { item: 'c', weight: 8 * 2 ** (-89 / 30) },
  ]);
});

test('of an item’s neighbours the heaviest hundred are kept, of equal ones by id', async () => {
  for (let n = 0; n < 120; n += 1)
    await addPair('a', `n${String(n).padStart(3, '0')}`, '2026-11-21', n < 60 ? 1 : 2);
  const pairs = (await listed()).get('a')?.pairs as readonly { readonly item: string }[];
  expect(pairs.map(({ item }) => item)).toEqual([
    ...Array.from({ length: 60 }, (_, n) => `n${String(n + 60).padStart(3, '0')}`),
    ...Array.from({ length: 40 }, (_, n) => `n${String(n).padStart(3, '0')}`),
  ]);
});

test('items are alike by the users that they share, if there are two, and today’s count', async () => {
  for (const user of ['u', 'v', 'w']) await addPositive(user, 'a', '2026-11-23');
  for (const user of ['u', 'v']) await addPositive(user, 'b', '2026-11-20');
  await addPositive('u', 'b', '2026-11-21');
  await addPositive('u', 'c', '2026-11-20');
  for (const user of ['u', 'v']) await addPositive(user, 'old', '2026-08-25');
  const rows = await listed();
  const sim = 2 / (Math.sqrt(6) + 20);
  expect(new Set(rows.keys())).toEqual(new Set(['a', 'b']));
  expect(rows.get('a')?.similar).toEqual([{ item: 'b', weight: expect.closeTo(sim, 12) }]);
  expect(rows.get('b')?.similar).toEqual([{ item: 'a', weight: expect.closeTo(sim, 12) }]);
});

test('of a user who has seen everything the newest five hundred items count', async () => {
  const rows: string[] = [];
  for (const user of ['u', 'v'])
    for (let n = 0; n < 501; n += 1)
      rows.push(`('main', '${user}', 'k${user}${n}', 'i${n}', '2026-11-20', ${n}, 1, 1, 1)`);
  await lake.duck(`INSERT INTO positives VALUES ${rows.join(', ')}`);
  const found = await listed();
  expect(found.size).toBe(500);
  expect(found.has('i0')).toBe(false);
  expect(found.get('i1')?.similar).toHaveLength(100);
}, 60_000);

test('an item is bought again after the median of its gaps, if twenty are known', async () => {
  const dayOf = (n: number): string =>
    new Date(Date.parse('2026-09-01T00:00:00.000Z') + n * DAY_MS).toISOString().slice(0, 10);
  for (let user = 0; user < 20; user += 1) {
    await addPositive(`u${user}`, 'soap', dayOf(0), 5);
    await addPositive(`u${user}`, 'soap', dayOf(user + 1), 5);
    await addPositive(`u${user}`, 'soap', dayOf(user + 1), 1);
    await addPositive(`u${user}`, 'rare', dayOf(0), 5);
    if (user < 19) await addPositive(`u${user}`, 'rare', dayOf(3), 5);
  }
  const rows = await listed();
  expect(rows.get('soap')?.gap_days).toBe(11);
  expect(rows.get('rare')?.gap_days).toBeNull();
});

test('each tenant of the last ninety days is named once', async () => {
  await addPositive('u', 'a', '2026-11-20');
  await addPositive('v', 'b', '2026-11-23');
  await lake.duck(
    "INSERT INTO positives VALUES ('old', 'u', 'k', 'a', '2026-08-25', 0, 1, 1, 1), ('next', 'u', 'k', 'a', '2026-11-24', 0, 1, 1, 1)",
  );
  expect(await lake.run({ kind: 'listedTenants', run: RUN })).toEqual([{ tenant: 'main' }]);
});
