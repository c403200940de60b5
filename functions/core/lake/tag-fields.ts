/** The fields that tags read, each taken out of a line once, and the conditions on them. */

import {
  and,
  atLeast,
  atMost,
  call,
  column,
  equal,
  isIn,
  isNotNull,
  isNull,
  literal,
  or,
  whole,
} from '../query/build.ts';
import type { Expression } from '../query/tree.ts';
import { AMOUNT_MAX } from '../tags/amount.ts';
import type { LakeTag } from '../tags/compile.ts';
import type { EventFilter, FieldFilter, Scalar } from '../tags/definition.ts';
import { microsIn as microsOf } from '../tags/matching.ts';
import { microsIn, scalarAt, textsAt } from './json-fields.ts';

/** Columns by what they hold: `text3` is the third field's text, `number3` its micros. */
export interface TagFields {
  readonly texts: readonly string[];
  readonly numbers: readonly string[];
  readonly lists: readonly string[];
}

const conditionsOf = ({ definition }: LakeTag): readonly FieldFilter[] =>
  definition.events.where ?? [];

const isNumeric = (filter: FieldFilter): boolean => {
  if ('atLeast' in filter || 'atMost' in filter) return true;
  if ('in' in filter) return filter.in.some((each) => typeof each === 'number');
  return 'is' in filter && typeof filter.is === 'number';
};

const isTextual = (filter: FieldFilter): boolean => {
  if ('in' in filter) return filter.in.some((each) => typeof each !== 'number');
  return 'exists' in filter || ('is' in filter && typeof filter.is !== 'number');
};

/** Counted in columns of their own. */
export const ORDER_COLUMNS: Readonly<Record<string, string>> = {
  'commerce.orders': 'orders',
  'commerce.revenueMicros': 'revenue_micros',
};

type Read = keyof TagFields;

const readOf = (tag: LakeTag): readonly (readonly [Read, string])[] => {
  const { measure } = tag.definition;
  const conditions = conditionsOf(tag).flatMap((filter): readonly (readonly [Read, string])[] => [
    ...(isNumeric(filter) ? [['numbers', filter.field] as const] : []),
    ...(isTextual(filter) ? [['texts', filter.field] as const] : []),
  ]);
  if (!('field' in measure) || measure.field === 'timestamp') return conditions;
  const { op, field } = measure;
  if (op === 'top' || op === 'distinct') return [...conditions, ['lists', field]];
  if (op === 'first' || op === 'last') return [...conditions, ['texts', field]];
  return field in ORDER_COLUMNS ? conditions : [...conditions, ['numbers', field]];
};

export const fieldsOf = (tags: readonly LakeTag[]): TagFields => {
  const read = tags.flatMap(readOf);
  const of = (kind: Read): readonly string[] => [
    ...new Set(read.filter(([each]) => each === kind).map(([, field]) => field)),
  ];
  return { texts: of('texts'), numbers: of('numbers'), lists: of('lists') };
};

export const readsLines = ({ texts, numbers, lists }: TagFields): boolean =>
  texts.length + numbers.length + lists.length > 0;

const namesOf = (
  prefix: string,
  fields: readonly string[],
  value: (field: string) => Expression,
): Record<string, Expression> =>
  Object.fromEntries(fields.map((field, place) => [`${prefix}${place}`, value(field)]));

/** Out of a line, and the same as JSON. */
export const extracted = (
  line: Expression,
  json: Expression,
  fields: TagFields,
): Record<string, Expression> => ({
  ...namesOf('text', fields.texts, (field) => scalarAt(line, field)),
  ...namesOf('number', fields.numbers, (field) => microsIn(scalarAt(line, field))),
  ...namesOf('list', fields.lists, (field) => textsAt(line, json, field)),
});

/** The same with numbers within what is exact. */
export const checked = (of: string, fields: TagFields): Record<string, Expression> => ({
  ...namesOf('text', fields.texts, (field) => textColumn(of, fields, field)),
  ...namesOf('number', fields.numbers, (field) => {
    const most = call('least', numberColumn(of, fields, field), whole(AMOUNT_MAX));
    return call('greatest', most, whole(-AMOUNT_MAX));
  }),
  ...namesOf('list', fields.lists, (field) => listColumn(of, fields, field)),
});

export const textColumn = (of: string, { texts }: TagFields, field: string): Expression =>
  column(of, `text${texts.indexOf(field)}`);
export const numberColumn = (of: string, { numbers }: TagFields, field: string): Expression =>
  column(of, `number${numbers.indexOf(field)}`);
export const listColumn = (of: string, { lists }: TagFields, field: string): Expression =>
  column(of, `list${lists.indexOf(field)}`);

const FALSE = literal(false);

const isScalar = (of: string, fields: TagFields, field: string, wanted: Scalar): Expression => {
  if (typeof wanted !== 'number')
    return equal(textColumn(of, fields, field), literal(String(wanted)));
  const micros = microsOf(wanted);
  return micros === undefined ? FALSE : equal(numberColumn(of, fields, field), whole(micros));
};

const bounded = (
  compare: (left: Expression, right: Expression) => Expression,
  of: Expression,
  limit: number,
): Expression => {
  const micros = microsOf(limit);
  return micros === undefined ? FALSE : compare(of, whole(micros));
};

const holds = (of: string, fields: TagFields, filter: FieldFilter): Expression => {
  const { field } = filter;
  if ('is' in filter) return isScalar(of, fields, field, filter.is);
  if ('in' in filter) return or(...filter.in.map((each) => isScalar(of, fields, field, each)));
  if ('exists' in filter) {
    const text = textColumn(of, fields, field);
    return filter.exists ? isNotNull(text) : isNull(text);
  }
  const number = numberColumn(of, fields, field);
  return 'atLeast' in filter
    ? bounded(atLeast, number, filter.atLeast)
    : bounded(atMost, number, filter.atMost);
};

/** Whether an event, with its fields in columns, is one that the tag counts. */
export const matchesFilter = (
  of: string,
  fields: TagFields,
  { kinds, names, where }: EventFilter,
): Expression => {
  const named =
    kinds === undefined && names === undefined
      ? []
      : [or(isIn(column(of, 'kind'), kinds ?? []), isIn(column(of, 'name'), names ?? []))];
  return and(...named, ...(where ?? []).map((filter) => holds(of, fields, filter)));
};
