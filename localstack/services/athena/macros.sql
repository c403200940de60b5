-- What Trino's functions mean, said in DuckDB's: each was run beside a real Trino. In place of a text
-- that Trino would read otherwise, an error: see docs/adr/0026-athena-on-a-laptop-is-duckdb.md.

-- Wall clocks. Trino keeps the zone that a sender wrote; DuckDB keeps an instant. So the day or the
-- hour of such an instant is refused until at_timezone(…, 'UTC') has said in which zone.
CREATE OR REPLACE TEMP MACRO trino_wall(t) AS CASE WHEN typeof(t) = 'TIMESTAMP WITH TIME ZONE' THEN error('NOT_SUPPORTED: the day or hour of an instant with a zone: say at_timezone(t, ''UTC'') first') ELSE CAST(t AS TIMESTAMP) END;
CREATE OR REPLACE TEMP MACRO trino_now() AS make_timestamp(getvariable('now_us'));
CREATE OR REPLACE TEMP MACRO trino_today() AS CAST(make_timestamp(getvariable('now_us')) AS DATE);
CREATE OR REPLACE TEMP MACRO trino_at_timezone(t, z) AS CASE WHEN z = 'UTC' THEN timezone('UTC', CAST(t AS TIMESTAMPTZ)) ELSE error('NOT_SUPPORTED: at_timezone of another zone than UTC') END;
CREATE OR REPLACE TEMP MACRO trino_from_iso8601_timestamp(s) AS date_trunc('millisecond', CAST(s AS TIMESTAMPTZ));
CREATE OR REPLACE TEMP MACRO trino_from_unixtime(x) AS make_timestamp(CAST(round(CAST(x AS DOUBLE) * 1000) AS BIGINT) * 1000);
CREATE OR REPLACE TEMP MACRO trino_to_unixtime(t) AS epoch(t);
CREATE OR REPLACE TEMP MACRO trino_date(t) AS CAST(trino_wall(t) AS DATE);
CREATE OR REPLACE TEMP MACRO trino_year(t) AS year(trino_wall(t));
CREATE OR REPLACE TEMP MACRO trino_quarter(t) AS quarter(trino_wall(t));
CREATE OR REPLACE TEMP MACRO trino_month(t) AS month(trino_wall(t));
CREATE OR REPLACE TEMP MACRO trino_day(t) AS day(trino_wall(t));
CREATE OR REPLACE TEMP MACRO trino_hour(t) AS hour(trino_wall(t));
CREATE OR REPLACE TEMP MACRO trino_minute(t) AS minute(trino_wall(t));
CREATE OR REPLACE TEMP MACRO trino_second(t) AS second(trino_wall(t));
CREATE OR REPLACE TEMP MACRO trino_millisecond(t) AS extract(millisecond FROM trino_wall(t)) % 1000;
CREATE OR REPLACE TEMP MACRO trino_week(t) AS week(trino_wall(t));
CREATE OR REPLACE TEMP MACRO trino_year_of_week(t) AS isoyear(trino_wall(t));
CREATE OR REPLACE TEMP MACRO trino_day_of_week(t) AS isodow(trino_wall(t));
CREATE OR REPLACE TEMP MACRO trino_last_day_of_month(t) AS last_day(trino_wall(t));
CREATE OR REPLACE TEMP MACRO trino_date_trunc(unit, t) AS CASE WHEN typeof(t) = 'DATE' THEN error('NOT_SUPPORTED: date_trunc of a date: cast it to timestamp, and the result to date') ELSE date_trunc(unit, trino_wall(t)) END;
CREATE OR REPLACE TEMP MACRO trino_date_diff(unit, a, b) AS date_sub(unit, a, b);
CREATE OR REPLACE TEMP MACRO trino_date_add(unit, n, t) AS CASE WHEN typeof(t) = 'DATE' THEN error('NOT_SUPPORTED: date_add to a date: cast it to timestamp, and the result to date') ELSE t + CAST(n || ' ' || unit AS INTERVAL) END;

