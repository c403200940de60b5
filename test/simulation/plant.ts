import { spawn } from 'node:child_process';
import { cpSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import type { Mutant } from './mutants.ts';

const ROOT = resolve(import.meta.dirname, '../..');
const COPIED = [
  'functions',
  'localstack',
  'simulate',
  'test/simulation',
  'package.json',
  'tributary.config.ts',
] as const;
const FOUND_BY = /^seed (\d+): (.*)$/m;

export interface Fate {
  readonly name: string;
  /** Undefined for one that lived. */
  readonly seed?: number;
  readonly violation?: string;
}

const outputOf = (cwd: string, seeds: number): Promise<string> =>
  new Promise((done, fail) => {
    const command = ['test/simulation/mutant-run.ts', '--seeds', String(seeds)];
    const child = spawn(process.execPath, command, { cwd, stdio: ['ignore', 'pipe', 'pipe'] });
    let output = '';
    for (const stream of [child.stdout, child.stderr]) {
      stream.on('data', (text: Buffer) => {
        output += text.toString();
      });
    }
    child.on('error', fail);
    child.on('close', () => done(output));
  });

/** Runs seeds over a copy of the platform in which one text was changed, until one finds it. */
export const plant = async (
  { name, file, find, replace }: Mutant,
  seedsMax: number,
): Promise<Fate> => {
  const folder = mkdtempSync(join(tmpdir(), 'mutant-'));
  try {
    for (const path of COPIED) cpSync(join(ROOT, path), join(folder, path), { recursive: true });
    symlinkSync(join(ROOT, 'node_modules'), join(folder, 'node_modules'));
    const path = join(folder, file);
    const parts = readFileSync(path, 'utf8').split(find);
    if (parts.length !== 2) throw new Error(`${name}: its text is ${parts.length - 1} times there`);
    writeFileSync(path, parts.join(replace));
    const output = await outputOf(folder, seedsMax);
    const [, seed, violation] = FOUND_BY.exec(output) ?? [];
    if (seed !== undefined && violation !== undefined)
      return { name, seed: Number(seed), violation };
    if (!/^no seed found it$/m.test(output)) throw new Error(`${name}: ${output}`);
    return { name };
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
};
