/** `user_day`, `user_total`, UNLOAD and what follows it, on rows that a reader can add up. */
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest';
import type { RunWindow } from '../../../functions/core/lake/run-window.ts';
import { type LakeInMemory, lakeInMemory, type Row } from '../../support/lake-tables.ts';
import { TAGS, VERSIONS, versionOf } from './all-tags.ts';
import { byText, type LineParts, landedOf } from './lines.ts';

let lake: LakeInMemory;
beforeAll(async () => {
  lake = await lakeInMemory(TAGS);
});
afterAll(() => lake.close());
const TABLES = ['events', 'user_day', 'user_total', 'tags_loaded'] as const;
beforeEach(async () => {
  for (const table of [...TABLES, 'enriched_lines', 'run_lines'])
    await lake.duck(`DELETE FROM ${table}`);
});

const dayOf = (n: number): string => `2026-11-${String(n).padStart(2, '0')}`;
const range = (from: number, to: number): readonly string[] =>
  Array.from({ length: Math.max(0, to - from + 1) }, (_, place) => dayOf(from + place));

const runOf = (n: number, more: Partial<RunWindow> = {}): RunWindow => ({
  ...{ runId: `17640000000${String(n).padStart(2, '0')}-abcd`, attempt: 1, cut: dayOf(n) },
  ...{ watermark: dayOf(n - 1), today: dayOf(n), versions: VERSIONS, allUsers: false },
  ...more,
});

const userDay = async (...days: readonly string[]): Promise<void> => {
  for (const day of days) {
    await lake.run({ kind: 'curate', day });
    await lake.run({ kind: 'userDay', day, versions: VERSIONS });
  }
};
const userTotal = async (...days: readonly string[]): Promise<void> => {
  for (const day of days) await lake.run({ kind: 'userTotal', day, versions: VERSIONS });
};

/** A night as the machine walks it, by the days of November. */
const night = async (
  n: number,
  {
    from = n - 3,
    totals = [n - 3],
    ...more
  }: Partial<RunWindow> & {
    readonly from?: number;
    readonly totals?: readonly number[];
  } = {},
): Promise<readonly Row[]> => {
  await userDay(...range(from, n));
  await userTotal(...totals.map(dayOf));
  const run = runOf(n, more);
  const rows = await lake.unload(run);
  await lake.run({ kind: 'loaded', run });
  return rows;
};

const land = (...lines: readonly LineParts[]): Promise<void> =>
  lake.land(lines.map((parts) => landedOf(parts)));
const at = (n: number, hour = 10): string => `${dayOf(n)}T${hour}:00`;

type Tile = Readonly<Record<string, unknown>>;
const tilesOf = (rows: readonly Row[], name: Parameters<typeof versionOf>[0], user = 'u') => {
  const row = rows.find((each) => each.profile_key === user);
  const tiles = (row?.tiles ?? []) as readonly Tile[];
  return tiles.filter(({ version }) => version === versionOf(name));
};

const allTables = async (): Promise<readonly (readonly string[])[]> =>
  Promise.all(TABLES.map((table) => lake.rows(table)));

const price = (value: unknown, plan: unknown = 'gold') => ({
  properties: { price: value, plan, labels: ['red', 'blue'] },
});

