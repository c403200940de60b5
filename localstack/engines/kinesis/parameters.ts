import { validation } from './errors.ts';

/**
 * Reads the parameters of a request and gathers what is wrong with them, in the words of AWS's own
 * validation ("1 validation error detected: Value '' at 'streamName' failed to satisfy constraint:
 * Member must …").
 */
export interface Parameters {
  readonly text: (name: string, rule?: TextRule) => string | undefined;
  readonly requiredText: (name: string, rule?: TextRule) => string;
  readonly integer: (name: string, rule: IntegerRule) => number | undefined;
  readonly requiredInteger: (name: string, rule: IntegerRule) => number;
  readonly bytes: (name: string, bytesMax: number) => Uint8Array;
  readonly problem: (name: string, value: unknown, constraint: string) => void;
  /** Throws what was gathered. */
  readonly check: () => void;
}

export interface TextRule {
  readonly lengthMax?: number;
  readonly lengthMin?: number;
  readonly pattern?: RegExp;
  readonly oneOf?: readonly string[];
}

export interface IntegerRule {
  readonly min: number;
  readonly max: number;
}

export type Raw = Readonly<Record<string, unknown>>;

export const STREAM_NAME: TextRule = { lengthMin: 1, lengthMax: 128, pattern: /^[a-zA-Z0-9_.-]+$/ };
export const SHARD_ID: TextRule = { lengthMin: 1, lengthMax: 128, pattern: /^[a-zA-Z0-9_.-]+$/ };

export const parameters = (raw: Raw, prefix = ''): Parameters => {
  const problems: string[] = [];
  const problem = (name: string, value: unknown, constraint: string): void => {
    const shown = value === undefined || value === null ? 'null' : `'${clip(String(value))}'`;
    const path = prefix + name.charAt(0).toLowerCase() + name.slice(1);
    problems.push(`Value ${shown} at '${path}' failed to satisfy constraint: ${constraint}`);
  };
  const required = (name: string): void => problem(name, undefined, 'Member must not be null');
  const text = (name: string, rule: TextRule = {}): string | undefined => {
    const value = raw[name];
    if (value === undefined || value === null) return undefined;
    const constraint = textConstraint(value, rule);
    if (constraint !== null) problem(name, value, constraint);
    return String(value);
  };
  const integer = (name: string, rule: IntegerRule): number | undefined => {
    const value = raw[name];
    if (value === undefined || value === null) return undefined;
    const constraint = integerConstraint(value, rule);
    if (constraint !== null) problem(name, value, constraint);
    return Number(value);
  };
  return {
    text,
    integer,
    problem,
    requiredText: (name, rule) => {
      const value = text(name, rule);
      if (value === undefined) required(name);
      return value ?? '';
    },
    requiredInteger: (name, rule) => {
      const value = integer(name, rule);
      if (value === undefined) required(name);
      return value ?? rule.min;
    },
    bytes: (name, bytesMax) => {
      const value = raw[name];
      if (value instanceof Uint8Array) {
        if (value.byteLength > bytesMax) problem(name, 'bytes', atMost(bytesMax));
        return value;
      }
      required(name);
      return new Uint8Array();
    },
    check: () => {
      if (problems.length > 0) throw validation(problems);
    },
  };
};

const textConstraint = (value: unknown, rule: TextRule): string | null => {
  if (typeof value !== 'string') return 'Member must be a string';
  if (rule.lengthMax !== undefined && value.length > rule.lengthMax) return atMost(rule.lengthMax);
  if (rule.lengthMin !== undefined && value.length < rule.lengthMin)
    return `Member must have length greater than or equal to ${rule.lengthMin}`;
  if (rule.pattern !== undefined && !rule.pattern.test(value))
    return `Member must satisfy regular expression pattern: ${rule.pattern.source}`;
  if (rule.oneOf !== undefined && !rule.oneOf.includes(value))
    return `Member must satisfy enum value set: [${rule.oneOf.join(', ')}]`;
  return null;
};

const integerConstraint = (value: unknown, rule: IntegerRule): string | null => {
  const number = typeof value === 'bigint' ? Number(value) : value;
  if (typeof number !== 'number' || !Number.isInteger(number)) return 'Member must be an integer';
  if (number < rule.min) return `Member must have value greater than or equal to ${rule.min}`;
  if (number > rule.max) return `Member must have value less than or equal to ${rule.max}`;
  return null;
};

const atMost = (length: number): string =>
  `Member must have length less than or equal to ${length}`;

const SHOWN_CHARACTERS_MAX = 100;
const clip = (text: string): string => text.slice(0, SHOWN_CHARACTERS_MAX);
