/** An expression of the query tree as a function of a row. */
import type { Expression } from '../../../functions/core/query/tree.ts';
import { castTo, SCALARS } from './functions.ts';
import { placeOf, type Scope, textOf } from './scope.ts';
import { compare, failed, missing, QueryError, SqlRow, type Value } from './values.ts';

export type Row = readonly Value[];
export type Evaluate = (row: Row) => Value;

type Of<K extends Expression['kind']> = Extract<Expression, { readonly kind: K }>;
/** What the lambdas around an expression are given, by the name of their parameter. */
type Given = ReadonlyMap<string, { value: Value }>;

interface Compiling {
  readonly scope: Scope;
  readonly given: Given;
}

const scalar = (name: string) => SCALARS[name] ?? missing(`no function ${name}`);

const both = (values: readonly Evaluate[], stop: boolean): Evaluate => {
  return (row) => {
    let isUnknown = false;
    for (const of of values) {
      const value = of(row);
      if (value === stop) return stop;
      if (value === null) isUnknown = true;
    }
    return isUnknown ? null : !stop;
  };
};

const tried =
  (of: Evaluate): Evaluate =>
  (row) => {
    try {
      return of(row);
    } catch (cause) {
      if (cause instanceof QueryError) return null;
      throw cause;
    }
  };

const overList = (expression: Of<'call'>, compiling: Compiling): Evaluate => {
  const [over, lambda] = expression.args;
  if (over === undefined || lambda?.kind !== 'lambda') return missing('no lambda');
  const list = compiled(over, compiling);
  const box: { value: Value } = { value: null };
  const given = new Map([...compiling.given, [lambda.parameter, box]]);
  const body = compiled(lambda.body, { ...compiling, given });
  const isFilter = expression.name === 'filter';
  return (row) => {
    const items = list(row);
    if (items === null) return null;
    if (!Array.isArray(items)) return failed('no array');
    const values = items.map((item): readonly [Value, Value] => {
      box.value = item;
      return [item, body(row)];
    });
    return isFilter
      ? values.filter(([, holds]) => holds === true).map(([item]) => item)
      : values.map(([, value]) => value);
  };
};

const call = (expression: Of<'call'>, compiling: Compiling): Evaluate => {
  const { name, args } = expression;
  if (name === 'transform' || name === 'filter') return overList(expression, compiling);
  const values = args.map((arg) => compiled(arg, compiling));
  const [first] = values;
  if (name === 'try' && first !== undefined) return tried(first);
  // What stands behind the first that is there is not even looked at.
  if (name === 'coalesce')
    return (row) => {
      for (const of of values) {
        const value = of(row);
        if (value !== null) return value;
      }
      return null;
    };
  const of = scalar(name);
  return (row) => of(...values.map((value) => value(row)));
};

const cases = ({ when, otherwise }: Of<'case'>, compiling: Compiling): Evaluate => {
  const branches = when.map(
    ([condition, then]) => [compiled(condition, compiling), compiled(then, compiling)] as const,
  );
  const last = otherwise && compiled(otherwise, compiling);
  return (row) => {
    for (const [holds, then] of branches) if (holds(row) === true) return then(row);
    return last?.(row) ?? null;
  };
};

const isDistinct = (left: Value, right: Value): boolean =>
  left === null || right === null ? left !== right : compare(left, right) !== 0;

const compiled = (expression: Expression, compiling: Compiling): Evaluate => {
  const { scope } = compiling;
  const place = scope.places.size === 0 ? undefined : scope.places.get(textOf(expression));
  if (place !== undefined) return (row) => row[place] ?? null;
  const inner = (of: Expression): Evaluate => compiled(of, compiling);
  switch (expression.kind) {
    case 'column': {
      const at = placeOf(scope.columns, expression.of, expression.name);
      return (row) => row[at] ?? null;
    }
    case 'literal':
    case 'double': {
      const { value } = expression;
      return () => value;
    }
    case 'null':
      return () => null;
    case 'parameter': {
      const box = compiling.given.get(expression.name) ?? missing(`no ${expression.name}`);
      return () => box.value;
    }
    case 'call':
      return call(expression, compiling);
    case 'binary': {
      const [left, right] = [inner(expression.left), inner(expression.right)];
      const of = scalar(expression.op);
      return (row) => of(left(row), right(row));
    }
    case 'distinctFrom': {
      const [left, right] = [inner(expression.left), inner(expression.right)];
      return (row) => isDistinct(left(row), right(row));
    }
    case 'and':
    case 'or':
      return both(expression.of.map(inner), expression.kind === 'or');
    case 'not': {
      const of = inner(expression.of);
      return (row) => {
        const value = of(row);
        return value === null ? null : value !== true;
      };
    }
    case 'isNull':
    case 'isNotNull': {
      const of = inner(expression.of);
      const wanted = expression.kind === 'isNull';
      return (row) => (of(row) === null) === wanted;
    }
    case 'in': {
      const of = inner(expression.of);
      const texts = new Set<Value>(expression.texts);
      return (row) => {
        const value = of(row);
        return texts.size === 0 ? false : value === null ? null : texts.has(value);
      };
    }
    case 'case':
      return cases(expression, compiling);
    case 'cast': {
      const of = inner(expression.of);
      const { type } = expression;
      return (row) => castTo(type, of(row));
    }
    case 'tryCast': {
      const of = inner(expression.of);
      const { type } = expression;
      return tried((row) => castTo(type, of(row)));
    }
    case 'array': {
      const items = expression.of.map(inner);
      return (row) => items.map((of) => of(row));
    }
    case 'row': {
      const names = expression.fields.map(({ name }) => name);
      const fields = expression.fields.map(({ of, type }) => {
        const value = inner(of);
        return (row: Row) => castTo(type, value(row));
      });
      return (row) =>
        new SqlRow(
          names,
          fields.map((of) => of(row)),
        );
    }
    default:
      return missing(`${expression.kind} where there is none`);
  }
};

export const compile = (expression: Expression, scope: Scope): Evaluate =>
  compiled(expression, { scope, given: new Map() });
