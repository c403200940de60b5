/** DuckDB with Trino's meaning: macros, settings, and one statement at a time. */
import { readFileSync } from 'node:fs';
import type { DuckDBConnection, DuckDBResultReader } from '@duckdb/node-api';
import { loadPolyglot, toDuck } from './dialect.ts';
import type { Lake } from './lake.ts';
import { runMerge } from './merge.ts';
import { readStatement } from './statement.ts';

const MACROS = readFileSync(new URL('macros.sql', import.meta.url), 'utf8');

const SETTINGS = [
  "SET TimeZone = 'UTC'",
  'SET integer_division = true',
  "SET lambda_syntax = 'ENABLE_SINGLE_ARROW'",
  'SET autoinstall_known_extensions = false',
  'SET autoload_known_extensions = false',
  // As Trino sorts, in both directions.
  "SET default_null_order = 'nulls_last'",
];

export interface LakeOptions {
  /** Where the tables are kept; absent: in memory. */
  readonly file?: string;
  /** A schema that is made and is the default of names without one. */
  readonly database?: string;
  readonly threads?: number;
  readonly memoryMegabytesMax?: number;
  readonly now?: () => number;
}

/** A setting that a new DuckDB would ignore shows here, not in somebody's revenue. */
const assertMeaning = async (connection: DuckDBConnection): Promise<void> => {
  const probe = await connection.runAndReadAll(
    "SELECT 5 / 2 = 2 AND 7 / 2e0 = 3.5 AND trino_concat('a', NULL) IS NULL AND (list_transform([1], x -> x + 1))[1] = 2 AND hour(TIMESTAMPTZ '1970-01-01 05:00:00+00') = 5",
  );
  if (probe.getRowsJS()[0]?.[0] !== true) {
    throw new Error('this DuckDB does not mean what Athena means: integer division, null, zone');
  }
};

const MEMORY_MEGABYTES_DEFAULT = 1_024;

export const openLake = async (options: LakeOptions = {}): Promise<Lake> => {
  const { DuckDBInstance } = await import('@duckdb/node-api');
  const polyglot = await loadPolyglot();
  const { file = ':memory:', threads = 2, now = Date.now } = options;
  const instance = await DuckDBInstance.create(file, {
    threads: String(threads),
    memory_limit: `${options.memoryMegabytesMax ?? MEMORY_MEGABYTES_DEFAULT}MB`,
  });
  const connection = await instance.connect();
  for (const setting of SETTINGS) await connection.run(setting);
  await connection.run(MACROS);
  await assertMeaning(connection);
  if (options.database !== undefined) {
    await connection.run(`CREATE SCHEMA IF NOT EXISTS "${options.database}"`);
    await connection.run(`SET schema = '${options.database}'`);
  }
  const runDuck = async (sql: string): Promise<DuckDBResultReader> => {
    await connection.run(`SET VARIABLE now_us = ${BigInt(Math.trunc(now())) * 1000n}::BIGINT`);
    return connection.runAndReadAll(sql);
  };
  const translate = (trino: string): string => toDuck(polyglot, trino);
  const lake: Lake = {
    polyglot,
    run: async (trino) => {
      const statement = readStatement(trino);
      if (statement.kind === 'upkeep') return runDuck('SELECT 1 WHERE false');
      if (statement.kind === 'merge') return runMerge(lake, statement.text);
      return runDuck(translate(statement.kind === 'unload' ? statement.query : statement.text));
    },
    runDuck,
    toDuck: translate,
    interrupt: () => connection.interrupt(),
    close: () => {
      connection.closeSync();
      instance.closeSync();
    },
  };
  return lake;
};