-- Casts. Trino reads a text whole and strictly, rounds a double half up, and writes doubles and
-- instants in another form than DuckDB.
CREATE OR REPLACE TEMP MACRO trino_to_integral(x) AS CASE
  WHEN typeof(x) = 'VARCHAR' THEN CASE WHEN regexp_full_match(CAST(x AS VARCHAR), '[+-]?[0-9]+') THEN CAST(x AS BIGINT) WHEN x IS NOT NULL THEN error('INVALID_CAST_ARGUMENT: Cannot cast ''' || CAST(x AS VARCHAR) || ''' to BIGINT') END
  WHEN typeof(x) IN ('DOUBLE', 'FLOAT') THEN CAST(round(CAST(x AS DOUBLE)) AS BIGINT)
  ELSE CAST(x AS BIGINT) END;
CREATE OR REPLACE TEMP MACRO trino_try_integral(x) AS CASE
  WHEN typeof(x) = 'VARCHAR' THEN CASE WHEN regexp_full_match(CAST(x AS VARCHAR), '[+-]?[0-9]+') THEN TRY_CAST(x AS BIGINT) END
  WHEN typeof(x) IN ('DOUBLE', 'FLOAT') THEN TRY_CAST(round(TRY_CAST(x AS DOUBLE)) AS BIGINT)
  ELSE TRY_CAST(x AS BIGINT) END;
CREATE OR REPLACE TEMP MACRO trino_try_double(x) AS CASE
  WHEN typeof(x) <> 'VARCHAR' THEN TRY_CAST(x AS DOUBLE)
  WHEN regexp_full_match(CAST(x AS VARCHAR), '[+-]?([0-9]+[.]?[0-9]*|[.][0-9]+)([eE][+-]?[0-9]+)?|[+-]?Infinity|NaN') THEN TRY_CAST(x AS DOUBLE)
  WHEN regexp_full_match(CAST(x AS VARCHAR), '[+-]?([0-9]+[.]?[0-9]*|[.][0-9]+)([eE][+-]?[0-9]+)?[dDfF]|\s+.*|.*\s+|0[xX].*') THEN error('NOT_SUPPORTED: the text ''' || CAST(x AS VARCHAR) || ''' as a double') END;
CREATE OR REPLACE TEMP MACRO trino_to_double(x) AS CASE
  WHEN x IS NOT NULL AND trino_try_double(x) IS NULL THEN error('INVALID_CAST_ARGUMENT: Cannot cast ''' || CAST(x AS VARCHAR) || ''' to DOUBLE') ELSE trino_try_double(x) END;
CREATE OR REPLACE TEMP MACRO trino_try_boolean(x) AS CASE
  WHEN typeof(x) <> 'VARCHAR' THEN TRY_CAST(x AS BOOLEAN)
  WHEN lower(CAST(x AS VARCHAR)) IN ('true', 't', '1') THEN true
  WHEN lower(CAST(x AS VARCHAR)) IN ('false', 'f', '0') THEN false END;
CREATE OR REPLACE TEMP MACRO trino_to_boolean(x) AS CASE
  WHEN x IS NOT NULL AND trino_try_boolean(x) IS NULL THEN error('INVALID_CAST_ARGUMENT: Cannot cast ''' || CAST(x AS VARCHAR) || ''' to BOOLEAN') ELSE trino_try_boolean(x) END;
CREATE OR REPLACE TEMP MACRO trino_try_date(x) AS CASE
  WHEN typeof(x) <> 'VARCHAR' THEN TRY_CAST(trino_wall(TRY_CAST(x AS TIMESTAMP)) AS DATE)
  WHEN regexp_full_match(CAST(x AS VARCHAR), '[0-9]{4}-[0-9]{1,2}-[0-9]{1,2}') THEN TRY_CAST(CAST(x AS VARCHAR) AS DATE) END;
CREATE OR REPLACE TEMP MACRO trino_to_date(x) AS CASE
  WHEN typeof(x) = 'TIMESTAMP WITH TIME ZONE' THEN CAST(trino_wall(x) AS DATE)
  WHEN x IS NOT NULL AND trino_try_date(x) IS NULL THEN error('INVALID_CAST_ARGUMENT: Value cannot be cast to date: ' || CAST(x AS VARCHAR)) ELSE trino_try_date(x) END;
CREATE OR REPLACE TEMP MACRO trino_try_timestamp(x) AS CASE
  WHEN typeof(x) <> 'VARCHAR' THEN TRY_CAST(x AS TIMESTAMP)
  WHEN regexp_full_match(CAST(x AS VARCHAR), '[0-9]{4}-[0-9]{1,2}-[0-9]{1,2}( [0-9]{1,2}:[0-9]{1,2}(:[0-9]{1,2}([.][0-9]{1,6})?)?)?') THEN TRY_CAST(CAST(x AS VARCHAR) AS TIMESTAMP) END;
CREATE OR REPLACE TEMP MACRO trino_to_timestamp(x) AS CASE
  WHEN typeof(x) = 'TIMESTAMP WITH TIME ZONE' THEN trino_wall(x)
  WHEN x IS NOT NULL AND trino_try_timestamp(x) IS NULL THEN error('INVALID_CAST_ARGUMENT: Value cannot be cast to timestamp: ' || CAST(x AS VARCHAR)) ELSE trino_try_timestamp(x) END;
CREATE OR REPLACE TEMP MACRO trino_to_varchar(x) AS CASE
  WHEN typeof(x) IN ('DOUBLE', 'FLOAT') OR typeof(x) LIKE 'TIMESTAMP%' OR typeof(x) = 'JSON' THEN error('NOT_SUPPORTED: the text of a double, an instant or a JSON value, which Trino writes otherwise') ELSE CAST(x AS VARCHAR) END;
CREATE OR REPLACE TEMP MACRO trino_to_decimal(x) AS CASE
  WHEN typeof(x) IN ('DOUBLE', 'FLOAT') THEN error('NOT_SUPPORTED: a decimal of a double, which Trino rounds otherwise') ELSE x END;

CREATE OR REPLACE TEMP MACRO trino_averaged(x) AS CASE WHEN typeof(x) LIKE 'DECIMAL%' THEN error('NOT_SUPPORTED: the average of decimals, which Trino rounds to their scale') ELSE x END;

-- JSON, by the paths $.a.b and [0].
CREATE OR REPLACE TEMP MACRO trino_json_extract(j, p) AS CASE WHEN typeof(j) = 'JSON' OR json_valid(CAST(j AS VARCHAR)) THEN json_extract(j, p) END;
CREATE OR REPLACE TEMP MACRO trino_json_extract_scalar(j, p) AS CASE WHEN left(CAST(trino_json_extract(j, p) AS VARCHAR), 1) NOT IN ('{', '[') THEN trino_json_extract(j, p) ->> '$' END;
CREATE OR REPLACE TEMP MACRO trino_json_parse(j) AS CAST(CAST(j AS VARCHAR) AS JSON);
CREATE OR REPLACE TEMP MACRO trino_json_array_length(j) AS CASE WHEN json_valid(j) AND json_type(j) = 'ARRAY' THEN CAST(json_array_length(j) AS BIGINT) END;
CREATE OR REPLACE TEMP MACRO trino_json_size(j, p) AS CAST(COALESCE(len(json_keys(j, p)), json_array_length(j, p)) AS BIGINT);
CREATE OR REPLACE TEMP MACRO trino_json_array_contains(j, x) AS json_contains(j, to_json(x));

-- Null, numbers.
CREATE OR REPLACE TEMP MACRO trino_greatest(a, b) AS CASE WHEN a IS NULL OR b IS NULL THEN NULL ELSE greatest(a, b) END, (a, b, c) AS CASE WHEN a IS NULL OR b IS NULL OR c IS NULL THEN NULL ELSE greatest(a, b, c) END;
CREATE OR REPLACE TEMP MACRO trino_least(a, b) AS CASE WHEN a IS NULL OR b IS NULL THEN NULL ELSE least(a, b) END, (a, b, c) AS CASE WHEN a IS NULL OR b IS NULL OR c IS NULL THEN NULL ELSE least(a, b, c) END;
CREATE OR REPLACE TEMP MACRO trino_bitwise_and(a, b) AS a & b;
CREATE OR REPLACE TEMP MACRO trino_bitwise_or(a, b) AS a | b;
CREATE OR REPLACE TEMP MACRO trino_bitwise_xor(a, b) AS xor(a, b);
CREATE OR REPLACE TEMP MACRO trino_nan() AS CAST('NaN' AS DOUBLE);
CREATE OR REPLACE TEMP MACRO trino_infinity() AS CAST('Infinity' AS DOUBLE);

-- Text and bytes.
CREATE OR REPLACE TEMP MACRO trino_concat(a, b) AS a || b, (a, b, c) AS a || b || c, (a, b, c, d) AS a || b || c || d, (a, b, c, d, e) AS a || b || c || d || e;
CREATE OR REPLACE TEMP MACRO trino_substr(s, start) AS CASE WHEN start = 0 THEN '' ELSE substr(s, start) END, (s, start, n) AS CASE WHEN start = 0 THEN '' ELSE substr(s, start, n) END;
CREATE OR REPLACE TEMP MACRO trino_split_part(s, d, n) AS CASE WHEN n <= len(string_split(s, d)) THEN split_part(s, d, n) END;
CREATE OR REPLACE TEMP MACRO trino_regexp_extract_all(s, p) AS regexp_extract_all(s, p);
CREATE OR REPLACE TEMP MACRO trino_regexp_split(s, p) AS regexp_split_to_array(s, p);
CREATE OR REPLACE TEMP MACRO trino_to_utf8(s) AS encode(s);
CREATE OR REPLACE TEMP MACRO trino_from_utf8(b) AS decode(b);
CREATE OR REPLACE TEMP MACRO trino_to_hex(b) AS upper(hex(b));
CREATE OR REPLACE TEMP MACRO trino_sha256(b) AS unhex(sha256(b));
CREATE OR REPLACE TEMP MACRO trino_md5(b) AS unhex(md5(b));

-- Arrays and maps.
CREATE OR REPLACE TEMP MACRO trino_element_at(x, k) AS x[k];
CREATE OR REPLACE TEMP MACRO trino_map_agg(k, v) AS MAP(list(k) FILTER (k IS NOT NULL), list(v) FILTER (k IS NOT NULL));
CREATE OR REPLACE TEMP MACRO trino_cardinality(x) AS CAST(len(x) AS BIGINT);
CREATE OR REPLACE TEMP MACRO trino_array_distinct(a) AS list_filter(a, lambda x, i: list_position(a, x) = i);
CREATE OR REPLACE TEMP MACRO trino_array_union(a, b) AS trino_array_distinct(a || b);
CREATE OR REPLACE TEMP MACRO trino_array_intersect(a, b) AS trino_array_distinct(list_filter(a, lambda x: list_contains(b, x)));
CREATE OR REPLACE TEMP MACRO trino_array_position(a, x) AS CAST(COALESCE(list_position(a, x), 0) AS BIGINT);
CREATE OR REPLACE TEMP MACRO trino_contains(a, x) AS list_contains(a, x);
CREATE OR REPLACE TEMP MACRO trino_array_join(a, d) AS array_to_string(a, d), (a, d, n) AS array_to_string(list_transform(a, lambda x: COALESCE(CAST(x AS VARCHAR), n)), d);
CREATE OR REPLACE TEMP MACRO trino_array_sort(a) AS list_sort(a, 'ASC', 'NULLS LAST');
CREATE OR REPLACE TEMP MACRO trino_dates(a) AS CASE WHEN typeof(a) = 'DATE' THEN error('NOT_SUPPORTED: a sequence of dates') ELSE a END;
CREATE OR REPLACE TEMP MACRO trino_sequence(a, b) AS generate_series(trino_dates(a), b), (a, b, step) AS generate_series(trino_dates(a), b, step);
CREATE OR REPLACE TEMP MACRO trino_slice(a, start, n) AS list_slice(a, start, start + n - 1);
CREATE OR REPLACE TEMP MACRO trino_flatten(a) AS flatten(a);
