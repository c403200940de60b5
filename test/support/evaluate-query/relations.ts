/** Relations in memory and what statements do to them; joins and groups go by keys, not by loops. */
import { aggregated } from './aggregates.ts';
import { compare, failed, keyOfAll, type Value } from './values.ts';

export type Row = readonly Value[];
export type Expression = (row: Row) => Value;

export interface Relation {
  /** Names as they can be asked for; of a join, those of both sides. */
  readonly columns: readonly Column[];
  readonly rows: readonly Row[];
}

export interface Column {
  /** The name or alias of its table; absent for what a SELECT made. */
  readonly of?: string;
  readonly name: string;
}

export const isTrue = (value: Value): boolean => value === true;

export const filtered = ({ columns, rows }: Relation, holds: Expression): Relation => ({
  columns,
  rows: rows.filter((row) => isTrue(holds(row))),
});

export const projected = (
  rows: readonly Row[],
  made: readonly { readonly name: string; readonly of: Expression }[],
): Relation => ({
  columns: made.map(({ name }) => ({ name })),
  rows: rows.map((row) => made.map(({ of }) => of(row))),
});

/** By key; rows with a null in it have no partner. */
const indexed = (
  rows: readonly Row[],
  keys: readonly Expression[],
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

export interface JoinKeys {
  /** Of a row of the left side, and of one of the right side. */
  readonly left: readonly Expression[];
  readonly right: readonly Expression[];
  /** Of both rows, one after the other: what is no equality. */
  readonly rest: Expression | undefined;
}

export const joined = (
  left: Relation,
  right: Relation,
  kind: 'inner' | 'left' | 'full',
  keys: JoinKeys,
): Relation => {
  const byKey = indexed(right.rows, keys.right);
  const nothing: Row = right.columns.map(() => null);
  const noLeft: Row = left.columns.map(() => null);
  const met = new Set<Row>();
  const rows = left.rows.flatMap((row) => {
    const key = keys.left.map((of) => of(row));
    const others = key.includes(null) ? [] : (byKey.get(keyOfAll(key)) ?? []);
    const pairs = others
      .map((other) => ({ other, pair: [...row, ...other] }))
      .filter(({ pair }) => keys.rest === undefined || isTrue(keys.rest(pair)));
    for (const { other } of pairs) met.add(other);
    if (pairs.length === 0 && kind !== 'inner') return [[...row, ...nothing]];
    return pairs.map(({ pair }) => pair);
  });
  const alone = kind === 'full' ? right.rows.filter((row) => !met.has(row)) : [];
  return {
    columns: [...left.columns, ...right.columns],
    rows: [...rows, ...alone.map((row) => [...noLeft, ...row])],
  };
};

export interface Order {
  readonly of: Expression;
  readonly descending: boolean;
  /** By default they come last, in both directions. */
  readonly nullsFirst?: boolean;
}

export const byOrder =
  (orders: readonly Order[]) =>
  (left: Row, right: Row): number => {
    for (const { of, descending, nullsFirst = false } of orders) {
      const [a, b] = [of(left), of(right)];
      if (a === null && b === null) continue;
      if (a === null || b === null) return (a === null) === nullsFirst ? -1 : 1;
      const order = compare(a, b);
      if (order !== 0) return descending ? -order : order;
    }
    return 0;
  };

export interface Aggregation {
  readonly name: string;
  readonly given: readonly Expression[];
  readonly isDistinct: boolean;
  readonly filter: Expression | undefined;
  readonly order: readonly Order[];
}

export const aggregate = (
  { name, given, isDistinct, filter, order }: Aggregation,
  rows: readonly Row[],
): Value => {
  const mine = filter === undefined ? rows : rows.filter((row) => isTrue(filter(row)));
  const ordered = order.length === 0 ? mine : mine.toSorted(byOrder(order));
  return aggregated(
    name,
    ordered.map((row) => given.map((of) => of(row))),
    isDistinct,
  );
};

export const groupsOf = (
  rows: readonly Row[],
  keys: readonly Expression[],
): readonly { readonly key: Row; readonly rows: readonly Row[] }[] => {
  const groups = new Map<string, { readonly key: Row; readonly rows: Row[] }>();
  for (const row of rows) {
    const key = keys.map((of) => of(row));
    const text = keyOfAll(key);
    const group = groups.get(text);
    if (group === undefined) groups.set(text, { key, rows: [row] });
    else group.rows.push(row);
  }
  return [...groups.values()];
};

export interface Windowing {
  readonly name: string;
  readonly given: readonly Expression[];
  readonly partition: readonly Expression[];
  readonly order: readonly Order[];
  /** `ROWS BETWEEN n PRECEDING AND …`; absent: all rows up to the peers of this one. */
  readonly rowsBefore?: number | undefined;
}

const ranked = (rows: readonly Row[], window: Windowing, isDense: boolean): readonly Value[] => {
  const compared = byOrder(window.order);
  let rank = 0n;
  return rows.map((row, n) => {
    const before = rows[n - 1];
    const isPeer = before !== undefined && compared(before, row) === 0;
    if (!isPeer) rank = isDense ? rank + 1n : BigInt(n) + 1n;
    return rank;
  });
};

const shifted = (rows: readonly Row[], { given, name }: Windowing): readonly Value[] =>
  rows.map((row, n) => {
    const [of, by, otherwise] = given;
    const count = Number(by?.(row) ?? 1n) * (name === 'lag' ? -1 : 1);
    const other = rows[n + count];
    return other === undefined ? (otherwise?.(row) ?? null) : (of?.(other) ?? null);
  });

/** Without an order all rows; with one, all up to the peers of a row. */
const running = (rows: readonly Row[], window: Windowing): readonly Value[] => {
  const compared = byOrder(window.order);
  return rows.map((row) => {
    const frame =
      window.order.length === 0 ? rows : rows.filter((each) => compared(each, row) <= 0);
    return aggregated(
      window.name,
      frame.map((each) => window.given.map((of) => of(each))),
      false,
    );
  });
};

const windowed = (rows: readonly Row[], window: Windowing): readonly Value[] => {
  if (window.rowsBefore !== undefined) return failed('no frame of rows yet');
  switch (window.name) {
    case 'row_number':
      return rows.map((_, n) => BigInt(n) + 1n);
    case 'rank':
    case 'dense_rank':
      return ranked(rows, window, window.name === 'dense_rank');
    case 'lag':
    case 'lead':
      return shifted(rows, window);
    case 'first_value':
      return rows.map(() => window.given[0]?.(rows[0] ?? []) ?? null);
    default:
      return running(rows, window);
  }
};

/** The value of a window function, by row. */
export const windowValues = (rows: readonly Row[], window: Windowing): ReadonlyMap<Row, Value> => {
  const values = new Map<Row, Value>();
  for (const { rows: mine } of groupsOf(rows, window.partition)) {
    const ordered = mine.toSorted(byOrder(window.order));
    for (const [n, value] of windowed(ordered, window).entries())
      values.set(ordered[n] ?? [], value);
  }
  return values;
};
