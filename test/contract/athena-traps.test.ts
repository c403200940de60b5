/**
 * What Trino and DuckDB answer differently: here each is answered as Trino does, or refused. The few
 * that remain are at the end, so that whoever mends one meets a red test.
 */
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { openLake } from '../../localstack/services/athena/duck.ts';
import { reasonOf } from '../../localstack/services/athena/faults.ts';
import type { Lake } from '../../localstack/services/athena/lake.ts';
import { readStatement } from '../../localstack/services/athena/statement.ts';
import { valueText } from '../../localstack/services/athena/values.ts';

let lake: Lake;
beforeAll(async () => {
  lake = await openLake({ now: () => Date.UTC(2026, 10, 25, 3, 4, 5) });
});
afterAll(() => lake.close());

const rowsOf = async (sql: string): Promise<readonly (readonly (string | null)[])[]> => {
  const reader = await lake.run(sql);
  const types = reader.columnTypes();
  return reader.getRows().map((row) => row.map((value, at) => valueText(value, types[at])));
};

/** The one row of a select list, or why there is none. */
const answerOf = async (list: string): Promise<readonly (string | null)[] | string> => {
  try {
    return (await rowsOf(/^(SELECT|WITH) /.test(list) ? list : `SELECT ${list}`))[0] ?? [];
  } catch (fault) {
    return reasonOf(fault);
  }
};

type Trap = readonly [name: string, list: string, trino: readonly (string | null)[]];
type Refused = readonly [name: string, list: string, because: RegExp];

const ANSWERED: readonly Trap[] = [
  ['whole numbers are divided whole', '5/2, -7/2, 1767225600000/1000', ['2', '-3', '1767225600']],
  ['concat of a null is null', "concat('a', NULL), 'a' || NULL", [null, null]],
  ['greatest and least of a null are null', 'greatest(1, NULL), least(1, NULL, 2)', [null, null]],
  [
    'date_diff counts whole units',
    "date_diff('day', TIMESTAMP '2026-01-01 23:00:00', TIMESTAMP '2026-01-02 01:00:00'), date_diff('second', TIMESTAMP '2026-01-01 00:00:00.900', TIMESTAMP '2026-01-01 00:00:01.100')",
    ['0', '0'],
  ],
  ['regexp_extract without a match is null', "regexp_extract('abc', 'x(.)', 1)", [null]],
  [
    'json_extract_scalar of an object, an array, a null or broken JSON is null',
    `json_extract_scalar('{"a":{"b":1}}', '$.a'), json_extract_scalar('{"a":[1]}', '$.a'), json_extract_scalar('{"a":null}', '$.a'), json_extract_scalar('{"a":', '$.a'), json_extract_scalar(try(json_parse('{"a":')), '$.a'), json_extract_scalar('{"a":"{x"}', '$.a')`,
    [null, null, null, null, null, '{x'],
  ],
  ['element_at beyond the end is null', 'element_at(ARRAY[1, 2], 5)', [null]],
  ['flatten gives one array', 'flatten(ARRAY[ARRAY[1], ARRAY[2, 3]])', ['[1, 2, 3]']],
  [
    "lambdas have Trino's arrow",
    'transform(ARRAY[1, 2], x -> x + 1), filter(ARRAY[1, 2], x -> x > 1)',
    ['[2, 3]', '[2]'],
  ],
  [
    'hashes are of bytes',
    "to_hex(sha256(to_utf8('a'))), to_hex(md5(to_utf8('a')))",
    [
      'CA978112CA1BBDCAFAC231B39A23DC4DA786EFF8147C4E72B9807785AFEE48BB',
      '0CC175B9C0F1B6A831C399E269772661',
    ],
  ],
  [
    'the UTC day of an instant with an offset',
    "CAST(at_timezone(from_iso8601_timestamp('2026-01-01T23:30:00-02:00'), 'UTC') AS date), date(from_unixtime(1767312000000 / 1000))",
    ['2026-01-02', '2026-01-02'],
  ],
  [
    'a text is a whole number as a whole or not at all',
    "try_cast('12.7' AS bigint), try_cast('1e3' AS bigint), try_cast('0x10' AS bigint), try_cast('1_000' AS bigint), try_cast('-12' AS integer)",
    [null, null, null, null, '-12'],
  ],
  [
    'a text is a date, an instant or a truth in one form',
    "try_cast('2026-01-05 10:00:00' AS date), try_cast('2026/01/05' AS date), try_cast('2026-01-05T10:00:00' AS timestamp), try_cast('yes' AS boolean), try_cast('2026-01-05' AS date), try_cast('T' AS boolean), CAST('2026-01-05 10:00:00' AS timestamp)",
    [null, null, null, null, '2026-01-05', 'true', '2026-01-05 10:00:00.000'],
  ],
  [
    'a text is a double in plain digits',
    "try_cast('inf' AS double), try_cast('nan' AS double), try_cast('1_0' AS double), try_cast('1.5' AS double), try_cast('1e3' AS double)",
    [null, null, null, '1.5', '1000.0'],
  ],
  ['a double rounds half up', 'CAST(2.5e0 AS bigint), CAST(-2.5e0 AS bigint)', ['3', '-3']],
  ['a text is cut to its type', "CAST('abcdef' AS varchar(3))", ['abc']],
  ['substr from 0 is empty', "substr('abc', 0), substr('abc', -2)", ['', 'bc']],
  ['split_part beyond the end is null', "split_part('a,b', ',', 3)", [null]],
  [
    'now and today are those of the local clock, in UTC',
    "current_date, date_format(now(), '%H:%i:%s'), date(current_timestamp)",
    ['2026-11-25', '03:04:05', '2026-11-25'],
  ],
  [
    'nulls sort last in both directions',
    'SELECT array_agg(x ORDER BY x DESC), array_agg(x ORDER BY x) FROM (VALUES 1, NULL, 2) AS t(x)',
    ['[2, 1, null]', '[1, 2, null]'],
  ],
  [
    'max_by gives the value of the greatest row, a null as well',
    "SELECT max_by(v, ROW(t, id)) FROM (VALUES ('a', 1, 'x'), (NULL, 2, 'x'), ('c', 1, 'z')) AS q(v, t, id)",
    [null],
  ],
  [
    'doubles are written as Java writes them',
    '1e0, 1.5e0, 1e10, 1e-5, 100000e0',
    ['1.0', '1.5', '1.0E10', '1.0E-5', '100000.0'],
  ],
  [
    'text is ordered by code point',
    "SELECT array_agg(x ORDER BY x) FROM (VALUES 'b', 'a', 'é', 'Z', '😀') AS t(x)",
    ['[Z, a, b, é, 😀]'],
  ],
  [
    "date_format has Trino's letters",
    "date_format(from_unixtime(0), '%Y-%m-%d %H:%i:%s')",
    ['1970-01-01 00:00:00'],
  ],
];

