/** A row by its column's name; null is the query's own null. */
export type ResultRow = Readonly<Record<string, string | null>>;

/** Rows of a query that has ended, page by page. */
export interface QueryResults {
  readonly rows: (queryExecutionId: string) => AsyncIterable<ResultRow>;
}
