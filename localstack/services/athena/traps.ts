/** Refuses, before anything is translated, what both engines would answer, with different rows. */
import {
  closingOf,
  flatIndexes,
  isSign,
  isWord,
  nextSolid,
  previousSolid,
  type Token,
} from './lexer.ts';
import { notHere, Refusal } from './refusal.ts';

/** The signs of Trino's grammar that the statements may use; DuckDB has more, Trino would refuse them. */
const SIGNS: ReadonlySet<string> = new Set([
  ...['(', ')', '[', ']', ',', '.', ';', '+', '-', '*', '/', '%', '='],
  ...['<', '>', '<=', '>=', '<>', '!=', '||', '->', '?'],
]);

const TYPED_LITERALS = [
  ...['decimal', 'bigint', 'integer', 'int', 'smallint', 'tinyint', 'double', 'real', 'varchar'],
  ...['char', 'json', 'time', 'x'],
];
const DUCK_WORDS = ['qualify', 'pivot', 'unpivot', 'asof', 'exclude', 'match_recognize'];

const isDecimal = (token: Token | undefined): boolean =>
  token?.kind === 'number' && token.text.includes('.') && !/e/i.test(token.text);

const isZero = (token: Token | undefined): boolean =>
  token?.kind === 'number' && Number(token.text) === 0;

/** `nullif(…)`, a number that is not zero, or a cast of one of these. */
const neverZero = (tokens: readonly Token[], at: number): boolean => {
  const token = tokens[at];
  if (token?.kind === 'number') return !isZero(token);
  if (isWord(token, 'nullif')) return true;
  const open = nextSolid(tokens, at + 1);
  if (isWord(token, 'cast') && isSign(tokens[open], '(')) {
    return neverZero(tokens, nextSolid(tokens, open + 1));
  }
  return isSign(token, '(') && neverZero(tokens, nextSolid(tokens, at + 1));
};

const checkDivision = (tokens: readonly Token[], at: number): void => {
  const divisor = nextSolid(tokens, at + 1);
  if (isDecimal(tokens[previousSolid(tokens, at)]) || isDecimal(tokens[divisor])) {
    throw notHere('dividing decimals', 'divide bigint micros, as double at the very end');
  }
  if (!neverZero(tokens, divisor)) {
    throw notHere('dividing by what may be zero', 'divide by nullif(y, 0)');
  }
};

const checkSign = (tokens: readonly Token[], at: number): void => {
  const sign = tokens[at]?.text ?? '';
  if (!SIGNS.has(sign)) throw new Refusal('SYNTAX_ERROR', `mismatched input '${sign}'`);
  if (sign === '/' || sign === '%') checkDivision(tokens, at);
  const before = tokens[previousSolid(tokens, at)];
  const subscript = before?.kind === 'quoted' || isSign(before, ')') || isSign(before, ']');
  if (sign === '[' && (subscript || (before?.kind === 'word' && !isWord(before, 'array')))) {
    throw notHere('a subscript', 'element_at(x, n)');
  }
  if (
    sign === '||' &&
    [before, tokens[nextSolid(tokens, at + 1)]].some((t) => t?.kind === 'number')
  ) {
    throw new Refusal('SYNTAX_ERROR', 'text is joined with text, not with a number: cast it');
  }
};

const checkWord = (tokens: readonly Token[], at: number): void => {
  const token = tokens[at];
  const next = tokens[nextSolid(tokens, at + 1)];
  if (next?.kind === 'string' && isWord(token, ...TYPED_LITERALS)) {
    throw notHere(`a literal ${token?.text.toUpperCase()} '…'`, 'cast a text or write a number');
  }
  if (isWord(token, ...DUCK_WORDS)) {
    throw new Refusal('SYNTAX_ERROR', `${token?.text.toUpperCase()} is not to be used here`);
  }
  if (isWord(token, 'by') && isWord(next, 'all')) {
    throw new Refusal('SYNTAX_ERROR', 'BY ALL is not Trino');
  }
};

const compares = ['=', '<>', '!=', '<', '>', '<=', '>='];

/** Trino refuses to compare a text with a number; DuckDB reads the text. */
const checkComparison = (tokens: readonly Token[], at: number): void => {
  const sides = [tokens[previousSolid(tokens, at)]?.kind, tokens[nextSolid(tokens, at + 1)]?.kind];
  if (sides.includes('string') && sides.includes('number')) {
    throw new Refusal('SYNTAX_ERROR', "Cannot apply operator: varchar = integer ('n' = 1)");
  }
};

export const refuseTraps = (tokens: readonly Token[]): void => {
  tokens.forEach((token, at) => {
    if (token.kind === 'sign') checkSign(tokens, at);
    if (token.kind === 'sign' && compares.includes(token.text)) checkComparison(tokens, at);
    if (token.kind === 'word') checkWord(tokens, at);
  });
};

const JSON_PATH = /^'\$(\.[A-Za-z0-9_]+|\[\d+\])*'$/;

/** What holds for one call: the name, and where its parenthesis opens and closes. */
export const refuseTrapsOfCall = (
  name: string,
  tokens: readonly Token[],
  parentheses: readonly [number, number],
): void => {
  const [open] = parentheses;
  const commas = flatIndexes(tokens, parentheses, (token) => isSign(token, ','));
  if (['max', 'min'].includes(name) && commas.length > 0) {
    throw notHere(`${name}(x, n)`, 'slice(array_agg(x ORDER BY x DESC), 1, n)');
  }
  if (['max_by', 'min_by'].includes(name) && commas.length > 1) {
    throw notHere(`${name}(x, y, n)`, 'it leaves out nulls: row_number() and a filter');
  }
  if (name === 'unnest' && commas.length > 0) {
    throw notHere('UNNEST of two arrays', 'unnest positions: sequence(1, cardinality(a))');
  }
  if (['json_extract', 'json_extract_scalar', 'json_size'].includes(name)) {
    const path = tokens[nextSolid(tokens, (commas[0] ?? open) + 1)];
    if (path?.kind !== 'string' || !JSON_PATH.test(path.text)) {
      throw notHere('a JSON path that is not a literal of the form $.a.b[0]');
    }
  }
  const first = nextSolid(tokens, open + 1);
  if (name === 'array_agg' && isWord(tokens[first], 'row')) {
    throw notHere('array_agg of a row without names', 'CAST(ROW(a) AS row(a varchar))');
  }
  if (closingOf(tokens, open) >= tokens.length) {
    throw new Refusal('SYNTAX_ERROR', 'a parenthesis is not closed');
  }
};
