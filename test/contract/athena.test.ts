/** Athena's API over the local lake, through the SDK. */
import { readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { gunzipSync } from 'node:zlib';
import {
  BatchGetQueryExecutionCommand,
  GetQueryResultsCommand,
  GetWorkGroupCommand,
  ListWorkGroupsCommand,
  StopQueryExecutionCommand,
} from '@aws-sdk/client-athena';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { filesUnder, readObject } from '../../localstack/services/athena/objects.ts';
import { callJson, serve, temporaryFolder } from '../support/served.ts';
import { type AthenaWorld, athenaWorld, smallLake, WORKGROUP } from './athena-world.ts';

let world: AthenaWorld;
beforeAll(async () => {
  world = await smallLake();
  await world.put('raw/dt=2026-11-24/hr=09/a.gz', '{"id":"a","n":1}\n{"id":"b"}\n', '{"id":"c"}\n');
  await world.put('raw/dt=2026-11-24/hr=10/b.gz', '{"id":"d"}\n\nbroken "line, \\ \n');
  await world.put('raw/dt=2026-11-25/hr=02/c.gz', '{"id":"e"}');
  await world.put('raw/dt=2025-12-31/hr=00/before-the-range.gz', '{"id":"x"}\n');
  await world.put('raw/dt=2026-11-24/hr=24/no-hour.gz', '{"id":"y"}\n');
  await world.put('raw/_errors/dt=2026-11-24/hr=09/z.gz', '{"id":"z"}\n');
});
afterAll(() => world.close());

const reasonOf = async (sql: string): Promise<string | undefined> =>
  (await world.run(sql)).Status?.StateChangeReason;

const objects = () => ({ ...world.s3.objects, folder: world.s3.objectFolder });

describe('a query', () => {
  test('answers its columns with their types, a header, and nulls that are not empty texts', async () => {
    const { QueryExecutionId, Status, Statistics } = await world.run(
      "SELECT 'é\"' AS Name, CAST(NULL AS varchar) AS none, '' AS empty, 5 AS n, CAST(5 AS bigint) AS b, 1.5e0 AS x, true AS t, DATE '2026-01-05' AS d, ARRAY['a', 'b'] AS list, CAST(ROW('v', 1) AS row(k varchar, n integer)) AS r",
    );
    expect(Status?.State).toBe('SUCCEEDED');
    expect(Statistics?.DataScannedInBytes).toBe(0);
    const { ResultSet } = await world.client.send(new GetQueryResultsCommand({ QueryExecutionId }));
    const columns = ResultSet?.ResultSetMetadata?.ColumnInfo ?? [];
    expect(columns.map(({ Name, Type }) => [Name, Type])).toEqual([
      ['name', 'varchar'],
      ['none', 'varchar'],
      ['empty', 'varchar'],
      ['n', 'integer'],
      ['b', 'bigint'],
      ['x', 'double'],
      ['t', 'boolean'],
      ['d', 'date'],
      ['list', 'array'],
      ['r', 'row'],
    ]);
    const [header, row] = ResultSet?.Rows ?? [];
    expect(header?.Data?.[0]).toEqual({ VarCharValue: 'name' });
    expect(row?.Data?.map(({ VarCharValue }) => VarCharValue ?? null)).toEqual([
      'é"',
      null,
      '',
      '5',
      '5',
      '1.5',
      'true',
      '2026-01-05',
      '[a, b]',
      '{k=v, n=1}',
    ]);
  });

  test('pages its rows, the header once', async () => {
    const { QueryExecutionId } = await world.run(
      'SELECT n FROM UNNEST(sequence(1, 25)) AS t(n) ORDER BY n',
    );
    const seen: (string | undefined)[] = [];
    const sizes: number[] = [];
    let NextToken: string | undefined;
    do {
      const page = await world.client.send(
        new GetQueryResultsCommand({ QueryExecutionId, NextToken, MaxResults: 10 }),
      );
      sizes.push(page.ResultSet?.Rows?.length ?? 0);
      seen.push(...(page.ResultSet?.Rows ?? []).map(({ Data }) => Data?.[0]?.VarCharValue));
      NextToken = page.NextToken;
    } while (NextToken !== undefined);
    expect(sizes).toEqual([10, 10, 6]);
    expect(seen).toEqual(['n', ...Array.from({ length: 25 }, (_, at) => String(at + 1))]);
  });

  test('leaves its CSV in the location of the enforced workgroup, whatever the client says', async () => {
    const id = await world.start("SELECT 'a' AS x", {
      ResultConfiguration: { OutputLocation: 's3://elsewhere/' },
    });
    const { ResultConfiguration } = await world.settled(id);
    expect(ResultConfiguration?.OutputLocation).toBe(`s3://lake/athena/${id}.csv`);
    expect(readObject(objects(), `s3://lake/athena/${id}.csv`)).toBe('"x"\n"a"\n');
    expect(readObject(objects(), `s3://lake/athena/${id}.csv.metadata`)).toContain('varchar');
  });

  test('takes its parameters in order, and refuses another number of them', async () => {
    const id = await world.start("SELECT ? AS a, '?' AS b, ? AS c", {
      ExecutionParameters: ["'it''s'", '2'],
    });
    await world.settled(id);
    const { ResultSet } = await world.client.send(
      new GetQueryResultsCommand({ QueryExecutionId: id }),
    );
    expect(ResultSet?.Rows?.[1]?.Data?.map((one) => one.VarCharValue)).toEqual(["it's", '?', '2']);
    await expect(world.start('SELECT ? AS a')).rejects.toThrow('Incorrect number of parameters');
  });

  test('started twice by one token runs once', async () => {
    const token = 'token-of-at-least-32-characters-000';
    const first = await world.start('SELECT 1 AS a', { ClientRequestToken: token });
    expect(await world.start('SELECT 1 AS a', { ClientRequestToken: token })).toBe(first);
    await expect(world.start('SELECT 2 AS a', { ClientRequestToken: token })).rejects.toThrow(
      'Idempotent parameters do not match',
    );
  });

  test('that fails says why, in its status and as an AthenaError; its results are refused', async () => {
    const execution = await world.run('SELECT nothing FROM events');
    expect(execution.Status?.State).toBe('FAILED');
    expect(execution.Status?.StateChangeReason).toContain('COLUMN_NOT_FOUND');
    expect(execution.Status?.AthenaError?.ErrorCategory).toBe(2);
    expect(execution.Status?.AthenaError?.ErrorMessage).toContain('COLUMN_NOT_FOUND');
    const { QueryExecutionId } = execution;
    await expect(
      world.client.send(new GetQueryResultsCommand({ QueryExecutionId })),
    ).rejects.toThrow('Final query state: FAILED');
  });

  test('of a table that is not in the catalogue is refused by its name', async () => {
    expect(await reasonOf('SELECT 1 FROM nowhere')).toBe(
      "TABLE_NOT_FOUND: Table 'awsdatacatalog.tributary.nowhere' does not exist",
    );
    expect(await reasonOf('SELECT 1 FROM "/etc/passwd"')).toContain('TABLE_NOT_FOUND');
  });

  test('in an unknown workgroup, or by an unknown id, is an invalid request', async () => {
    await expect(world.start('SELECT 1', { WorkGroup: 'none' })).rejects.toThrow('is not found');
    await expect(world.settled('no-such-id')).rejects.toThrow('was not found');
    const batch = await world.client.send(
      new BatchGetQueryExecutionCommand({ QueryExecutionIds: ['no-such-id'] }),
    );
    expect(batch.UnprocessedQueryExecutionIds?.[0]?.QueryExecutionId).toBe('no-such-id');
  });

  test('that is stopped while it waits never runs', async () => {
    const slow = await world.start(
      'SELECT count(*) AS n FROM UNNEST(sequence(1, 3000)) AS a(x) CROSS JOIN UNNEST(sequence(1, 3000)) AS b(y) CROSS JOIN UNNEST(sequence(1, 3000)) AS c(z) WHERE a.x + b.y = c.z',
    );
    const waiting = await world.start("INSERT INTO events VALUES ('2026-11-01', 'never', 1)");
    const stop = (QueryExecutionId: string) =>
      world.client.send(new StopQueryExecutionCommand({ QueryExecutionId }));
    await stop(waiting);
    await new Promise((resolve) => setTimeout(resolve, 50));
    await stop(slow);
    expect((await world.settled(slow)).Status?.State).toBe('CANCELLED');
    expect((await world.settled(waiting)).Status?.State).toBe('CANCELLED');
    expect(await world.rows("SELECT 1 FROM events WHERE event_id = 'never'")).toEqual([]);
  });
});

describe('a table on objects', () => {
  test('gives each line as it stands: several members of gzip, empty and broken lines, no last newline', async () => {
    const rows = await world.rows('SELECT line, dt, hr FROM raw_lines ORDER BY dt, hr, line');
    expect(rows).toEqual([
      ['{"id":"a","n":1}', '2026-11-24', '09'],
      ['{"id":"b"}', '2026-11-24', '09'],
      ['{"id":"c"}', '2026-11-24', '09'],
      ['', '2026-11-24', '10'],
      ['broken "line, \\ ', '2026-11-24', '10'],
      ['{"id":"d"}', '2026-11-24', '10'],
      ['{"id":"e"}', '2026-11-25', '02'],
    ]);
  });

  test('reads the prefixes that the WHERE allows, and no other', async () => {
    const whole = await world.run('SELECT count(*) AS n FROM raw_lines');
    const one = await world.run("SELECT count(*) AS n FROM raw_lines WHERE dt = '2026-11-25'");
    const bytes = filesUnder(join(world.s3.objectFolder('lake'), 'raw', 'dt=2026-11-25'))[0]?.bytes;
    expect(one.Statistics?.DataScannedInBytes).toBe(bytes);
    expect(whole.Statistics?.DataScannedInBytes).toBeGreaterThan(bytes ?? 0);
    const ids = (where: string) =>
      world.rows(`SELECT json_extract_scalar(line, '$.id') FROM tributary.raw_lines AS r ${where}`);
    expect(await ids("WHERE r.dt BETWEEN '2026-11-25' AND '2026-11-26'")).toEqual([['e']]);
    expect(await ids("WHERE dt IN ('2026-11-24') AND hr >= '10' AND line LIKE '{%'")).toEqual([
      ['d'],
    ]);
    expect(await ids("WHERE dt > '2026-11-25'")).toEqual([]);
    expect(
      await world.rows(
        "SELECT count(*) FROM (raw_lines AS r CROSS JOIN (SELECT 1 AS one) AS o) WHERE r.dt = '2026-11-25'",
      ),
    ).toEqual([['1']]);
    expect(
      await world.rows(
        "SELECT d.day FROM (SELECT '2026-11-24' AS day) AS d LEFT JOIN raw_lines AS o ON o.dt = d.day WHERE o.dt IS NULL",
      ),
    ).toEqual([]);
    expect(
      await ids(
        "WHERE dt = date_format(date_add('day', 0, CAST(current_date AS timestamp)), '%Y-%m-%d')",
      ),
    ).toEqual([['e']]);
  });

  test('whose objects go while it is read fails the query, as on S3', async () => {
    await world.put('enriched/dt=2026-11-24/hr=00/gone.gz', '{"id":"g"}\n');
    const file = filesUnder(join(world.s3.objectFolder('lake'), 'enriched'))[0]?.path ?? '';
    const slow = await world.start(
      'SELECT count(*) AS n FROM UNNEST(sequence(1, 400)) AS a(x) CROSS JOIN enriched_lines',
    );
    rmSync(file);
    const { Status } = await world.settled(slow);
    expect(['SUCCEEDED', 'FAILED']).toContain(Status?.State);
    if (Status?.State === 'FAILED') expect(Status.StateChangeReason).toContain('HIVE_CANNOT_OPEN');
    expect(await world.rows('SELECT count(*) FROM enriched_lines')).toEqual([['0']]);
  });

  test('with an injected partition wants an equality, and reads that prefix alone', async () => {
    await world.put('nightly/run1/2/x.gz', '{"u":"1"}\n');
    await world.put('nightly/run2/1/x.gz', '{"u":"2"}\n');
    expect(await world.rows("SELECT line, run FROM run_lines WHERE run = 'run1/2'")).toEqual([
      ['{"u":"1"}', 'run1/2'],
    ]);
    expect(
      await world.rows("SELECT line FROM run_lines WHERE run IN ('run1/2', 'run2/1') ORDER BY 1"),
    ).toEqual([['{"u":"1"}'], ['{"u":"2"}']]);
    expect(await world.rows("SELECT line FROM run_lines WHERE run = 'run3/1'")).toEqual([]);
    for (const where of ['', " WHERE run > 'a'", " WHERE run = concat('run1', '/2')"]) {
      expect(await reasonOf(`SELECT line FROM run_lines${where}`)).toBe(
        'CONSTRAINT_VIOLATION: For the injected projected partition column run, the WHERE clause must contain only static equality conditions, and at least one such condition must be present.',
      );
    }
  });
});

describe('an Iceberg table', () => {
  const insert = (day: string, ...ids: readonly string[]) =>
    world.rows(
      `INSERT INTO events (arrival_day, event_id, amount) VALUES ${ids.map((id) => `('${day}', '${id}', 1)`).join(', ')}`,
    );

  test('is inserted into, merged into, updated and deleted from', async () => {
    await insert('2026-11-20', 'a', 'b', 'c');
    const merged = await world.run(
      "MERGE INTO events AS t USING (SELECT * FROM (VALUES ('a', 1), ('b', 0), ('d', 0)) AS v(id, gone)) AS s ON t.event_id = s.id AND t.arrival_day = '2026-11-20' WHEN MATCHED AND s.gone = 1 THEN DELETE WHEN MATCHED THEN UPDATE SET amount = t.amount + 5 WHEN NOT MATCHED THEN INSERT (arrival_day, event_id, amount) VALUES ('2026-11-20', s.id, 9)",
    );
    expect(merged.Status?.State).toBe('SUCCEEDED');
    const all = "SELECT event_id, amount FROM events WHERE arrival_day = '2026-11-20' ORDER BY 1";
    expect(await world.rows(all)).toEqual([
      ['b', '6'],
      ['c', '1'],
      ['d', '9'],
    ]);
    await world.run("UPDATE events SET amount = 2 WHERE event_id = 'c'");
    await world.run("DELETE FROM events WHERE event_id = 'd'");
    expect(await world.rows(all)).toEqual([
      ['b', '6'],
      ['c', '2'],
    ]);
  });

  test('merged with two rows for one of its rows fails, as in Trino, and keeps what it had', async () => {
    await insert('2026-11-19', 'twice');
    expect(
      await reasonOf(
        "MERGE INTO events AS t USING (SELECT * FROM (VALUES ('twice', 1), ('twice', 2)) AS v(id, n)) AS s ON t.event_id = s.id WHEN MATCHED THEN UPDATE SET amount = s.n",
      ),
    ).toBe(
      'MERGE_TARGET_ROW_MULTIPLE_MATCHES: One MERGE target table row matched more than one source row',
    );
    expect(await world.rows("SELECT amount FROM events WHERE event_id = 'twice'")).toEqual([['1']]);
  });

  test('counts the rows of the partitions that the conditions allow, not those of its history', async () => {
    await insert('2026-10-01', ...Array.from({ length: 50 }, (_, at) => `old-${at}`));
    await insert('2026-11-18', 'new');
    const scanned = async (sql: string) =>
      (await world.run(sql)).Statistics?.DataScannedInBytes ?? 0;
    const all = await scanned('SELECT count(*) AS n FROM events');
    const day = await scanned("SELECT count(*) AS n FROM events WHERE arrival_day = '2026-11-18'");
    expect(day).toBeGreaterThan(0);
    expect(all).toBeGreaterThan(day * 40);
    expect(
      await scanned(
        "MERGE INTO events AS t USING (SELECT * FROM (VALUES 'none') AS v(id)) AS s ON t.event_id = s.id AND t.arrival_day = '2026-11-18' WHEN MATCHED THEN DELETE",
      ),
    ).toBe(day);
  });

  test('is optimized and vacuumed without a word; a table on objects is not', async () => {
    expect((await world.run('OPTIMIZE events REWRITE DATA USING BIN_PACK')).Status?.State).toBe(
      'SUCCEEDED',
    );
    expect((await world.run('VACUUM tributary.events')).Status?.State).toBe('SUCCEEDED');
    expect(await reasonOf('VACUUM raw_lines')).toContain('not an Iceberg table');
  });
});

describe('UNLOAD', () => {
  const unload = (query: string, to: string, options = "format = 'JSON', compression = 'GZIP'") =>
    world.run(`UNLOAD (${query}) TO '${to}' WITH (${options})`);

  const linesIn = (prefix: string): readonly string[] =>
    filesUnder(join(world.s3.objectFolder('lake'), prefix)).flatMap(({ path }) => {
      const object = readObjectBytes(path);
      return gunzipSync(object).toString('utf8').split('\n').filter(Boolean);
    });

  test('writes JSON lines in gzip objects that S3 knows, and lists them in a manifest', async () => {
    const { Status, Statistics } = await unload(
      "SELECT 'main' AS tenant, CAST(NULL AS varchar) AS none, array_agg(CAST(ROW(v, n) AS row(version varchar, amount bigint)) ORDER BY v) AS Tiles FROM (VALUES ('a', 1), ('b', 9007199254740993)) AS t(v, n)",
      's3://lake/nightly/unload/1/',
    );
    expect(Status?.State).toBe('SUCCEEDED');
    expect(linesIn('nightly/unload/1')).toEqual([
      '{"tenant":"main","none":null,"tiles":[{"version":"a","amount":1},{"version":"b","amount":9007199254740993}]}',
    ]);
    const manifest = readObject(objects(), Statistics?.DataManifestLocation ?? '') ?? '';
    const [first = ''] = manifest.trim().split('\n');
    expect(first).toMatch(/^s3:\/\/lake\/nightly\/unload\/1\/.+\.gz$/);
    const response = await getObject(first.replace('s3://lake/', ''));
    expect(response).toBe(200);
  });

  test('cuts many rows into several objects, each of whole lines', async () => {
    await unload(
      "SELECT n, lpad(CAST(n AS varchar), 400, 'x') AS filler FROM UNNEST(sequence(1, 3000)) AS t(n)",
      's3://lake/nightly/many/1',
    );
    const files = filesUnder(join(world.s3.objectFolder('lake'), 'nightly/many/1'));
    expect(files.length).toBe(8);
    const numbers = linesIn('nightly/many/1').map((line) => Number(Object(JSON.parse(line)).n));
    expect(new Set(numbers).size).toBe(3000);
    expect(await world.rows("SELECT count(*) FROM run_lines WHERE run = 'many/1'")).toEqual([
      ['3000'],
    ]);
  });

  test('refuses a target that is not empty, another format, and writes nothing of no rows', async () => {
    await unload('SELECT 1 AS a', 's3://lake/nightly/full/1/');
    const again = await unload('SELECT 1 AS a', 's3://lake/nightly/full/1/');
    expect(again.Status?.StateChangeReason).toContain('HIVE_PATH_ALREADY_EXISTS');
    const parquet = await unload('SELECT 1 AS a', 's3://lake/p/', "format = 'PARQUET'");
    expect(parquet.Status?.State).toBe('FAILED');
    const none = await unload('SELECT 1 AS a FROM events WHERE false', 's3://lake/nightly/none/1/');
    expect(none.Status?.State).toBe('SUCCEEDED');
    expect(linesIn('nightly/none/1')).toEqual([]);
  });
});

describe('the workgroup', () => {
  test('cancels a query that would read more than it allows, before it reads', async () => {
    const { randomBytes } = await import('node:crypto');
    const noise = randomBytes(9_000_000).toString('base64');
    await world.put('raw/dt=2026-11-23/hr=00/large.gz', noise.replaceAll(/(.{2000})/g, '$1\n'));
    const over = await world.run("SELECT count(*) AS n FROM raw_lines WHERE dt <= '2026-11-24'");
    expect(over.Status?.State).toBe('SUCCEEDED');
    await world.put('raw/dt=2026-11-22/hr=00/large.gz', noise.replaceAll(/(.{2000})/g, '$1\n'));
    const cancelled = await world.run(
      "SELECT count(*) AS n FROM raw_lines WHERE dt < '2026-11-24'",
    );
    expect(cancelled.Status?.State).toBe('CANCELLED');
    expect(cancelled.Status?.StateChangeReason).toBe(
      'Query cancelled! : Bytes scanned limit was exceeded',
    );
    expect(cancelled.Statistics?.DataScannedInBytes).toBeGreaterThan(10_000_000);
  });

  test('is shown as the template made it, and measures what its queries read', async () => {
    const { WorkGroup } = await world.client.send(
      new GetWorkGroupCommand({ WorkGroup: 'nightly' }),
    );
    expect(WorkGroup?.Configuration).toMatchObject(WORKGROUP.WorkGroupConfiguration);
    const { WorkGroups } = await world.client.send(new ListWorkGroupsCommand({}));
    expect(WorkGroups?.map(({ Name }) => Name)).toEqual(['primary', 'nightly']);
    expect(world.metrics.map(([name]) => name)).toContain('ProcessedBytes');
    await expect(world.start('SELECT 1', { WorkGroup: 'primary' })).rejects.toThrow(
      'No output location provided',
    );
    const ResultConfiguration = { OutputLocation: 's3://no-such-bucket/r/' };
    await expect(
      world.start('SELECT 1', { WorkGroup: 'primary', ResultConfiguration }),
    ).rejects.toThrow('Unable to verify/create output bucket no-such-bucket');
  });

  test('below ten megabytes, or of another engine, is refused as a template', async () => {
    const made = (configuration: object) =>
      world.create('AWS::Athena::WorkGroup', { Name: 'w', WorkGroupConfiguration: configuration });
    await expect(made({ BytesScannedCutoffPerQuery: 1_000 })).rejects.toThrow('10000000');
    await expect(
      made({ EngineVersion: { SelectedEngineVersion: 'Athena engine version 2' } }),
    ).rejects.toThrow('engine version 3');
  });
});

test('Glue shows the databases and tables of the template', async () => {
  const glue = (operation: string, input: object) =>
    callJson(world.glueUrl, `AWSGlue.${operation}`, input);
  const { body } = await glue('GetTable', { DatabaseName: 'tributary', Name: 'events' });
  expect(body.Table).toMatchObject({
    Name: 'events',
    Parameters: { table_type: 'ICEBERG' },
    StorageDescriptor: { Columns: [{ Name: 'arrival_day', Type: 'string' }, {}, {}] },
  });
  const { body: all } = await glue('GetTables', { DatabaseName: 'tributary' });
  expect(all.TableList).toHaveLength(4);
  const { body: databases } = await glue('GetDatabases', {});
  expect(databases.DatabaseList).toMatchObject([{ Name: 'tributary' }]);
  expect((await glue('GetTable', { DatabaseName: 'tributary', Name: 'none' })).body.__type).toBe(
    'EntityNotFoundException',
  );
});

test('a lake at rest is opened again by the next query, with what it had', async () => {
  await world.rows("INSERT INTO events VALUES ('2026-11-20', 'rested', 3)");
  await new Promise((resolve) => setTimeout(resolve, 600));
  expect(await world.rows("SELECT amount FROM events WHERE event_id = 'rested'")).toEqual([['3']]);
});

test('what was committed, and what was answered, is there after a restart', async () => {
  const folder = temporaryFolder();
  const before = await athenaWorld(folder.path);
  await before.rows("INSERT INTO events VALUES ('2026-11-20', 'kept', 3)");
  const { QueryExecutionId = '' } = await before.run("SELECT 'kept' AS x");
  await before.close();
  const after = await athenaWorld(folder.path);
  expect(await after.rows('SELECT event_id, amount FROM events')).toEqual([['kept', '3']]);
  const { ResultSet } = await after.client.send(new GetQueryResultsCommand({ QueryExecutionId }));
  expect(ResultSet?.Rows?.[1]?.Data).toEqual([{ VarCharValue: 'kept' }]);
  await after.close();
  folder.remove();
});

const readObjectBytes = (path: string): Buffer => readFileSync(path);

const getObject = async (key: string): Promise<number> => {
  const served = await serve(world.s3.handle);
  try {
    return (await fetch(`${served.url}/lake/${key}`)).status;
  } finally {
    await served.close();
  }
};
