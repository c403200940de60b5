/**
 * Which tables a statement reads, and the conditions on each that a reader of it may use.
 *
 * A condition is kept as text, for the engine to judge partitions by. Where the syntax tree has a
 * shape that is not known here, a table is read without conditions: more is read, nothing is missed.
 */
import type { Polyglot } from './dialect.ts';
import { below, children, findAll, isTree, nameOf, type Tree } from './tree.ts';

export interface TableReference {
  readonly database?: string;
  readonly table: string;
  /** What its columns are qualified by. */
  readonly alias: string;
  /** Expressions that hold for every row that the statement takes from this table. */
  readonly conditions: readonly Condition[];
}

export interface Condition {
  readonly text: string;
  /** Names of the columns in it, with what qualifies them. */
  readonly columns: readonly { readonly qualifier?: string; readonly name: string }[];
  /** It asks another query. */
  readonly nested: boolean;
  /** `column = 'text'` or `column IN ('a', 'b')`: the only texts that it can be. */
  readonly values?: readonly string[];
}

const conjunctsOf = (expression: unknown): readonly unknown[] => {
  const and = below(expression, 'and');
  if (and !== undefined)
    return [...conjunctsOf(below(and, 'left')), ...conjunctsOf(below(and, 'right'))];
  const inner = below(expression, 'paren', 'this');
  if (inner !== undefined) return conjunctsOf(inner);
  return expression === undefined || expression === null ? [] : [expression];
};

const textLiteral = (value: unknown): string | undefined => {
  const literal = below(value, 'literal');
  if (below(literal, 'literal_type') !== 'string') return undefined;
  return String(below(literal, 'value'));
};

const valuesOf = (expression: unknown): readonly string[] | undefined => {
  const equal = below(expression, 'eq');
  const one = textLiteral(below(equal, 'right')) ?? textLiteral(below(equal, 'left'));
  if (one !== undefined) return [one];
  const list = below(expression, 'in');
  if (list === undefined || below(list, 'not') === true) return undefined;
  const found = children(below(list, 'expressions')).map(textLiteral);
  return found.length > 0 && found.every((value) => value !== undefined) ? found : undefined;
};

/** The table of a FROM or JOIN entry, if it is one, and what it is called there. */
const tableIn = (entry: unknown): { readonly node: Tree; readonly alias: string } | undefined => {
  const aliased = below(entry, 'alias', 'this', 'table');
  const node = aliased ?? below(entry, 'table');
  if (!isTree(node)) return undefined;
  const alias = nameOf(below(entry, 'alias', 'alias')) ?? nameOf(node.alias) ?? nameOf(node.name);
  return { node, alias: alias ?? '' };
};

class Reader {
  readonly found: TableReference[] = [];
  private readonly polyglot: Polyglot;
  private readonly handled = new Set<unknown>();
  private readonly defined: ReadonlySet<string>;

  constructor(polyglot: Polyglot, tree: unknown) {
    this.polyglot = polyglot;
    const ctes = findAll(tree, 'with').flatMap((one) => children(below(one, 'ctes')));
    this.defined = new Set(ctes.flatMap((cte) => nameOf(below(cte, 'alias')) ?? []));
  }

  private condition(expression: unknown): Condition | undefined {
    const { success, sql } = this.polyglot.generate([expression], this.polyglot.Dialect.Trino);
    const text = success ? sql?.[0] : undefined;
    if (text === undefined) return undefined;
    const columns = findAll(expression, 'column').map((column) => {
      const qualifier = nameOf(column.table);
      return { name: nameOf(column.name) ?? '', ...(qualifier === undefined ? {} : { qualifier }) };
    });
    const nested = findAll(expression, 'select').length > 0;
    const values = valuesOf(expression);
    return { text, columns, nested, ...(values === undefined ? {} : { values }) };
  }

  private add(node: Tree, alias: string, expressions: readonly unknown[]): void {
    this.handled.add(node);
    const table = nameOf(node.name);
    const database = nameOf(node.schema);
    if (table === undefined || (database === undefined && this.defined.has(table))) return;
    const conditions = expressions.flatMap((expression) => this.condition(expression) ?? []);
    this.found.push({ table, alias, conditions, ...(database === undefined ? {} : { database }) });
  }

  /** What WHERE says holds for a table unless a join may fill its columns with nulls. */
  private select(select: Tree): void {
    const joins = children(select.joins).filter(isTree);
    const where = conjunctsOf(below(select.where_clause, 'this'));
    const kinds = joins.map(({ kind }) => String(kind));
    const outer = kinds.some((kind) => !['Inner', 'Cross', 'Left', 'Implicit'].includes(kind));
    for (const entry of children(below(select.from, 'expressions'))) {
      const table = tableIn(entry);
      if (table !== undefined) this.add(table.node, table.alias, outer ? [] : where);
    }
    joins.forEach((join, at) => {
      const table = tableIn(join.this);
      if (table === undefined) return;
      const inner = kinds[at] === 'Inner' || kinds[at] === 'Cross';
      const on = inner || kinds[at] === 'Left' ? conjunctsOf(join.on) : [];
      this.add(table.node, table.alias, outer ? [] : [...(inner ? where : []), ...on]);
    });
  }

  private merge(merge: Tree): void {
    const on = conjunctsOf(merge.on);
    for (const entry of [merge.this, merge.using]) {
      const table = tableIn(entry);
      if (table !== undefined) this.add(table.node, table.alias, entry === merge.this ? on : []);
    }
  }

  private change(node: Tree): void {
    const table = isTree(node.table) ? node.table : undefined;
    if (table === undefined) return;
    this.add(table, nameOf(table.name) ?? '', conjunctsOf(below(node.where_clause, 'this')));
  }

  visit(value: unknown): void {
    if (isTree(value)) {
      if (isTree(value.select)) this.select(value.select);
      if (isTree(value.merge)) this.merge(value.merge);
      if (isTree(value.update)) this.change(value.update);
      if (isTree(value.delete)) this.change(value.delete);
      // What is inserted into is not read.
      if (isTree(value.insert)) this.handled.add(value.insert.table);
      const { table } = value;
      const isTable = isTree(table) && isTree(table.name) && 'schema' in table;
      if (isTable && !this.handled.has(table)) this.add(table, nameOf(table.name) ?? '', []);
    }
    for (const child of children(value)) this.visit(child);
  }
}

/** An unreadable text has no references; the translation says why it is not readable. */
export const referencesOf = (polyglot: Polyglot, trino: string): readonly TableReference[] => {
  const { success, ast } = polyglot.parse(trino, polyglot.Dialect.Trino);
  if (!success) return [];
  const reader = new Reader(polyglot, ast);
  reader.visit(ast);
  return reader.found;
};

/** Conditions that say something of these columns alone, and ask no other query. */
export const conditionsOn = (
  { alias, conditions }: TableReference,
  columns: readonly string[],
): readonly Condition[] =>
  conditions.filter(
    (condition) =>
      !condition.nested &&
      condition.columns.length > 0 &&
      condition.columns.every(
        ({ qualifier, name }) =>
          columns.includes(name) && (qualifier === undefined || qualifier === alias),
      ),
  );
