/** GetQueryResults: pages of the CSV that lies in the output location. */
import { AwsFault, type Input } from '../aws-json.ts';
import { type Cell, readCsv } from './csv.ts';
import type { Execution } from './execution.ts';
import { readObject, type StoredObjects } from './objects.ts';
import type { ResultColumn } from './types.ts';

const ROWS_PER_PAGE_MAX = 1_000;

const invalid = (message: string): AwsFault => new AwsFault('InvalidRequestException', message);

const columnInfo = ({ name, type, precision, scale }: ResultColumn): object => ({
  CatalogName: 'hive',
  SchemaName: '',
  TableName: '',
  Name: name,
  Label: name,
  Type: type,
  Precision: precision,
  Scale: scale,
  Nullable: 'UNKNOWN',
  CaseSensitive: type === 'varchar',
});

const datum = (cell: Cell): object => (cell === null ? {} : { VarCharValue: cell });

const checkReady = ({ state }: Execution): void => {
  if (state === 'QUEUED' || state === 'RUNNING') {
    throw invalid(`Query has not yet finished. Current state: ${state}`);
  }
  if (state !== 'SUCCEEDED') {
    throw invalid(`Query did not finish successfully. Final query state: ${state}`);
  }
};

const pageOf = (input: Input): { readonly start: number; readonly rowsMax: number } => {
  const rowsMax = Number(input.MaxResults ?? ROWS_PER_PAGE_MAX);
  if (!Number.isInteger(rowsMax) || rowsMax < 1 || rowsMax > ROWS_PER_PAGE_MAX) {
    throw invalid(`MaxResults must be 1 to ${ROWS_PER_PAGE_MAX}`);
  }
  const start = Number(input.NextToken ?? 0);
  if (!Number.isInteger(start) || start < 0) throw invalid('Invalid NextToken');
  return { start, rowsMax };
};

/** The last read CSV is kept: pages of one result follow each other. */
export class ResultPages {
  private readonly objects: StoredObjects;
  private last: { readonly id: string; readonly rows: readonly (readonly Cell[])[] } | undefined;

  constructor(objects: StoredObjects) {
    this.objects = objects;
  }

  private rowsOf({ id, outputLocation }: Execution): readonly (readonly Cell[])[] {
    if (this.last?.id === id) return this.last.rows;
    const text = readObject(this.objects, outputLocation);
    if (text === undefined) {
      throw invalid(`Could not find results: ${outputLocation} is no longer there`);
    }
    this.last = { id, rows: readCsv(text) };
    return this.last.rows;
  }

  page(execution: Execution, input: Input): object {
    checkReady(execution);
    const { start, rowsMax } = pageOf(input);
    const { columns = [], updateCount = 0 } = execution;
    const all = columns.length === 0 ? [] : this.rowsOf(execution);
    const end = start + rowsMax;
    return {
      UpdateCount: updateCount,
      ResultSet: {
        Rows: all.slice(start, end).map((row) => ({ Data: row.map(datum) })),
        ResultSetMetadata: { ColumnInfo: columns.map(columnInfo) },
      },
      ...(end < all.length ? { NextToken: String(end) } : {}),
    };
  }
}
