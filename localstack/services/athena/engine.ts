/** Runs a statement on the lake: finds what it reads, says how much that is, then runs it. */
import { mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import type { DuckDBResultReader } from '@duckdb/node-api';
import type { Catalog, LakeTable, LandingTable } from './catalog.ts';
import type { Cell } from './csv.ts';
import { openLake } from './duck.ts';
import type { Lake } from './lake.ts';
import { filesVariable, literal, makeTables, type NoFiles, quoted } from './lake-tables.ts';
import { filesOf, type PartitionFilter } from './landing.ts';
import { runMerge } from './merge.ts';
import type { ObjectFile, StoredObjects } from './objects.ts';
import { referencesOf, type TableReference } from './references.ts';
import { Refusal } from './refusal.ts';
import { scannedBytesOf } from './scan-model.ts';
import { readStatement, type Statement } from './statement.ts';
import { type ResultColumn, resultColumn } from './types.ts';
import { unload } from './unload.ts';
import { valueText } from './values.ts';

export interface StatementRequest {
  readonly id: string;
  readonly sql: string;
  readonly database: string | undefined;
  /** Told before the statement runs; what it throws is why the statement does not run. */
  readonly onScan: (bytes: number) => void;
}

export interface StatementOutcome {
  readonly columns: readonly ResultColumn[];
  readonly rows: readonly (readonly Cell[])[];
  readonly updateCount?: number;
  /** Objects that were written. */
  readonly written?: readonly string[];
}

export interface EngineOptions {
  /** `lake/` of the data folder. */
  readonly folder: string;
  readonly catalog: Catalog;
  readonly objects: StoredObjects;
  readonly now: () => number;
}

/** DuckDB calls a catalogue by its file: by a name that no database of Glue can have. */
const FILE = 'lake-tables.duckdb';

const textOf = (statement: Statement): string | undefined => {
  if (statement.kind === 'upkeep') return undefined;
  return statement.kind === 'unload' ? statement.query : statement.text;
};

const rowsOf = (reader: DuckDBResultReader): readonly (readonly Cell[])[] => {
  const types = reader.columnTypes();
  return reader.getRows().map((row) => row.map((value, at) => valueText(value, types[at])));
};

const columnsOf = (reader: DuckDBResultReader): readonly ResultColumn[] => {
  const types = reader.columnTypes();
  return reader.columnNames().map((name, at) => {
    const type = types[at];
    if (type === undefined || /STRUCT\(""/.test(String(type))) {
      throw new Refusal('NOT_SUPPORTED', `${name} is a row without names: CAST(ROW(…) AS row(…))`);
    }
    return resultColumn(name, type);
  });
};

const byTable = (
  found: readonly (readonly [TableReference, LakeTable])[],
): ReadonlyMap<LakeTable, readonly TableReference[]> => {
  const grouped = new Map<LakeTable, TableReference[]>();
  for (const [reference, table] of found) {
    grouped.set(table, [...(grouped.get(table) ?? []), reference]);
  }
  return grouped;
};

export class LakeEngine {
  private readonly options: EngineOptions;
  private lake: Promise<Lake> | undefined;
  private madeOf = -1;

  constructor(options: EngineOptions) {
    this.options = options;
  }

  private get noFiles(): NoFiles {
    const { folder } = this.options;
    return { gzip: join(folder, 'no-lines.gz'), none: join(folder, 'no-lines.txt') };
  }

  private get scratch(): string {
    return join(this.options.folder, 'scratch');
  }

  private async open(): Promise<Lake> {
    const { folder, now } = this.options;
    rmSync(this.scratch, { recursive: true, force: true });
    mkdirSync(this.scratch, { recursive: true });
    writeFileSync(this.noFiles.gzip, gzipSync(''));
    writeFileSync(this.noFiles.none, '');
    return openLake({ file: join(folder, FILE), now });
  }

  /** DuckDB and the transpiler are loaded by the first statement. */
  private async ready(): Promise<Lake> {
    this.lake ??= this.open();
    const lake = await this.lake.catch((fault) => {
      this.lake = undefined;
      throw fault;
    });
    const { catalog } = this.options;
    if (this.madeOf !== catalog.version) {
      await makeTables(lake, catalog, this.noFiles);
      this.madeOf = catalog.version;
    }
    return lake;
  }

  private tablesIn(
    references: readonly TableReference[],
    database: string | undefined,
  ): ReadonlyMap<LakeTable, readonly TableReference[]> {
    const { catalog } = this.options;
    return byTable(
      references.map((reference) => {
        const where = reference.database ?? database;
        const table = where === undefined ? undefined : catalog.table(where, reference.table);
        if (table === undefined) {
          const name = [where, reference.table].filter(Boolean).join('.');
          throw new Refusal('TABLE_NOT_FOUND', `Table 'awsdatacatalog.${name}' does not exist`);
        }
        return [reference, table] as const;
      }),
    );
  }

  private partitionFilter(lake: Lake): PartitionFilter {
    return async (candidates, columns, { alias, conditions }) => {
      if (candidates.length === 0) return [];
      const rows = candidates.map(
        (values) => `(${columns.map((name) => literal(values[name] ?? '')).join(', ')})`,
      );
      const from = `(VALUES ${rows.join(', ')}) AS ${quoted(alias)} (${columns.map(quoted).join(', ')})`;
      const where = conditions.map((text) => `(${text})`).join(' AND ');
      const kept = await lake.runDuck(lake.toDuck(`SELECT * FROM ${from} WHERE ${where}`));
      return kept
        .getRowsJS()
        .map((row) => Object.fromEntries(columns.map((name, at) => [name, String(row[at])])));
    };
  }

  private async offer(
    lake: Lake,
    table: LandingTable,
    files: readonly ObjectFile[],
  ): Promise<void> {
    for (const kind of ['gzip', 'none'] as const) {
      const paths = files
        .map(({ path }) => path)
        .filter((path) => path.endsWith('.gz.data') === (kind === 'gzip'));
      const list = [this.noFiles[kind], ...paths].map(literal).join(', ');
      await lake.runDuck(`SET VARIABLE ${filesVariable(table, kind)} = [${list}]`);
    }
  }

  /** Finds the objects and rows that the statement may read, and says how many bytes they are. */
  private async prepare(lake: Lake, text: string, database: string | undefined): Promise<number> {
    const { objects, now } = this.options;
    let bytes = 0;
    for (const [table, references] of this.tablesIn(referencesOf(lake.polyglot, text), database)) {
      if (table.kind === 'iceberg') {
        bytes += await scannedBytesOf(lake, table, references);
        continue;
      }
      const filter = this.partitionFilter(lake);
      const files = await filesOf(table, references, { objects, nowMs: now(), filter });
      await this.offer(lake, table, files);
      bytes += files.reduce((sum, file) => sum + file.bytes, 0);
    }
    return bytes;
  }

  private async perform(lake: Lake, statement: Statement, id: string): Promise<StatementOutcome> {
    if (statement.kind === 'upkeep') return { columns: [], rows: [] };
    if (statement.kind === 'unload') {
      const { rows, objects } = await unload(lake, statement, {
        objects: this.options.objects,
        scratch: this.scratch,
        id,
      });
      return { columns: [], rows: [], updateCount: rows, written: objects };
    }
    if (statement.kind === 'query') {
      const reader = await lake.runDuck(lake.toDuck(statement.text));
      return { columns: columnsOf(reader), rows: rowsOf(reader) };
    }
    const reader =
      statement.kind === 'merge'
        ? await runMerge(lake, statement.text)
        : await lake.runDuck(lake.toDuck(statement.text));
    return { columns: [], rows: [], updateCount: reader.rowsChanged };
  }

  async run({ id, sql, database, onScan }: StatementRequest): Promise<StatementOutcome> {
    const statement = readStatement(sql);
    const lake = await this.ready();
    if (database !== undefined && this.options.catalog.database(database) !== undefined) {
      await lake.runDuck(`SET schema = ${literal(database)}`);
    }
    const text = textOf(statement);
    const bytes = text === undefined ? 0 : await this.prepare(lake, text, database);
    if (statement.kind === 'upkeep') this.checkUpkeep(statement.table, database);
    onScan(bytes);
    return this.perform(lake, statement, id);
  }

  /** A table of DuckDB needs neither; Athena knows both for Iceberg alone. */
  private checkUpkeep(name: string, database: string | undefined): void {
    const [table = '', where = database] = name.split('.').toReversed();
    if (this.options.catalog.table(where ?? '', table)?.kind !== 'iceberg') {
      throw new Refusal('NOT_SUPPORTED', `${name} is not an Iceberg table`);
    }
  }

  async interrupt(): Promise<void> {
    (await this.lake)?.interrupt();
  }

  async close(): Promise<void> {
    const lake = await this.lake?.catch(() => undefined);
    this.lake = undefined;
    this.madeOf = -1;
    lake?.close();
  }
}
