/**
 * CloudFormation's functions over plain JSON.
 *
 * `Fn::If` with `AWS::NoValue` removes the member it stands for, as CloudFormation does. A function
 * that is not listed here is an error: a value that is not understood must not reach a service.
 */
import { isRecord, type JsonRecord } from './json.ts';

export interface Scope {
  readonly ref: (name: string) => unknown;
  readonly attribute: (logicalId: string, name: string) => unknown;
  readonly condition: (name: string) => boolean;
  readonly mapping: (map: string, first: string, second: string) => unknown;
  readonly importValue: (name: string) => unknown;
  /** Parameters of Systems Manager, for `{{resolve:ssm:name}}`. */
  readonly parameter: (name: string) => string;
  readonly region: string;
}

/** What `Ref: AWS::NoValue` resolves to; the member that holds it is left out. */
export const NO_VALUE = Symbol('AWS::NoValue');

const DYNAMIC_REFERENCE = /\{\{resolve:([a-z-]+):([^}]+?)(?::\d+)?\}\}/g;

const withDynamicReferences = (text: string, scope: Scope): string =>
  text.replace(DYNAMIC_REFERENCE, (_whole, service: string, name: string) => {
    if (service === 'ssm') return scope.parameter(name);
    throw new Error(`a dynamic reference to ${service} is not interpreted: ${text}`);
  });

const asText = (value: unknown, where: string): string => {
  if (typeof value === 'string') return value;
  if (typeof value === 'number' || typeof value === 'boolean') return String(value);
  throw new Error(`${where} needs a text, not ${JSON.stringify(value)}`);
};

const asList = (value: unknown, where: string): readonly unknown[] => {
  if (Array.isArray(value)) return value;
  throw new Error(`${where} needs a list, not ${JSON.stringify(value)}`);
};

const getAtt = (argument: unknown, scope: Scope): unknown => {
  if (typeof argument === 'string') {
    const dot = argument.indexOf('.');
    return scope.attribute(argument.slice(0, dot), argument.slice(dot + 1));
  }
  const [logicalId, name] = asList(argument, 'Fn::GetAtt');
  return scope.attribute(
    asText(logicalId, 'Fn::GetAtt'),
    asText(resolve(name, scope), 'Fn::GetAtt'),
  );
};

const sub = (argument: unknown, scope: Scope): string => {
  const [template, local] = Array.isArray(argument) ? argument : [argument, {}];
  const names = isRecord(local) ? local : {};
  return asText(template, 'Fn::Sub').replace(/\$\{([^}]+)\}/g, (_whole, name: string) => {
    if (name.startsWith('!')) return `\${${name.slice(1)}}`;
    if (Object.hasOwn(names, name)) return asText(resolve(names[name], scope), 'Fn::Sub');
    const value = name.includes('.') ? getAtt(name, scope) : scope.ref(name);
    return asText(value, `Fn::Sub of ${name}`);
  });
};

const equals = (argument: unknown, scope: Scope): boolean => {
  const [left, right] = asList(argument, 'Fn::Equals').map((side) => resolve(side, scope));
  return left === right || String(left) === String(right);
};

const booleans = (argument: unknown, scope: Scope, where: string): readonly boolean[] =>
  asList(argument, where).map((item) => resolve(item, scope) === true);

type Evaluate = (argument: unknown, scope: Scope) => unknown;

const functions: Readonly<Record<string, Evaluate>> = {
  Ref: (argument, scope) => scope.ref(asText(argument, 'Ref')),
  Condition: (argument, scope) => scope.condition(asText(argument, 'Condition')),
  'Fn::GetAtt': getAtt,
  'Fn::Sub': sub,
  'Fn::Join': (argument, scope) => {
    const [separator, items] = asList(argument, 'Fn::Join');
    return asList(resolve(items, scope), 'Fn::Join')
      .map((item) => asText(item, 'Fn::Join'))
      .join(asText(separator, 'Fn::Join'));
  },
  'Fn::Split': (argument, scope) => {
    const [separator, text] = asList(argument, 'Fn::Split');
    return asText(resolve(text, scope), 'Fn::Split').split(asText(separator, 'Fn::Split'));
  },
  'Fn::Select': (argument, scope) => {
    const [index, items] = asList(argument, 'Fn::Select');
    const at = Number(resolve(index, scope));
    const list = asList(resolve(items, scope), 'Fn::Select');
    if (!(at in list)) throw new Error(`Fn::Select has no item ${at} in ${JSON.stringify(list)}`);
    return list[at];
  },
  'Fn::If': (argument, scope) => {
    const [condition, yes, no] = asList(argument, 'Fn::If');
    return resolve(scope.condition(asText(condition, 'Fn::If')) ? yes : no, scope);
  },
  'Fn::Equals': equals,
  'Fn::And': (argument, scope) => booleans(argument, scope, 'Fn::And').every(Boolean),
  'Fn::Or': (argument, scope) => booleans(argument, scope, 'Fn::Or').some(Boolean),
  'Fn::Not': (argument, scope) => !booleans(argument, scope, 'Fn::Not')[0],
  'Fn::ImportValue': (argument, scope) =>
    scope.importValue(asText(resolve(argument, scope), 'Fn::ImportValue')),
  'Fn::FindInMap': (argument, scope) => {
    const [map, first, second] = asList(argument, 'Fn::FindInMap').map((part) =>
      asText(resolve(part, scope), 'Fn::FindInMap'),
    );
    return scope.mapping(map ?? '', first ?? '', second ?? '');
  },
  'Fn::GetAZs': (_argument, scope) => ['a', 'b', 'c'].map((zone) => `${scope.region}${zone}`),
};

/** The one member of `{ Ref: … }` or `{ 'Fn::…': … }`, or undefined where it is a plain object. */
export const functionOf = (
  value: unknown,
): readonly [name: string, argument: unknown] | undefined => {
  if (!isRecord(value)) return undefined;
  const [entry, more] = Object.entries(value);
  if (entry === undefined || more !== undefined) return undefined;
  const isOne = Object.hasOwn(functions, entry[0]) || entry[0].startsWith('Fn::');
  return isOne && !isConditionKey(entry) ? entry : undefined;
};

/** `Condition` is a function only where its argument is a name; an IAM statement has a map there. */
const isConditionKey = ([name, argument]: readonly [string, unknown]): boolean =>
  name === 'Condition' && typeof argument !== 'string';

const resolveRecord = (value: JsonRecord, scope: Scope): JsonRecord => {
  const members: Record<string, unknown> = {};
  for (const [key, member] of Object.entries(value)) {
    const resolved = resolve(member, scope);
    if (resolved !== NO_VALUE) members[key] = resolved;
  }
  return members;
};

export const resolve = (value: unknown, scope: Scope): unknown => {
  if (typeof value === 'string') return withDynamicReferences(value, scope);
  if (Array.isArray(value)) {
    return value.map((item) => resolve(item, scope)).filter((item) => item !== NO_VALUE);
  }
  const call = functionOf(value);
  if (call === undefined) return isRecord(value) ? resolveRecord(value, scope) : value;
  const evaluate = functions[call[0]];
  if (evaluate === undefined) throw new Error(`${call[0]} is not interpreted`);
  const result = evaluate(call[1], scope);
  return typeof result === 'string' ? withDynamicReferences(result, scope) : result;
};
