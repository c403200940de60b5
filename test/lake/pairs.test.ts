import { expect, test } from 'vitest';
import { comparePairs } from './pairs.ts';
import { MUTANTS } from './pairs-mutants.ts';
import { plantPairs } from './plant-pairs.ts';

/** `npm run pairs` compares 10,000 and more. */
const SMALL = { seed: 20_261_125, definitions: 60, users: 30 };

test('fold, SQL and the slow reading say the same, across a cut inside the log', async () => {
  const result = await comparePairs(SMALL);
  expect(result.differences.slice(0, 3)).toEqual([]);
  expect(result.pairs).toBe(SMALL.definitions * SMALL.users);
  expect(result.cutInside).toBeGreaterThan(0.3 * result.pairs);
  expect(result.partial).toBeLessThan(0.1 * result.pairs);
});

test('a mistake in the cut is seen', async () => {
  const [mutant] = MUTANTS;
  if (mutant === undefined) throw new Error('there is a mutant');
  expect(await plantPairs(mutant)).toBe('dead');
});
