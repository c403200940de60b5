MERGE INTO tributary.user_total AS t
USING (
  SELECT
    d.tenant AS tenant,
    d.profile_key AS profile_key,
    d.version AS version,
    d.event_day AS event_day,
    d.part AS part,
    d.arrival_day AS arrival_day,
    d.amount AS amount,
    d.instant AS instant,
    d.tie AS tie,
    d.text AS text,
    d.score AS score,
    false AS gone
  FROM tributary.user_day AS d
  WHERE ((d.arrival_day = '2026-11-21') AND (d.version IN ('bc0d26bf', '78643f23', 'a4f32cd8', '847f4419', 'd50d9c26', 'f7ad14ae', 'ee16007a', 'e2811733')) AND (NOT (((d.version = 'bc0d26bf') AND (d.event_day <> '') AND (d.event_day < '2026-08-23')) OR ((d.version = '78643f23') AND (d.event_day <> '') AND (d.event_day < '2026-08-23')) OR ((d.version = 'e2811733') AND (d.event_day <> '') AND (d.event_day < '2026-06-24')))))
  UNION ALL
  SELECT
    o.tenant AS tenant,
    o.profile_key AS profile_key,
    o.version AS version,
    o.event_day AS event_day,
    o.part AS part,
    '2026-11-21' AS arrival_day,
    CAST(NULL AS bigint) AS amount,
    CAST(NULL AS bigint) AS instant,
    CAST(NULL AS varchar) AS tie,
    CAST(NULL AS varchar) AS text,
    CAST(NULL AS double) AS score,
    true AS gone
  FROM tributary.user_total AS o
  WHERE (((o.version = 'bc0d26bf') AND (o.event_day <> '') AND (o.event_day < '2026-08-23')) OR ((o.version = '78643f23') AND (o.event_day <> '') AND (o.event_day < '2026-08-23')) OR ((o.version = 'e2811733') AND (o.event_day <> '') AND (o.event_day < '2026-06-24')))
) AS s
ON ((t.tenant = s.tenant) AND (t.profile_key = s.profile_key) AND (t.version = s.version) AND (t.event_day = s.event_day) AND (t.part = s.part))
WHEN MATCHED AND s.gone THEN DELETE
WHEN MATCHED AND (t.through < s.arrival_day) THEN UPDATE SET amount = CASE WHEN (s.version IN ('bc0d26bf', '78643f23', 'a4f32cd8', '847f4419', 'e2811733')) THEN CAST(greatest(least((CAST(t.amount AS decimal(38, 0)) + CAST(s.amount AS decimal(38, 0))), CAST(9007199254740991 AS decimal(38, 0))), CAST((-9007199254740991) AS decimal(38, 0))) AS bigint) END, instant = CASE WHEN (s.version IN ('d50d9c26')) THEN least(t.instant, s.instant) WHEN (s.version IN ('f7ad14ae', 'ee16007a')) THEN greatest(t.instant, s.instant) END, tie = CAST(NULL AS varchar), text = CAST(NULL AS varchar), score = CAST(NULL AS double), through = s.arrival_day
WHEN NOT MATCHED AND (NOT s.gone) THEN INSERT (tenant, profile_key, version, event_day, part, amount, instant, tie, text, score, through) VALUES (s.tenant, s.profile_key, s.version, s.event_day, s.part, s.amount, s.instant, s.tie, s.text, s.score, s.arrival_day)
