/** A query of the tree over tables in memory; joins and groups go by keys, not by loops. */
import type {
  Aggregate,
  Expression,
  Join,
  Order,
  Query,
  Select,
  Source,
} from '../../../functions/core/query/tree.ts';
import { aggregated } from './aggregates.ts';
import { compile, type Evaluate, type Row } from './expressions.ts';
import { type Column, type Scope, textOf } from './scope.ts';
import { compare, failed, keyOfAll, missing, type Value } from './values.ts';

export interface MemoryTable {
  readonly columns: readonly string[];
  rows: readonly Row[];
}
export type Tables = ReadonlyMap<string, MemoryTable>;

interface Relation {
  readonly columns: readonly Column[];
  readonly rows: readonly Row[];
}

const scopeOf = (columns: readonly Column[]): Scope => ({ columns, places: new Map() });
const isTrue = (value: Value): boolean => value === true;

const sourceOf = (source: Source, tables: Tables): Relation => {
  if (source.kind === 'query') {
    const { columns, rows } = query(source.query, tables);
    return { columns: columns.map((name) => ({ of: source.as, name })), rows };
  }
  const table = tables.get(source.table) ?? missing(`no table ${source.table}`);
  return { columns: table.columns.map((name) => ({ of: source.as, name })), rows: table.rows };
};

const conjuncts = (expression: Expression): readonly Expression[] =>
  expression.kind === 'and' ? expression.of.flatMap(conjuncts) : [expression];

/** The sources that an expression asks. */
export const asked = (expression: unknown, found = new Set<string>()): ReadonlySet<string> => {
  if (typeof expression !== 'object' || expression === null) return found;
  const { kind, of } = expression as { readonly kind?: string; readonly of?: unknown };
  if (kind === 'column') found.add(String(of));
  else for (const member of Object.values(expression)) asked(member, found);
  return found;
};

export interface Equalities {
  readonly left: readonly Expression[];
  readonly right: readonly Expression[];
  /** What is no equality of one side with the other. */
  readonly rest: readonly Expression[];
}

/** What of a condition can be looked up by a key. */
export const equalities = (on: Expression, rightAs: string): Equalities => {
  const isRight = (of: Expression): boolean => {
    const names = asked(of);
    return names.size > 0 && [...names].every((name) => name === rightAs);
  };
  const isLeft = (of: Expression): boolean => !asked(of).has(rightAs);
  const left: Expression[] = [];
  const right: Expression[] = [];
  const rest: Expression[] = [];
  for (const one of conjuncts(on)) {
    const isEquality = one.kind === 'binary' && one.op === '=';
    if (isEquality && isLeft(one.left) && isRight(one.right)) {
      left.push(one.left);
      right.push(one.right);
    } else if (isEquality && isLeft(one.right) && isRight(one.left)) {
      left.push(one.right);
      right.push(one.left);
    } else rest.push(one);
  }
  return { left, right, rest };
};

/** By key; a row with a null in it has no partner. */
export const indexed = (
  rows: readonly Row[],
  keys: readonly Evaluate[],
): ReadonlyMap<string, readonly Row[]> => {
  const byKey = new Map<string, Row[]>();
  for (const row of rows) {
    const key = keys.map((of) => of(row));
    if (key.includes(null)) continue;
    const text = keyOfAll(key);
    const held = byKey.get(text);
    if (held === undefined) byKey.set(text, [row]);
    else held.push(row);
  }
  return byKey;
};

type OnJoin = Extract<Join, { readonly on: Expression }>;

