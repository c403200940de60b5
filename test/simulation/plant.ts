import { spawn } from 'node:child_process';
import { cpSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import type { DirectedMutant } from './directed-mutants.ts';
import type { Mutant } from './mutants.ts';

const ROOT = resolve(import.meta.dirname, '../..');
const COPIED = [
  'functions',
  'lib/machine-text.ts',
  'lib/nightly-machine.ts',
  'lib/nightly-steps.ts',
  'localstack',
  'simulate',
  'test/lake',
  'test/simulation',
  'test/support',
  'package.json',
  'tributary.config.ts',
] as const;
const VITEST_CONFIG = "export default { test: { include: ['test/**/*.test.ts'] } };\n";
const FOUND_BY = /^seed (\d+): (.*)$/m;

export interface Fate {
  readonly name: string;
  /** Undefined for one that lived. */
  readonly seed?: number;
  readonly violation?: string;
}

const outputOf = (cwd: string, command: readonly string[]): Promise<string> =>
  new Promise((done, fail) => {
    const env = { ...process.env, NO_COLOR: '1' };
    const stdio = ['ignore' as const, 'pipe' as const, 'pipe' as const];
    const child = spawn(process.execPath, command, { cwd, env, stdio });
    let output = '';
    for (const stream of [child.stdout, child.stderr]) {
      stream?.on('data', (text: Buffer) => {
        output += text.toString();
      });
    }
    child.on('error', fail);
    child.on('close', () => done(output));
  });

/** What a command says in a copy of the platform in which one text was changed. */
export const runChanged = async (
  { name, file, find, replace }: Mutant,
  command: readonly string[],
): Promise<string> => {
  const folder = mkdtempSync(join(tmpdir(), 'mutant-'));
  try {
    for (const path of COPIED) cpSync(join(ROOT, path), join(folder, path), { recursive: true });
    symlinkSync(join(ROOT, 'node_modules'), join(folder, 'node_modules'));
    writeFileSync(join(folder, 'vitest.config.ts'), VITEST_CONFIG);
    const path = join(folder, file);
    const parts = readFileSync(path, 'utf8').split(find);
    if (parts.length !== 2) throw new Error(`${name}: its text is ${parts.length - 1} times there`);
    writeFileSync(path, parts.join(replace));
    return await outputOf(folder, command);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
};

/** Runs seeds over the changed platform until one finds what is wrong. */
export const plant = async (mutant: Mutant, seedsMax: number): Promise<Fate> => {
  const { name } = mutant;
  const command = ['test/simulation/mutant-run.ts', '--seeds', String(seedsMax)];
  const output = await runChanged(mutant, command);
  const [, seed, violation] = FOUND_BY.exec(output) ?? [];
  if (seed !== undefined && violation !== undefined) return { name, seed: Number(seed), violation };
  if (!/^no seed found it$/m.test(output)) throw new Error(`${name}: ${output}`);
  return { name };
};

/** Whether the histories that are written for it fail, each of them by what it expects. */
export const plantDirected = async (mutant: DirectedMutant): Promise<boolean> => {
  const pattern = `^${mutant.directed.replace(/[.*+?^${}()|[\]\\]/g, '\\$&')}`;
  const output = await runChanged(mutant, [
    ...['node_modules/vitest/vitest.mjs', 'run', 'test/simulation/directed'],
    ...['-t', pattern],
  ]);
  const [, failed, passed] =
    /^ +Tests +(?:(\d+) failed)?(?: \| )?(?:(\d+) passed)?/m.exec(output) ?? [];
  if (failed === undefined && passed === undefined) throw new Error(`${mutant.name}: ${output}`);
  return failed !== undefined && passed === undefined;
};
