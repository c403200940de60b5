/** Scalar functions of the list that the printer keeps, with Trino's meaning. */
import { createHash } from 'node:crypto';
import { fromRfc3339, toUtcDate } from '../../../functions/core/time.ts';
import {
  compare,
  failed,
  keyText,
  SqlBytes,
  SqlDate,
  SqlInstant,
  SqlJson,
  SqlRow,
  type Value,
} from './values.ts';

type Scalar = (...values: Value[]) => Value;

const text = (value: Value): string =>
  typeof value === 'string' ? value : failed(`no text: ${typeof value}`);
const whole = (value: Value): bigint =>
  typeof value === 'bigint' ? value : failed(`no integer: ${typeof value}`);
const double = (value: Value): number =>
  typeof value === 'bigint' || typeof value === 'number' ? Number(value) : failed('no number');
const bytes = (value: Value): Buffer =>
  value instanceof SqlBytes ? Buffer.from(value.bytes) : failed('no bytes');
const digest = (name: string, value: Value): Value =>
  new SqlBytes(createHash(name).update(bytes(value)).digest());
const list = (value: Value): readonly Value[] =>
  Array.isArray(value) ? value : failed('no array');

/** Null where any of the values is. */
const strict =
  (of: Scalar): Scalar =>
  (...values) =>
    values.includes(null) ? null : of(...values);

const PATH = /^\$((?:\.[A-Za-z0-9_]+|\[\d+\])*)$/;
const STEP = /\.([A-Za-z0-9_]+)|\[(\d+)\]/g;
const paths = new Map<string, readonly (string | number)[]>();

const stepsOf = (path: string): readonly (string | number)[] => {
  const known = paths.get(path);
  if (known !== undefined) return known;
  const [, rest] = PATH.exec(path) ?? failed(`no path: ${path}`);
  const steps = [...(rest ?? '').matchAll(STEP)].map(([, name, place]) => name ?? Number(place));
  paths.set(path, steps);
  return steps;
};

const parsed = new Map<string, unknown>();
const PARSED_MAX = 20_000;

/** The same few lines are read by every statement. */
const parse = (json: string): unknown => {
  const known = parsed.get(json);
  if (known !== undefined) return known;
  let value: unknown;
  try {
    value = JSON.parse(json);
  } catch {
    return undefined;
  }
  if (parsed.size >= PARSED_MAX) parsed.clear();
  parsed.set(json, value);
  return value;
};

const valueAt = (from: Value, path: Value): unknown => {
  const root = from instanceof SqlJson ? from.json : parse(text(from));
  return stepsOf(text(path)).reduce<unknown>((value, step) => {
    if (typeof value !== 'object' || value === null) return undefined;
    if (Array.isArray(value)) return typeof step === 'number' ? value[step] : undefined;
    return typeof step === 'string' && Object.hasOwn(value, step)
      ? (value as Record<string, unknown>)[step]
      : undefined;
  }, root);
};

const regexps = new Map<string, RegExp>();
const regexp = (pattern: Value): RegExp => {
  const source = text(pattern);
  const known = regexps.get(source) ?? new RegExp(source, 'u');
  regexps.set(source, known);
  return known;
};

const divide = (left: Value, right: Value): Value => {
  if (typeof left === 'bigint' && typeof right === 'bigint')
    return right === 0n ? failed('division by zero') : left / right;
  return double(left) / double(right);
};

const arithmetic =
  (ofWhole: (a: bigint, b: bigint) => bigint, ofDouble: (a: number, b: number) => number): Scalar =>
  (left, right) =>
    typeof left === 'bigint' && typeof right === 'bigint'
      ? ofWhole(left, right)
      : ofDouble(double(left ?? null), double(right ?? null));

const BIGINT_MAX = 2n ** 63n - 1n;
export const bounded = (value: bigint): bigint =>
  value > BIGINT_MAX || value < -BIGINT_MAX - 1n ? failed('bigint overflow') : value;

const best =
  (sign: 1 | -1): Scalar =>
  (...values) =>
    values.reduce((left, right) => (sign * compare(right, left) > 0 ? right : left));

const floating =
  (of: (value: number) => number): Scalar =>
  (value) =>
    of(double(value ?? null));

/** Half away from zero. */
const round = (value: number): number => Math.sign(value) * Math.round(Math.abs(value));

