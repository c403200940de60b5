/** Rows of a query that has ended: in memory and over the local Athena, page by page. */
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { athenaQueryResults } from '../../functions/adapters/athena-query-results.ts';
import { memoryQueryResults } from '../../functions/adapters/memory-query-results.ts';
import type { QueryResults, ResultRow } from '../../functions/ports/query-results.ts';
import { type AthenaWorld, smallLake } from './athena-world.ts';

/** More than a page of Athena's has. */
const MANY = 2_345;

let world: AthenaWorld;
beforeAll(async () => {
  world = await smallLake();
});
afterAll(() => world.close());

interface Asked {
  readonly results: QueryResults;
  readonly id: string;
}

const inMemory = async (_: string, rows: readonly ResultRow[]): Promise<Asked> => ({
  results: memoryQueryResults((id) => (id === 'q' ? rows : undefined)),
  id: 'q',
});

const overAthena = async (sql: string): Promise<Asked> => {
  const { QueryExecutionId = '', Status } = await world.run(sql);
  expect(Status?.State).toBe('SUCCEEDED');
  return { results: athenaQueryResults(world.client), id: QueryExecutionId };
};

const all = async ({ results, id }: Asked): Promise<readonly ResultRow[]> => {
  const rows: ResultRow[] = [];
  for await (const row of results.rows(id)) rows.push(row);
  return rows;
};

describe.each([
  ['memory', inMemory],
  ['athena', overAthena],
] as const)('%s', (_, asked) => {
  test('each row has its columns by name, and nulls are nulls', async () => {
    const rows = [
      { measure: 'rows', version: null, amount: '7' },
      { measure: 'total', version: 'ü "a"', amount: '-9007199254740993' },
    ];
    const sql = `SELECT * FROM (VALUES ('rows', CAST(NULL AS varchar), CAST(7 AS bigint)),
      ('total', 'ü "a"', CAST(-9007199254740993 AS bigint))) AS t (measure, version, amount)
      ORDER BY measure`;
    expect(await all(await asked(sql, rows))).toEqual(rows);
  });

  test('no row is lost between pages, and the header is none', async () => {
    const rows = Array.from({ length: MANY }, (_, n) => ({ n: String(n + 1) }));
    const sql = `SELECT n FROM UNNEST(sequence(1, ${MANY})) AS t (n) ORDER BY n`;
    expect(await all(await asked(sql, rows))).toEqual(rows);
  });

  test('a query without rows has none, and an unknown one is a fault', async () => {
    const none = await asked('SELECT event_id FROM events', []);
    expect(await all(none)).toEqual([]);
    const unknown = all({ ...none, id: '00000000-0000-4000-8000-000000000000' });
    await expect(unknown).rejects.toThrow();
  });
});
