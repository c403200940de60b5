MERGE INTO tributary.user_day AS t
USING (
  SELECT
    coalesce(f.tenant, o.tenant) AS tenant,
    coalesce(f.profile_key, o.profile_key) AS profile_key,
    coalesce(f.version, o.version) AS version,
    coalesce(f.event_day, o.event_day) AS event_day,
    coalesce(f.part, o.part) AS part,
    coalesce(f.arrival_day, o.arrival_day) AS arrival_day,
    f.amount AS amount,
    f.instant AS instant,
    f.tie AS tie,
    f.text AS text,
    f.score AS score,
    (f.tenant IS NULL) AS gone
  FROM (
    SELECT
      g.tenant AS tenant,
      g.profile_key AS profile_key,
      g.version AS version,
      g.event_day AS event_day,
      g.part AS part,
      g.arrival_day AS arrival_day,
      CASE WHEN (g.version IN ('bc0d26bf', '78643f23', 'a4f32cd8', '847f4419', 'e2811733')) THEN CAST(greatest(least(sum(CAST(g.amount AS decimal(38, 0))), CAST(9007199254740991 AS decimal(38, 0))), CAST((-9007199254740991) AS decimal(38, 0))) AS bigint) END AS amount,
      CASE WHEN (g.version IN ('d50d9c26')) THEN min(g.instant) WHEN (g.version IN ('f7ad14ae', 'ee16007a')) THEN max(g.instant) END AS instant,
      CAST(NULL AS varchar) AS tie,
      CAST(NULL AS varchar) AS text,
      CAST(NULL AS double) AS score
    FROM (
      SELECT
        w.tenant AS tenant,
        w.profile_key AS profile_key,
        w.version AS version,
        w.event_day AS event_day,
        w.part AS part,
        w.arrival_day AS arrival_day,
        w.amount AS amount,
        w.instant AS instant,
        w.tie AS tie,
        w.text AS text,
        w.score AS score,
        CAST(NULL AS double) AS greatest_score
      FROM (
        SELECT
          c.tenant AS tenant,
          c.profile_key AS profile_key,
          c.version AS version,
          c.event_day AS event_day,
          CASE WHEN (c.version IN ('e2811733')) THEN CASE WHEN (length(p.part) <= 16) THEN p.part ELSE substr(p.part, 1, cardinality(filter(sequence(1, 64), x -> (length(to_hex(to_utf8(substr(p.part, 1, x)))) <= 128)))) END WHEN false THEN substr(to_hex(sha256(to_utf8(p.part))), 1, 32) ELSE p.part END AS part,
          c.arrival_day AS arrival_day,
          c.amount AS amount,
          c.instant AS instant,
          c.tie AS tie,
          c.text AS text,
          c.score AS score
        FROM (
          SELECT
            f.tenant AS tenant,
            f.profile_key AS profile_key,
            f.arrival_day AS arrival_day,
            CASE WHEN (u.n = 1) THEN 'bc0d26bf' WHEN (u.n = 2) THEN '78643f23' WHEN (u.n = 3) THEN 'a4f32cd8' WHEN (u.n = 4) THEN '847f4419' WHEN (u.n = 5) THEN 'd50d9c26' WHEN (u.n = 6) THEN 'f7ad14ae' WHEN (u.n = 7) THEN 'ee16007a' WHEN (u.n = 8) THEN 'e2811733' END AS version,
            CASE WHEN (u.n = 1) THEN f.event_day WHEN (u.n = 2) THEN f.event_day WHEN (u.n = 3) THEN '' WHEN (u.n = 4) THEN '' WHEN (u.n = 5) THEN '' WHEN (u.n = 6) THEN '' WHEN (u.n = 7) THEN '' WHEN (u.n = 8) THEN f.event_day END AS event_day,
            CASE WHEN (u.n = 8) THEN f.list0 ELSE ARRAY[''] END AS parts,
            CASE WHEN (u.n = 1) THEN CASE WHEN (NOT f.again) THEN f.orders END WHEN (u.n = 2) THEN CASE WHEN (NOT f.again) THEN f.revenue_micros END WHEN (u.n = 3) THEN CASE WHEN (NOT f.again) THEN f.orders END WHEN (u.n = 4) THEN CASE WHEN (NOT f.again) THEN f.revenue_micros END WHEN (u.n = 8) THEN CASE WHEN (f.name = 'Product Viewed') THEN 1000000 WHEN (f.name = 'Product Clicked') THEN 2000000 WHEN (f.name = 'Ad Clicked') THEN 2000000 WHEN (f.name = 'Products Searched') THEN 1000000 WHEN (f.name = 'Product Added') THEN 4000000 WHEN (f.name = 'Order Completed') THEN 8000000 END END AS amount,
            CASE WHEN (u.n = 5) THEN f.happened_at WHEN (u.n = 6) THEN f.happened_at WHEN (u.n = 7) THEN f.happened_at END AS instant,
            CAST(NULL AS varchar) AS tie,
            CAST(NULL AS varchar) AS text,
            CAST(NULL AS double) AS score
          FROM (
            SELECT
              r.tenant AS tenant,
              r.profile_key AS profile_key,
              r.arrival_day AS arrival_day,
              r.event_id AS event_id,
              r.kind AS kind,
              r.name AS name,
              r.happened_at AS happened_at,
              r.event_day AS event_day,
              r.orders AS orders,
              r.revenue_micros AS revenue_micros,
              r.again AS again,
              r.list0 AS list0
            FROM (
              SELECT
                p.tenant AS tenant,
                p.profile_key AS profile_key,
                p.arrival_day AS arrival_day,
                p.event_id AS event_id,
                p.kind AS kind,
                p.name AS name,
                p.happened_at AS happened_at,
                p.event_day AS event_day,
                p.orders AS orders,
                p.revenue_micros AS revenue_micros,
                p.again AS again,
                CASE WHEN (json_extract_scalar(p.line, '$.enrichment.categoryVector') IS NULL) THEN try(array_distinct(filter(transform(CAST(json_extract(p.j, '$.enrichment.categoryVector') AS array(json)), x -> json_extract_scalar(x, '$')), x -> ((x IS NOT NULL) AND json_array_contains(json_extract(p.j, '$.enrichment.categoryVector'), x))))) ELSE ARRAY[json_extract_scalar(p.line, '$.enrichment.categoryVector')] END AS list0
              FROM (
                SELECT
                  e.tenant AS tenant,
                  e.profile_key AS profile_key,
                  e.arrival_day AS arrival_day,
                  e.event_id AS event_id,
                  e.kind AS kind,
                  e.name AS name,
                  e.happened_at AS happened_at,
                  e.event_day AS event_day,
                  e.orders AS orders,
                  e.revenue_micros AS revenue_micros,
                  e.again AS again,
                  e.line AS line,
                  try(json_parse(e.line)) AS j
                FROM tributary.events AS e
                WHERE (((e.arrival_day >= '2026-11-21') AND (e.arrival_day <= '2026-11-21')) AND (NOT e.stub) AND (NOT e.dup))
              ) AS p
            ) AS r
          ) AS f
          CROSS JOIN UNNEST(sequence(1, 8)) AS u (n)
          WHERE (((u.n = 1) AND ((false OR (f.name IN ('Order Completed', 'Order Cancelled', 'Order Refunded'))))) OR ((u.n = 2) AND ((false OR (f.name IN ('Order Completed', 'Order Cancelled', 'Order Refunded'))))) OR ((u.n = 3) AND ((false OR (f.name IN ('Order Completed', 'Order Cancelled', 'Order Refunded'))))) OR ((u.n = 4) AND ((false OR (f.name IN ('Order Completed', 'Order Cancelled', 'Order Refunded'))))) OR ((u.n = 5) AND true) OR ((u.n = 6) AND true) OR ((u.n = 7) AND ((false OR (f.name IN ('Order Completed'))))) OR ((u.n = 8) AND ((false OR (f.name IN ('Product Viewed', 'Product Clicked', 'Ad Clicked', 'Products Searched', 'Product Added', 'Order Completed'))))))
        ) AS c
        CROSS JOIN UNNEST(c.parts) AS p (part)
        WHERE ((c.amount IS NOT NULL) OR (c.score IS NOT NULL) OR (c.text IS NOT NULL) OR ((c.instant IS NOT NULL) AND (c.tie IS NULL)))
      ) AS w
    ) AS g
    GROUP BY g.tenant, g.profile_key, g.version, g.event_day, g.part, g.arrival_day
  ) AS f
  FULL OUTER JOIN (
    SELECT
      h.tenant AS tenant,
      h.profile_key AS profile_key,
      h.version AS version,
      h.event_day AS event_day,
      h.part AS part,
      h.arrival_day AS arrival_day
    FROM tributary.user_day AS h
    WHERE (((h.arrival_day >= '2026-11-21') AND (h.arrival_day <= '2026-11-21')) AND (h.version IN ('bc0d26bf', '78643f23', 'a4f32cd8', '847f4419', 'd50d9c26', 'f7ad14ae', 'ee16007a', 'e2811733')))
  ) AS o ON ((f.tenant = o.tenant) AND (f.profile_key = o.profile_key) AND (f.version = o.version) AND (f.event_day = o.event_day) AND (f.part = o.part) AND (f.arrival_day = o.arrival_day))
) AS s
ON (((t.arrival_day >= '2026-11-21') AND (t.arrival_day <= '2026-11-21')) AND ((t.tenant = s.tenant) AND (t.profile_key = s.profile_key) AND (t.version = s.version) AND (t.event_day = s.event_day) AND (t.part = s.part) AND (t.arrival_day = s.arrival_day)))
WHEN MATCHED AND s.gone THEN DELETE
WHEN MATCHED AND ((t.amount IS DISTINCT FROM s.amount) OR (t.instant IS DISTINCT FROM s.instant) OR (t.tie IS DISTINCT FROM s.tie) OR (t.text IS DISTINCT FROM s.text) OR (t.score IS DISTINCT FROM s.score)) THEN UPDATE SET amount = s.amount, instant = s.instant, tie = s.tie, text = s.text, score = s.score
WHEN NOT MATCHED AND (NOT s.gone) THEN INSERT (tenant, profile_key, version, event_day, part, arrival_day, amount, instant, tie, text, score) VALUES (s.tenant, s.profile_key, s.version, s.event_day, s.part, s.arrival_day, s.amount, s.instant, s.tie, s.text, s.score)
