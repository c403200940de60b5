/** Short ways to write the tree. */
import type { FunctionName } from './functions.ts';
import type {
  Aggregate,
  AggregateName,
  Expression,
  Order,
  Query,
  Select,
  Source,
  SqlType,
} from './tree.ts';

type Binary = Extract<Expression, { readonly kind: 'binary' }>['op'];

export const column = (of: string, name: string): Expression => ({ kind: 'column', of, name });
export const literal = (value: string | bigint | boolean): Expression => ({
  kind: 'literal',
  value,
});
export const whole = (value: number): Expression => literal(BigInt(value));
export const double = (value: number): Expression => ({ kind: 'double', value });
export const nothing = (type: SqlType): Expression => ({ kind: 'null', type });

export const call = (name: FunctionName, ...args: readonly Expression[]): Expression => ({
  kind: 'call',
  name,
  args,
});

export const binary =
  (op: Binary) =>
  (left: Expression, right: Expression): Expression => ({ kind: 'binary', op, left, right });
export const equal = binary('=');
export const unequal = binary('<>');
export const below = binary('<');
export const atMost = binary('<=');
export const above = binary('>');
export const atLeast = binary('>=');
export const plus = binary('+');
export const minus = binary('-');
export const times = binary('*');
export const over = binary('/');

export const joined = (first: Expression, ...more: readonly Expression[]): Expression =>
  more.reduce(binary('||'), first);

export const and = (...of: readonly Expression[]): Expression => ({ kind: 'and', of });
export const or = (...of: readonly Expression[]): Expression => ({ kind: 'or', of });
export const not = (of: Expression): Expression => ({ kind: 'not', of });
export const isNull = (of: Expression): Expression => ({ kind: 'isNull', of });
export const isNotNull = (of: Expression): Expression => ({ kind: 'isNotNull', of });
export const distinctFrom = (left: Expression, right: Expression): Expression => ({
  kind: 'distinctFrom',
  left,
  right,
});
export const isIn = (of: Expression, texts: readonly string[]): Expression => ({
  kind: 'in',
  of,
  texts,
});

export const cast = (of: Expression, type: SqlType): Expression => ({ kind: 'cast', of, type });

export const choose = (
  when: readonly (readonly [Expression, Expression])[],
  otherwise?: Expression,
): Expression => ({ kind: 'case', when, otherwise });

export const list = (...of: readonly Expression[]): Expression => ({ kind: 'array', of });

export const aggregate = (name: AggregateName, ...args: readonly Expression[]): Aggregate => ({
  kind: 'aggregate',
  name,
  args,
  filter: undefined,
  order: [],
});

export const rising = (of: Expression): Order => ({ of, descending: false });
export const falling = (of: Expression): Order => ({ of, descending: true });

export const table = (name: string, as: string): Source => ({ kind: 'table', table: name, as });
export const query = (of: Query, as: string): Source => ({ kind: 'query', query: of, as });

type Parts = Pick<Select, 'from'> & {
  readonly columns: Readonly<Record<string, Expression>>;
} & Partial<Pick<Select, 'joins' | 'where' | 'groupBy' | 'having' | 'order'>>;

export const select = ({ columns, from, joins, where, groupBy, having, order }: Parts): Select => ({
  kind: 'select',
  columns: Object.entries(columns).map(([as, of]) => ({ as, of })),
  from,
  joins: joins ?? [],
  where,
  groupBy,
  having,
  order: order ?? [],
});

/** The columns of these names of one source, as they are. */
export const columnsOf = (of: string, names: readonly string[]): Record<string, Expression> =>
  Object.fromEntries(names.map((name) => [name, column(of, name)]));
