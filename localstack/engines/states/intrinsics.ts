/** The functions of the States Language that need neither a clock nor a random number. */
import { isList, isObject, type Json, type JsonObject, StatesError, sameJson } from './json.ts';

const fail = (cause: string): never => {
  throw new StatesError('States.IntrinsicFailure', cause);
};

const LIST_MAX = 1_000;

const text = (value: Json | undefined): string =>
  typeof value === 'string' ? value : fail('a text is expected');
const whole = (value: Json | undefined): number =>
  typeof value === 'number' ? Math.trunc(value) : fail('a number is expected');
const list = (value: Json | undefined): readonly Json[] =>
  isList(value) ? value : fail('a list is expected');
const object = (value: Json | undefined): JsonObject =>
  isObject(value) ? value : fail('an object is expected');

const shown = (value: Json | undefined): string =>
  typeof value === 'string' ? value : JSON.stringify(value ?? null);

const format = (template: Json | undefined, values: readonly Json[]): string => {
  const parts = text(template).split(/(?<!\\)\{\}/);
  if (parts.length - 1 !== values.length) fail('as many arguments as {} are expected');
  const plain = (part: string): string => part.replaceAll(/\\([{}\\'])/g, '$1');
  return parts
    .map((part, at) => plain(part) + (at < values.length ? shown(values[at]) : ''))
    .join('');
};

const partition = (values: readonly Json[], size: number): readonly Json[] => {
  if (size < 1) fail('a part holds at least one element');
  const count = Math.ceil(values.length / size);
  return Array.from({ length: count }, (_, at) => values.slice(at * size, (at + 1) * size));
};

const range = (first: number, last: number, step: number): readonly Json[] => {
  if (step === 0) fail('a step of 0 leads nowhere');
  const count = Math.max(0, Math.floor((last - first) / step) + 1);
  if (count > LIST_MAX) fail(`a range has at most ${LIST_MAX} elements`);
  return Array.from({ length: count }, (_, at) => first + at * step);
};

const unique = (values: readonly Json[]): readonly Json[] =>
  values.filter((value, at) => values.findIndex((other) => sameJson(value, other)) === at);

const parseJson = (value: string): Json => {
  try {
    return JSON.parse(value) as Json;
  } catch {
    return fail('the text is not JSON');
  }
};

const split = (value: string, separators: string): readonly string[] => {
  const escaped = separators.replaceAll(/[\]\\^-]/g, '\\$&');
  return value.split(new RegExp(`[${escaped}]`)).filter((part) => part !== '');
};

type Intrinsic = (values: readonly Json[]) => Json;

const INTRINSICS: Readonly<Record<string, Intrinsic>> = {
  'States.Array': (values) => values,
  'States.ArrayContains': ([values, one = null]) =>
    list(values).some((other) => sameJson(one, other)),
  'States.ArrayGetItem': ([values, at]) => list(values)[whole(at)] ?? fail('no such element'),
  'States.ArrayLength': ([values]) => list(values).length,
  'States.ArrayPartition': ([values, size]) => partition(list(values), whole(size)),
  'States.ArrayRange': ([first, last, step]) => range(whole(first), whole(last), whole(step)),
  'States.ArrayUnique': ([values]) => unique(list(values)),
  'States.Format': ([template, ...values]) => format(template, values),
  'States.JsonMerge': ([one, other]) => ({ ...object(one), ...object(other) }),
  'States.JsonToString': ([value = null]) => JSON.stringify(value),
  'States.MathAdd': ([one, other]) => whole(one) + whole(other),
  'States.StringSplit': ([value, separators]) => split(text(value), text(separators)),
  'States.StringToJson': ([value]) => parseJson(text(value)),
};

export const intrinsicNamed = (name: string): Intrinsic | undefined =>
  Object.hasOwn(INTRINSICS, name) ? INTRINSICS[name] : undefined;

export const INTRINSIC_NAMES: readonly string[] = Object.keys(INTRINSICS);
