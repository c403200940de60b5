/** Pairs of items as SQL learns them from random logs, beside what the design says of each user. */
import { LEARNING_PRESETS, type PresetName } from '../../functions/core/recommend/learning.ts';
import { toUtcDate } from '../../functions/core/time.ts';
import { randomsOf } from '../simulation/random.ts';
import { type LakeInMemory, lakeInMemory } from '../support/lake-tables.ts';
import { learntSlowly, type SlowPairs } from '../support/learnt-slowly.ts';
import {
  FIRST_DAY,
  landedText,
  NIGHTS,
  positivesOf,
  type Shopper,
  shopperOf,
} from './learnt-log.ts';

const LATE_DAYS = 2;

export interface LearntAsked {
  readonly seed: number;
  readonly shoppers: number;
  readonly preset: PresetName;
}

export interface LearntResult {
  /** Sums of a day, a tenant and a pair. */
  readonly sums: number;
  readonly differences: readonly string[];
  /** Rows that running the last night again has changed. */
  readonly changed: number;
}

const daysOf = (first: number, last: number): readonly string[] =>
  Array.from({ length: last - first + 1 }, (_, place) => toUtcDate(first + place));

const runNight = async (lake: LakeInMemory, first: number, last: number): Promise<void> => {
  const days = daysOf(first, last);
  for (const kind of ['curate', 'positives', 'pairsDay'] as const)
    for (const day of days) await lake.run({ kind, day });
};

/** By tenant, day and pair. */
const slowSums = (
  shoppers: readonly Shopper[],
  preset: PresetName,
): ReadonlyMap<string, number> => {
  const tenants = new Map<string, SlowPairs>();
  for (const shopper of shoppers) {
    const sums = tenants.get(shopper.tenant) ?? new Map();
    tenants.set(shopper.tenant, sums);
    learntSlowly(positivesOf(shopper), LEARNING_PRESETS[preset], sums);
  }
  return new Map(
    [...tenants].flatMap(([tenant, sums]) =>
      [...sums].map(([key, amount]) => [`${tenant} ${key}`, amount] as const),
    ),
  );
};

const sqlSums = async (lake: LakeInMemory): Promise<ReadonlyMap<string, number>> => {
  const rows = await lake.duck('SELECT tenant, arrival_day, src, dst, amount FROM pairs_day');
  const keyed = rows.map(({ tenant, arrival_day: day, src, dst, amount }) => {
    return [`${tenant} ${JSON.stringify([day, src, dst])}`, Number(amount)] as const;
  });
  if (new Set(keyed.map(([key]) => key)).size !== keyed.length) throw new Error('a row twice');
  return new Map(keyed);
};

export const compareLearnt = async (asked: LearntAsked): Promise<LearntResult> => {
  const { seed, preset } = asked;
  const random = randomsOf(seed).workload;
  const shoppers = Array.from({ length: asked.shoppers }, (_, place) => shopperOf(random, place));
  const lines = shoppers.flatMap((shopper) => shopper.lines);
  const lake = await lakeInMemory({ lake: [], learning: preset });
  try {
    for (const [place, night] of NIGHTS.entries()) {
      await lake.land(lines.filter((line) => line.night === place).map(landedText));
      await runNight(lake, place === 0 ? FIRST_DAY : NIGHTS[0] - LATE_DAYS, night);
    }
    const [sql, slow] = [await sqlSums(lake), slowSums(shoppers, preset)];
    const differences = [...new Set([...sql.keys(), ...slow.keys()])]
      .filter((key) => sql.get(key) !== slow.get(key))
      .map((key) => `${key}: ${sql.get(key)} in SQL, not ${slow.get(key)}`);
    const before = [await lake.rows('positives'), await lake.rows('pairs_day')];
    await runNight(lake, NIGHTS[1] - 2 * LATE_DAYS, NIGHTS[1]);
    const after = [await lake.rows('positives'), await lake.rows('pairs_day')];
    const changed = before.flatMap((rows, table) => {
      const again = new Set(after[table]);
      return rows.filter((row) => !again.has(row));
    });
    return { sums: slow.size, differences, changed: changed.length };
  } finally {
    lake.close();
  }
};