const joinedOn = (left: Relation, { kind, on, source }: OnJoin, tables: Tables): Relation => {
  const right = sourceOf(source, tables);
  const columns = [...left.columns, ...right.columns];
  const keys = equalities(on, source.as);
  const of = (side: Relation) => (one: Expression) => compile(one, scopeOf(side.columns));
  const byKey = indexed(right.rows, keys.right.map(of(right)));
  const leftKeys = keys.left.map(of(left));
  const rest = keys.rest.map((one) => compile(one, scopeOf(columns)));
  const met = new Set<Row>();
  const nothing: Row = right.columns.map(() => null);
  const rows = left.rows.flatMap((row) => {
    const key = leftKeys.map((one) => one(row));
    const others = key.includes(null) ? [] : (byKey.get(keyOfAll(key)) ?? []);
    const pairs = others.flatMap((other) => {
      const pair = [...row, ...other];
      if (!rest.every((one) => isTrue(one(pair)))) return [];
      met.add(other);
      return [pair];
    });
    return pairs.length === 0 && kind !== 'inner' ? [[...row, ...nothing]] : pairs;
  });
  if (kind !== 'full') return { columns, rows };
  const noLeft: Row = left.columns.map(() => null);
  const alone = right.rows.filter((row) => !met.has(row)).map((row) => [...noLeft, ...row]);
  return { columns, rows: [...rows, ...alone] };
};

const joined = (left: Relation, join: Join, tables: Tables): Relation => {
  if (join.kind === 'cross') {
    const right = sourceOf(join.source, tables);
    const rows = left.rows.flatMap((row) => right.rows.map((other) => [...row, ...other]));
    return { columns: [...left.columns, ...right.columns], rows };
  }
  if (join.kind !== 'unnest') return joinedOn(left, join, tables);
  const list = compile(join.of, scopeOf(left.columns));
  const rows = left.rows.flatMap((row) => {
    const items = list(row);
    if (items === null) return [];
    return Array.isArray(items) ? items.map((item) => [...row, item]) : failed('no array');
  });
  return { columns: [...left.columns, { of: join.as, name: join.column }], rows };
};

type Windowed = Extract<Expression, { readonly kind: 'window' }>;

/** Nodes of a kind within expressions, those within them left out. */
const within = <K extends 'aggregate' | 'window'>(
  kind: K,
  expressions: readonly unknown[],
): readonly Extract<Expression, { readonly kind: K }>[] => {
  const found = new Map<string, Extract<Expression, { readonly kind: K }>>();
  const look = (value: unknown): void => {
    if (typeof value !== 'object' || value === null) return;
    const node = value as Expression;
    if (node.kind === kind) {
      found.set(textOf(node), node as Extract<Expression, { readonly kind: K }>);
      return;
    }
    // What a window aggregates, it aggregates over rows and not over a group.
    if (node.kind === 'window')
      for (const part of [...node.partition, ...node.order, ...argsOf(node)]) look(part);
    else for (const member of Object.values(value)) look(member);
  };
  for (const expression of expressions) look(expression);
  return [...found.values()];
};

const argsOf = ({ of }: Windowed): readonly Expression[] => {
  if (of.kind === 'lag') return [of.of];
  return of.kind === 'aggregate' ? [...of.args, ...(of.filter ? [of.filter] : [])] : [];
};

export const byOrder = (orders: readonly Order[], scope: Scope) => {
  const compiled = orders.map(({ of, descending }) => ({ of: compile(of, scope), descending }));
  return (left: Row, right: Row): number => {
    for (const { of, descending } of compiled) {
      const [a, b] = [of(left), of(right)];
      if (a === null || b === null) {
        if (a !== b) return a === null ? 1 : -1;
        continue;
      }
      const order = compare(a, b);
      if (order !== 0) return descending ? -order : order;
    }
    return 0;
  };
};

const aggregateOf = ({ name, args, filter, order }: Aggregate, scope: Scope) => {
  const values = args.map((arg) => compile(arg, scope));
  const holds = filter && compile(filter, scope);
  const compared = order.length > 0 ? byOrder(order, scope) : undefined;
  return (rows: readonly Row[]): Value => {
    const mine = holds === undefined ? rows : rows.filter((row) => isTrue(holds(row)));
    const ordered = compared === undefined ? mine : mine.toSorted(compared);
    return aggregated(
      name,
      ordered.map((row) => values.map((of) => of(row))),
    );
  };
};

const grouped = (
  rows: readonly Row[],
  keys: readonly Evaluate[],
): readonly { readonly key: Row; readonly rows: readonly Row[] }[] => {
  const groups = new Map<string, { readonly key: Row; readonly rows: Row[] }>();
  for (const row of rows) {
    const key = keys.map((of) => of(row));
    const text = keyOfAll(key);
    const group = groups.get(text);
    if (group === undefined) groups.set(text, { key, rows: [row] });
    else group.rows.push(row);
  }
  // An aggregate without keys is of one group, even of no rows.
  if (keys.length === 0 && groups.size === 0) return [{ key: [], rows: [] }];
  return [...groups.values()];
};

