/** The tree as Athena reads it: one text, whose parentheses leave nothing to precedence. */
import { invariant } from '../invariant.ts';
import { FUNCTION_NAMES } from './functions.ts';
import type {
  Aggregate,
  Assignment,
  Expression,
  Join,
  MergeClause,
  Order,
  Query,
  Select,
  Source,
  Statement,
} from './tree.ts';

const NAME = /^[a-z_][a-z0-9_]*$/;

const named = (name: string): string => {
  invariant(NAME.test(name), 'a name needs no quotes');
  return name;
};

/** On one line, so that a text with lines of its own stands any indentation. */
const quoted = (text: string): string => {
  const lines = text.split('\n').map((line) => `'${line.replaceAll("'", "''")}'`);
  return lines.length === 1 ? lines.join('') : `(${lines.join(' || chr(10) || ')})`;
};

const printWhole = (value: bigint): string => (value < 0n ? `(${value})` : String(value));

/** A literal with an exponent is a double; without one it would be a decimal. */
const printDouble = (value: number): string => {
  invariant(Number.isFinite(value), 'a double that can be written');
  return value < 0 ? `(${value.toExponential()})` : value.toExponential();
};

const printLiteral = (value: string | bigint | boolean): string => {
  if (typeof value === 'string') return quoted(value);
  return typeof value === 'bigint' ? printWhole(value) : String(value);
};

const comma = (parts: readonly string[]): string => parts.join(', ');

const printOrder = (order: readonly Order[]): string =>
  order.length === 0
    ? ''
    : `ORDER BY ${comma(order.map(({ of, descending }) => `${print(of)}${descending ? ' DESC' : ''}`))}`;

const printAggregate = ({ name, args, filter, order }: Aggregate): string => {
  const given = args.length === 0 ? '*' : comma(args.map(print));
  const ordered = [given, printOrder(order)].filter((part) => part !== '').join(' ');
  return `${name}(${ordered})${filter === undefined ? '' : ` FILTER (WHERE ${print(filter)})`}`;
};

type Kind<K extends Expression['kind']> = Extract<Expression, { readonly kind: K }>;

const printWindowed = (of: Kind<'window'>['of']): string => {
  if (of.kind === 'rowNumber') return 'row_number()';
  return of.kind === 'lag' ? `lag(${print(of.of)})` : printAggregate(of);
};

const printWindow = ({ of, partition, order }: Kind<'window'>): string => {
  const value = printWindowed(of);
  const by = partition.length === 0 ? '' : `PARTITION BY ${comma(partition.map(print))}`;
  return `${value} OVER (${[by, printOrder(order)].filter((part) => part !== '').join(' ')})`;
};

const printCase = ({ when, otherwise }: Kind<'case'>): string => {
  if (when.length === 0) return otherwise === undefined ? 'NULL' : print(otherwise);
  const cases = when.map(([holds, value]) => `WHEN ${print(holds)} THEN ${print(value)}`);
  return `CASE ${[...cases, ...(otherwise === undefined ? [] : [`ELSE ${print(otherwise)}`])].join(' ')} END`;
};

const printLogic = ({ kind, of }: Kind<'and' | 'or'>): string => {
  if (of.length === 0) return String(kind === 'and');
  return `(${of.map(print).join(kind === 'and' ? ' AND ' : ' OR ')})`;
};

const printRow = ({ fields }: Kind<'row'>): string => {
  const types = fields.map(({ name, type }) => `${named(name)} ${type}`);
  return `CAST(ROW(${comma(fields.map(({ of }) => print(of)))}) AS row(${comma(types)}))`;
};

const printCall = ({ name, args }: Kind<'call'>): string => {
  invariant(FUNCTION_NAMES.includes(name), 'a function of the list');
  return `${name}(${comma(args.map(print))})`;
};

