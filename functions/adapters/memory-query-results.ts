import type { QueryResults, ResultRow } from '../ports/query-results.ts';

/** Rows by the id of their query, for tests and the simulation. */
export const memoryQueryResults = (
  rowsOf: (queryExecutionId: string) => readonly ResultRow[] | undefined,
): QueryResults => ({
  rows: async function* (queryExecutionId) {
    const rows = rowsOf(queryExecutionId);
    if (rows === undefined) throw new Error(`there is no query ${queryExecutionId}`);
    yield* rows;
  },
});