test('every op says of a user what the events add up to', async () => {
  const order = { name: 'Order Completed', orderId: 'o' };
  await land(
    { n: 1, arrived: at(10), ...order, ...price('1.5', "it's") },
    { n: 2, arrived: at(10, 11), ...order, ...price(0.000001, 5) },
    { n: 3, arrived: at(11), eventId: 'e-1', ...order, ...price(100, "it's") },
    { n: 4, arrived: at(12), ...price(-2.5, "it's") },
    { n: 5, arrived: at(12, 11), ...price('1e3', 'silver') },
    { n: 6, arrived: at(13), name: 'Order Refunded', orderId: 'o' },
  );
  const rows = await night(14, { from: 10, totals: [10, 11], watermark: null, allUsers: true });
  expect(rows).toHaveLength(1);
  const say = (name: Parameters<typeof versionOf>[0], ...fields: readonly string[]) =>
    tilesOf(rows, name).map((tile) => fields.map((field) => tile[field]));
  expect(say('views', 'event_day', 'amount')).toEqual([
    [dayOf(10), 2],
    [dayOf(12), 2],
    [dayOf(13), 1],
  ]);
  expect(say('revenue', 'event_day', 'amount')).toEqual([['', 5_000_000]]);
  expect(say('orders', 'amount')).toEqual([[1]]);
  expect(say('least', 'event_day', 'amount')).toEqual([
    [dayOf(10), 1],
    [dayOf(12), -2_500_000],
  ]);
  expect(say('most', 'event_day', 'amount')).toEqual([['', 1_500_000]]);
  expect(say('plans', 'part', 'amount')).toEqual([['', 3]]);
  expect(say('favourite', 'part', 'amount')).toEqual([['TECH', 7_000_000]]);
  expect(say('fading', 'part')).toEqual([['blue'], ['red']]);
  const half = (day: number, hour: number): number =>
    2 ** ((Date.UTC(2026, 10, day, hour) - Date.UTC(2026, 0, 1)) / (7 * 86_400_000));
  const score = Math.log2(half(10, 10) + half(10, 11) + half(12, 10) + half(12, 11));
  for (const [found] of say('fading', 'score')) expect(found).toBeCloseTo(score, 9);
  expect(say('first_plan', 'tie', 'text')).toEqual([['e-1', "it's"]]);
  expect(say('last_plan', 'tie', 'text')).toEqual([['e-5', 'silver']]);
  expect(say('first_seen', 'instant')).toEqual([[Date.UTC(2026, 10, 10, 10)]]);
  expect(say('since_order', 'instant')).toEqual([[Date.UTC(2026, 10, 13, 10)]]);
});

test('each statement run again, and the whole night, leaves the same rows', async () => {
  await land(
    { n: 1, arrived: at(10), ...price(1) },
    { n: 2, arrived: at(12), ...price(2) },
    { n: 3, arrived: at(14), user: 'v', ...price(3) },
  );
  await night(14, { from: 10, totals: [10, 11] });
  const before = await allTables();
  expect(before.map(({ length }) => length > 0)).toEqual([true, true, true, true]);
  await userDay(dayOf(12), dayOf(12), dayOf(10));
  await userTotal(dayOf(10), dayOf(11), dayOf(10));
  expect(await allTables()).toEqual(before);
  await night(14, { from: 10, totals: [10, 11] });
  expect(await allTables()).toEqual(before);
});

test('a range of days makes the same rows as its days do', async () => {
  await land({ n: 1, arrived: at(10), ...price(1) }, { n: 2, arrived: at(12), ...price(2) });
  await userDay(...range(10, 12));
  const before = await lake.rows('user_day');
  await lake.duck('DELETE FROM user_day');
  await lake.run({ kind: 'userDayOfRange', from: dayOf(10), to: dayOf(12), versions: VERSIONS });
  expect(await lake.rows('user_day')).toEqual(before);
});

test('a row that a late object has made a copy is gone from its day', async () => {
  await land({ n: 2, arrived: at(11), eventId: 'x' });
  await userDay(dayOf(10), dayOf(11));
  const days = () =>
    lake.duck(
      `SELECT arrival_day AS day, amount FROM user_day WHERE version = '${versionOf('views')}'`,
    );
  expect(await days()).toEqual([{ day: dayOf(11), amount: 1 }]);
  await lake.land([landedOf({ n: 1, arrived: at(10), eventId: 'x' }, dayOf(12))]);
  await userDay(dayOf(10), dayOf(11));
  expect(await days()).toEqual([{ day: dayOf(10), amount: 1 }]);
});

