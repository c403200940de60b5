/**
 * Values of Trino as values of JavaScript: integers are bigint, doubles are numbers, dates and
 * instants are told apart from both, and parsed JSON is never taken for a row.
 */
export class SqlDate {
  readonly day: number;
  constructor(day: number) {
    this.day = day;
  }
}

/** A timestamp, with or without a zone: all that we write is UTC. */
export class SqlInstant {
  readonly ms: number;
  constructor(ms: number) {
    this.ms = ms;
  }
}

export class SqlBytes {
  readonly bytes: Uint8Array;
  constructor(bytes: Uint8Array) {
    this.bytes = bytes;
  }
}

export class SqlJson {
  readonly json: unknown;
  constructor(json: unknown) {
    this.json = json;
  }
}

/** A row with names: `CAST(ROW(…) AS row(…))`. */
export class SqlRow {
  readonly names: readonly string[];
  readonly fields: readonly Value[];
  constructor(names: readonly string[], fields: readonly Value[]) {
    this.names = names;
    this.fields = fields;
  }
}

export type Value =
  | null
  | boolean
  | bigint
  | number
  | string
  | SqlBytes
  | SqlDate
  | SqlInstant
  | SqlJson
  | SqlRow
  | readonly Value[]
  | ReadonlyMap<string, Value>;

/** What would end the whole query; `try` makes it null. */
export class QueryError extends Error {
  override readonly name = 'QueryError';
}

export const failed = (because: string): never => {
  throw new QueryError(because);
};

/** What this evaluator does not know: no query's fault, and nothing makes it null. */
export const missing = (what: string): never => {
  throw new Error(`the evaluator has ${what}`);
};

const SURROGATE = /[\ud800-\udfff]/;

/** By code point, as UTF-8 orders them, and not by UTF-16. */
export const compareTexts = (left: string, right: string): number => {
  if (left === right) return 0;
  if (!SURROGATE.test(left) && !SURROGATE.test(right)) return left < right ? -1 : 1;
  return Buffer.compare(Buffer.from(left), Buffer.from(right));
};

const compareLists = (left: readonly Value[], right: readonly Value[]): number => {
  for (let n = 0; n < Math.min(left.length, right.length); n += 1) {
    const order = compare(left[n] ?? null, right[n] ?? null);
    if (order !== 0) return order;
  }
  return left.length - right.length;
};

/** Of two values that are there and of one type; nulls of a row come last. */
export const compare = (left: Value, right: Value): number => {
  if (left === null || right === null) return Number(left === null) - Number(right === null);
  if (typeof left === 'string' && typeof right === 'string') return compareTexts(left, right);
  if (left instanceof SqlDate && right instanceof SqlDate) return left.day - right.day;
  if (left instanceof SqlInstant && right instanceof SqlInstant) return left.ms - right.ms;
  if (left instanceof SqlRow && right instanceof SqlRow)
    return compareLists(left.fields, right.fields);
  if (Array.isArray(left) && Array.isArray(right)) return compareLists(left, right);
  const isNumber = (value: Value): boolean =>
    typeof value === 'bigint' || typeof value === 'number';
  const areAlike = typeof left === typeof right || (isNumber(left) && isNumber(right));
  if (!areAlike || typeof left === 'object')
    failed(`no order of ${typeof left} and ${typeof right}`);
  if (left === right) return 0;
  return (left as number) < (right as number) ? -1 : 1;
};

/** The same text for values that are not distinct, of any type that a key may have. */
export const keyText = (value: Value): string => {
  if (value === null) return 'n';
  if (typeof value === 'string') return `s${value.length}:${value}`;
  if (typeof value === 'bigint') return `i${value}`;
  if (typeof value === 'number') return Number.isInteger(value) ? `i${value}` : `d${value}`;
  if (typeof value === 'boolean') return value ? 't' : 'f';
  if (value instanceof SqlDate) return `D${value.day}`;
  if (value instanceof SqlInstant) return `T${value.ms}`;
  if (value instanceof SqlRow) return `r(${value.fields.map(keyText).join()})`;
  if (Array.isArray(value)) return `[${value.map(keyText).join()}]`;
  return failed('a key of a type that has no order');
};

export const keyOfAll = (values: readonly Value[]): string => values.map(keyText).join('|');
