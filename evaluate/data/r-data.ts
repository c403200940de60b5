/**
 * R's serialisation, as far as a data frame needs it: binary XDR of version 2 or 3, with vectors,
 * strings, lists and their attributes. Anything else is refused by its number.
 */
export type RVector = readonly (number | string | null | RValue)[];

export interface RValue {
  readonly values: RVector;
  readonly attributes: ReadonlyMap<string, RValue>;
}

const IS_TAGGED = 0x400;
const HAS_ATTRIBUTES = 0x200;
const TYPE = {
  symbol: 1,
  pairs: 2,
  chars: 9,
  logical: 10,
  integer: 13,
  real: 14,
  strings: 16,
  list: 19,
  nil: 254,
  reference: 255,
} as const;
const VALUES_MAX = 50_000_000;

interface Cursor {
  readonly int: () => number;
  readonly real: () => number;
  readonly chars: (length: number) => string;
}

const cursorOf = (bytes: Buffer, from: number): Cursor => {
  let at = from;
  const past = (length: number): number => {
    at += length;
    return at - length;
  };
  return {
    int: () => bytes.readInt32BE(past(4)),
    real: () => bytes.readDoubleBE(past(8)),
    chars: (length) => {
      const begin = past(length);
      return bytes.toString('utf8', begin, begin + length);
    },
  };
};

type Part = string | null | RValue | ReadonlyMap<string, RValue>;

const asValue = (part: Part): RValue => {
  if (part === null || typeof part === 'string') return { values: [part], attributes: new Map() };
  return part instanceof Map ? { values: [], attributes: part } : (part as RValue);
};

const reader = (cursor: Cursor): (() => Part) => {
  const symbols: string[] = [];

  const pairs = (flags: number): ReadonlyMap<string, RValue> => {
    if ((flags & HAS_ATTRIBUTES) !== 0) part();
    const name = (flags & IS_TAGGED) === 0 ? '' : String(part());
    const value = asValue(part());
    const rest = part();
    return new Map([[name, value], ...(rest instanceof Map ? rest : [])]);
  };

  const vector = <T extends RVector[number]>(flags: number, next: () => T): RValue => {
    const length = cursor.int();
    if (length < 0 || length > VALUES_MAX) throw new Error(`a vector of ${length} values`);
    const values = Array.from({ length }, next);
    const after = (flags & HAS_ATTRIBUTES) === 0 ? undefined : part();
    return { values, attributes: after instanceof Map ? after : new Map() };
  };

  const symbol = (): string => {
    const name = String(part());
    symbols.push(name);
    return name;
  };

  const chars = (): string | null => {
    const length = cursor.int();
    return length < 0 ? null : cursor.chars(length);
  };

  const ofType = (type: number, flags: number): Part => {
    switch (type) {
      case TYPE.nil:
        return null;
      case TYPE.reference:
        return symbols[(flags >> 8 || cursor.int()) - 1] ?? null;
      case TYPE.symbol:
        return symbol();
      case TYPE.pairs:
        return pairs(flags);
      case TYPE.chars:
        return chars();
      case TYPE.logical:
      case TYPE.integer:
        return vector(flags, cursor.int);
      case TYPE.real:
        return vector(flags, cursor.real);
      case TYPE.strings:
        return vector(flags, () => part() as string | null);
      case TYPE.list:
        return vector(flags, () => asValue(part()));
      default:
        throw new Error(`R's type ${type} is not read here`);
    }
  };

  const part = (): Part => {
    const flags = cursor.int();
    return ofType(flags & 0xff, flags);
  };
  return part;
};

const MARK = 'X\n';
const VERSION_WITH_ENCODING = 3;

export const readR = (bytes: Buffer): RValue => {
  if (bytes.toString('latin1', 0, MARK.length) !== MARK) throw new Error('not R’s binary format');
  const cursor = cursorOf(bytes, MARK.length);
  const version = cursor.int();
  cursor.int();
  cursor.int();
  if (version === VERSION_WITH_ENCODING) cursor.chars(cursor.int());
  return asValue(reader(cursor)());
};

/** What is named so in a list. */
export const memberOf = (value: RValue, name: string): RValue => {
  const names = value.attributes.get('names')?.values ?? [];
  const member = value.values[names.indexOf(name)];
  if (typeof member !== 'object' || member === null) throw new Error(`there is no "${name}"`);
  return member;
};

export const numbersIn = (value: RValue): readonly number[] => value.values.map(Number);
