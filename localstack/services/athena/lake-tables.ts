/** Makes the catalogue's tables in the DuckDB file: rows as tables, objects as views over their lines. */
import type { Catalog, IcebergTable, LandingTable, Partition } from './catalog.ts';
import type { Lake } from './lake.ts';
import { pathPattern } from './projection.ts';
import { duckTypeOf } from './types.ts';

export const quoted = (name: string): string => `"${name.replaceAll('"', '""')}"`;
export const literal = (text: string): string => `'${text.replaceAll("'", "''")}'`;
export const qualified = (table: { readonly database: string; readonly name: string }): string =>
  `${quoted(table.database)}.${quoted(table.name)}`;

/** The variable that holds the paths which the next statement reads of a table. */
export const filesVariable = (
  table: { readonly database: string; readonly name: string },
  kind: 'gzip' | 'none',
): string => `${table.database}_${table.name}_${kind}`;

const LINE_BYTES_MAX = 4_194_304;

/** One line, one row, whatever is in it; several members of gzip in one object are one text. */
const linesOf = (table: LandingTable, kind: 'gzip' | 'none'): string =>
  `read_csv(getvariable(${literal(filesVariable(table, kind))}), columns = {'line': 'VARCHAR'}, header = false, auto_detect = false, delim = '', quote = '', escape = '', comment = '', new_line = '\\n', compression = '${kind}', filename = true, strict_mode = false, null_padding = false, max_line_size = ${LINE_BYTES_MAX})`;

const partitionColumn = (table: LandingTable, partition: Partition): string => {
  const { pattern, group } = pathPattern(table, partition);
  const text = `regexp_extract(filename, ${literal(pattern)}, ${group})`;
  return `CAST(${text} AS ${duckTypeOf(partition.type)}) AS ${quoted(partition.name)}`;
};

const viewOf = (table: LandingTable): string => {
  const [column] = table.columns;
  // An empty line has no value for DuckDB; for the SerDe it is a text without letters.
  const line = `coalesce(line, '') AS ${quoted(column?.name ?? 'line')}`;
  const columns = [line, ...table.partitions.map((one) => partitionColumn(table, one))].join(', ');
  const parts = (['gzip', 'none'] as const).map(
    (kind) => `SELECT ${columns} FROM ${linesOf(table, kind)}`,
  );
  return `CREATE OR REPLACE VIEW ${qualified(table)} AS ${parts.join(' UNION ALL ')}`;
};

const tableOf = (table: IcebergTable): string => {
  const columns = table.columns.map(({ name, type }) => `${quoted(name)} ${duckTypeOf(type)}`);
  return `CREATE TABLE IF NOT EXISTS ${qualified(table)} (${columns.join(', ')})`;
};

/** A table that was made with other columns would answer, and answer something else. */
const assertColumns = async (lake: Lake, table: IcebergTable): Promise<void> => {
  const found = await lake.runDuck(
    `SELECT column_name, data_type FROM duckdb_columns() WHERE schema_name = ${literal(table.database)} AND table_name = ${literal(table.name)} ORDER BY column_index`,
  );
  const present = found.getRowsJS().map((row) => row.join(' '));
  const wanted = table.columns.map(({ name, type }) => `${name} ${duckTypeOf(type)}`);
  if (present.join(', ') !== wanted.join(', ')) {
    throw new Error(
      `the local table ${table.database}.${table.name} has other columns (${present.join(', ')}) than the template (${wanted.join(', ')}): npm start -- --reset makes it anew`,
    );
  }
};

export interface NoFiles {
  readonly gzip: string;
  readonly none: string;
}

export const makeTables = async (lake: Lake, catalog: Catalog, noFiles: NoFiles): Promise<void> => {
  for (const { name } of catalog.databases()) {
    await lake.runDuck(`CREATE SCHEMA IF NOT EXISTS ${quoted(name)}`);
    for (const table of catalog.tables(name)) {
      if (table.kind === 'iceberg') {
        await lake.runDuck(tableOf(table));
        await assertColumns(lake, table);
      } else {
        for (const kind of ['gzip', 'none'] as const) {
          const none = literal(noFiles[kind]);
          await lake.runDuck(`SET VARIABLE ${filesVariable(table, kind)} = [${none}]`);
        }
        await lake.runDuck(viewOf(table));
      }
    }
  }
};
