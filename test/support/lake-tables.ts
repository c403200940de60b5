/** The lake's tables in memory, and the nightly's statements on them, by the local cloud's translation. */

import type { RunWindow } from '../../functions/core/lake/run-window.ts';
import {
  type LakeTags,
  type StatementRequest,
  statementText,
} from '../../functions/core/lake/statements.ts';
import { LAKE_TABLES } from '../../functions/core/lake/tables.ts';
import { runPartition } from '../../functions/core/lake/unload-tags.ts';
import { openLake } from '../../localstack/services/athena/duck.ts';
import { duckTypeOf } from '../../localstack/services/athena/types.ts';

export const NAMES = { database: 'tributary', bucket: 'lake' };

export interface LandedLine {
  /** The day under which its object lies. */
  readonly dt: string;
  readonly line: string;
}

export type Row = Readonly<Record<string, unknown>>;

const literal = (text: string): string => `'${text.replaceAll("'", "''")}'`;
const CHUNK = 500;

export interface LakeInMemory {
  readonly land: (lines: readonly LandedLine[]) => Promise<void>;
  readonly run: (request: StatementRequest) => Promise<readonly Row[]>;
  /** UNLOAD, and its lines where the next statements find them. */
  readonly unload: (run: RunWindow) => Promise<readonly Row[]>;
  /** Sorted, all columns. */
  readonly rows: (table: keyof typeof LAKE_TABLES) => Promise<readonly string[]>;
  readonly duck: (sql: string) => Promise<readonly Row[]>;
  readonly close: () => void;
}

const byText = (left: string, right: string): number => (left < right ? -1 : left > right ? 1 : 0);

const plain = (value: unknown): unknown => {
  if (typeof value === 'bigint') return Number(value);
  if (Array.isArray(value)) return value.map(plain);
  if (typeof value === 'object' && value !== null)
    return Object.fromEntries(Object.entries(value).map(([name, each]) => [name, plain(each)]));
  return value;
};

/** `print` may be another than ours: a mutant. */
export const lakeInMemory = async (
  tags: LakeTags,
  print: typeof statementText = statementText,
): Promise<LakeInMemory> => {
  const lake = await openLake({ database: NAMES.database });
  for (const [name, { columns }] of Object.entries(LAKE_TABLES)) {
    const made = Object.entries(columns).map(([column, type]) => `"${column}" ${duckTypeOf(type)}`);
    await lake.runDuck(`CREATE TABLE ${name} (${made.join(', ')})`);
  }
  await lake.runDuck('CREATE TABLE enriched_lines (line VARCHAR, dt VARCHAR, hr VARCHAR)');
  await lake.runDuck('CREATE TABLE run_lines (line VARCHAR, run VARCHAR)');
  const insert = async (table: string, rows: readonly string[]): Promise<void> => {
    for (let from = 0; from < rows.length; from += CHUNK)
      await lake.runDuck(
        `INSERT INTO ${table} VALUES ${rows.slice(from, from + CHUNK).join(', ')}`,
      );
  };
  const run = async (request: StatementRequest): Promise<readonly Row[]> => {
    const reader = await lake.run(print(request, NAMES, tags));
    return reader.getRowObjectsJS().map((row) => plain(row) as Row);
  };
  return {
    land: (lines) =>
      insert(
        'enriched_lines',
        lines.map(({ dt, line }) => `(${literal(line)}, ${literal(dt)}, '00')`),
      ),
    run,
    unload: async (window) => {
      const rows = await run({ kind: 'tags', run: window });
      const at = literal(runPartition(window));
      await lake.runDuck(`DELETE FROM run_lines WHERE run = ${at}`);
      await insert(
        'run_lines',
        rows.map((row) => `(${literal(JSON.stringify(row))}, ${at})`),
      );
      return rows;
    },
    rows: async (table) => {
      const reader = await lake.runDuck(`SELECT * FROM ${table}`);
      return reader
        .getRowObjectsJS()
        .map((row) => JSON.stringify(plain(row)))
        .sort(byText);
    },
    duck: async (sql) => {
      const reader = await lake.runDuck(sql);
      return reader.getRowObjectsJS().map((row) => plain(row) as Row);
    },
    close: lake.close,
  };
};
