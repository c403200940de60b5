/** The evaluator of queries in memory is held to DuckDB, by the statements that ship. */
import { expect, test } from 'vitest';
import { type StatementRequest, statementOf } from '../../functions/core/lake/statements.ts';
import { LAKE_TABLES } from '../../functions/core/lake/tables.ts';
import { runPartition } from '../../functions/core/lake/unload-tags.ts';
import { printAthena } from '../../functions/core/query/print.ts';
import type { CompiledTags } from '../../functions/core/tags/compile.ts';
import { compileTags } from '../../functions/core/tags/compile.ts';
import { lifetime, over, type TagDefinition } from '../../functions/core/tags/definition.ts';
import { toUtcDate } from '../../functions/core/time.ts';
import { openLake } from '../../localstack/services/athena/duck.ts';
import { config } from '../../tributary.config.ts';
import { randomsOf } from '../simulation/random.ts';
import type { MemoryTable } from '../support/evaluate-query/select.ts';
import { execute, toJson } from '../support/evaluate-query/statement.ts';
import { type LandedLine, lakeLogOf } from '../support/lake-log.ts';

const DATABASE = 'tributary';
const FIRST_DAY = 20_780;
const DAYS = 9;
const LOGS = 6;
const LINES = 120;

const MEASURES: readonly (readonly [name: string, measure: object])[] = [
  ['n_sum', { op: 'sum', field: 'properties.n' }],
  ['n_least', { op: 'min', field: 'properties.n' }],
  ['n_most', { op: 'max', field: 'properties.inner.n' }],
  ['words', { op: 'distinct', field: 'properties.word' }],
  ['first_word', { op: 'first', field: 'properties.word' }],
  ['last_word', { op: 'last', field: 'properties.word' }],
  ['taste', { op: 'top', field: 'enrichment.categoryVector', halfLife: { days: 7 } }],
];

/** What ships, and an op of each kind that the shipped tags do not use. */
const tags: CompiledTags = compileTags({
  ...config,
  tags: [
    ...config.tags,
    ...MEASURES.map(
      ([name, measure]) =>
        ({
          ...{ name, measure, period: lifetime(), source: 'batch' },
          events: { where: [{ field: 'properties.inner.n', atLeast: 3 }] },
        }) as TagDefinition,
    ),
    {
      name: 'events_40d',
      measure: { op: 'count' },
      events: {},
      period: over({ days: 40 }),
      source: 'both',
    },
  ],
});
const versions = tags.lake.map(({ version }) => version);

const TYPES = { string: 'VARCHAR', long: 'BIGINT', double: 'DOUBLE', boolean: 'BOOLEAN' } as const;
const NAMES = { database: DATABASE, bucket: 'lake' };

/** Two nights, the second a few days later. */
const requests = (): readonly StatementRequest[] => {
  const dateOf = (day: number): string => toUtcDate(FIRST_DAY + day);
  const night = (today: number, from: number, watermark: string | null) => {
    const days = Array.from({ length: today - from + 1 }, (_, n) => dateOf(from + n));
    const run = {
      ...{ runId: `17955720000${today}0-25d6`, attempt: 1, cut: dateOf(today), watermark },
      ...{ today: dateOf(today), versions, allUsers: watermark === null },
    };
    return [
      ...days.map((day) => ({ kind: 'curate', day }) as const),
      ...days.map((day) => ({ kind: 'userDay', day, versions }) as const),
      ...days.map((day) => ({ kind: 'positives', day }) as const),
      ...days.map((day) => ({ kind: 'pairsDay', day }) as const),
      ...days
        .filter((day) => day <= dateOf(today - 3))
        .map((day) => ({ kind: 'userTotal', day, versions }) as const),
      ...(['tags', 'guard', 'loaded', 'drift', 'lists', 'listedTenants'] as const).map((kind) => ({
        kind,
        run,
      })),
    ];
  };
  return [
    ...night(5, 0, null),
    { kind: 'userDayOfRange', from: dateOf(0), to: dateOf(2), versions: versions.slice(0, 3) },
    ...night(9, 3, dateOf(5)),
  ];
};

/** DuckDB tells bigints as text. Doubles agree to so many digits: no sum of them has an order. */
const plain = (value: unknown): unknown => {
  if (typeof value === 'number')
    return Number.isInteger(value) ? String(value) : Number(value.toPrecision(9));
  if (Array.isArray(value)) {
    const items = value.map(plain).map((item) => JSON.stringify(item));
    return items.toSorted((left, right) => (left < right ? -1 : 1));
  }
  if (typeof value === 'object' && value !== null)
    return Object.fromEntries(
      Object.entries(value)
        .map(([name, member]) => [name, plain(member)] as const)
        .sort(([left], [right]) => (left < right ? -1 : 1)),
    );
  return value;
};

