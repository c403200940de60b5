UNLOAD (
  SELECT
    k.tenant AS tenant,
    k.profile_key AS profile_key,
    array_agg(CAST(ROW(k.version, k.event_day, CASE WHEN false THEN '' ELSE k.part END, CASE WHEN false THEN k.kinds ELSE k.amount END, k.instant, k.tie, k.text, k.score) AS row(version varchar, event_day varchar, part varchar, amount bigint, instant bigint, tie varchar, text varchar, score double)) ORDER BY k.version, k.event_day, k.place) FILTER (WHERE (k.version <> '')) AS tiles
  FROM (
    SELECT
      r.tenant AS tenant,
      r.profile_key AS profile_key,
      r.version AS version,
      r.event_day AS event_day,
      r.part AS part,
      r.amount AS amount,
      r.instant AS instant,
      r.tie AS tie,
      r.text AS text,
      r.score AS score,
      r.touches AS touches,
      row_number() OVER (PARTITION BY r.tenant, r.profile_key, r.version ORDER BY r.amount DESC, round((r.score * 1e+9)) DESC, r.part) AS place,
      count(*) OVER (PARTITION BY r.tenant, r.profile_key, r.version) AS kinds
    FROM (
      SELECT
        m.tenant AS tenant,
        m.profile_key AS profile_key,
        m.version AS version,
        m.event_day AS event_day,
        m.part AS part,
        CASE WHEN (m.version IN ('bc0d26bf', '78643f23', 'a4f32cd8', '847f4419', 'e2811733')) THEN CAST(greatest(least(sum(CAST(m.amount AS decimal(38, 0))), CAST(9007199254740991 AS decimal(38, 0))), CAST((-9007199254740991) AS decimal(38, 0))) AS bigint) END AS amount,
        CASE WHEN (m.version IN ('d50d9c26')) THEN min(m.instant) WHEN (m.version IN ('f7ad14ae', 'ee16007a')) THEN max(m.instant) END AS instant,
        CAST(NULL AS varchar) AS tie,
        CAST(NULL AS varchar) AS text,
        CAST(NULL AS double) AS score,
        bool_or(m.touches) AS touches
      FROM (
        SELECT
          c.tenant AS tenant,
          c.profile_key AS profile_key,
          c.version AS version,
          c.part AS part,
          c.amount AS amount,
          c.instant AS instant,
          c.tie AS tie,
          c.text AS text,
          c.score AS score,
          c.touches AS touches,
          CASE WHEN (c.version IN ('', 'e2811733')) THEN '' ELSE c.event_day END AS event_day,
          CAST(NULL AS double) AS greatest_score
        FROM (
          SELECT
            a.tenant AS tenant,
            a.profile_key AS profile_key,
            a.version AS version,
            a.event_day AS event_day,
            a.part AS part,
            a.amount AS amount,
            a.instant AS instant,
            a.tie AS tie,
            a.text AS text,
            a.score AS score,
            a.summed AS summed,
            a.day AS day,
            a.touches AS touches,
            max(a.summed) OVER (PARTITION BY a.tenant, a.profile_key, a.version, a.event_day, a.part) AS through
          FROM (
            SELECT
              e.tenant AS tenant,
              e.profile_key AS profile_key,
              '' AS version,
              '' AS event_day,
              '' AS part,
              CAST(NULL AS bigint) AS amount,
              CAST(NULL AS bigint) AS instant,
              CAST(NULL AS varchar) AS tie,
              CAST(NULL AS varchar) AS text,
              CAST(NULL AS double) AS score,
              '' AS summed,
              '' AS day,
              true AS touches
            FROM tributary.events AS e
            WHERE ((e.arrival_day >= '2026-11-19') AND (e.arrival_day <= '2026-11-23'))
            GROUP BY e.tenant, e.profile_key
            UNION ALL
            SELECT
              t.tenant AS tenant,
              t.profile_key AS profile_key,
              CASE WHEN ((t.version IN ('a4f32cd8', '847f4419', 'd50d9c26', 'f7ad14ae', 'ee16007a')) OR ((t.version = 'bc0d26bf') AND (t.event_day >= '2026-10-25')) OR ((t.version = '78643f23') AND (t.event_day >= '2026-10-25')) OR ((t.version = 'e2811733') AND (t.event_day >= '2026-08-26'))) THEN t.version ELSE '' END AS version,
              t.event_day AS event_day,
              t.part AS part,
              t.amount AS amount,
              t.instant AS instant,
              t.tie AS tie,
              t.text AS text,
              t.score AS score,
              t.through AS summed,
              '' AS day,
              (NOT ((t.version IN ('a4f32cd8', '847f4419', 'd50d9c26', 'f7ad14ae', 'ee16007a')) OR ((t.version = 'bc0d26bf') AND (t.event_day >= '2026-10-25')) OR ((t.version = '78643f23') AND (t.event_day >= '2026-10-25')) OR ((t.version = 'e2811733') AND (t.event_day >= '2026-08-26')))) AS touches
            FROM tributary.user_total AS t
            WHERE ((t.version IN ('bc0d26bf', '78643f23', 'a4f32cd8', '847f4419', 'd50d9c26', 'f7ad14ae', 'ee16007a', 'e2811733')) AND (((t.version IN ('a4f32cd8', '847f4419', 'd50d9c26', 'f7ad14ae', 'ee16007a')) OR ((t.version = 'bc0d26bf') AND (t.event_day >= '2026-10-25')) OR ((t.version = '78643f23') AND (t.event_day >= '2026-10-25')) OR ((t.version = 'e2811733') AND (t.event_day >= '2026-08-26'))) OR (((t.version = 'e2811733') AND (t.event_day >= '2026-08-24') AND (t.event_day < '2026-08-26')))))
            UNION ALL
            SELECT
              d.tenant AS tenant,
              d.profile_key AS profile_key,
              CASE WHEN ((d.version IN ('a4f32cd8', '847f4419', 'd50d9c26', 'f7ad14ae', 'ee16007a')) OR ((d.version = 'bc0d26bf') AND (d.event_day >= '2026-10-25')) OR ((d.version = '78643f23') AND (d.event_day >= '2026-10-25')) OR ((d.version = 'e2811733') AND (d.event_day >= '2026-08-26'))) THEN d.version ELSE '' END AS version,
              d.event_day AS event_day,
              d.part AS part,
              d.amount AS amount,
              d.instant AS instant,
              d.tie AS tie,
              d.text AS text,
              d.score AS score,
              '' AS summed,
              d.arrival_day AS day,
              (NOT ((d.version IN ('a4f32cd8', '847f4419', 'd50d9c26', 'f7ad14ae', 'ee16007a')) OR ((d.version = 'bc0d26bf') AND (d.event_day >= '2026-10-25')) OR ((d.version = '78643f23') AND (d.event_day >= '2026-10-25')) OR ((d.version = 'e2811733') AND (d.event_day >= '2026-08-26')))) AS touches
            FROM tributary.user_day AS d
            WHERE (((d.arrival_day > '2026-11-19') AND (d.arrival_day <= '2026-11-23') AND ((d.version IN ('e2811733')) OR ((d.version IN ('bc0d26bf', '78643f23', 'a4f32cd8', '847f4419', 'd50d9c26', 'f7ad14ae', 'ee16007a')) AND (d.arrival_day < '2026-11-22')))) AND (((d.version IN ('a4f32cd8', '847f4419', 'd50d9c26', 'f7ad14ae', 'ee16007a')) OR ((d.version = 'bc0d26bf') AND (d.event_day >= '2026-10-25')) OR ((d.version = '78643f23') AND (d.event_day >= '2026-10-25')) OR ((d.version = 'e2811733') AND (d.event_day >= '2026-08-26'))) OR (((d.version = 'e2811733') AND (d.event_day >= '2026-08-24') AND (d.event_day < '2026-08-26')))))
          ) AS a
        ) AS c
        WHERE ((c.day = '') OR (c.day > c.through))
      ) AS m
      GROUP BY m.tenant, m.profile_key, m.version, m.event_day, m.part
    ) AS r
  ) AS k
  WHERE ((NOT (k.version IN ('e2811733'))) OR (false AND (k.place = 1)) OR ((k.version IN ('e2811733')) AND (k.place <= 3)))
  GROUP BY k.tenant, k.profile_key
  HAVING bool_or(k.touches)
)
TO 's3://lake/nightly/1764000000000-abcd/1/'
WITH (format = 'JSON', compression = 'GZIP')
