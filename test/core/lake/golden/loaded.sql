MERGE INTO tributary.tags_loaded AS t
USING (
  SELECT
    a.tenant AS tenant,
    a.profile_key AS profile_key,
    a.version AS version,
    CAST(greatest(least(coalesce(sum(CAST(a.amount AS decimal(38, 0))), CAST(0 AS decimal(38, 0))), CAST(9007199254740991 AS decimal(38, 0))), CAST((-9007199254740991) AS decimal(38, 0))) AS bigint) AS amount,
    '2026-11-22' AS cut,
    '1764000000000-abcd' AS run_id
  FROM (
    SELECT
      u.tenant AS tenant,
      u.profile_key AS profile_key,
      CASE WHEN (p.n <= cardinality(u.tiles)) THEN json_extract_scalar(element_at(u.tiles, p.n), '$.version') ELSE element_at(ARRAY['bc0d26bf', '78643f23', 'a4f32cd8', '847f4419', 'd50d9c26', 'f7ad14ae', 'ee16007a', 'e2811733'], (p.n - cardinality(u.tiles))) END AS version,
      CASE WHEN (p.n <= cardinality(u.tiles)) THEN CASE WHEN (regexp_like(json_extract_scalar(element_at(u.tiles, p.n), '$.amount'), '^-?[0-9]{1,16}$') AND (NOT regexp_like(json_extract_scalar(element_at(u.tiles, p.n), '$.amount'), '[^0-9.-]'))) THEN CAST(json_extract_scalar(element_at(u.tiles, p.n), '$.amount') AS bigint) END END AS amount
    FROM (
      SELECT
        json_extract_scalar(j.j, '$.tenant') AS tenant,
        json_extract_scalar(j.j, '$.profile_key') AS profile_key,
        coalesce(try(CAST(json_extract(j.j, '$.tiles') AS array(json))), filter(ARRAY[j.j], x -> false)) AS tiles
      FROM (
        SELECT
          try(json_parse(l.line)) AS j
        FROM tributary.run_lines AS l
        WHERE (l.run = '1764000000000-abcd/1')
      ) AS j
    ) AS u
    CROSS JOIN UNNEST(sequence(1, (cardinality(u.tiles) + 8))) AS p (n)
  ) AS a
  WHERE (a.version IN ('bc0d26bf', '78643f23', 'a4f32cd8', '847f4419', 'd50d9c26', 'f7ad14ae', 'ee16007a', 'e2811733'))
  GROUP BY a.tenant, a.profile_key, a.version
) AS s
ON ((t.tenant = s.tenant) AND (t.profile_key = s.profile_key) AND (t.version = s.version))
WHEN MATCHED AND (t.run_id < s.run_id) THEN UPDATE SET amount = s.amount, cut = s.cut, run_id = s.run_id
WHEN NOT MATCHED THEN INSERT (tenant, profile_key, version, amount, cut, run_id) VALUES (s.tenant, s.profile_key, s.version, s.amount, s.cut, s.run_id)