const compared =
  (holds: (order: number) => boolean): Scalar =>
  (left, right) =>
    holds(compare(left ?? null, right ?? null));

export const SCALARS: Readonly<Record<string, Scalar>> = {
  '+': strict(
    arithmetic(
      (a, b) => a + b,
      (a, b) => a + b,
    ),
  ),
  '-': strict(
    arithmetic(
      (a, b) => a - b,
      (a, b) => a - b,
    ),
  ),
  '*': strict(
    arithmetic(
      (a, b) => a * b,
      (a, b) => a * b,
    ),
  ),
  '/': strict((left, right) => divide(left ?? null, right ?? null)),
  '=': strict(compared((order) => order === 0)),
  '<>': strict(compared((order) => order !== 0)),
  '<': strict(compared((order) => order < 0)),
  '<=': strict(compared((order) => order <= 0)),
  '>': strict(compared((order) => order > 0)),
  '>=': strict(compared((order) => order >= 0)),
  '||': strict((left, right) => text(left ?? null) + text(right ?? null)),
  nullif: (left = null, right = null) =>
    left !== null && right !== null && compare(left, right) === 0 ? null : left,
  greatest: strict(best(1)),
  least: strict(best(-1)),
  abs: strict((value = null) =>
    typeof value === 'bigint' ? (value < 0n ? -value : value) : Math.abs(double(value)),
  ),
  power: strict((base = null, exponent = null) => double(base) ** double(exponent)),
  log2: strict(floating(Math.log2)),
  sqrt: strict(floating(Math.sqrt)),
  round: strict((value = null, digits = 0n) => {
    if (typeof value === 'bigint') return value;
    const scale = 10 ** Number(digits);
    return round(double(value) * scale) / scale;
  }),
  length: strict((value = null) => BigInt([...text(value)].length)),
  substr: strict((value = null, from = 1n, length = null) => {
    const letters = [...text(value)];
    const start = Number(from) > 0 ? Number(from) - 1 : letters.length + Number(from);
    const end = length === null ? letters.length : start + Number(length);
    return letters.slice(start, end).join('');
  }),
  strpos: strict((value = null, part = null) => BigInt(text(value).indexOf(text(part)) + 1)),
  lpad: strict((value = null, size = null, pad = null) => {
    const padded = text(value).padStart(Number(whole(size)), text(pad));
    return padded.slice(0, Number(size));
  }),
  rpad: strict((value = null, size = null, pad = null) =>
    text(value)
      .padEnd(Number(whole(size)), text(pad))
      .slice(0, Number(size)),
  ),
  split: strict((value = null, by = null) => text(value).split(text(by))),
  regexp_like: strict((value = null, pattern = null) => regexp(pattern).test(text(value))),
  json_parse: strict((value = null) => {
    const json = parse(text(value));
    return json === undefined ? failed('no JSON') : new SqlJson(json);
  }),
  json_extract: strict((from = null, path = null) => {
    const value = valueAt(from, path);
    return value === undefined ? null : new SqlJson(value);
  }),
  json_extract_scalar: strict((from = null, path = null) => {
    const value = valueAt(from, path);
    return value === undefined || value === null || typeof value === 'object'
      ? null
      : String(value);
  }),
  json_array_contains: strict((value = null, wanted = null) => {
    const json = value instanceof SqlJson ? value.json : parse(text(value));
    const plain = typeof wanted === 'bigint' ? Number(wanted) : wanted;
    return Array.isArray(json) ? json.includes(plain) : null;
  }),
  cardinality: strict((value = null) => BigInt(list(value).length)),
  element_at: strict((values = null, place = null) => {
    if (values instanceof Map) return values.get(text(place)) ?? null;
    const items = list(values);
    const n = Number(whole(place));
    return (n > 0 ? items[n - 1] : items[items.length + n]) ?? null;
  }),
  array_distinct: strict((values = null) => [
    ...new Map(list(values).map((item) => [keyText(item), item])).values(),
  ]),
  sequence: strict((from = null, to = null, step = 1n) => {
    const [start, end, by] = [whole(from), whole(to), whole(step)];
    const items: bigint[] = [];
    for (let n = start; by > 0n ? n <= end : n >= end; n += by) items.push(n);
    return items;
  }),
  date_diff: strict((unit = null, from = null, to = null) => {
    const at = (value: Value): number =>
      value instanceof SqlInstant ? value.ms : dateOf(value).day * DAY_MS;
    return BigInt(Math.trunc((at(to) - at(from)) / unitMs(text(unit))));
  }),
  chr: strict((value = null) => String.fromCodePoint(Number(whole(value)))),
  to_utf8: strict((value = null) => new SqlBytes(Buffer.from(text(value)))),
  md5: strict((value = null) => digest('md5', value)),
  sha256: strict((value = null) => digest('sha256', value)),
  to_hex: strict((value = null) => bytes(value).toString('hex').toUpperCase()),
};

