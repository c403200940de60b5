/** House rules that no linter can say. Each names the file that breaks it. */
import { execFileSync } from 'node:child_process';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import { expect, test } from 'vitest';

const LINES_MAX = 300;
const HANDLER_LINES_MAX = 40;

const tracked = execFileSync('git', [
  'ls-files',
  '-z',
  '--cached',
  '--others',
  '--exclude-standard',
])
  .toString()
  .split('\0')
  .filter((path) => path !== '' && existsSync(path));
const sources = tracked.filter((path) => /\.(ts|mjs)$/.test(path));
const read = (path: string): string => readFileSync(path, 'utf8');
const linesOf = (path: string): number => read(path).split('\n').length - 1;
const offenders = (paths: readonly string[], broken: (path: string) => boolean): string[] =>
  paths.filter(broken);

test('no file outside test/ is longer than 300 lines', () => {
  const product = sources.filter((path) => !path.startsWith('test/'));
  expect(product.length).toBeGreaterThan(20);
  expect(offenders(product, (path) => linesOf(path) > LINES_MAX)).toEqual([]);
});

test('a handler only wires, in at most 40 lines', () => {
  const handlers = sources.filter((path) => /^functions\/[^/]+\/handler\.ts$/.test(path));
  expect(handlers.length).toBeGreaterThan(0);
  expect(offenders(handlers, (path) => linesOf(path) > HANDLER_LINES_MAX)).toEqual([]);
});

test('no file is named after nothing in particular', () => {
  const banned = /(^|[-.])(utils?|helpers?|common|manager|misc|service)([-.]|$)/;
  expect(offenders(sources, (path) => banned.test(basename(path)))).toEqual([]);
});

test('the core never asks for randomness or the time', () => {
  const core = sources.filter((path) => path.startsWith('functions/core/'));
  expect(core.length).toBeGreaterThan(5);
  expect(offenders(core, (path) => /Math\.random|\bDate\b\s*[.(]/.test(read(path)))).toEqual([]);
});

test('every construct has an infra test', () => {
  const constructs = sources.filter(
    (path) =>
      path.startsWith('lib/') &&
      /extends (Construct|Stack|NodeFunction|\w+Function)\b/.test(read(path)),
  );
  expect(constructs.length).toBeGreaterThan(0);
  const tests = sources
    .filter((path) => path.startsWith('test/infra/'))
    .map(read)
    .join('\n');
  expect(
    offenders(
      constructs,
      (path) =>
        !tests.includes(`lib/${basename(path)}`) &&
        !existsSync(join('test/infra', basename(path).replace('.ts', '.test.ts'))),
    ),
  ).toEqual([]);
});

test('an ADR whose code has landed is accepted', () => {
  const adrs = readdirSync('docs/adr').filter((name) => /^\d{4}-.*\.md$/.test(name));
  expect(adrs.length).toBeGreaterThan(0);
  for (const name of adrs) {
    const text = read(join('docs/adr', name));
    const status = /^Status: (proposed|accepted|superseded)$/m.exec(text)?.[1];
    const code = /^Code: `([^`]+)`/m.exec(text)?.[1];
    expect(status, `${name} states its status`).toBeDefined();
    expect(code, `${name} names its code`).toBeDefined();
    expect(existsSync(code ?? ''), `${name}: ${code} exists`).toBe(status !== 'proposed');
    expect(text, `${name} records what lost`).toMatch(/^## What lost$/m);
  }
});

test('every npm script of the product is a command in bin/ or a folder that says what it starts', () => {
  const { scripts } = JSON.parse(read('package.json')) as { scripts: Record<string, string> };
  const commands = readdirSync('bin')
    .filter((name) => name.endsWith('.ts'))
    .map((name) => name.replace('.ts', ''))
    .filter((name) => name !== 'app');
  expect(
    offenders(commands, (name) => scripts[name.replace('deploy-', 'deploy:')] === undefined),
  ).toEqual([]);
  const readme = read('README.md') + read('docs/operating.md');
  expect(
    offenders(
      Object.keys(scripts),
      (name) => !readme.includes(`npm run ${name}`) && !readme.includes(`npm ${name}`),
    ),
  ).toEqual([]);
});

test('nothing in the repository names a machine or a package registry', () => {
  // Spelt in pieces, so that this file does not offend itself.
  const paths = new RegExp(`/(${['wo' + 'rk', 'ro' + 'ot', 'ho' + 'me'].join('|')})/[a-z]`);
  const texts = tracked.filter(
    (path) => !/\.(png|jpg|gz|snap)$/.test(path) && path !== 'package-lock.json',
  );
  expect(offenders(texts, (path) => paths.test(read(path)))).toEqual([]);
  expect(read('package-lock.json')).not.toMatch(/"resolved": "http/);
});

test('no test is skipped, focused or excused in silence', () => {
  const marks = new RegExp(
    `\\b(test|it|describe)\\.(on${'ly'}|to${'do'})\\b|@ts-ig${'nore'}|@ts-noch${'eck'}|biome-ig${'nore'}`,
  );
  expect(offenders(sources, (path) => marks.test(read(path)))).toEqual([]);
});
