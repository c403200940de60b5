/**
 * The assembly that would be deployed, with one function's bundle made from sources in which a text
 * was changed: a mistake of ours, planted where it would be made, and nowhere in the product.
 */
import { cpSync, mkdtempSync, readdirSync, readFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { build, type Plugin } from 'esbuild';
import { assemblyCache } from '../../localstack/launch/assembly-cache.ts';

const ROOT = resolve(import.meta.dirname, '../..');
const BUNDLES = join(ROOT, 'dist', 'functions');
const REQUIRE_BANNER =
  "import { createRequire } from 'node:module';const require = createRequire(import.meta.url);";

export interface Planted {
  /** Short name of the function. */
  readonly capability: string;
  readonly file: string;
  /** Stands there exactly once. */
  readonly find: string;
  readonly replace: string;
}

const changed = ({ file, find, replace }: Planted): Plugin => ({
  name: 'planted',
  setup: ({ onLoad }) => {
    const path = join(ROOT, file);
    onLoad({ filter: /\.ts$/ }, (loaded) => {
      if (loaded.path !== path) return undefined;
      const parts = readFileSync(path, 'utf8').split(find);
      if (parts.length !== 2)
        throw new Error(`${file}: its text is ${parts.length - 1} times there`);
      return { contents: parts.join(replace), loader: 'ts' };
    });
  },
});

const bundle = (planted: Planted, outfile: string): Promise<unknown> =>
  build({
    absWorkingDir: ROOT,
    entryPoints: [join('functions', planted.capability, 'handler.ts')],
    outfile,
    allowOverwrite: true,
    bundle: true,
    platform: 'node',
    target: 'node24',
    format: 'esm',
    mainFields: ['module', 'main'],
    conditions: ['module'],
    plugins: [changed(planted)],
    banner: { js: REQUIRE_BANNER },
    logLevel: 'error',
  });

/** Folder of the assembly; the caller removes it. */
export const plantedAssembly = async (all: readonly Planted[]): Promise<string> => {
  const { folder } = await assemblyCache(ROOT).synth({});
  const copy = mkdtempSync(join(tmpdir(), 'tributary-planted-'));
  cpSync(folder, copy, { recursive: true });
  const assets = readdirSync(copy).filter((name) => name.startsWith('asset.'));
  for (const planted of all) {
    const ours = readFileSync(join(BUNDLES, planted.capability, 'index.mjs'));
    const asset = assets.find((name) => {
      const names = readdirSync(join(folder, name));
      return (
        names.includes('index.mjs') && readFileSync(join(folder, name, 'index.mjs')).equals(ours)
      );
    });
    if (asset === undefined) throw new Error(`no asset holds the bundle of ${planted.capability}`);
    await bundle(planted, join(copy, asset, 'index.mjs'));
  }
  return copy;
};
