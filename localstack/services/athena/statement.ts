/** What kind of statement a text is, and the parts of those that DuckDB does not know. */
import {
  closingOf,
  flatIndexes,
  isSign,
  isWord,
  nextSolid,
  type Token,
  tokensOf,
} from './lexer.ts';
import { Refusal } from './refusal.ts';

export interface UnloadStatement {
  readonly kind: 'unload';
  readonly query: string;
  /** s3://bucket/prefix/ */
  readonly to: string;
  readonly options: Readonly<Record<string, string>>;
}

export type Statement =
  | { readonly kind: 'query' | 'write' | 'merge'; readonly text: string }
  | UnloadStatement
  | { readonly kind: 'upkeep'; readonly verb: 'OPTIMIZE' | 'VACUUM'; readonly table: string };

const textOf = (tokens: readonly Token[]): string => tokens.map(({ text }) => text).join('');

/** `'it''s'` → it's */
export const unquoted = (token: Token | undefined): string => {
  if (token?.kind === 'string') return token.text.slice(1, -1).replaceAll("''", "'");
  if (token?.kind === 'quoted') return token.text.slice(1, -1).replaceAll('""', '"');
  return token?.text ?? '';
};

const mismatch = (what: string): Refusal => new Refusal('SYNTAX_ERROR', what);

const optionsOf = (
  tokens: readonly Token[],
  [open, close]: readonly [number, number],
): Record<string, string> => {
  const options: Record<string, string> = {};
  for (const at of flatIndexes(tokens, [open, close], (token) => token.kind === 'word')) {
    const equals = nextSolid(tokens, at + 1);
    const value = tokens[nextSolid(tokens, equals + 1)];
    if (!isSign(tokens[equals], '=') || value?.kind !== 'string') {
      throw mismatch(`UNLOAD's option ${tokens[at]?.text} must be a text in quotes`);
    }
    options[(tokens[at]?.text ?? '').toLowerCase()] = unquoted(value);
  }
  return options;
};

/** UNLOAD (query) TO 's3://…' WITH (format = 'JSON', …) */
const unloadOf = (tokens: readonly Token[], at: number): UnloadStatement => {
  const open = nextSolid(tokens, at + 1);
  if (!isSign(tokens[open], '(')) throw mismatch('UNLOAD takes a query in parentheses');
  const close = closingOf(tokens, open);
  const to = nextSolid(tokens, close + 1);
  const target = nextSolid(tokens, to + 1);
  if (!isWord(tokens[to], 'to') || tokens[target]?.kind !== 'string') {
    throw mismatch("UNLOAD needs TO 's3://bucket/prefix/'");
  }
  const withAt = nextSolid(tokens, target + 1);
  const list = nextSolid(tokens, withAt + 1);
  if (!isWord(tokens[withAt], 'with') || !isSign(tokens[list], '(')) {
    throw mismatch("UNLOAD needs WITH (format = '…')");
  }
  const end = closingOf(tokens, list);
  if (nextSolid(tokens, end + 1) < tokens.length) throw mismatch('UNLOAD ends with its options');
  return {
    kind: 'unload',
    query: textOf(tokens.slice(open + 1, close)),
    to: unquoted(tokens[target]),
    options: optionsOf(tokens, [list, end]),
  };
};

/** OPTIMIZE t REWRITE DATA USING BIN_PACK [WHERE …]; VACUUM t */
const upkeepOf = (tokens: readonly Token[], at: number): Statement => {
  const verb = isWord(tokens[at], 'optimize') ? 'OPTIMIZE' : 'VACUUM';
  const solid = tokens.slice(at + 1).filter(({ kind }) => kind !== 'space');
  const names = solid.findIndex((token) => token.kind === 'word' && isWord(token, 'rewrite'));
  const table = solid
    .slice(0, names < 0 ? solid.length : names)
    .map(unquoted)
    .join('');
  const rest = solid.slice(names, names + 4).map(({ text }) => text.toUpperCase());
  if (verb === 'OPTIMIZE' && rest.join(' ') !== 'REWRITE DATA USING BIN_PACK') {
    throw mismatch('OPTIMIZE table REWRITE DATA USING BIN_PACK');
  }
  if (!/^[A-Za-z0-9_.]+$/.test(table)) throw mismatch(`${verb} names no table`);
  return { kind: 'upkeep', verb, table };
};

export const readStatement = (sql: string): Statement => {
  const text = sql.trim().replace(/;\s*$/, '');
  const tokens = tokensOf(text);
  const at = nextSolid(tokens, 0);
  const first = tokens[at];
  if (isWord(first, 'unload')) return unloadOf(tokens, at);
  if (isWord(first, 'optimize', 'vacuum')) return upkeepOf(tokens, at);
  if (isWord(first, 'merge')) return { kind: 'merge', text };
  if (isWord(first, 'insert', 'update', 'delete')) return { kind: 'write', text };
  if (isWord(first, 'select', 'with', 'values') || isSign(first, '(')) {
    return { kind: 'query', text };
  }
  throw new Refusal(
    'NOT_SUPPORTED',
    `${first?.text.toUpperCase() ?? 'nothing'}: the local cloud takes SELECT, INSERT, MERGE, UPDATE, DELETE, UNLOAD, OPTIMIZE and VACUUM; tables come from the template`,
  );
};
