/**
 * What an IAM policy allows, as far as our templates say it. What is not understood is refused: a
 * statement that was skipped would count as a grant that nobody needs, or as no grant at all.
 */
import { isRecord } from '../../localstack/template/json.ts';

/** One action on one resource; the context is what conditions look at. */
export interface Call {
  readonly action: string;
  readonly resource: string;
  readonly context?: Readonly<Record<string, string>>;
}

/**
 * Our templates ask `ForAllValues` of the one row of a call only. AWS lets a call pass that says
 * nothing of the key; here it is refused, so that such a call is seen.
 */
const OPERATORS = ['StringEquals', 'StringLike', 'ForAllValues:StringLike'] as const;
type Operator = (typeof OPERATORS)[number];

interface Condition {
  readonly operator: Operator;
  readonly key: string;
  readonly values: readonly string[];
}

/** One action pattern on one resource pattern: the least that can be granted, or taken away. */
export interface Grant {
  readonly action: string;
  readonly resource: string;
  readonly conditions: readonly Condition[];
}

/** `*` is any text, `?` any one character; there is nothing else in IAM's patterns. */
export const matches = (pattern: string, text: string): boolean => {
  const source = pattern
    .replaceAll(/[.+^${}()|[\]\\]/g, '\\$&')
    .replaceAll('*', '.*')
    .replaceAll('?', '.');
  return new RegExp(`^${source}$`, 's').test(text);
};

const holds = ({ operator, key, values }: Condition, call: Call): boolean => {
  const said = call.context?.[key];
  if (said === undefined) return false;
  return values.some((value) =>
    operator === 'StringEquals' ? value === said : matches(value, said),
  );
};

export const covers = ({ action, resource, conditions }: Grant, call: Call): boolean =>
  matches(action.toLowerCase(), call.action.toLowerCase()) &&
  matches(resource, call.resource) &&
  conditions.every((condition) => holds(condition, call));

export const grantText = ({ action, resource, conditions }: Grant): string =>
  `${action} on ${resource}${conditions.map(({ key, values }) => ` where ${key} is ${values.join(' or ')}`).join('')}`;

const textsOf = (value: unknown, where: string): readonly string[] => {
  const all = [value].flat();
  if (all.length > 0 && all.every((one) => typeof one === 'string')) return all;
  throw new Error(`${where} is no text and no list of texts: ${JSON.stringify(value)}`);
};

const MEMBERS = new Set(['Sid', 'Effect', 'Action', 'Resource', 'Condition']);

const conditionsOf = (condition: unknown): readonly Condition[] => {
  if (condition === undefined) return [];
  if (!isRecord(condition)) throw new Error('a Condition is no map');
  return Object.entries(condition).flatMap(([name, keys]) => {
    const operator = OPERATORS.find((known) => known === name);
    if (operator === undefined || !isRecord(keys)) {
      throw new Error(`the condition operator ${name} is not evaluated here: teach it first`);
    }
    return Object.entries(keys).map(([key, values]) => ({
      operator,
      key,
      values: textsOf(values, `the condition on ${key}`),
    }));
  });
};

const grantsOfStatement = (statement: unknown): readonly Grant[] => {
  if (!isRecord(statement)) throw new Error('a statement is no map');
  const foreign = Object.keys(statement).filter((member) => !MEMBERS.has(member));
  if (foreign.length > 0) {
    throw new Error(
      `${foreign.join(', ')} in a statement is not evaluated here: name what is allowed`,
    );
  }
  if (statement.Effect !== 'Allow') {
    throw new Error(`Effect ${String(statement.Effect)} is not evaluated here: grant less instead`);
  }
  const conditions = conditionsOf(statement.Condition);
  return textsOf(statement.Action, 'Action').flatMap((action) =>
    textsOf(statement.Resource, 'Resource').map((resource) => ({ action, resource, conditions })),
  );
};

/** Every grant of a policy document whose intrinsics are resolved. */
export const grantsOf = (document: unknown): readonly Grant[] => {
  if (!isRecord(document)) throw new Error('a policy document is no map');
  return [document.Statement].flat().flatMap(grantsOfStatement);
};
