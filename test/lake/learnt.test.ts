import { expect, test } from 'vitest';
import { readListsLine } from '../../functions/core/nightly/lists-line.ts';
import { dayNumber } from '../../functions/core/nightly/plan-night.ts';
import { AMOUNT_UNIT, LEARNING_PRESETS } from '../../functions/core/recommend/learning.ts';
import { decodeLists, encodeLists } from '../../functions/core/recommend/lists-codec.ts';
import { below, type Random, randomsOf } from '../simulation/random.ts';
import { lakeInMemory } from '../support/lake-tables.ts';
import { learntSlowly, type SlowPairs } from '../support/learnt-slowly.ts';
import { compareLearnt } from './learnt.ts';

/** `npm run pairs:learnt` compares more logs; `npm run pairs:mutants` plants mistakes in the statements. */
test.each(['commerce', 'taste'] as const)(
  'SQL adds to pairs what each user’s list says, to the millionth, and twice the same: %s',
  async (preset) => {
    const result = await compareLearnt({ seed: 20_261_125, shoppers: 60, preset });
    expect(result.differences.slice(0, 5)).toEqual([]);
    expect(result.changed).toBe(0);
    expect(result.sums).toBeGreaterThan(1_000);
  },
);

const DAYS = 60;
const FIRST = dayNumber('2026-09-20');
const CUT = '2026-11-17';
const TODAY = FIRST + DAYS - 1;
const DAY_MS = 86_400_000;
const USERS = 500;
const EVENTS = 40;
const ITEMS = 400;
const THEME = 25;
/** What the stream keeps of an item's day. */
const DELTAS_MAX = 300;

const shopOf = (random: Random): SlowPairs => {
  const sums: SlowPairs = new Map();
  for (let user = 0; user < USERS; user += 1) {
    const theme = THEME * below(random, ITEMS / THEME);
    const ats = Array.from({ length: EVENTS }, () => (FIRST + random() * DAYS) * DAY_MS);
    const events = ats
      .toSorted((left, right) => left - right)
      .map((at) => {
        const item =
          random() < 0.7 ? theme + below(random, THEME) : Math.floor(ITEMS * random() ** 2);
        return { arrivedAt: Math.floor(at), weight: random() < 0.1 ? 5 : 1, items: [`i${item}`] };
      });
    learntSlowly(events, LEARNING_PRESETS.commerce, sums);
  }
  return sums;
};

type ByItem = Map<string, Map<string, number>>;

/** As of today: `keeps` says of which days, `listMax` what is kept of an item and a day. */
const decayedOf = (pairs: SlowPairs, keeps: (day: number) => boolean, listMax: number): ByItem => {
  const days = new Map<string, (readonly [dst: string, amount: number])[]>();
  for (const [key, amount] of pairs) {
    const [date, src, dst] = JSON.parse(key) as [string, string, string];
    if (dst === '' || !keeps(dayNumber(date))) continue;
    const list = days.get(`${date} ${src}`) ?? [];
    list.push([dst, amount]);
    days.set(`${date} ${src}`, list);
  }
  const found: ByItem = new Map();
  for (const [key, list] of days) {
    const [date = '', src = ''] = key.split(' ');
    const share = 2 ** ((dayNumber(date) - TODAY) / 30) / AMOUNT_UNIT;
    const sums = found.get(src) ?? new Map<string, number>();
    for (const [dst, amount] of list.toSorted((a, b) => b[1] - a[1]).slice(0, listMax))
      sums.set(dst, (sums.get(dst) ?? 0) + amount * share);
    found.set(src, sums);
  }
  return found;
};

const topOf = (sums: ReadonlyMap<string, number> | undefined): readonly string[] =>
  [...(sums ?? [])]
    .toSorted(([a, x], [b, y]) => y - x || (a < b ? -1 : 1))
    .slice(0, 20)
    .map(([item]) => item);

test('lists by the cut and the increments since are nearly the exact lists', async () => {
  const pairs = shopOf(randomsOf(7).workload);
  const lake = await lakeInMemory({ lake: [] });
  const rows = [...pairs].map(([key, amount]) => {
    const [day, src, dst] = JSON.parse(key) as [string, string, string];
    return `('main', '${src}', '${dst}', '${day}', ${amount})`;
  });
  for (let from = 0; from < rows.length; from += 5_000)
    await lake.duck(`INSERT INTO pairs_day VALUES ${rows.slice(from, from + 5_000).join(', ')}`);
  const run = {
    ...{ runId: '1764000000000-abcd', attempt: 1, cut: CUT, today: CUT },
    ...{ watermark: null, versions: [], allUsers: true },
  };
  const unloaded = await lake.run({ kind: 'lists', run });
  lake.close();
  const served = decayedOf(pairs, (day) => day >= dayNumber(CUT), DELTAS_MAX);
  const toToday = 2 ** ((dayNumber(CUT) - 1 - TODAY) / 30);
  for (const row of unloaded) {
    const line = readListsLine(JSON.stringify(row));
    if (typeof line === 'string') throw new Error(line);
    const sums = served.get(line.item) ?? new Map<string, number>();
    for (const [item, weight] of decodeLists(encodeLists(line.lists)).pairs)
      sums.set(item, (sums.get(item) ?? 0) + weight * toToday);
    served.set(line.item, sums);
  }
  const exact = decayedOf(pairs, () => true, Number.POSITIVE_INFINITY);
  expect(exact.size).toBe(ITEMS);
  let [common, wanted, cut] = [0, 0, 0];
  for (const [item, sums] of exact) {
    if (sums.size > 100) cut += 1;
    const top = topOf(sums);
    const got = new Set(topOf(served.get(item)));
    wanted += top.length;
    common += top.filter((each) => got.has(each)).length;
  }
  // Most items have more neighbours than a list keeps.
  expect(cut / exact.size).toBeGreaterThan(0.3);
  expect(common / wanted).toBeGreaterThanOrEqual(0.98);
});