const REFUSED: readonly Refused[] = [
  [
    'the day of an instant whose zone is unsaid',
    "date(from_iso8601_timestamp('2026-01-01T23:30:00-02:00'))",
    /at_timezone/,
  ],
  [
    'the same by a cast',
    "CAST(from_iso8601_timestamp('2026-01-01T23:30:00-02:00') AS date)",
    /at_timezone/,
  ],
  [
    'an instant in another zone',
    "at_timezone(from_iso8601_timestamp('2026-01-01T00:00:00Z'), 'Europe/Berlin')",
    /UTC/,
  ],
  [
    'a text that is no number, cast without try',
    "CAST('12.7' AS bigint)",
    /Cannot cast '12.7' to BIGINT/,
  ],
  ['a double with a suffix', "try_cast('1d' AS double)", /as a double/],
  ['a double in hexadecimal', "try_cast('0x1p3' AS double)", /as a double/],
  ['a decimal division', '1 / 3.0', /dividing decimals/],
  ['an average of decimals', "avg(CAST('1.87' AS decimal(10, 2)))", /average of decimals/],
  ['a decimal literal', "DECIMAL '0.50'", /DECIMAL/],
  ['a decimal of a double', 'CAST(1.005e0 AS decimal(10, 2))', /decimal of a double/],
  [
    'a division by a double that may be zero',
    'SELECT x / y FROM (VALUES (1e0, 0e0)) AS t(x, y)',
    /nullif/,
  ],
  ['a division by zero', '5 / 0', /nullif/],
  ['a remainder by what may be zero', 'SELECT x % y FROM (VALUES (1, 0)) AS t(x, y)', /nullif/],
  [
    'a sum over 2^63, cast',
    'SELECT CAST(sum(x) AS bigint) FROM (VALUES 9223372036854775807, 1) AS t(x)',
    /NUMERIC_VALUE_OUT_OF_RANGE|INVALID_CAST/,
  ],
  [
    'a sum over 2^63 as it is',
    'SELECT sum(x) FROM (VALUES 9223372036854775807, 1) AS t(x)',
    /NUMERIC_VALUE_OUT_OF_RANGE/,
  ],
  ['date_trunc of a date', "date_trunc('month', DATE '2026-01-05')", /date_trunc of a date/],
  ['date_add to a date', "date_add('day', 1, DATE '2026-01-05')", /date_add to a date/],
  [
    'a sequence of dates',
    "sequence(DATE '2026-01-01', DATE '2026-01-03', INTERVAL '1' DAY)",
    /sequence of dates/,
  ],
  [
    'the text of an instant',
    "CAST(TIMESTAMP '2026-01-01 00:00:00' AS varchar)",
    /text of a double, an instant/,
  ],
  ['the text of a double', 'CAST(1.5e0 AS varchar)', /text of a double/],
  ['a text cast to JSON', "CAST('1' AS json)", /cast to json/],
  ['JSON cast to text', 'CAST(json_parse(\'"s"\') AS varchar)', /JSON value/],
  ['json_format', "json_format(json_parse('{}'))", /json_format/],
  ['json_value', "json_value('{\"a\":1}', 'lax $.a')", /json_value/],
  ['json_query', "json_query('{\"a\":1}', 'lax $.a')", /json_query/],
  ['json_exists', "json_exists('{\"a\":1}', 'lax $.a')", /json_exists/],
  ['another form of JSON path', `json_extract_scalar('{"a b":1}', '$["a b"]')`, /JSON path/],
  ['count_if', 'count_if(true)', /count_if/],
  ['approx_distinct', 'approx_distinct(1)', /approx_distinct/],
  ['approx_percentile', 'approx_percentile(1, 5e-1)', /approx_percentile/],
  ['format', "format('%05d', 1)", /format/],
  ['upper', "upper('ß')", /upper/],
  ['array_max', 'array_max(ARRAY[1, NULL])', /array_max/],
  ['max of so many', 'SELECT max(x, 2) FROM (VALUES 1, 2) AS t(x)', /max\(x, n\)/],
  ['max_by of so many', 'SELECT max_by(x, x, 2) FROM (VALUES 1, 2) AS t(x)', /max_by\(x, y, n\)/],
  [
    'array_agg of a row without names',
    "SELECT array_agg(ROW(x, 'a')) FROM (VALUES 1) AS t(x)",
    /row without names/,
  ],
  [
    'a name of the select list in WHERE',
    'SELECT a + 1 AS b FROM (VALUES 1) AS t(a) WHERE b > 1',
    /select list/,
  ],
  [
    'a name of the select list in GROUP BY',
    "SELECT substr(a, 1) AS b, count(*) FROM (VALUES 'x') AS t(a) GROUP BY b",
    /select list/,
  ],
  ['GROUP BY ALL', 'SELECT a FROM (VALUES 1) AS t(a) GROUP BY ALL', /BY ALL/],
  ['text joined with a number', "'n' || 1", /cast it/],
  ['text compared with a number', "'1' = 1", /Cannot apply operator/],
  [
    'MATCH_RECOGNIZE',
    'SELECT * FROM (VALUES 1) AS t(x) MATCH_RECOGNIZE (ORDER BY x PATTERN (a) DEFINE a AS x > 0)',
    /MATCH_RECOGNIZE/,
  ],
  ['a column named at', 'SELECT at FROM (VALUES 1) AS t("at")', /SYNTAX_ERROR/],
  ['a typed literal', "BIGINT '1'", /BIGINT/],
  ['a text by code points', "U&'\\0041'", /SYNTAX_ERROR|mismatched/],
  [
    'QUALIFY',
    'SELECT x FROM (VALUES 1) AS t(x) QUALIFY row_number() OVER (ORDER BY x) = 1',
    /QUALIFY/,
  ],
  ['UNNEST of two arrays', 'SELECT * FROM UNNEST(ARRAY[1], ARRAY[2]) AS t(a, b)', /UNNEST/],
  ['reduce', 'reduce(ARRAY[1], 0, (s, x) -> s + x, s -> s)', /reduce/],
  ['any_match', 'any_match(ARRAY[1], x -> x > 0)', /any_match/],
  ['zip_with', 'zip_with(ARRAY[1], ARRAY[2], (x, y) -> x + y)', /zip_with/],
  ['map_filter', 'map_filter(map_from_entries(ARRAY[ROW(1, 2)]), (k, v) -> true)', /map_filter/],
  ['multimap_agg', 'multimap_agg(1, 2)', /multimap_agg/],
  ['width_bucket', 'width_bucket(1e0, 0e0, 1e0, 2)', /width_bucket/],
  ['url_extract_host', "url_extract_host('http://a/')", /url_extract_host/],
  ['xxhash64', "xxhash64(to_utf8('a'))", /xxhash64/],
  ['checksum', 'checksum(1)', /checksum/],
  ['format_datetime', "format_datetime(now(), 'yyyy')", /format_datetime/],
  ['to_iso8601', 'to_iso8601(now())', /to_iso8601/],
  ['codepoint', "codepoint('a')", /codepoint/],
  ['numeric_histogram', 'numeric_histogram(2, 1e0)', /numeric_histogram/],
  ['a lookaround', "regexp_like('ab', 'a(?=b)')", /./],
  ['a subscript of a map', "SELECT m['k'] FROM (VALUES 1) AS t(m)", /element_at/],
  ['a subscript of an array', 'ARRAY[1, 2][9]', /element_at/],
  ['"$path"', 'SELECT "$path" FROM (VALUES 1) AS t(x)', /COLUMN_NOT_FOUND/],
  ['a name of DuckDB', "read_text('/etc/passwd')", /read_text/],
  ['a file as a table', "SELECT * FROM '/etc/passwd'", /SYNTAX_ERROR/],
  ['a cast by two colons', "'1'::int", /mismatched input/],
];

