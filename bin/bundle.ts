import {
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { dirname, join } from 'node:path';
import { type BuildOptions, build, type Plugin } from 'esbuild';

/**
 * Bundles every function in one esbuild call: what is tested is what runs locally and what is
 * deployed. The bytes depend on the sources alone, and a file that did not change is not touched,
 * so a synth or a running platform beside it sees whole files only.
 */
export interface Bundle {
  readonly name: string;
  readonly path: string;
  readonly bytes: number;
}

const root = join(import.meta.dirname, '..');
const sources = join(root, 'functions');
const target = join(root, 'dist', 'functions');

/** CommonJS leftovers inside an ESM bundle ask for `require`. */
const REQUIRE_BANNER =
  "import { createRequire } from 'node:module';const require = createRequire(import.meta.url);";

/**
 * Lambda hands credentials over in variables and nowhere else; the chain that would look for them
 * in files, on a metadata server and at sign-in services is a sixth of a bundle.
 */
const credentialsFromVariables: Plugin = {
  name: 'credentials-from-variables',
  setup: ({ onResolve, onLoad }) => {
    const namespace = 'credentials';
    onResolve({ filter: /^@aws-sdk\/credential-provider-node$/ }, ({ path }) => ({
      path,
      namespace,
    }));
    onLoad({ filter: /./, namespace }, () => ({
      contents: "export { fromEnv as defaultProvider } from '@aws-sdk/credential-provider-env';",
      resolveDir: root,
    }));
  },
};

/** A client asks its own package.json for its version; the rest of it would lie in every bundle. */
const versionsAlone: Plugin = {
  name: 'versions-alone',
  setup: ({ onLoad }) => {
    onLoad({ filter: /[\\/]@aws-sdk[\\/]client-[a-z0-9-]+[\\/]package\.json$/ }, ({ path }) => {
      const { version } = JSON.parse(readFileSync(path, 'utf8'));
      return { contents: JSON.stringify({ version }), loader: 'json' };
    });
  },
};

/** How every function is bundled; a source map beside the bundles leaves their bytes as they are. */
export const bundling = (): BuildOptions & { readonly write: false } => ({
  absWorkingDir: root,
  entryPoints: foldersIn(sources)
    .filter((name) => existsSync(join(sources, name, 'handler.ts')))
    .map((name) => ({ in: join('functions', name, 'handler.ts'), out: join(name, 'index') })),
  outdir: target,
  outExtension: { '.js': '.mjs' },
  bundle: true,
  write: false,
  platform: 'node',
  target: 'node24',
  format: 'esm',
  mainFields: ['module', 'main'],
  conditions: ['module'],
  minify: true,
  legalComments: 'none',
  sourcemap: false,
  plugins: [credentialsFromVariables, versionsAlone],
  banner: { js: REQUIRE_BANNER },
  logLevel: 'error',
});

export const bundleFunctions = async (): Promise<readonly Bundle[]> => {
  forgetRemoved();
  const { outputFiles } = await build(bundling());
  return outputFiles
    .map(({ path, contents }) => {
      replaceIfChanged(path, contents);
      return { name: dirname(path).slice(target.length + 1), path, bytes: contents.byteLength };
    })
    .sort((left, right) => left.name.localeCompare(right.name));
};

const replaceIfChanged = (path: string, contents: Uint8Array): void => {
  if (existsSync(path) && readFileSync(path).equals(contents)) return;
  mkdirSync(dirname(path), { recursive: true });
  const whole = `${target}/.${process.pid}-${Date.now()}.tmp`;
  writeFileSync(whole, contents);
  renameSync(whole, path);
};

/** A bundle whose function is gone must not be deployed again. */
const forgetRemoved = (): void => {
  for (const name of foldersIn(target)) {
    if (!existsSync(join(sources, name))) rmSync(join(target, name), { recursive: true });
  }
};

const foldersIn = (path: string): readonly string[] =>
  existsSync(path)
    ? readdirSync(path, { withFileTypes: true })
        .filter((entry) => entry.isDirectory())
        .map((entry) => entry.name)
        .sort()
    : [];

if (import.meta.main) {
  for (const { name, bytes } of await bundleFunctions()) {
    console.log(`${name.padEnd(12)} ${(bytes / 1024).toFixed(1).padStart(7)} KB`);
  }
}
