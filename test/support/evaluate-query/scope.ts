/** Where an expression finds what it names: columns by their place, and what was worked out before. */
import type { Expression } from '../../../functions/core/query/tree.ts';
import { missing } from './values.ts';

export interface Column {
  /** The name or alias of its source. */
  readonly of: string;
  readonly name: string;
}

export interface Scope {
  readonly columns: readonly Column[];
  /** Expressions that have a place of their own in a row: keys of groups, aggregates, windows. */
  readonly places: ReadonlyMap<string, number>;
}

const texts = new WeakMap<object, string>();

/** The same text for expressions that are written alike. */
export const textOf = (expression: Expression | object): string => {
  const known = texts.get(expression);
  if (known !== undefined) return known;
  const text = JSON.stringify(expression, (_, value: unknown) =>
    typeof value === 'bigint' ? `${value}n` : value,
  );
  texts.set(expression, text);
  return text;
};

export const placeOf = (columns: readonly Column[], of: string, name: string): number => {
  const place = columns.findIndex((column) => column.of === of && column.name === name);
  return place < 0 ? missing(`no column ${of}.${name}`) : place;
};