const sorted = (rows: readonly object[]): readonly string[] =>
  rows.map((row) => JSON.stringify(plain(row))).toSorted((left, right) => (left < right ? -1 : 1));

const inMemory = (log: readonly LandedLine[]) => {
  const tables = new Map<string, MemoryTable>(
    Object.entries(LAKE_TABLES).map(([name, { columns }]) => [
      name,
      { columns: Object.keys(columns), rows: [] },
    ]),
  );
  tables.set('enriched_lines', {
    columns: ['line', 'dt', 'hr'],
    rows: log.map(({ line, dt, hr }) => [line, dt, hr]),
  });
  const runLines: MemoryTable = { columns: ['line', 'run'], rows: [] };
  tables.set('run_lines', runLines);
  const named = ({ columns, rows }: Pick<MemoryTable, 'columns' | 'rows'>) =>
    rows.map((row) =>
      Object.fromEntries(columns.map((name, place) => [name, toJson(row[place] ?? null)])),
    );
  return {
    run: (request: StatementRequest) => named(execute(statementOf(request, NAMES, tags), tables)),
    unloaded: (lines: readonly string[], run: string) => {
      runLines.rows = [...runLines.rows, ...lines.map((line) => [line, run])];
    },
    rowsOf: (name: string) => named(tables.get(name) ?? { columns: [], rows: [] }),
  };
};

const inDuck = async (log: readonly LandedLine[]) => {
  const lake = await openLake({ database: DATABASE, threads: 1 });
  for (const [name, { columns }] of Object.entries(LAKE_TABLES)) {
    const typed = Object.entries(columns).map(
      ([column, type]) => `"${column}" ${TYPES[type as keyof typeof TYPES]}`,
    );
    await lake.runDuck(`CREATE TABLE "${DATABASE}"."${name}" (${typed.join(', ')})`);
  }
  await lake.runDuck('CREATE TABLE enriched_lines (line VARCHAR, dt VARCHAR, hr VARCHAR)');
  const quoted = (text: string): string => `'${text.replaceAll("'", "''")}'`;
  const values = log.map(({ line, dt, hr }) => `(${[line, dt, hr].map(quoted).join(', ')})`);
  await lake.runDuck(`INSERT INTO enriched_lines VALUES ${values.join(', ')}`);
  await lake.runDuck('CREATE TABLE run_lines (line VARCHAR, run VARCHAR)');
  const rowsOf = async (sql: Promise<Awaited<ReturnType<typeof lake.run>>>) =>
    (await sql).getRowObjectsJson() as readonly object[];
  return {
    run: (request: StatementRequest) =>
      rowsOf(lake.run(printAthena(statementOf(request, NAMES, tags), DATABASE))),
    unloaded: async (lines: readonly string[], run: string): Promise<void> => {
      const rows = lines.map((line) => `(${quoted(line)}, ${quoted(run)})`);
      if (rows.length > 0) await lake.runDuck(`INSERT INTO run_lines VALUES ${rows.join(', ')}`);
    },
    rowsOf: (name: string) => rowsOf(lake.runDuck(`SELECT * FROM "${DATABASE}"."${name}"`)),
    close: lake.close,
  };
};

const TABLES = Object.keys(LAKE_TABLES);
const KINDS_ANSWERING = ['tags', 'guard', 'drift', 'lists', 'listedTenants'];

test(`${LOGS} logs through two nights of statements: the same rows in memory and on DuckDB`, async () => {
  for (let seed = 1; seed <= LOGS; seed += 1) {
    const log = lakeLogOf(randomsOf(seed).workload, {
      ...{ firstDay: FIRST_DAY, days: DAYS, lines: LINES },
      users: ['u0', 'u1', 'u#2', 'ü3'],
    });
    const memory = inMemory(log);
    const duck = await inDuck(log);
    for (const request of requests()) {
      const [mine, its] = [memory.run(request), await duck.run(request)];
      if (KINDS_ANSWERING.includes(request.kind))
        expect([seed, request, sorted(mine)]).toEqual([seed, request, sorted(its)]);
      if (request.kind !== 'tags') continue;
      const lines = mine.map((row) => JSON.stringify(row));
      memory.unloaded(lines, runPartition(request.run));
      await duck.unloaded(lines, runPartition(request.run));
    }
    for (const name of TABLES) {
      const [mine, its] = [memory.rowsOf(name), await duck.rowsOf(name)];
      expect([seed, name, sorted(mine)]).toEqual([seed, name, sorted(its)]);
      expect([name, mine.length > 20]).toEqual([name, true]);
    }
    duck.close();
  }
}, 120_000);
