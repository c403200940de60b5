import { beforeAll, expect, test } from 'vitest';
import { comparePrepared, type Prepared, preparePairs } from './pairs.ts';

/** `npm run pairs` compares 10,000 and more; `npm run pairs:mutants` plants mistakes. */
const SMALL = { seed: 20_261_125, definitions: 24, users: 50 };
let prepared: Prepared;
beforeAll(async () => {
  prepared = await preparePairs(SMALL);
});

test('fold, SQL and the slow reading say the same, across a cut inside the log', () => {
  const result = comparePrepared(prepared);
  expect(result.differences.slice(0, 3)).toEqual([]);
  expect(result.pairs).toBe(SMALL.definitions * SMALL.users);
  expect(result.cutInside).toBeGreaterThan(0.3 * result.pairs);
  expect(result.partial).toBeLessThan(0.1 * result.pairs);
});

test('a cut that is a day off is seen', () => {
  for (const days of [-1, 1]) {
    const { differences } = comparePrepared(prepared, prepared.cut + days);
    expect(differences.map(({ reading }) => reading)).toContain('fold and SQL');
  }
});