test('a name that is also a column means the column in WHERE, GROUP BY and HAVING', async () => {
  expect(
    await rowsOf(
      'SELECT a % 2 AS a, count(*) FROM (VALUES 1, 2, 3) AS t(a) WHERE a > 1 GROUP BY a HAVING a < 4 ORDER BY 1',
    ),
  ).toEqual([
    ['0', '1'],
    ['1', '1'],
  ]);
  expect(
    await rowsOf('SELECT a % 2 AS a, count(*) FROM (VALUES 1, 3) AS t(a) GROUP BY a ORDER BY 1'),
  ).toEqual([
    ['1', '1'],
    ['1', '1'],
  ]);
});

describe('answered as Trino does', () => {
  test.each(ANSWERED)('%s', async (_, list, trino) => {
    expect(await answerOf(list)).toEqual(trino);
  });
});

describe('refused', () => {
  test.each(REFUSED)('%s', async (_, list, because) => {
    const answer = await answerOf(list);
    expect(answer).toBeTypeOf('string');
    expect(answer).toMatch(because);
  });

  test('CTAS, views and other statements that would make tables', () => {
    expect(() => readStatement('CREATE TABLE x AS SELECT 1 AS a')).toThrow('NOT_SUPPORTED: CREATE');
    expect(() => readStatement('DROP TABLE events')).toThrow('NOT_SUPPORTED: DROP');
  });

  test('a MERGE whose source has two rows for one of the target', async () => {
    await lake.runDuck('CREATE OR REPLACE TABLE target AS SELECT 1 AS k, 1 AS v');
    const merge = (rows: string) =>
      lake.run(
        `MERGE INTO target AS t USING (SELECT * FROM (VALUES ${rows}) AS q(k, v)) AS s ON t.k = s.k WHEN MATCHED THEN UPDATE SET v = s.v WHEN NOT MATCHED THEN INSERT (k, v) VALUES (s.k, s.v)`,
      );
    await expect(merge('(1, 2), (1, 3)')).rejects.toThrow('MERGE_TARGET_ROW_MULTIPLE_MATCHES');
    await merge('(1, 5), (2, 6), (2, 7)');
    expect(await rowsOf('SELECT k, v FROM target ORDER BY k, v')).toEqual([
      ['1', '5'],
      ['2', '6'],
      ['2', '7'],
    ]);
  });
});