const DAY_MS = 86_400_000;
const UNITS: Readonly<Record<string, number>> = {
  millisecond: 1,
  second: 1_000,
  minute: 60_000,
  hour: 3_600_000,
  day: DAY_MS,
};
const unitMs = (unit: string): number => UNITS[unit] ?? failed(`no unit: ${unit}`);

const dateOf = (value: Value): SqlDate => {
  if (value instanceof SqlDate) return value;
  if (value instanceof SqlInstant) return new SqlDate(Math.floor(value.ms / DAY_MS));
  const at = fromRfc3339(text(value));
  return at === undefined ? failed('no date') : new SqlDate(Math.floor(at / DAY_MS));
};

const INTEGER = /^\s*[+-]?\d+\s*$/;

/** `CAST(value AS type)`, of the types that our statements name. */
export const castTo = (type: string, value: Value): Value => {
  if (value === null) return null;
  const name = type.toLowerCase();
  if (name === 'bigint' || name === 'integer') {
    if (typeof value === 'string')
      return INTEGER.test(value) ? bounded(BigInt(value.trim())) : failed(`no bigint: ${value}`);
    if (typeof value === 'boolean') return value ? 1n : 0n;
    return typeof value === 'bigint' ? value : bounded(BigInt(round(double(value))));
  }
  // A bigint that knows no bound.
  if (name.startsWith('decimal')) return BigInt(textFrom(value));
  if (name === 'double')
    return typeof value === 'string'
      ? value.trim() !== '' && Number.isFinite(Number(value))
        ? Number(value)
        : failed('no double')
      : double(value);
  if (name === 'boolean') {
    if (value === 'true' || value === 'false') return value === 'true';
    return typeof value === 'boolean' ? value : failed('no boolean');
  }
  if (name === 'date') return dateOf(value);
  if (name.startsWith('timestamp'))
    return value instanceof SqlInstant ? value : instantFrom(text(value));
  if (name.startsWith('varchar')) return textFrom(value);
  if (name.startsWith('array')) return arrayFrom(name, value);
  if (name.startsWith('row')) return rowFrom(type, value);
  if (name === 'json') return value instanceof SqlJson ? value : failed('no cast to json');
  return failed(`no cast to ${type}`);
};

/** With a space between date and time; a `T` is no timestamp. */
const instantFrom = (value: string): SqlInstant => {
  const at = /^\d{4}-\d{2}-\d{2} [\d:.]+$/.test(value) ? fromRfc3339(value) : undefined;
  return at === undefined ? failed('no timestamp') : new SqlInstant(at);
};

const textFrom = (value: Value): string => {
  if (typeof value === 'string') return value;
  if (typeof value === 'bigint' || typeof value === 'boolean') return String(value);
  if (value instanceof SqlDate) return toUtcDate(value.day);
  return failed(`no text of ${typeof value}`);
};

const itemOf = (json: unknown): Value => {
  if (json === null || json === undefined) return null;
  return typeof json === 'object' ? failed('no text of an object') : String(json);
};

const arrayFrom = (type: string, value: Value): Value => {
  if (Array.isArray(value)) return value;
  if (!(value instanceof SqlJson) || !Array.isArray(value.json)) return failed(`no ${type}`);
  return type.includes('json')
    ? value.json.map((item) => new SqlJson(item))
    : value.json.map(itemOf);
};

const rowFrom = (type: string, value: Value): Value => {
  if (!(value instanceof SqlRow)) return failed(`no ${type}`);
  const inside = type.slice(type.indexOf('(') + 1, type.lastIndexOf(')'));
  const names = inside.split(',').map((field) => field.trim().split(/\s+/)[0] ?? '');
  return new SqlRow(names, value.fields);
};
