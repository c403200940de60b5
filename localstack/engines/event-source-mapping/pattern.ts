/**
 * Lambda's filter rule syntax, a subset of EventBridge's event patterns:
 * https://docs.aws.amazon.com/lambda/latest/dg/invocation-eventfiltering.html#filtering-syntax.
 * A pattern is compiled once; what it cannot read is refused by name.
 */
export type Matches = (value: unknown) => boolean;

export class UnreadablePattern extends Error {
  override readonly name = 'UnreadablePattern';
}

export const matcher = (pattern: unknown): Matches => {
  if (!isObject(pattern)) throw new UnreadablePattern('a pattern is an object');
  const parts = Object.entries(pattern).map(([key, part]) =>
    key === '$or' ? anyOf(part) : field(key, part),
  );
  return (value) => parts.every((matches) => matches(value));
};

const anyOf = (patterns: unknown): Matches => {
  if (!Array.isArray(patterns)) throw new UnreadablePattern('$or is a list of patterns');
  const alternatives = patterns.map(matcher);
  return (value) => alternatives.some((matches) => matches(value));
};

const field = (key: string, pattern: unknown): Matches => {
  const matches = Array.isArray(pattern) ? leaf(pattern) : matcher(pattern);
  return (value) => matches(isObject(value) && Object.hasOwn(value, key) ? value[key] : undefined);
};

/** Any rule of the list over the value, or over any item of a list. */
const leaf = (rules: readonly unknown[]): Matches => {
  const tests = rules.map(rule);
  return (value) => {
    const values = Array.isArray(value) ? value : [value];
    return tests.some((test) => values.some(test));
  };
};

const rule = (expected: unknown): Matches => {
  if (!isObject(expected)) return (value) => value !== undefined && value === expected;
  const [[name, argument] = ['', undefined], ...others] = Object.entries(expected);
  const make = OPERATORS[name];
  if (make === undefined || others.length > 0)
    throw new UnreadablePattern(`unknown filter rule ${JSON.stringify(expected)}`);
  return make(argument);
};

const text =
  (test: (value: string, argument: string) => boolean) =>
  (argument: unknown): Matches => {
    if (typeof argument !== 'string') throw new UnreadablePattern('the rule takes a string');
    return (value) => typeof value === 'string' && test(value, argument);
  };

const exists = (argument: unknown): Matches => {
  if (typeof argument !== 'boolean') throw new UnreadablePattern('exists is true or false');
  // Only a leaf exists: AWS's page says that it does not work on intermediate nodes.
  return (value) => (value !== undefined && !isObject(value)) === argument;
};

/** Absent is not "anything but": the field must be there. */
const anythingBut = (argument: unknown): Matches => {
  const excluded = (Array.isArray(argument) ? argument : [argument]).map(rule);
  return (value) => value !== undefined && !excluded.some((matches) => matches(value));
};

const COMPARE: Readonly<Record<string, (value: number, bound: number) => boolean>> = {
  '=': (value, bound) => value === bound,
  '<': (value, bound) => value < bound,
  '<=': (value, bound) => value <= bound,
  '>': (value, bound) => value > bound,
  '>=': (value, bound) => value >= bound,
};

const numeric = (argument: unknown): Matches => {
  if (!Array.isArray(argument) || argument.length === 0 || argument.length % 2 === 1)
    throw new UnreadablePattern('numeric takes pairs of a comparison and a number');
  const tests = Array.from({ length: argument.length / 2 }, (_, index) => {
    const compare = COMPARE[String(argument[index * 2])];
    const bound: unknown = argument[index * 2 + 1];
    if (compare === undefined || typeof bound !== 'number')
      throw new UnreadablePattern(`numeric cannot read ${JSON.stringify(argument)}`);
    return (value: number) => compare(value, bound);
  });
  return (value) => typeof value === 'number' && tests.every((test) => test(value));
};

const OPERATORS: Readonly<Record<string, (argument: unknown) => Matches>> = {
  prefix: text((value, argument) => value.startsWith(argument)),
  suffix: text((value, argument) => value.endsWith(argument)),
  'equals-ignore-case': text((value, argument) => value.toLowerCase() === argument.toLowerCase()),
  exists,
  'anything-but': anythingBut,
  numeric,
};

const isObject = (value: unknown): value is Readonly<Record<string, unknown>> =>
  typeof value === 'object' && value !== null && !Array.isArray(value);
