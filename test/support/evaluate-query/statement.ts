/** A statement of the query tree over tables in memory. */
import type { Assignment, MergeClause, Statement } from '../../../functions/core/query/tree.ts';
import { compile, type Evaluate, type Row } from './expressions.ts';
import type { Column, Scope } from './scope.ts';
import { asked, equalities, indexed, query, type Result, type Tables } from './select.ts';
import { failed, keyOfAll, missing, SqlDate, SqlRow, type Value } from './values.ts';

type Merge = Extract<Statement, { readonly kind: 'merge' }>;

const NOTHING: Result = { columns: [], rows: [] };

interface Clause {
  readonly kind: MergeClause['kind'];
  readonly holds: Evaluate | undefined;
  /** By column of the target; undefined stays as it is. */
  readonly set: readonly (Evaluate | undefined)[];
}

const clausesOf = (
  clauses: readonly MergeClause[],
  columns: readonly string[],
  scope: Scope,
): readonly Clause[] =>
  clauses.map((clause) => {
    const assigned: readonly Assignment[] =
      clause.kind === 'update' ? clause.set : clause.kind === 'insert' ? clause.values : [];
    const byColumn = new Map(assigned.map(({ column, to }) => [column, compile(to, scope)]));
    for (const column of byColumn.keys())
      if (!columns.includes(column)) missing(`no column ${column} to write`);
    return {
      kind: clause.kind,
      holds: clause.and && compile(clause.and, scope),
      set: columns.map((column) => byColumn.get(column)),
    };
  });

const chosen = (clauses: readonly Clause[], row: Row): Clause | undefined =>
  clauses.find(({ holds }) => holds === undefined || holds(row) === true);

const merge = (statement: Merge, tables: Tables): void => {
  const { into, as, using, usingAs, on, clauses } = statement;
  const target = tables.get(into) ?? missing(`no table ${into}`);
  const source = query(using, tables);
  const targetColumns: readonly Column[] = target.columns.map((name) => ({ of: as, name }));
  const sourceColumns: readonly Column[] = source.columns.map((name) => ({ of: usingAs, name }));
  const scopeOf = (columns: readonly Column[]): Scope => ({ columns, places: new Map() });
  const pairScope = scopeOf([...targetColumns, ...sourceColumns]);
  const keys = equalities(on, usingAs);
  const byKey = indexed(
    source.rows,
    keys.right.map((one) => compile(one, scopeOf(sourceColumns))),
  );
  const targetKeys = keys.left.map((one) => compile(one, scopeOf(targetColumns)));
  // What only the target's row is asked for is asked first: most rows are of other days.
  const [mine, rest] = [
    keys.rest.filter((one) => !asked(one).has(usingAs)),
    keys.rest.filter((one) => asked(one).has(usingAs)),
  ].map((some) => some.map((one) => compile(one, pairScope))) as [Evaluate[], Evaluate[]];
  const [matched, unmatched] = [
    clauses.filter(({ kind }) => kind !== 'insert'),
    clauses.filter(({ kind }) => kind === 'insert'),
  ].map((some) => clausesOf(some, target.columns, pairScope)) as [Clause[], Clause[]];

  const met = new Set<Row>();
  const kept = target.rows.flatMap((row) => {
    if (!mine.every((of) => of(row) === true)) return [row];
    const key = targetKeys.map((of) => of(row));
    const found = key.includes(null) ? [] : (byKey.get(keyOfAll(key)) ?? []);
    const others = found.filter((other) => rest.every((of) => of([...row, ...other]) === true));
    for (const other of others) met.add(other);
    const [other] = others;
    if (other === undefined) return [row];
    if (others.length > 1) return failed(`two rows for one of ${into}`);
    const pair = [...row, ...other];
    const clause = chosen(matched, pair);
    if (clause === undefined) return [row];
    if (clause.kind === 'delete') return [];
    return [clause.set.map((of, place) => (of === undefined ? (row[place] ?? null) : of(pair)))];
  });
  const noTarget: Row = target.columns.map(() => null);
  const inserted = source.rows.flatMap((row) => {
    if (met.has(row)) return [];
    const pair = [...noTarget, ...row];
    const clause = chosen(unmatched, pair);
    return clause === undefined ? [] : [clause.set.map((of) => of?.(pair) ?? null)];
  });
  target.rows = [...kept, ...inserted];
};

/** As UNLOAD writes a value into an object of JSON. */
export const toJson = (value: Value): unknown => {
  if (typeof value === 'bigint') return Number(value);
  if (value instanceof SqlRow)
    return Object.fromEntries(
      value.names.map((name, place) => [name, toJson(value.fields[place] ?? null)]),
    );
  if (Array.isArray(value)) return value.map(toJson);
  return typeof value === 'object' && value !== null ? failed('no JSON of it') : value;
};

/** As GetQueryResults tells a value. */
export const toText = (value: Value): string | null => {
  if (value === null || typeof value === 'string') return value;
  if (value instanceof SqlDate || typeof value === 'object') return JSON.stringify(toJson(value));
  return String(value);
};

/** Rows of a query, lines of an UNLOAD; what else there is changes its table. */
export const execute = (statement: Statement, tables: Tables): Result => {
  switch (statement.kind) {
    case 'query':
    case 'unload':
      return query(statement.query, tables);
    case 'merge':
      merge(statement, tables);
      return NOTHING;
    default:
      return NOTHING;
  }
};