test('days that a night missed are added by the next one, and none twice', async () => {
  for (let n = 1; n <= 9; n += 1) await land({ n, arrived: at(9 + n) });
  await night(14, { from: 8, totals: [8, 9, 10, 11] });
  const rows = await night(18, { from: 11, totals: [11, 12, 13, 14, 15], watermark: dayOf(14) });
  expect(tilesOf(rows, 'views').map(({ amount }) => amount)).toEqual([1, 1, 1, 1, 1, 1]);
  const [total] = await lake.duck(
    `SELECT sum(amount) AS n, max(through) AS day FROM user_total WHERE version = '${versionOf('views')}'`,
  );
  expect(total).toEqual({ n: 6, day: dayOf(15) });
});

test('tags that the stream has too end at the cut, others take today', async () => {
  await land({ n: 1, arrived: at(13), ...price(1) }, { n: 2, arrived: at(14), ...price(2) });
  const rows = await night(14);
  expect(tilesOf(rows, 'views').map(({ event_day }) => event_day)).toEqual([dayOf(13)]);
  expect(tilesOf(rows, 'most').map(({ amount }) => amount)).toEqual([2_000_000]);
});

test('a total that runs ahead of the cut is not added to twice', async () => {
  await land({ n: 1, arrived: at(10) }, { n: 2, arrived: at(12) }, { n: 3, arrived: at(13) });
  await night(14, { from: 10, totals: [10, 11, 12, 13] });
  const rows = await lake.unload(runOf(14));
  expect(tilesOf(rows, 'views').map(({ amount }) => amount)).toEqual([1, 1, 1]);
  expect(tilesOf(rows, 'first_seen')).toHaveLength(1);
});

test('who was touched is loaded, by copies and stubs too; a user without rows has no tiles', async () => {
  await land(
    { n: 1, arrived: at(8), user: 'old' },
    { n: 2, arrived: at(8), user: 'copied', eventId: 'x' },
    { n: 3, arrived: at(13), user: 'copied', eventId: 'x' },
    { n: 4, arrived: at(13), user: 'parked', stub: true },
    { n: 5, arrived: at(11), user: 'late' },
  );
  await userDay(...range(8, 14));
  await userTotal(...range(8, 11));
  const users = async (more: Partial<RunWindow>) =>
    (await lake.unload(runOf(14, more))).map(({ profile_key }) => profile_key).sort();
  expect(await users({})).toEqual(['copied', 'late', 'parked']);
  expect(await users({ allUsers: true })).toEqual(['copied', 'late', 'old', 'parked']);
  const rows = await lake.unload(runOf(14));
  expect(rows.find(({ profile_key }) => profile_key === 'parked')?.tiles).toBeNull();
});

test('whom a day leaves is loaded again, if a value was computed of that day', async () => {
  await land({ n: 1, arrived: at(5), ...price(7) });
  await night(8, { from: 5, totals: [5] });
  expect(await night(11, { watermark: dayOf(10), totals: [6, 7, 8] })).toEqual([]);
  const rows = await night(12, { watermark: dayOf(11), totals: [9] });
  expect(rows.map(({ profile_key }) => profile_key)).toEqual(['u']);
  expect(tilesOf(rows, 'most')).toEqual([]);
  expect(tilesOf(rows, 'views')).toEqual([]);
  expect(tilesOf(rows, 'first_seen')).toHaveLength(1);
  expect(await night(13, { watermark: dayOf(12), totals: [10] })).toEqual([]);
});

test('rows of days that no window reaches any more are dropped, lifetimes are not', async () => {
  await land({ n: 1, arrived: at(5), happened: '2026-08-01T10:00' }, { n: 2, arrived: at(5) });
  await userDay(dayOf(5));
  await userTotal(dayOf(5));
  const views = () =>
    lake.duck(`SELECT event_day FROM user_total WHERE version = '${versionOf('views')}'`);
  expect(await views()).toEqual([{ event_day: dayOf(5) }]);
  await lake.run({ kind: 'userTotal', day: '2027-01-10', versions: VERSIONS });
  expect(await views()).toEqual([{ event_day: dayOf(5) }]);
  await lake.run({ kind: 'userTotal', day: '2027-01-12', versions: VERSIONS });
  expect(await views()).toEqual([]);
  const [kept] = await lake.duck(
    `SELECT count(*) AS n FROM user_total WHERE version = '${versionOf('first_seen')}'`,
  );
  expect(kept).toEqual({ n: 1 });
});