const print = (of: Expression): string => {
  switch (of.kind) {
    case 'column':
      return `${named(of.of)}.${named(of.name)}`;
    case 'literal':
      return printLiteral(of.value);
    case 'double':
      return printDouble(of.value);
    case 'null':
      return `CAST(NULL AS ${of.type})`;
    case 'call':
      return printCall(of);
    case 'lambda':
      return `${named(of.parameter)} -> ${print(of.body)}`;
    case 'parameter':
      return named(of.name);
    case 'aggregate':
      return printAggregate(of);
    case 'window':
      return printWindow(of);
    case 'binary':
      return `(${print(of.left)} ${of.op} ${print(of.right)})`;
    case 'distinctFrom':
      return `(${print(of.left)} IS DISTINCT FROM ${print(of.right)})`;
    case 'and':
    case 'or':
      return printLogic(of);
    case 'not':
      return `(NOT ${print(of.of)})`;
    case 'isNull':
      return `(${print(of.of)} IS NULL)`;
    case 'isNotNull':
      return `(${print(of.of)} IS NOT NULL)`;
    case 'in':
      return of.texts.length === 0
        ? 'false'
        : `(${print(of.of)} IN (${comma(of.texts.map(quoted))}))`;
    case 'case':
      return printCase(of);
    case 'cast':
      return `CAST(${print(of.of)} AS ${of.type})`;
    case 'tryCast':
      return `TRY_CAST(${print(of.of)} AS ${of.type})`;
    case 'array':
      return `ARRAY[${comma(of.of.map(print))}]`;
    case 'row':
      return printRow(of);
  }
};

const indented = (text: string): string => text.replaceAll('\n', '\n  ');

/** Prints queries and statements on the tables of one database. */
class Printer {
  readonly #database: string;
  constructor(database: string) {
    this.#database = named(database);
  }

  #table(name: string): string {
    return `${this.#database}.${named(name)}`;
  }

  #source(source: Source): string {
    const as = named(source.as);
    if (source.kind === 'table') return `${this.#table(source.table)} AS ${as}`;
    return `(\n  ${indented(this.query(source.query))}\n) AS ${as}`;
  }

  #join(join: Join): string {
    if (join.kind === 'unnest')
      return `CROSS JOIN UNNEST(${print(join.of)}) AS ${named(join.as)} (${named(join.column)})`;
    const source = this.#source(join.source);
    if (join.kind === 'cross') return `CROSS JOIN ${source}`;
    return `${join.kind === 'full' ? 'FULL OUTER' : join.kind.toUpperCase()} JOIN ${source} ON ${print(join.on)}`;
  }

  #select({ columns, from, joins, where, groupBy, having, order }: Select): string {
    const made = columns.map(({ as, of }) => `${print(of)} AS ${named(as)}`);
    return [
      `SELECT\n  ${made.join(',\n  ')}`,
      `FROM ${this.#source(from)}`,
      ...joins.map((join) => this.#join(join)),
      ...(where === undefined ? [] : [`WHERE ${print(where)}`]),
      ...(groupBy === undefined ? [] : [`GROUP BY ${comma(groupBy.map(print))}`]),
      ...(having === undefined ? [] : [`HAVING ${print(having)}`]),
      ...(order.length === 0 ? [] : [printOrder(order)]),
    ].join('\n');
  }

  query(query: Query): string {
    if (query.kind === 'select') return this.#select(query);
    return query.of.map((each) => this.#select(each)).join('\nUNION ALL\n');
  }

  #clause(clause: MergeClause): string {
    const and = clause.and === undefined ? '' : ` AND ${print(clause.and)}`;
    if (clause.kind === 'delete') return `WHEN MATCHED${and} THEN DELETE`;
    const assigned = (all: readonly Assignment[], of: (each: Assignment) => string): string =>
      comma(all.map(of));
    if (clause.kind === 'update')
      return `WHEN MATCHED${and} THEN UPDATE SET ${assigned(clause.set, ({ column, to }) => `${named(column)} = ${print(to)}`)}`;
    const columns = assigned(clause.values, ({ column }) => named(column));
    const values = assigned(clause.values, ({ to }) => print(to));
    return `WHEN NOT MATCHED${and} THEN INSERT (${columns}) VALUES (${values})`;
  }

  statement(statement: Statement): string {
    switch (statement.kind) {
      case 'query':
        return this.query(statement.query);
      case 'merge': {
        const { into, as, using, usingAs, on, clauses } = statement;
        return [
          `MERGE INTO ${this.#table(into)} AS ${named(as)}`,
          `USING (\n  ${indented(this.query(using))}\n) AS ${named(usingAs)}`,
          `ON ${print(on)}`,
          ...clauses.map((clause) => this.#clause(clause)),
        ].join('\n');
      }
      case 'unload':
        return `UNLOAD (\n  ${indented(this.query(statement.query))}\n)\nTO ${quoted(statement.to)}\nWITH (format = 'JSON', compression = 'GZIP')`;
      case 'optimize':
        return `OPTIMIZE ${this.#table(statement.table)} REWRITE DATA USING BIN_PACK`;
      case 'vacuum':
        return `VACUUM ${this.#table(statement.table)}`;
    }
  }
}

export const printAthena = (statement: Statement, database: string): string =>
  new Printer(database).statement(statement);
