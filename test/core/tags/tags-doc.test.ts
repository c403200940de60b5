import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import ts from 'typescript';
import { afterAll, expect, test } from 'vitest';
import { answerFlatProfile } from '../../../functions/core/profile/answer.ts';
import { compileProfile, foldFacets, noFacets } from '../../../functions/core/profile/facets.ts';
import { compileTags } from '../../../functions/core/tags/compile.ts';
import type { SegmentsConfig } from '../../../functions/core/tags/config.ts';
import type { TagDefinition } from '../../../functions/core/tags/definition.ts';
import { config } from '../../../tributary.config.ts';
import { counted, NOW } from '../../support/counted-events.ts';

const root = resolve(import.meta.dirname, '../../..');
const doc = readFileSync(join(root, 'docs/tags.md'), 'utf8');
const blocks = (label: string): readonly string[] =>
  [...doc.matchAll(new RegExp(`^\`\`\`ts ${label}\n([\\s\\S]*?)^\`\`\`$`, 'gm'))].map(
    ([, code = '']) => code,
  );

const source = `
import { lifetime, over, type TagDefinition } from '${root}/functions/core/tags/definition.ts';
import type { SegmentsConfig } from '${root}/functions/core/tags/config.ts';
export const tags: readonly TagDefinition[] = [${blocks('tag').join(',')}];
export const segments: SegmentsConfig = ${blocks('segments').join('')};
`;
const folder = mkdtempSync(join(tmpdir(), 'tags-doc-'));
const file = join(folder, 'examples.ts');
writeFileSync(file, source);
afterAll(() => rmSync(folder, { recursive: true }));

interface Examples {
  readonly tags: readonly TagDefinition[];
  readonly segments: SegmentsConfig;
}
const examples = async (): Promise<Examples> => import(file);

const errorsOf = (path: string): readonly string[] => {
  const options: ts.CompilerOptions = {
    strict: true,
    noEmit: true,
    exactOptionalPropertyTypes: true,
    allowImportingTsExtensions: true,
    target: ts.ScriptTarget.ESNext,
    module: ts.ModuleKind.NodeNext,
    types: [],
  };
  const program = ts.createProgram([path], options);
  return ts
    .getPreEmitDiagnostics(program)
    .filter(({ file: where }) => where?.fileName === path)
    .map(({ messageText }) => ts.flattenDiagnosticMessageText(messageText, '\n'));
};

test('every example of docs/tags.md is of the type of a tag', { timeout: 60_000 }, () => {
  expect(errorsOf(file)).toEqual([]);
  const wrong = join(folder, 'wrong.ts');
  writeFileSync(wrong, source.replace("op: 'count'", "op: 'counted'"));
  expect(errorsOf(wrong).length).toBeGreaterThan(0);
});

test('the examples compile together with the tags that ship', async () => {
  const { tags, segments } = await examples();
  expect(tags.length).toBe(blocks('tag').length);
  expect(tags.length).toBeGreaterThan(7);
  const all = [...config.tags, ...tags];
  expect(() => compileTags({ tags: all, segments })).not.toThrow();
});

test('a tag added to the config, and nothing else, is on the next profile', async () => {
  const [searches] = (await examples()).tags;
  if (searches === undefined) throw new Error('the page has an example');
  const definitions = compileProfile({ ...config, tags: [...config.tags, searches] });
  const search = counted({ name: 'Products Searched', at: NOW });
  const facets = foldFacets(noFacets(definitions), [search], definitions);
  const profile = { version: 1, facets, traits: {}, newestArrivedAt: NOW };
  expect(answerFlatProfile(profile, definitions, NOW)).toMatchObject({
    [searches.name]: '1',
    views_24h: '0',
  });
});

test('each op is named on the page', () => {
  for (const op of 'count sum min max distinct first last timeSince top'.split(' ')) {
    expect(doc).toContain(`\`${op}\``);
  }
});
