/**
 * MERGE as Trino means it: a row of the target that two rows of the source match is an error, where
 * DuckDB lets one of them win. The source is computed once, into a table that ends with the statement.
 */
import type { DuckDBResultReader } from '@duckdb/node-api';
import type { Lake } from './lake.ts';
import { flatIndexes, isSign, isWord, nextSolid, type Token, tokensOf } from './lexer.ts';
import { Refusal } from './refusal.ts';

interface MergeParts {
  readonly target: string;
  readonly source: string;
  readonly sourceAlias: string;
  readonly on: string;
  readonly whens: string;
}

const textOf = (tokens: readonly Token[]): string =>
  tokens
    .map(({ text }) => text)
    .join('')
    .trim();

const partsOf = (trino: string): MergeParts => {
  const tokens = tokensOf(trino);
  const flat = (...words: readonly string[]): readonly number[] =>
    flatIndexes(tokens, [-1, tokens.length], (token) => isWord(token, ...words));
  const [into] = flat('into');
  const [using] = flat('using');
  const on = flat('on').find((at) => at > (using ?? 0));
  const when = flat('when').find(
    (at) => at > (on ?? 0) && isWord(tokens[nextSolid(tokens, at + 1)], 'matched', 'not'),
  );
  if (into === undefined || using === undefined || on === undefined || when === undefined) {
    throw new Refusal('SYNTAX_ERROR', 'MERGE INTO t USING s ON … WHEN …');
  }
  const named = tokens.slice(using + 1, on).filter(({ kind }) => kind !== 'space');
  const alias = named.at(-1);
  if (alias === undefined || isSign(alias, ')')) {
    throw new Refusal('SYNTAX_ERROR', 'the source of a MERGE needs a name');
  }
  return {
    target: textOf(tokens.slice(into + 1, using)),
    source: textOf(tokens.slice(using + 1, on)),
    sourceAlias: alias.text,
    on: textOf(tokens.slice(on + 1, when)),
    whens: textOf(tokens.slice(when)),
  };
};

const SOURCE = 'trino_merge_source';

const aliasOf = (target: string): string => target.split(/\s+/).at(-1) ?? target;

export const runMerge = async (lake: Lake, trino: string): Promise<DuckDBResultReader> => {
  const { target, source, sourceAlias, on, whens } = partsOf(trino);
  const computed = lake.toDuck(`SELECT * FROM ${source}`);
  await lake.runDuck(`CREATE OR REPLACE TEMP TABLE ${SOURCE} AS ${computed}`);
  try {
    const using = `${SOURCE} AS ${sourceAlias}`;
    const rowid = `${aliasOf(target)}.rowid`;
    const twice = await lake.runDuck(
      lake.toDuck(
        `SELECT count(*) FROM ${target} JOIN ${using} ON ${on} GROUP BY ${rowid} HAVING count(*) > 1 LIMIT 1`,
      ),
    );
    if (twice.currentRowCount > 0) {
      throw new Refusal(
        'MERGE_TARGET_ROW_MULTIPLE_MATCHES',
        'One MERGE target table row matched more than one source row',
      );
    }
    return await lake.runDuck(lake.toDuck(`MERGE INTO ${target} USING ${using} ON ${on} ${whens}`));
  } finally {
    await lake.runDuck(`DROP TABLE IF EXISTS ${SOURCE}`);
  }
};
