import { execFile } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { expect, test } from 'vitest';
import { DRIFT_SEEDS_MIN, driftsTooFar } from './audit-learning.ts';
import { neverHappened } from './coverage.ts';
import { DIRECTED_MUTANTS } from './directed-mutants.ts';
import { FAULT_KINDS } from './faults.ts';
import { MUTANTS } from './mutants.ts';
import { plant } from './plant.ts';
import regressions from './regression-seeds.json' with { type: 'json' };
import { runSeed } from './run-seed.ts';
import { runSeeds } from './run-seeds.ts';

const SEEDS = 60;
const SEEDS_MS_MAX = 120_000;

test(
  'no seed breaks an invariant, and every fault and every bound is met',
  async () => {
    const totals = await runSeeds(1, SEEDS);
    expect(totals.violations.map(({ seed, violation }) => `${seed}: ${violation}`)).toEqual([]);
    expect(neverHappened(totals)).toEqual([]);
    expect(FAULT_KINDS.length).toBeGreaterThanOrEqual(15);
    expect([totals.learning, driftsTooFar(totals)]).toEqual([totals.learning, false]);
    expect(SEEDS).toBeGreaterThanOrEqual(DRIFT_SEEDS_MIN);
    expect(totals.events / totals.seeds).toBeGreaterThanOrEqual(200);
  },
  SEEDS_MS_MAX,
);

test.each(regressions.seeds)('seed %i, which once failed, holds', async (seed) => {
  expect((await runSeed(seed)).violation).toBeUndefined();
});

test('a seed has at least 200 events of at least 5 users', async () => {
  for (const seed of [1, 5]) {
    const { events, users } = await runSeed(seed);
    expect(events).toBeGreaterThanOrEqual(200);
    expect(users).toBeGreaterThanOrEqual(5);
  }
});

test('one seed is one history, here and in another process', async () => {
  const { traces } = await runSeeds(1, 5);
  expect(new Set(traces).size).toBe(5);
  expect((await runSeeds(1, 5)).traces).toEqual(traces);
  const command = [join(import.meta.dirname, 'trace-run.ts'), '--seeds', '5', '--from', '1'];
  const { stdout } = await promisify(execFile)(process.execPath, command);
  expect(stdout.trim().split('\n')).toEqual(traces);
});

test('each mistake to plant is once in the platform', () => {
  for (const { name, file, find } of [...MUTANTS, ...DIRECTED_MUTANTS]) {
    const text = readFileSync(join(import.meta.dirname, '../..', file), 'utf8');
    expect([name, text.split(find).length - 1]).toEqual([name, 1]);
  }
});

test('a planted mistake is found, and its name says which', async () => {
  const mutant = MUTANTS.find(({ name }) => name === 'an ignored partial put');
  if (mutant === undefined) throw new Error('no such mutant');
  const { seed, violation } = await plant(mutant, 50);
  expect(seed).toBeDefined();
  expect(violation).toMatch(/^(P1|P2|P7|P15|order)/);
});
