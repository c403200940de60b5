import { type StatementRequest, statementOf } from '../../functions/core/lake/statements.ts';
import { LAKE_TABLES } from '../../functions/core/lake/tables.ts';
import type { Statement } from '../../functions/core/query/tree.ts';
import type { CompiledTags } from '../../functions/core/tags/compile.ts';
import type { ResultRow } from '../../functions/ports/query-results.ts';
import type { MemoryTable, Result } from '../support/evaluate-query/select.ts';
import { execute, toJson, toText } from '../support/evaluate-query/statement.ts';
import { keyText, QueryError } from '../support/evaluate-query/values.ts';
import type { LakeObject } from './lake-model.ts';

type Objects = () => readonly LakeObject[];
type Line = readonly [line: string, dt: string, hr: string];

const BUCKET = 'lake';
const NAMES = { database: 'tributary', bucket: BUCKET };
/** A few users an object, so that a load has several of them. */
const OBJECT_LINES = 3;
const PLACE = /dt=([\d-]+)\/hr=(\d+)/;

/** The lines of objects with the partitions that their names say. */
const landing = (objects: Objects): MemoryTable => {
  const known = new Map<string, readonly Line[]>();
  const linesOf = ({ key, lines }: LakeObject): readonly Line[] => {
    const held = known.get(key);
    if (held !== undefined && held.length === lines.length) return held;
    const [, dt = '', hr = ''] = PLACE.exec(key) ?? [];
    const read = lines.map((line): Line => [line, dt, hr]);
    known.set(key, read);
    return read;
  };
  return {
    columns: ['line', 'dt', 'hr'],
    get rows() {
      return objects().flatMap(linesOf);
    },
    set rows(_) {
      throw new Error('nobody writes lines but their delivery');
    },
  };
};

/** The tables of the lake in memory, and the statements that ship, on the evaluator of their trees. */
export class LakeTables {
  /** Objects of UNLOAD by key, as lines. */
  readonly unloaded = new Map<string, readonly string[]>();
  readonly tables: ReadonlyMap<string, MemoryTable>;
  readonly #tags: Pick<CompiledTags, 'lake'>;

  constructor(raw: Objects, enriched: Objects, tags: Pick<CompiledTags, 'lake'>) {
    this.#tags = tags;
    const { unloaded } = this;
    const runLines: MemoryTable = {
      columns: ['line', 'run'],
      get rows() {
        return [...unloaded].flatMap(([key, lines]) =>
          lines.map((line) => [line, key.split('/').slice(1, -1).join('/')]),
        );
      },
      set rows(_) {
        throw new Error('nobody writes lines but UNLOAD');
      },
    };
    const made = Object.entries(LAKE_TABLES).map(
      ([name, { columns }]) => [name, { columns: Object.keys(columns), rows: [] }] as const,
    );
    this.tables = new Map<string, MemoryTable>([
      ...made,
      ['raw_lines', landing(raw)],
      ['enriched_lines', landing(enriched)],
      ['run_lines', runLines],
    ]);
  }

  execute(request: StatementRequest): readonly ResultRow[] {
    const statement = statementOf(request, NAMES, this.#tags);
    if (statement.kind === 'unload') return this.#unload(statement);
    const { columns, rows } = execute(statement, this.tables);
    return rows.map((row) =>
      Object.fromEntries(columns.map((name, place) => [name, toText(row[place] ?? null)])),
    );
  }

  /** Each table's rows in one order. */
  text(): Readonly<Record<string, readonly string[]>> {
    const sorted = ({ rows }: MemoryTable): readonly string[] =>
      rows.map(keyText).toSorted((left, right) => (left < right ? -1 : 1));
    return Object.fromEntries(
      Object.keys(LAKE_TABLES).map((name) => {
        const table = this.tables.get(name);
        return [name, table === undefined ? [] : sorted(table)];
      }),
    );
  }

  /** Rows of a table by the names of their columns. */
  rowsOf(name: keyof typeof LAKE_TABLES): readonly ResultRow[] {
    const { columns, rows } = this.tables.get(name) ?? { columns: [], rows: [] };
    return rows.map((row) =>
      Object.fromEntries(columns.map((column, place) => [column, toText(row[place] ?? null)])),
    );
  }

  #unload(statement: Extract<Statement, { readonly kind: 'unload' }>): readonly ResultRow[] {
    const folder = statement.to.slice(`s3://${BUCKET}/`.length);
    if ([...this.unloaded.keys()].some((key) => key.startsWith(folder)))
      throw new QueryError(`${folder} holds something`);
    const result: Result = execute(statement, this.tables);
    const lines = result.rows.map((row) =>
      JSON.stringify(
        Object.fromEntries(result.columns.map((name, place) => [name, toJson(row[place] ?? null)])),
      ),
    );
    for (let from = 0; from < lines.length; from += OBJECT_LINES) {
      const name = String(from).padStart(6, '0');
      this.unloaded.set(`${folder}${name}.gz`, lines.slice(from, from + OBJECT_LINES));
    }
    return [];
  }
}
