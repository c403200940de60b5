/** What one event says to a tag: whether it matches, and what it adds. */
import type { CanonicalEvent, EnrichedEvent, Json, JsonObject } from '../event/event.ts';
import { invariant } from '../invariant.ts';
import { AMOUNT_MAX, MICROS } from './amount.ts';
import {
  type AmountMeasure,
  type EventFilter,
  type FieldFilter,
  isOrderField,
  type Measure,
  type Scalar,
} from './definition.ts';

/** The parts of an event that a tag may read. */
export type ReadEvent = Pick<
  CanonicalEvent,
  'kind' | 'name' | 'properties' | 'context' | 'traits' | 'commerce'
> &
  Partial<Pick<EnrichedEvent, 'enrichment'>>;

const isObject = (value: Json | undefined): value is JsonObject =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

/** A member of the object's own: `constructor` in an event is data, not a function. */
export const fieldOf = (event: ReadEvent, path: string): Json | undefined => {
  let value = event as unknown as Json | undefined;
  for (const member of path.split('.')) {
    value = isObject(value) && Object.hasOwn(value, member) ? value[member] : undefined;
  }
  return value;
};

/** As SQL sees it: a list, an object and null have no text. */
export const textOf = (value: Json | undefined): string | undefined => {
  if (typeof value === 'string') return value;
  return typeof value === 'number' || typeof value === 'boolean' ? String(value) : undefined;
};

const NUMBER = /^(-?)([0-9]{1,12})(?:\.([0-9]{1,6}))?$/;

/** Of the number's own text, so that no double rounds it; undefined: it is not counted. */
export const microsIn = (value: Json | undefined): number | undefined => {
  const match = typeof value === 'boolean' ? null : NUMBER.exec(textOf(value) ?? '');
  if (match === null) return undefined;
  const [, sign, whole, fraction = ''] = match;
  const size = Number(whole) * MICROS + Number(fraction.padEnd(6, '0'));
  const micros = Math.min(size, AMOUNT_MAX);
  return sign === '-' ? 0 - micros : micros;
};

/** The distinct texts of a value: a list's elements, or the one that it is. */
export const textsOf = (value: Json | undefined): readonly string[] => {
  const list = Array.isArray(value) ? value.filter((each) => typeof each === 'string') : [value];
  return [...new Set(list.flatMap((each) => textOf(each) ?? []))];
};

const isScalar = (value: Json | undefined, wanted: Scalar): boolean => {
  if (typeof wanted === 'number') return microsIn(value) === microsIn(wanted);
  if (typeof wanted === 'boolean') return textOf(value) === String(wanted);
  return textOf(value) === wanted;
};

const holds = (filter: FieldFilter, event: ReadEvent): boolean => {
  const value = fieldOf(event, filter.field);
  if ('is' in filter) return isScalar(value, filter.is);
  if ('in' in filter) return filter.in.some((wanted) => isScalar(value, wanted));
  if ('exists' in filter) return (textOf(value) !== undefined) === filter.exists;
  const micros = microsIn(value);
  if (micros === undefined) return false;
  if ('atLeast' in filter) return micros >= (microsIn(filter.atLeast) ?? Number.POSITIVE_INFINITY);
  return micros <= (microsIn(filter.atMost) ?? Number.NEGATIVE_INFINITY);
};

export const matches = ({ kinds, names, where }: EventFilter, event: ReadEvent): boolean => {
  const isNamed =
    (kinds === undefined && names === undefined) ||
    kinds?.includes(event.kind) === true ||
    names?.includes(event.name) === true;
  return isNamed && (where === undefined || where.every((filter) => holds(filter, event)));
};

/** Undefined where the event says nothing; an order that was counted before says nothing more. */
export const amountOf = (
  measure: AmountMeasure,
  event: ReadEvent,
  orderCounts: boolean,
): number | undefined => {
  if (measure.op === 'count') return 1;
  if (!isOrderField(measure.field)) return microsIn(fieldOf(event, measure.field));
  if (!orderCounts) return undefined;
  const { orders, revenueMicros } = event.commerce ?? {};
  const amount = measure.field === 'commerce.orders' ? orders : revenueMicros;
  invariant(amount === undefined || Number.isSafeInteger(amount), 'a sum adds safe integers');
  return amount;
};

/** In millionths; undefined where the event weighs nothing. */
export const weightOf = (
  { weights }: { readonly weights?: Readonly<Record<string, number>> },
  { name }: ReadEvent,
): number | undefined => {
  if (weights === undefined) return MICROS;
  return Object.hasOwn(weights, name) ? Math.round((weights[name] ?? 0) * MICROS) : undefined;
};

/** A number in the tag's unit: whole orders and counts, everything else in millionths. */
export const unitOf = (measure: Measure): 1 | typeof MICROS => {
  const isAmount = measure.op === 'sum' || measure.op === 'min' || measure.op === 'max';
  return isAmount && measure.field !== 'commerce.orders' ? MICROS : 1;
};
