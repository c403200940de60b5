import { createHash } from 'node:crypto';
import { existsSync, readdirSync, readFileSync, statSync } from 'node:fs';
import { expect, test } from 'vitest';
import { bundleFunctions } from '../../bin/bundle.ts';

const COLLECT_KB_MAX = 650;
const KB_MAX = 500;

const withHandler = readdirSync('functions')
  .filter((name) => existsSync(`functions/${name}/handler.ts`))
  .sort();

test('every function with a handler is bundled, twice to the same bytes, untouched the second time', async () => {
  const first = await bundleFunctions();
  expect(first.map(({ name }) => name)).toEqual(withHandler);
  const state = () =>
    first.map(({ path }) => [
      statSync(path).mtimeMs,
      createHash('sha256').update(readFileSync(path)).digest('hex'),
    ]);
  const before = state();
  await bundleFunctions();
  expect(state()).toEqual(before);
});

test('bundles stay small', async () => {
  for (const { name, bytes } of await bundleFunctions()) {
    expect(bytes / 1024, name).toBeLessThan(name === 'collect' ? COLLECT_KB_MAX : KB_MAX);
  }
});

test.each(withHandler)('the bundle of %s is an ES module that exports a handler', (name) => {
  const text = readFileSync(`dist/functions/${name}/index.mjs`, 'utf8');
  expect(text).toMatch(/export\s*\{[^}]*\bas handler\b[^}]*\}/);
  expect(text.startsWith("import { createRequire } from 'node:module'")).toBe(true);
});
