/**
 * Bundles and synthesizes in child processes, and only when what they read has changed: esbuild and
 * the CDK are loaded for a second or two, never kept.
 */
import { spawn } from 'node:child_process';
import {
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  utimesSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { hashOf } from './files-hash.ts';

const BUNDLE_INPUTS = ['functions', 'tributary.config.ts', 'package-lock.json', 'bin/bundle.ts'];
const BUNDLES = 'dist/functions';
const SYNTH_INPUTS = [
  'lib',
  'bin/app.ts',
  'functions/core',
  'functions/runtime/env.ts',
  'tributary.config.ts',
  'package-lock.json',
  'cdk.json',
  BUNDLES,
];
/** Old assemblies are kept for platforms that still run from them. */
const ASSEMBLIES_MAX = 5;

export interface SynthWish {
  readonly size?: string | undefined;
  readonly stage?: string | undefined;
}

export interface AssemblyCache {
  /** True: nothing had to be done. */
  readonly bundle: () => Promise<boolean>;
  readonly synth: (
    wish: SynthWish,
  ) => Promise<{ readonly folder: string; readonly cached: boolean }>;
}

const run = (root: string, file: string, environment: NodeJS.ProcessEnv): Promise<void> =>
  new Promise((resolve, reject) => {
    const child = spawn(process.execPath, [file], {
      cwd: root,
      env: { ...process.env, ...environment },
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    let said = '';
    for (const stream of [child.stdout, child.stderr]) {
      stream.on('data', (chunk: Buffer) => {
        said = (said + chunk.toString('utf8')).slice(-20_000);
      });
    }
    child.once('error', reject);
    child.once('close', (code) =>
      code === 0 ? resolve() : reject(new Error(`${file} ended with ${code}:\n${said.trim()}`)),
    );
  });

const forgetOldest = (folder: string): void => {
  const byAge = readdirSync(folder, { withFileTypes: true })
    .filter((entry) => entry.isDirectory())
    .map((entry) => join(folder, entry.name))
    .sort((a, b) => statSync(b).mtimeMs - statSync(a).mtimeMs);
  for (const path of byAge.slice(ASSEMBLIES_MAX)) rmSync(path, { recursive: true, force: true });
};

export const assemblyCache = (root: string): AssemblyCache => {
  const folder = join(root, '.tributary', 'assembly');
  const stamp = join(folder, 'bundled');
  const bundled = (): string => `${hashOf(root, BUNDLE_INPUTS)} ${hashOf(root, [BUNDLES])}`;
  mkdirSync(folder, { recursive: true });
  return {
    bundle: async () => {
      if (existsSync(stamp) && readFileSync(stamp, 'utf8') === bundled()) return true;
      await run(root, 'bin/bundle.ts', {});
      writeFileSync(stamp, bundled());
      return false;
    },
    synth: async ({ size, stage }) => {
      const context = JSON.stringify({ size, stage });
      const target = join(folder, hashOf(root, SYNTH_INPUTS, context));
      if (existsSync(join(target, 'manifest.json'))) {
        utimesSync(target, new Date(), new Date());
        return { folder: target, cached: true };
      }
      const fresh = `${target}.${process.pid}`;
      rmSync(fresh, { recursive: true, force: true });
      await run(root, 'bin/app.ts', { CDK_OUTDIR: fresh, CDK_CONTEXT_JSON: context });
      // Another start may have made the same one meanwhile; either will do.
      if (existsSync(target)) rmSync(fresh, { recursive: true, force: true });
      else renameSync(fresh, target);
      forgetOldest(folder);
      return { folder: target, cached: false };
    },
  };
};
