import { type AthenaClient, paginateGetQueryResults, type Row } from '@aws-sdk/client-athena';
import type { QueryResults, ResultRow } from '../ports/query-results.ts';

const valuesOf = ({ Data = [] }: Row): readonly (string | null)[] =>
  Data.map(({ VarCharValue }) => VarCharValue ?? null);

const rowOf = (names: readonly string[], row: Row): ResultRow => {
  const values = valuesOf(row);
  return Object.fromEntries(names.map((name, place) => [name, values[place] ?? null]));
};

/** Of a SELECT the first row of the first page is its header. */
export const athenaQueryResults = (client: AthenaClient): QueryResults => ({
  rows: async function* (queryExecutionId) {
    let isFirst = true;
    const asked = { QueryExecutionId: queryExecutionId };
    for await (const { ResultSet } of paginateGetQueryResults({ client }, asked)) {
      const names = (ResultSet?.ResultSetMetadata?.ColumnInfo ?? []).map(({ Name }) => Name ?? '');
      const rows = ResultSet?.Rows ?? [];
      for (const row of isFirst ? rows.slice(1) : rows) yield rowOf(names, row);
      isFirst = false;
    }
  },
});
