/**
 * Names each function as DuckDB or our macros name it, and makes casts strict, before the transpiler
 * sees the statement: what it does not know it leaves alone.
 */
import { duckName, KEYWORDS } from './functions.ts';
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
import { refuseTraps, refuseTrapsOfCall } from './traps.ts';

/** Texts by the index of the token that they replace, go before or follow. */
interface Edits {
  readonly instead: Map<number, string>;
  readonly after: Map<number, string>;
  readonly before: Map<number, string>;
}

/** How a cast to each type is made strict; other types are rows, arrays and maps. */
const CASTS: readonly (readonly [pattern: RegExp, macro: string])[] = [
  [/^(bigint|integer|int|smallint|tinyint)$/, 'integral'],
  [/^(double|real)$/, 'double'],
  [/^date$/, 'date'],
  [/^timestamp(\(\d\))?$/, 'timestamp'],
  [/^boolean$/, 'boolean'],
];
const NESTED = /^(row|array|map)\b|^(varbinary|decimal)/;

const castMacro = (type: string, attempt: boolean): string | undefined => {
  const known = CASTS.find(([pattern]) => pattern.test(type))?.[1];
  if (known !== undefined) return `trino_${attempt ? 'try' : 'to'}_${known}`;
  if (/^varchar(\(\d+\))?$/.test(type)) return 'trino_to_varchar';
  if (/^decimal/.test(type)) return 'trino_to_decimal';
  if (NESTED.test(type)) return undefined;
  throw notHere(`a cast to ${type}`);
};

const editCast = (
  tokens: readonly Token[],
  [at, open, close]: readonly [number, number, number],
  edits: Edits,
): void => {
  const as = flatIndexes(tokens, [open, close], (token) => isWord(token, 'as')).at(-1);
  if (as === undefined) throw new Refusal('SYNTAX_ERROR', 'a cast without AS');
  const typeTokens = tokens.slice(as + 1, close).filter(({ kind }) => kind !== 'space');
  const words = typeTokens.map(({ text }) => text.toLowerCase());
  const type = words.join(words.includes('zone') ? ' ' : '');
  const macro = castMacro(type, isWord(tokens[at], 'try_cast'));
  if (macro === undefined) return;
  const length = /^varchar\((\d+)\)$/.exec(type)?.[1];
  edits.after.set(open, `${length === undefined ? '' : 'substr('}${macro}(`);
  edits.before.set(as, length === undefined ? ')' : `), 1, ${length})`);
};

/** `AS t (a, b)`, `t (a, b) AS (`, `INTO t (a, b)`, `) t (a, b)`: names with their columns. */
const isNameWithColumns = (tokens: readonly Token[], at: number, close: number): boolean => {
  const before = tokens[previousSolid(tokens, at)];
  if (isWord(before, 'as', 'into', 'table', 'ordinality') || isSign(before, '.')) return true;
  if (isSign(before, ')')) return true;
  const as = nextSolid(tokens, close + 1);
  return isWord(tokens[as], 'as') && isSign(tokens[nextSolid(tokens, as + 1)], '(');
};

const isClause = (tokens: readonly Token[], at: number, open: number): boolean =>
  isWord(tokens[at], 'filter') && isWord(tokens[nextSolid(tokens, open + 1)], 'where');

const editCall = (tokens: readonly Token[], at: number, edits: Edits): void => {
  const name = tokens[at]?.text.toLowerCase() ?? '';
  const open = nextSolid(tokens, at + 1);
  const close = closingOf(tokens, open);
  refuseTrapsOfCall(name, tokens, [open, close]);
  if (KEYWORDS.has(name) || isClause(tokens, at, open)) return;
  if (isNameWithColumns(tokens, at, close)) return;
  const renamed = duckName(name);
  if (renamed === undefined) {
    throw notHere(`the function ${name}`, 'it is not on the list of those that mean the same');
  }
  if (name === 'avg') {
    edits.after.set(open, 'trino_averaged(');
    edits.before.set(close, ')');
  }
  if (name === 'cast' || name === 'try_cast') editCast(tokens, [at, open, close], edits);
  else edits.instead.set(at, renamed);
};

/** What a type says in a cast is no call: `AS row(a varchar(3))`. */
const typeSpans = (tokens: readonly Token[]): readonly (readonly [number, number])[] =>
  tokens.flatMap((token, at) => {
    const open = nextSolid(tokens, at + 1);
    if (!isWord(token, 'cast', 'try_cast') || !isSign(tokens[open], '(')) return [];
    const close = closingOf(tokens, open);
    const as = flatIndexes(tokens, [open, close], (one) => isWord(one, 'as')).at(-1);
    return as === undefined ? [] : [[as, close] as const];
  });

const NOW: Readonly<Record<string, string>> = {
  current_timestamp: 'trino_now()',
  current_date: 'trino_today()',
};

export const renameFunctions = (tokens: readonly Token[]): string => {
  refuseTraps(tokens);
  const edits: Edits = { instead: new Map(), after: new Map(), before: new Map() };
  const types = typeSpans(tokens);
  tokens.forEach((token, at) => {
    if (token.kind !== 'word') return;
    if (types.some(([from, to]) => at > from && at < to)) return;
    const open = nextSolid(tokens, at + 1);
    if (isSign(tokens[open], '(')) editCall(tokens, at, edits);
    else {
      const now = NOW[token.text.toLowerCase()];
      if (now !== undefined) edits.instead.set(at, now);
    }
  });
  return tokens
    .map((token, at) => {
      // Trino's names know no case, quoted or not, and its answers are in lower case.
      const named = token.kind === 'word' || token.kind === 'quoted';
      const text = named ? token.text.toLowerCase() : token.text;
      const before = edits.before.get(at) ?? '';
      return `${before}${edits.instead.get(at) ?? text}${edits.after.get(at) ?? ''}`;
    })
    .join('');
};