test('what was loaded is a row per user and version, of the newest run alone', async () => {
  await land({ n: 1, arrived: at(13), name: 'Order Completed', orderId: 'o' });
  await night(14);
  const [newer] = await lake.duck(
    `SELECT amount, run_id, cut FROM tags_loaded WHERE version = '${versionOf('views')}'`,
  );
  expect(newer).toEqual({ amount: 1, run_id: runOf(14).runId, cut: dayOf(14) });
  const before = await lake.rows('tags_loaded');
  expect(before).toHaveLength(VERSIONS.length);
  const older = runOf(13, { today: dayOf(14) });
  await lake.unload(older);
  await lake.run({ kind: 'loaded', run: older });
  expect(await lake.rows('tags_loaded')).toEqual(before);
});

test('the guard is told users to load, users there are, and the totals of lifetimes', async () => {
  await land(
    { n: 1, arrived: at(8), name: 'Order Completed', orderId: 'o', user: 'a' },
    { n: 2, arrived: at(9), name: 'Order Completed', orderId: 'o', user: 'b' },
    { n: 3, arrived: at(13), user: 'c' },
  );
  await night(14, { from: 8, totals: range(8, 11).map((day) => Number(day.slice(-2))) });
  const rows = await lake.run({ kind: 'guard', run: runOf(14) });
  const said = rows
    .map(({ measure, version, amount }) => `${measure} ${version} ${amount}`)
    .sort(byText);
  expect(said).toEqual(
    [
      'rows  1',
      'users  3',
      `total ${versionOf('revenue')} 10000000`,
      `total ${versionOf('orders')} 2`,
    ].sort(byText),
  );
});

test('drift is told what the last 7 days of arrival before the cut have added, 0 for nothing', async () => {
  await land(
    { n: 1, arrived: at(6) },
    { n: 2, arrived: at(7), happened: at(3) },
    { n: 3, arrived: at(13) },
    { n: 4, arrived: at(14) },
    { n: 5, arrived: at(14), user: 'v' },
  );
  await night(14, { from: 6 });
  const rows = await lake.run({ kind: 'drift', run: runOf(14) });
  const of = (name: Parameters<typeof versionOf>[0]) =>
    rows
      .filter(({ version }) => version === versionOf(name))
      .map(({ tenant, profile_key, amount }) => [tenant, profile_key, amount]);
  expect(of('views')).toEqual([
    ['main', 'u', '1'],
    ['main', 'v', '0'],
  ]);
  expect(of('revenue')).toEqual([
    ['main', 'u', '0'],
    ['main', 'v', '0'],
  ]);
  expect(rows).toHaveLength(4);
});

test('sums beyond what is exact stop there, and end no night', async () => {
  const big = { name: 'Order Completed', ...price('999999999999.999999', "it's") };
  await land(...Array.from({ length: 30 }, (_, n) => ({ n, arrived: at(13), ...big })));
  await lake.run({ kind: 'curate', day: dayOf(13) });
  await lake.duck('UPDATE events SET revenue_micros = 9007199254740991');
  await lake.run({ kind: 'userDay', day: dayOf(13), versions: VERSIONS });
  await userTotal(dayOf(13));
  const [row] = await lake.duck(
    `SELECT amount FROM user_total WHERE version = '${versionOf('revenue')}'`,
  );
  expect(row).toEqual({ amount: Number.MAX_SAFE_INTEGER });
  const [least] = await lake.duck(
    `SELECT amount FROM user_total WHERE version = '${versionOf('least')}'`,
  );
  expect(least).toEqual({ amount: Number.MAX_SAFE_INTEGER });
});
