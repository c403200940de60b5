/** Every shipped statement: in Trino's grammar, by functions of the list, as the golden texts say. */
import { TrinoSQL } from 'dt-sql-parser';
import { describe, expect, test } from 'vitest';
import { type StatementRequest, statementText } from '../../../functions/core/lake/statements.ts';
import { LAKE_TABLES, type LakeTableName } from '../../../functions/core/lake/tables.ts';
import { FUNCTION_NAMES } from '../../../functions/core/query/functions.ts';
import { compileTags } from '../../../functions/core/tags/compile.ts';
import { KEYWORDS } from '../../../localstack/services/athena/functions.ts';
import { config } from '../../../tributary.config.ts';
import { NAMES } from '../../support/lake-tables.ts';
import { TAGS } from './all-tags.ts';

const DAY = '2026-11-21';

const requestsOf = (versions: readonly string[]): readonly StatementRequest[] => {
  const run = {
    ...{ runId: '1764000000000-abcd', attempt: 1, cut: '2026-11-22', today: '2026-11-23' },
    ...{ watermark: '2026-11-21', versions, allUsers: false },
  };
  return [
    { kind: 'curate', day: DAY },
    { kind: 'positives', day: DAY },
    { kind: 'pairsDay', day: DAY },
    { kind: 'userDay', day: DAY, versions },
    { kind: 'userDayOfRange', from: '2026-08-24', to: DAY, versions },
    { kind: 'userTotal', day: DAY, versions },
    { kind: 'tags', run },
    { kind: 'tags', run: { ...run, watermark: null, allUsers: true } },
    ...(['guard', 'loaded', 'drift', 'lists', 'listedTenants'] as const).map((kind) => ({
      kind,
      run,
    })),
    ...(Object.keys(LAKE_TABLES) as LakeTableName[]).flatMap((table) =>
      (['optimize', 'vacuum'] as const).map((kind) => ({ kind, table })),
    ),
  ];
};

const shipped = compileTags(config);
const sets = [
  ['the shipped config', shipped],
  ['a tag of every op', TAGS],
  ['no tags', { lake: [] }],
] as const;

/** Athena's own around it; Trino's grammar knows what is inside. */
const insideOf = (text: string): string =>
  /^UNLOAD \(([\s\S]*)\)\nTO '[^']*'\nWITH \([^)]*\)$/.exec(text)?.[1] ?? text;

const AGGREGATES = ['count', 'sum', 'min', 'max', 'min_by', 'max_by', 'bool_or', 'array_agg'];
/** Words before a parenthesis that are no functions of values. */
const SYNTAX = [
  'row_number',
  'lag',
  'cast',
  'try_cast',
  'over',
  'filter',
  'row',
  'decimal',
  'timestamp',
];

const calledIn = (text: string): readonly string[] =>
  [...text.replaceAll(/'(?:[^']|'')*'/g, "''").matchAll(/([a-z_0-9]+)\s*\(/gi)].map(
    ([, name = '']) => name.toLowerCase(),
  );

describe.each(sets)('with %s', (_, tags) => {
  const requests = requestsOf(tags.lake.map(({ version }) => version));

  test.each(requests.filter(({ kind }) => kind !== 'optimize' && kind !== 'vacuum'))(
    '$kind parses in Trino’s grammar',
    (request) => {
      const text = insideOf(statementText(request, NAMES, tags));
      expect(new TrinoSQL().validate(text)).toEqual([]);
    },
  );

  test('every function is of the list', () => {
    const known = new Set<string>([...FUNCTION_NAMES, ...AGGREGATES, ...SYNTAX, ...KEYWORDS]);
    // Names of tables with their columns, and the array type's parameter.
    for (const name of ['a', 'b', 'u', 'p', 'v', 'k', 'w', 'array', 'insert', 'into'])
      known.add(name);
    const called = requests.flatMap((request) => calledIn(statementText(request, NAMES, tags)));
    expect(called.filter((name) => !known.has(name))).toEqual([]);
  });
});

test('a text that is no Trino is told from one that is', () => {
  expect(new TrinoSQL().validate('SELECT a FROM b WHERE (').length).toBeGreaterThan(0);
});

test.each([
  ...(['curate', 'userDay', 'userTotal', 'tags', 'loaded'] as const),
  ...(['positives', 'pairsDay', 'lists'] as const),
])('%s of the shipped config stands as it was read by a person', async (kind) => {
  const request = requestsOf(shipped.lake.map(({ version }) => version)).find(
    (each) => each.kind === kind,
  );
  if (request === undefined) throw new Error(`no ${kind}`);
  const text = `${statementText(request, NAMES, shipped)}\n`;
  await expect(text).toMatchFileSnapshot(`golden/${kind}.sql`);
});
