/**
 * Queries as values: the only way to SQL. Few kinds, each with the plain meaning that it has in
 * Trino, so that one printer and one evaluator in memory are enough to read them all.
 *
 * Null is what SQL says it is: a comparison with it is null, `and` and `or` have three values, and
 * WHERE, ON, HAVING and FILTER keep a row only where they are true.
 */
import type { FunctionName } from './functions.ts';

/** Text, 64-bit integer, double; a moment is milliseconds since 1970 in a bigint, a day is text. */
export type SqlType =
  | 'varchar'
  | 'bigint'
  | 'double'
  | 'boolean'
  | 'timestamp(3)'
  | 'decimal(38, 0)'
  | 'array(json)';

export type Expression =
  /** A column of the table, query or unnested array that is called `of`. */
  | { readonly kind: 'column'; readonly of: string; readonly name: string }
  | { readonly kind: 'literal'; readonly value: string | bigint | boolean }
  | { readonly kind: 'double'; readonly value: number }
  | { readonly kind: 'null'; readonly type: SqlType }
  /** A function of values. One that takes a function has a `lambda` among its arguments. */
  | { readonly kind: 'call'; readonly name: FunctionName; readonly args: readonly Expression[] }
  | { readonly kind: 'lambda'; readonly parameter: string; readonly body: Expression }
  /** The parameter of the lambda around it. */
  | { readonly kind: 'parameter'; readonly name: string }
  | Aggregate
  /** Over the rows of its partition: all of them, by their place in the order, or of the row before. */
  | {
      readonly kind: 'window';
      readonly of:
        | Aggregate
        | { readonly kind: 'rowNumber' }
        | { readonly kind: 'lag'; readonly of: Expression };
      readonly partition: readonly Expression[];
      readonly order: readonly Order[];
    }
  | {
      readonly kind: 'binary';
      /** `/` is of doubles alone, and never by zero. */
      readonly op: '=' | '<>' | '<' | '<=' | '>' | '>=' | '+' | '-' | '*' | '/' | '||';
      readonly left: Expression;
      readonly right: Expression;
    }
  /** True and false for nulls too: two nulls are not distinct. */
  | { readonly kind: 'distinctFrom'; readonly left: Expression; readonly right: Expression }
  /** Without members: true, and false. */
  | { readonly kind: 'and' | 'or'; readonly of: readonly Expression[] }
  | { readonly kind: 'not' | 'isNull' | 'isNotNull'; readonly of: Expression }
  /** Without texts: false. */
  | { readonly kind: 'in'; readonly of: Expression; readonly texts: readonly string[] }
  /** The first that holds; else null or `otherwise`. */
  | {
      readonly kind: 'case';
      readonly when: readonly (readonly [Expression, Expression])[];
      readonly otherwise: Expression | undefined;
    }
  | { readonly kind: 'cast'; readonly of: Expression; readonly type: SqlType }
  /** Null where a text is none of this type. What the text looks like has been seen to before. */
  | { readonly kind: 'tryCast'; readonly of: Expression; readonly type: 'timestamp(3)' }
  | { readonly kind: 'array'; readonly of: readonly Expression[] }
  /** A row with named and typed fields. */
  | { readonly kind: 'row'; readonly fields: readonly RowField[] };

export interface RowField {
  readonly name: string;
  readonly type: SqlType;
  readonly of: Expression;
}

/** Nulls come last in both directions. */
export interface Order {
  readonly of: Expression;
  readonly descending: boolean;
}

export type AggregateName =
  /** Of rows, or of rows whose argument is not null. */
  | 'count'
  /** Null of no rows; of decimals and of doubles. */
  | 'sum'
  | 'min'
  | 'max'
  /** The first argument where the second is least, greatest; its fields are never null. */
  | 'min_by'
  | 'max_by'
  | 'bool_or'
  /** Null of no rows. */
  | 'array_agg';

export interface Aggregate {
  readonly kind: 'aggregate';
  readonly name: AggregateName;
  readonly args: readonly Expression[];
  readonly filter: Expression | undefined;
  /** Of `array_agg`. */
  readonly order: readonly Order[];
}

/** What rows are taken from, and the name by which its columns are asked for. */
export type Source = { readonly as: string } & (
  | { readonly kind: 'table'; readonly table: string }
  | { readonly kind: 'query'; readonly query: Query }
);

export type Join =
  /** Each row of the left side with each of the right for which `on` holds. */
  | {
      readonly kind: 'inner' | 'left' | 'full';
      readonly source: Source;
      readonly on: Expression;
    }
  | { readonly kind: 'cross'; readonly source: Source }
  /** A row with each element of an array of that row; with none of an empty one. */
  | {
      readonly kind: 'unnest';
      readonly of: Expression;
      readonly as: string;
      readonly column: string;
    };

export interface Select {
  readonly kind: 'select';
  readonly columns: readonly { readonly as: string; readonly of: Expression }[];
  readonly from: Source;
  readonly joins: readonly Join[];
  readonly where: Expression | undefined;
  /** Undefined: no groups, unless a column aggregates, which makes one group of all rows. */
  readonly groupBy: readonly Expression[] | undefined;
  readonly having: Expression | undefined;
  readonly order: readonly Order[];
}

export type Query =
  | Select
  /** All rows of all of them; they have the same columns in the same order. */
  | { readonly kind: 'union'; readonly of: readonly Select[] };

export interface Assignment {
  readonly column: string;
  readonly to: Expression;
}

/** The first whose condition holds is done, for each row of the source or pair of rows. */
export type MergeClause =
  | { readonly kind: 'delete'; readonly and: Expression | undefined }
  | {
      readonly kind: 'update';
      readonly and: Expression | undefined;
      readonly set: readonly Assignment[];
    }
  /** Where no row of the target matches. */
  | {
      readonly kind: 'insert';
      readonly and: Expression | undefined;
      readonly values: readonly Assignment[];
    };

export type Statement =
  | { readonly kind: 'query'; readonly query: Query }
  /** At most one row of the source matches a row of the target; the opposite is an error. */
  | {
      readonly kind: 'merge';
      readonly into: string;
      readonly as: string;
      readonly using: Query;
      readonly usingAs: string;
      readonly on: Expression;
      readonly clauses: readonly MergeClause[];
    }
  /** A JSON object a row, in objects of gzip, into a folder that must hold nothing. */
  | { readonly kind: 'unload'; readonly query: Query; readonly to: string }
  | { readonly kind: 'optimize' | 'vacuum'; readonly table: string };
