import { expect, test } from 'vitest';
import { grownNights } from '../../bench/nightly.ts';
import type { Night } from '../../bench/nightly-lake.ts';

/** What each day adds to; `user_total` and the lines of a run grow with users. */
const BY_DAY = ['events', 'enriched_lines', 'user_day', 'positives', 'pairs_day'];
const SLACK = 1.05;

const readOf = ({ reads }: Night): ReadonlyMap<string, number> => {
  const sums = new Map<string, number>();
  for (const { statement, table, bytes } of reads) {
    const name = `${statement} ${table}`;
    if (BY_DAY.includes(table)) sums.set(name, (sums.get(name) ?? 0) + bytes);
  }
  return sums;
};

/** Lists take ninety days; everything else at most thirty. */
test('a night reads as much after 192 days as after 96, of all that days add to', async () => {
  const nights = await grownNights([96, 192], 8, { totalledDays: 4 });
  const [before, after] = nights.map(({ night }) => readOf(night));
  if (before === undefined || after === undefined) throw new Error('two nights');
  expect([...after.keys()]).toEqual([...before.keys()]);
  for (const [name, bytes] of after)
    expect(bytes, name).toBeLessThanOrEqual((before.get(name) ?? 0) * SLACK);
}, 120_000);