interface Placed {
  readonly scope: Scope;
  readonly rows: readonly Row[];
}

/** Rows of keys and aggregates, where there are any. */
const groupedBy = (select: Select, { columns, rows }: Relation): Placed => {
  const scope = scopeOf(columns);
  const aggregates = within('aggregate', [select.columns, select.having, select.order]);
  if (select.groupBy === undefined && aggregates.length === 0) return { scope, rows };
  const keys = select.groupBy ?? [];
  const sums = aggregates.map((one) => aggregateOf(one, scope));
  const groups = grouped(
    rows,
    keys.map((key) => compile(key, scope)),
  );
  const places = new Map([...keys, ...aggregates].map((one, place) => [textOf(one), place]));
  return {
    scope: { columns: [], places },
    rows: groups.map((group) => [...group.key, ...sums.map((of) => of(group.rows))]),
  };
};

const windowOf = ({ of, partition, order }: Windowed, { scope, rows }: Placed) => {
  const compared = byOrder(order, scope);
  const values = new Map<Row, Value>();
  const keys = partition.map((one) => compile(one, scope));
  const sum = of.kind === 'aggregate' ? aggregateOf(of, scope) : undefined;
  const lagged = of.kind === 'lag' ? compile(of.of, scope) : undefined;
  for (const { rows: mine } of grouped(rows, keys)) {
    const ordered = mine.toSorted(compared);
    const all = sum !== undefined && order.length === 0 ? sum(ordered) : undefined;
    for (const [place, row] of ordered.entries()) {
      if (lagged !== undefined) {
        const before = ordered[place - 1];
        values.set(row, before === undefined ? null : lagged(before));
        continue;
      }
      // Up to the last of its peers.
      const frame = () => ordered.filter((other) => compared(other, row) <= 0);
      values.set(row, sum === undefined ? BigInt(place) + 1n : (all ?? sum(frame())));
    }
  }
  return values;
};

/** A place more in each row for each window. */
const windowed = (select: Select, placed: Placed): Placed => {
  const windows = within('window', [select.columns, select.order]);
  if (windows.length === 0) return placed;
  const values = windows.map((one) => windowOf(one, placed));
  const width = placed.scope.columns.length + placed.scope.places.size;
  const places = new Map(placed.scope.places);
  for (const [place, one] of windows.entries()) places.set(textOf(one), width + place);
  return {
    scope: { columns: placed.scope.columns, places },
    rows: placed.rows.map((row) => [...row, ...values.map((of) => of.get(row) ?? null)]),
  };
};

const filtered = (rows: readonly Row[], holds: Expression | undefined, scope: Scope) => {
  if (holds === undefined) return rows;
  const of = compile(holds, scope);
  return rows.filter((row) => isTrue(of(row)));
};

export interface Result {
  readonly columns: readonly string[];
  readonly rows: readonly Row[];
}

const selected = (select: Select, tables: Tables): Result => {
  const from = select.joins.reduce(
    (left, join) => joined(left, join, tables),
    sourceOf(select.from, tables),
  );
  const rows = filtered(from.rows, select.where, scopeOf(from.columns));
  const groups = groupedBy(select, { columns: from.columns, rows });
  const kept = filtered(groups.rows, select.having, groups.scope);
  const { scope, rows: all } = windowed(select, { scope: groups.scope, rows: kept });
  const ordered = select.order.length > 0 ? all.toSorted(byOrder(select.order, scope)) : all;
  const values = select.columns.map(({ of }) => compile(of, scope));
  return {
    columns: select.columns.map(({ as }) => as),
    rows: ordered.map((row) => values.map((of) => of(row))),
  };
};

export const query = (of: Query, tables: Tables): Result => {
  if (of.kind === 'select') return selected(of, tables);
  const parts = of.of.map((part) => selected(part, tables));
  return { columns: parts[0]?.columns ?? [], rows: parts.flatMap(({ rows }) => rows) };
};
