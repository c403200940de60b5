/** Trino's text to DuckDB's, or a refusal; never a text that means something else. */
import { refuseAliases } from './aliases.ts';
import { tokensOf } from './lexer.ts';
import { Refusal } from './refusal.ts';
import { renameFunctions } from './rename.ts';

export type Polyglot = typeof import('@polyglot-sql/sdk');

/** 22 MB of WebAssembly: loaded by the first statement, not by the start of the local cloud. */
export const loadPolyglot = (): Promise<Polyglot> => import('@polyglot-sql/sdk');

const translate = (polyglot: Polyglot, text: string): string => {
  const { Dialect, transpile } = polyglot;
  const told = transpile(text, Dialect.Trino, Dialect.DuckDB, { unsupportedLevel: 'raise' });
  const [sql, ...more] = told.success ? (told.sql ?? []) : [];
  if (sql === undefined) throw new Refusal('SYNTAX_ERROR', told.error ?? 'nothing to run');
  if (more.length > 0) throw new Refusal('SYNTAX_ERROR', 'one statement at a time');
  return sql;
};

/** A query or a write (SELECT, INSERT, MERGE, UPDATE, DELETE) as DuckDB reads it. */
export const toDuck = (polyglot: Polyglot, trino: string): string => {
  const text = trino.trim().replace(/;\s*$/, '');
  const parsed = polyglot.parse(text, polyglot.Dialect.Trino);
  if (parsed.success) refuseAliases(parsed.ast);
  return translate(polyglot, renameFunctions(tokensOf(text)));
};
