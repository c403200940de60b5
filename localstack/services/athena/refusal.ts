/** A statement that Athena refuses, or that would mean something else on DuckDB than on Athena. */

export type RefusalKind =
  | 'SYNTAX_ERROR'
  | 'NOT_SUPPORTED'
  | 'TABLE_NOT_FOUND'
  | 'CONSTRAINT_VIOLATION'
  | 'MERGE_TARGET_ROW_MULTIPLE_MATCHES'
  | 'HIVE_PATH_ALREADY_EXISTS'
  | 'HIVE_CANNOT_OPEN_SPLIT'
  | 'INVALID_CAST_ARGUMENT'
  | 'NUMERIC_VALUE_OUT_OF_RANGE';

export class Refusal extends Error {
  readonly kind: RefusalKind;

  constructor(kind: RefusalKind, why: string, options?: ErrorOptions) {
    super(`${kind}: ${why}`, options);
    this.name = 'Refusal';
    this.kind = kind;
  }
}

/** What is fine on Athena, and stays unanswered here rather than be answered wrongly. */
export const notHere = (what: string, instead?: string): Refusal =>
  new Refusal(
    'NOT_SUPPORTED',
    `${what} would mean something else on the local cloud than on Athena${instead === undefined ? '' : `: ${instead}`}`,
  );
