import { execFileSync } from 'node:child_process';
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { cpus, loadavg } from 'node:os';
import { join } from 'node:path';

const root = join(import.meta.dirname, '..');
const folder = join(root, 'bench', 'results');

/** One subject: its figures as a file in `bench/results/`, and its part of `docs/performance.md`. */
export interface Bench<R extends object = object> {
  readonly name: string;
  readonly run: () => R | Promise<R>;
  /** Markdown, from the figures alone. */
  section(result: R): string;
}

/** Where and when figures were taken; each file says it, for each may be run by itself. */
export interface Measured {
  readonly date: string;
  readonly machine: string;
  readonly node: string;
  readonly commit: string;
  /** Of the last minute before: what else the machine was doing. */
  readonly loadBefore?: number;
}

const machine = (): string => {
  const [first, ...others] = cpus();
  return `${1 + others.length} × ${first?.model.trim() ?? 'unknown processor'}`;
};

const commitOf = (): string => {
  const git = (...given: readonly string[]): string =>
    execFileSync('git', given, { cwd: root, encoding: 'utf8' }).trim();
  try {
    return git('rev-parse', '--short', 'HEAD');
  } catch {
    return 'an unknown commit';
  }
};

const fileOf = (name: string): string => join(folder, `${name}.json`);

/** Runs and keeps the figures. */
export const record = async ({ name, run }: Bench): Promise<void> => {
  const measured: Measured = {
    date: new Date().toISOString(),
    machine: machine(),
    node: process.version,
    commit: commitOf(),
    loadBefore: Number((loadavg()[0] ?? 0).toFixed(1)),
  };
  const result = await run();
  mkdirSync(folder, { recursive: true });
  writeFileSync(fileOf(name), `${JSON.stringify({ ...measured, ...result }, null, 2)}\n`);
};

/** The section of the figures that were kept, undefined where there are none yet. */
export const sectionOf = (bench: Bench): string | undefined => {
  const { name } = bench;
  let text: string;
  try {
    text = readFileSync(fileOf(name), 'utf8');
  } catch {
    return undefined;
  }
  const kept = JSON.parse(text) as Measured;
  const { date, machine: where, node, commit, loadBefore } = kept;
  const load = loadBefore === undefined ? '' : `, load before ${loadBefore}`;
  const taken = `\`bench/results/${name}.json\`: ${date.slice(0, 16)}Z at ${commit}, ${where}, Node ${node}${load}.`;
  return `${bench.section(kept).trim()}\n\n${taken}\n`;
};
