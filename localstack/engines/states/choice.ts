/** Choice rules: a comparison of one value, or several of them under And, Or and Not. */
import { isObject, type Json, type JsonObject, RefusedDefinition, runtimeError } from './json.ts';
import { parsePath, readPath, type Scope } from './path.ts';

/** RFC 3339, as the States Language wants it: an upper case T, and a zone. */
const INSTANT = /^\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2}(\.\d{1,9})?(Z|[+-]\d{2}:\d{2})$/;

const instant = (value: Json): number | undefined => {
  if (typeof value !== 'string' || !INSTANT.test(value)) return undefined;
  return Date.parse(value);
};

const number = (value: Json): number | undefined => (typeof value === 'number' ? value : undefined);
const text = (value: Json): string | undefined => (typeof value === 'string' ? value : undefined);
const flag = (value: Json): number | undefined =>
  typeof value === 'boolean' ? Number(value) : undefined;

type Order = (left: string | number, right: string | number) => boolean;

const ORDERS: Readonly<Record<string, Order>> = {
  Equals: (left, right) => left === right,
  GreaterThan: (left, right) => left > right,
  GreaterThanEquals: (left, right) => left >= right,
  LessThan: (left, right) => left < right,
  LessThanEquals: (left, right) => left <= right,
};

const KINDS: Readonly<Record<string, (value: Json) => string | number | undefined>> = {
  Boolean: flag,
  Numeric: number,
  String: text,
  Timestamp: instant,
};

const IS: Readonly<Record<string, (value: Json | undefined) => boolean>> = {
  IsBoolean: (value) => typeof value === 'boolean',
  IsNull: (value) => value === null,
  IsNumeric: (value) => typeof value === 'number',
  IsPresent: (value) => value !== undefined,
  IsString: (value) => typeof value === 'string',
  IsTimestamp: (value) => value !== undefined && instant(value) !== undefined,
};

const COMPARISON =
  /^(Boolean|Numeric|String|Timestamp)(Equals|GreaterThanEquals|GreaterThan|LessThanEquals|LessThan)(Path)?$/;

/** `*` stands for any characters, `\*` for itself. */
const matches = (value: string, pattern: string): boolean => {
  const parts = pattern.split(/(?<!\\)\*/).map((part) => part.replaceAll(/\\([*\\])/g, '$1'));
  const escaped = parts.map((part) => part.replaceAll(/[.*+?^${}()|[\]\\]/g, '\\$&'));
  return new RegExp(`^${escaped.join('.*')}$`, 's').test(value);
};

const present = (path: string, scope: Scope): Json => {
  const value = readPath(path, scope);
  if (value !== undefined) return value;
  throw runtimeError(
    `Invalid path '${path}': The choice state's condition path references an invalid value.`,
  );
};

const NOT_OPERATORS: readonly string[] = ['Variable', 'Next', 'Comment'];

const operatorOf = (rule: JsonObject): readonly [name: string, operand: Json] => {
  const [found, ...more] = Object.entries(rule).filter(([name]) => !NOT_OPERATORS.includes(name));
  if (found === undefined || more.length > 0) {
    throw new RefusedDefinition('a choice rule has one comparison');
  }
  return found;
};

const rulesOf = (operand: Json): readonly JsonObject[] =>
  Array.isArray(operand) ? operand.filter(isObject) : isObject(operand) ? [operand] : [];

const compares = (name: string, value: Json, operand: Json, scope: Scope): boolean => {
  if (name === 'StringMatches') return matches(text(value) ?? '', String(operand));
  const [, kind = '', order = '', isPath] = COMPARISON.exec(name) ?? [];
  const other = isPath === undefined ? operand : present(String(operand), scope);
  const [left, right] = [KINDS[kind]?.(value), KINDS[kind]?.(other)];
  if (left === undefined || right === undefined) return false;
  return ORDERS[order]?.(left, right) ?? false;
};

export const holds = (rule: JsonObject, scope: Scope): boolean => {
  const [name, operand] = operatorOf(rule);
  if (name === 'And') return rulesOf(operand).every((one) => holds(one, scope));
  if (name === 'Or') return rulesOf(operand).some((one) => holds(one, scope));
  if (name === 'Not') return !rulesOf(operand).every((one) => holds(one, scope));
  const variable = String(rule.Variable);
  const is = IS[name];
  if (is === undefined) return compares(name, present(variable, scope), operand, scope);
  const value = name === 'IsPresent' ? readPath(variable, scope) : present(variable, scope);
  return is(value) === operand;
};

export const checkRule = (rule: Json): void => {
  if (!isObject(rule)) throw new RefusedDefinition('a choice rule is an object');
  const [name, operand] = operatorOf(rule);
  if (name === 'And' || name === 'Or' || name === 'Not') {
    for (const one of rulesOf(operand)) checkRule(one);
    return;
  }
  const [known] = COMPARISON.exec(name) ?? [];
  if (known === undefined && IS[name] === undefined && name !== 'StringMatches') {
    throw new RefusedDefinition(`the local cloud has no choice by ${name}`);
  }
  parsePath(String(rule.Variable));
  if (name.endsWith('Path')) parsePath(String(operand));
};
