/** Parameters, ItemSelector and ResultSelector: names that end in `.$` are paths or functions. */
import { intrinsicNamed } from './intrinsics.ts';
import { isList, isObject, type Json, RefusedDefinition, runtimeError } from './json.ts';
import { readPath, type Scope, scanPath } from './path.ts';

type Expression =
  | { readonly kind: 'path'; readonly text: string }
  | { readonly kind: 'literal'; readonly value: Json }
  | { readonly kind: 'call'; readonly name: string; readonly given: readonly Expression[] };

type Scanned = readonly [expression: Expression, end: number];

const LITERAL = /\s*(?:'((?:[^'\\]|\\.)*)'|(-?\d+(?:\.\d+)?)|(true|false|null))/y;
const CALL = /\s*(States\.[A-Za-z]+)\(/y;
const NEXT = /\s*([,)])/y;
const SPACE = /\s*/y;

const at = (pattern: RegExp, text: string, from: number): RegExpExecArray | null => {
  pattern.lastIndex = from;
  return pattern.exec(text);
};

const refused = (text: string): RefusedDefinition =>
  new RefusedDefinition(`the local cloud does not read the expression ${text}`);

const scanLiteral = (text: string, from: number): Scanned => {
  const [whole, quoted, number, word] = at(LITERAL, text, from) ?? [];
  if (whole === undefined) throw refused(text);
  // Other backslashes are States.Format's own.
  const value = quoted?.replaceAll("\\'", "'") ?? JSON.parse(number ?? word ?? 'null');
  return [{ kind: 'literal', value }, from + whole.length];
};

const scanCall = (text: string, name: string, from: number): Scanned => {
  if (intrinsicNamed(name) === undefined) {
    throw new RefusedDefinition(`the local cloud has no function ${name}`);
  }
  const given: Expression[] = [];
  if (text[from] === ')') return [{ kind: 'call', name, given }, from + 1];
  for (let end = from; ; ) {
    const [argument, after] = scan(text, end);
    given.push(argument);
    const [whole = '', mark] = at(NEXT, text, after) ?? [];
    if (mark === undefined) throw refused(text);
    end = after + whole.length;
    if (mark === ')') return [{ kind: 'call', name, given }, end];
  }
};

const scan = (text: string, from: number): Scanned => {
  const start = from + (at(SPACE, text, from)?.[0].length ?? 0);
  if (text[start] === '$') {
    const [path, end] = scanPath(text, start);
    return [{ kind: 'path', text: path.text }, end];
  }
  const call = at(CALL, text, from);
  if (call === null) return scanLiteral(text, from);
  return scanCall(text, call[1] ?? '', from + call[0].length);
};

const parsed = new Map<string, Expression>();
const PARSED_MAX = 10_000;

const parse = (text: string): Expression => {
  const known = parsed.get(text);
  if (known !== undefined) return known;
  const [expression, end] = scan(text, 0);
  if (end !== text.length || expression.kind === 'literal') throw refused(text);
  if (parsed.size < PARSED_MAX) parsed.set(text, expression);
  return expression;
};

const evaluate = (expression: Expression, field: string, scope: Scope): Json => {
  switch (expression.kind) {
    case 'literal':
      return expression.value;
    case 'path': {
      const value = readPath(expression.text, scope);
      if (value !== undefined) return value;
      throw runtimeError(
        `The JSONPath '${expression.text}' specified for the field '${field}' could not be found in the input '${JSON.stringify(scope.input)}'`,
      );
    }
    case 'call': {
      const given = expression.given.map((one) => evaluate(one, field, scope));
      return intrinsicNamed(expression.name)?.(given) ?? null;
    }
  }
};

const computed = (name: string, value: Json): readonly [name: string, text: string] | undefined => {
  if (!name.endsWith('.$')) return undefined;
  if (typeof value !== 'string') throw new RefusedDefinition(`${name} is a path or a function`);
  return [name.slice(0, -2), value];
};

/** The template with every path and function in place of its value. */
export const fill = (template: Json, scope: Scope): Json => {
  if (isList(template)) return template.map((one) => fill(one, scope));
  if (!isObject(template)) return template;
  return Object.fromEntries(
    Object.entries(template).map(([name, value]) => {
      const [field, text] = computed(name, value) ?? [];
      if (field === undefined || text === undefined) return [name, fill(value, scope)];
      return [field, evaluate(parse(text), name, scope)];
    }),
  );
};

/** Throws where the template says what we do not read. */
export const checkTemplate = (template: Json | undefined): void => {
  if (isList(template)) for (const one of template) checkTemplate(one);
  if (!isObject(template)) return;
  for (const [name, value] of Object.entries(template)) {
    const [, text] = computed(name, value) ?? [];
    if (text === undefined) checkTemplate(value);
    else parse(text);
  }
};
