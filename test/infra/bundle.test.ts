import { execFileSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, readdirSync, readFileSync, statSync } from 'node:fs';
import { expect, test } from 'vitest';
import { bundleFunctions } from '../../bin/bundle.ts';

const KB_MAX = 500;
/** Who reads shapes from outside carries the library for it, on top of two or three clients. */
const KB_MAX_OF: Readonly<Record<string, number>> = {
  collect: 650,
  admin: 650,
  minute: 650,
  // Four clients: whoever tells of best items reads what personalize reads.
  project: 650,
  // And three clients: of the tables, of snapshots, of the cache.
  personalize: 750,
};

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
    expect(bytes / 1024, name).toBeLessThan(KB_MAX_OF[name] ?? KB_MAX);
  }
});

test.each(withHandler)('the bundle of %s loads as Lambda would load it', (name) => {
  const { env } = process;
  const variables = Object.fromEntries(
    [...readFileSync(`functions/${name}/env.ts`, 'utf8').matchAll(/'([A-Z_]+)'/g)].map(
      ([, variable]) => [variable, variable === 'CACHE_URL' ? 'none' : 'any'],
    ),
  );
  const printed = execFileSync(
    process.execPath,
    [
      '--input-type=module',
      '-e',
      `const { handler } = await import('./dist/functions/${name}/index.mjs'); console.log(typeof handler); process.exit(0);`,
    ],
    { env: { PATH: env.PATH, AWS_REGION: 'eu-west-1', ...variables }, encoding: 'utf8' },
  );
  expect(printed.trim()).toBe('function');
});

test.each(withHandler)('%s takes its credentials from variables alone', (name) => {
  const text = readFileSync(`dist/functions/${name}/index.mjs`, 'utf8');
  const carries = (word: string) => text.includes(word);
  expect(carries('AWS_SECRET_ACCESS_KEY')).toBe(true);
  expect(['credential_process', 'AssumeRoleWithWebIdentity'].filter(carries)).toEqual([]);
});
