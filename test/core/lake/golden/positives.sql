MERGE INTO tributary.positives AS t
USING (
  SELECT
    coalesce(f.tenant, o.tenant) AS tenant,
    coalesce(f.profile_key, o.profile_key) AS profile_key,
    coalesce(f.line_key, o.line_key) AS line_key,
    coalesce(f.item, o.item) AS item,
    f.arrived_at AS arrived_at,
    f.place AS place,
    f.weight AS weight,
    f.lines AS lines,
    (f.tenant IS NULL) AS gone
  FROM (
    SELECT
      p.tenant AS tenant,
      p.profile_key AS profile_key,
      p.line_key AS line_key,
      p.arrived_at AS arrived_at,
      p.weight AS weight,
      p.item AS item,
      p.place AS place,
      least(p.items, 60) AS lines
    FROM (
      SELECT
        d.tenant AS tenant,
        d.profile_key AS profile_key,
        d.line_key AS line_key,
        d.arrived_at AS arrived_at,
        d.weight AS weight,
        d.item AS item,
        row_number() OVER (PARTITION BY d.tenant, d.profile_key, d.line_key ORDER BY d.n) AS place,
        count(*) OVER (PARTITION BY d.tenant, d.profile_key, d.line_key) AS items
      FROM (
        SELECT
          n.tenant AS tenant,
          n.profile_key AS profile_key,
          n.line_key AS line_key,
          n.arrived_at AS arrived_at,
          n.weight AS weight,
          n.item AS item,
          min(n.n) AS n
        FROM (
          SELECT
            r.tenant AS tenant,
            r.profile_key AS profile_key,
            r.line_key AS line_key,
            r.arrived_at AS arrived_at,
            r.weight AS weight,
            u.n AS n,
            CASE WHEN (u.n = 0) THEN r.product ELSE element_at(r.ids, greatest(u.n, 1)) END AS item
          FROM (
            SELECT
              e.tenant AS tenant,
              e.profile_key AS profile_key,
              e.line_key AS line_key,
              CASE WHEN regexp_like(e.arrived_at, '^[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}:[0-9]{2}\.[0-9]{3}Z$') THEN date_diff('millisecond', CAST('1970-01-01 00:00:00.000' AS timestamp(3)), TRY_CAST(((substr(e.arrived_at, 1, 10) || ' ') || substr(e.arrived_at, 12, 12)) AS timestamp(3))) END AS arrived_at,
              CASE WHEN (e.name = 'Product Viewed') THEN 1 WHEN (e.name = 'Product Clicked') THEN 1 WHEN (e.name = 'Product Added') THEN 3 WHEN (e.name = 'Order Completed') THEN 5 END AS weight,
              json_extract_scalar(e.j, '$.properties.product_id') AS product,
              coalesce(try(transform(CAST(json_extract(e.j, '$.commerce.items') AS array(json)), x -> json_extract_scalar(x, '$.productId'))), filter(ARRAY[''], x -> false)) AS ids
            FROM (
              SELECT
                e.tenant AS tenant,
                e.profile_key AS profile_key,
                e.line_key AS line_key,
                e.arrived_at AS arrived_at,
                e.name AS name,
                try(json_parse(e.line)) AS j
              FROM tributary.events AS e
              WHERE ((e.arrival_day = '2026-11-21') AND (e.name IN ('Product Viewed', 'Product Clicked', 'Product Added', 'Order Completed')) AND (NOT e.stub) AND (NOT e.dup) AND (NOT e.again))
            ) AS e
          ) AS r
          CROSS JOIN UNNEST(sequence(0, cardinality(r.ids))) AS u (n)
        ) AS n
        WHERE ((n.item <> '') AND (length(to_hex(to_utf8(n.item))) <= 256))
        GROUP BY n.tenant, n.profile_key, n.line_key, n.arrived_at, n.weight, n.item
      ) AS d
    ) AS p
    WHERE (p.place <= 60)
  ) AS f
  FULL OUTER JOIN (
    SELECT
      h.tenant AS tenant,
      h.profile_key AS profile_key,
      h.line_key AS line_key,
      h.item AS item
    FROM tributary.positives AS h
    WHERE (h.arrival_day = '2026-11-21')
  ) AS o ON ((f.tenant = o.tenant) AND (f.profile_key = o.profile_key) AND (f.line_key = o.line_key) AND (f.item = o.item))
) AS s
ON ((t.arrival_day = '2026-11-21') AND ((t.tenant = s.tenant) AND (t.profile_key = s.profile_key) AND (t.line_key = s.line_key) AND (t.item = s.item)))
WHEN MATCHED AND s.gone THEN DELETE
WHEN MATCHED AND ((t.arrived_at IS DISTINCT FROM s.arrived_at) OR (t.place IS DISTINCT FROM s.place) OR (t.weight IS DISTINCT FROM s.weight) OR (t.lines IS DISTINCT FROM s.lines)) THEN UPDATE SET arrived_at = s.arrived_at, place = s.place, weight = s.weight, lines = s.lines
WHEN NOT MATCHED AND (NOT s.gone) THEN INSERT (tenant, profile_key, line_key, item, arrival_day, arrived_at, place, weight, lines) VALUES (s.tenant, s.profile_key, s.line_key, s.item, '2026-11-21', s.arrived_at, s.place, s.weight, s.lines)
