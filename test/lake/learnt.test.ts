import { expect, test } from 'vitest';
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