/** The second column is what Trino gives. Listed in docs/adr/0026-athena-on-a-laptop-is-duckdb.md. */
const REMAIN: readonly (readonly [name: string, list: string, here: readonly (string | null)[]])[] =
  [
    [
      'a number of JSON with an exponent or a last zero (Trino: 1e2, 1.50)',
      `json_extract_scalar('{"a":1e2}', '$.a'), json_extract_scalar('{"a":1.50}', '$.a')`,
      ['100.0', '1.5'],
    ],
    [
      'a date plus an interval is an instant (Trino: a date)',
      "DATE '2026-01-01' + INTERVAL '1' DAY",
      ['2026-01-02 00:00:00.000'],
    ],
    ['arrays with nulls are equal (Trino: null)', 'ARRAY[1, NULL] = ARRAY[1, NULL]', ['true']],
    [
      'a text column compared with a number (Trino: refused)',
      "SELECT x = 1 FROM (VALUES '1') AS t(x)",
      ['true'],
    ],
    [
      'a number column joined with text (Trino: refused)',
      "SELECT x || 'a' FROM (VALUES 1) AS t(x)",
      ['1a'],
    ],
    [
      'max_by over a row with a null field (Trino: an error)',
      "SELECT max_by(v, ROW(t, id)) FROM (VALUES ('a', 1, 'x'), ('b', NULL, 'y')) AS q(v, t, id)",
      ['b'],
    ],
  ];

describe('still other than in Trino', () => {
  test.each(REMAIN)('%s', async (_, list, here) => {
    expect(await answerOf(list)).toEqual(here);
  });
});
