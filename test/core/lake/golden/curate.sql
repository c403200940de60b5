MERGE INTO tributary.events AS t
USING (
  SELECT
    p.tenant AS tenant,
    p.profile_key AS profile_key,
    p.line_key AS line_key,
    p.arrival_day AS arrival_day,
    p.arrived_at AS arrived_at,
    p.stub AS stub,
    p.lookups AS lookups,
    p.event_id AS event_id,
    p.kind AS kind,
    p.name AS name,
    p.happened_at AS happened_at,
    p.event_day AS event_day,
    p.order_key AS order_key,
    p.orders AS orders,
    p.revenue_micros AS revenue_micros,
    p.line AS line,
    p.dup AS dup,
    (((NOT p.stub) AND (NOT p.dup) AND (p.order_key IS NOT NULL)) AND ((b.order_key IS NOT NULL) OR (p.place > 1))) AS again
  FROM (
    SELECT
      d.tenant AS tenant,
      d.profile_key AS profile_key,
      d.line_key AS line_key,
      d.arrival_day AS arrival_day,
      d.arrived_at AS arrived_at,
      d.stub AS stub,
      d.lookups AS lookups,
      d.event_id AS event_id,
      d.kind AS kind,
      d.name AS name,
      d.happened_at AS happened_at,
      d.event_day AS event_day,
      d.order_key AS order_key,
      d.orders AS orders,
      d.revenue_micros AS revenue_micros,
      d.line AS line,
      d.dup AS dup,
      row_number() OVER (PARTITION BY d.tenant, d.profile_key, d.order_key, d.stub, d.dup ORDER BY d.arrived_at, d.line_key) AS place
    FROM (
      SELECT
        p.tenant AS tenant,
        p.profile_key AS profile_key,
        p.line_key AS line_key,
        p.arrival_day AS arrival_day,
        p.arrived_at AS arrived_at,
        p.stub AS stub,
        p.lookups AS lookups,
        p.event_id AS event_id,
        p.kind AS kind,
        p.name AS name,
        p.happened_at AS happened_at,
        p.event_day AS event_day,
        p.order_key AS order_key,
        p.orders AS orders,
        p.revenue_micros AS revenue_micros,
        p.line AS line,
        ((NOT p.stub) AND ((b.event_id IS NOT NULL) OR (p.place > 1))) AS dup
      FROM (
        SELECT
          o.tenant AS tenant,
          o.profile_key AS profile_key,
          o.line_key AS line_key,
          o.arrival_day AS arrival_day,
          o.arrived_at AS arrived_at,
          o.stub AS stub,
          o.lookups AS lookups,
          o.event_id AS event_id,
          o.kind AS kind,
          o.name AS name,
          o.happened_at AS happened_at,
          o.event_day AS event_day,
          o.order_key AS order_key,
          o.orders AS orders,
          o.revenue_micros AS revenue_micros,
          o.line AS line,
          row_number() OVER (PARTITION BY o.tenant, o.profile_key, o.event_id, o.stub ORDER BY o.arrived_at, o.line_key) AS place
        FROM (
          SELECT
            k.tenant AS tenant,
            k.profile_key AS profile_key,
            k.line_key AS line_key,
            k.arrival_day AS arrival_day,
            k.arrived_at AS arrived_at,
            k.stub AS stub,
            k.lookups AS lookups,
            k.event_id AS event_id,
            k.kind AS kind,
            k.name AS name,
            k.happened_at AS happened_at,
            k.event_day AS event_day,
            k.order_key AS order_key,
            k.orders AS orders,
            k.revenue_micros AS revenue_micros,
            k.line AS line
          FROM (
            SELECT
              a.tenant AS tenant,
              a.profile_key AS profile_key,
              a.line_key AS line_key,
              a.arrival_day AS arrival_day,
              a.arrived_at AS arrived_at,
              a.stub AS stub,
              a.lookups AS lookups,
              a.event_id AS event_id,
              a.kind AS kind,
              a.name AS name,
              a.happened_at AS happened_at,
              a.event_day AS event_day,
              a.order_key AS order_key,
              a.orders AS orders,
              a.revenue_micros AS revenue_micros,
              a.line AS line,
              row_number() OVER (PARTITION BY a.line_key ORDER BY CASE WHEN a.stub THEN 1 ELSE 0 END, a.lookups, a.line) AS place
            FROM (
              SELECT
                r.tenant AS tenant,
                r.profile_key AS profile_key,
                r.line_key AS line_key,
                r.arrival_day AS arrival_day,
                r.arrived_at AS arrived_at,
                r.stub AS stub,
                r.lookups AS lookups,
                r.event_id AS event_id,
                r.kind AS kind,
                r.name AS name,
                r.happened_at AS happened_at,
                r.event_day AS event_day,
                r.order_key AS order_key,
                r.orders AS orders,
                r.revenue_micros AS revenue_micros,
                r.line AS line
              FROM (
                SELECT
                  CASE WHEN (coalesce((x.stub = '1'), false) AND (strpos(x.partition_key, '#') > 1)) THEN substr(x.partition_key, 1, (strpos(x.partition_key, '#') - 1)) ELSE x.tenant END AS tenant,
                  CASE WHEN (coalesce((x.stub = '1'), false) AND (strpos(x.partition_key, '#') > 1)) THEN substr(x.partition_key, (strpos(x.partition_key, '#') + 1)) ELSE x.user_id END AS profile_key,
                  ((((((x.stream || '/') || x.shard) || '/') || lpad(x.digits, 56, '0')) || '/') || lpad(x.place, 5, '0')) AS line_key,
                  '2026-11-21' AS arrival_day,
                  x.arrived AS arrived_at,
                  (coalesce((x.stub = '1'), false) OR (x.event_id IS NULL) OR (x.kind IS NULL) OR (x.name IS NULL) OR (CASE WHEN regexp_like(x.happened, '^[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}:[0-9]{2}\.[0-9]{3}Z$') THEN date_diff('millisecond', CAST('1970-01-01 00:00:00.000' AS timestamp(3)), TRY_CAST(((substr(x.happened, 1, 10) || ' ') || substr(x.happened, 12, 12)) AS timestamp(3))) END IS NULL)) AS stub,
                  coalesce(CASE WHEN (regexp_like(x.lookups, '^-?[0-9]{1,16}$') AND (NOT regexp_like(x.lookups, '[^0-9.-]'))) THEN CAST(x.lookups AS bigint) END, 0) AS lookups,
                  x.event_id AS event_id,
                  x.kind AS kind,
                  x.name AS name,
                  CASE WHEN regexp_like(x.happened, '^[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}:[0-9]{2}\.[0-9]{3}Z$') THEN date_diff('millisecond', CAST('1970-01-01 00:00:00.000' AS timestamp(3)), TRY_CAST(((substr(x.happened, 1, 10) || ' ') || substr(x.happened, 12, 12)) AS timestamp(3))) END AS happened_at,
                  substr(x.happened, 1, 10) AS event_day,
                  CASE WHEN ((x.order_id IS NOT NULL) AND (coalesce(CASE WHEN (regexp_like(x.orders, '^-?[0-9]{1,16}$') AND (NOT regexp_like(x.orders, '[^0-9.-]'))) THEN CAST(x.orders AS bigint) END, 0) <> 0)) THEN ((x.name || chr(10)) || x.order_id) END AS order_key,
                  CASE WHEN (regexp_like(x.orders, '^-?[0-9]{1,16}$') AND (NOT regexp_like(x.orders, '[^0-9.-]'))) THEN CAST(x.orders AS bigint) END AS orders,
                  CASE WHEN (regexp_like(x.revenue, '^-?[0-9]{1,16}$') AND (NOT regexp_like(x.revenue, '[^0-9.-]'))) THEN CAST(x.revenue AS bigint) END AS revenue_micros,
                  x.line AS line
                FROM (
                  SELECT
                    p.line AS line,
                    json_extract_scalar(p.j, '$.arrivedAt') AS arrived,
                    json_extract_scalar(p.j, '$.stub') AS stub,
                    json_extract_scalar(p.j, '$.tenant') AS tenant,
                    json_extract_scalar(p.j, '$.eventId') AS event_id,
                    json_extract_scalar(p.j, '$.kind') AS kind,
                    json_extract_scalar(p.j, '$.name') AS name,
                    json_extract_scalar(p.j, '$.timestamp') AS happened,
                    json_extract_scalar(p.j, '$.lookups') AS lookups,
                    json_extract_scalar(p.spot, '$.stream') AS stream,
                    json_extract_scalar(p.spot, '$.shard') AS shard,
                    json_extract_scalar(p.spot, '$.sequence') AS digits,
                    json_extract_scalar(p.spot, '$.index') AS place,
                    json_extract_scalar(p.bought, '$.orderId') AS order_id,
                    json_extract_scalar(p.bought, '$.orders') AS orders,
                    json_extract_scalar(p.bought, '$.revenueMicros') AS revenue,
                    coalesce(json_extract_scalar(p.j, '$.userId'), json_extract_scalar(p.j, '$.anonymousId')) AS user_id,
                    CASE WHEN (json_extract_scalar(p.j, '$.stub') IS NOT NULL) THEN json_extract_scalar(p.j, '$.partitionKey') END AS partition_key
                  FROM (
                    SELECT
                      l.line AS line,
                      l.j AS j,
                      json_extract(l.j, '$.at') AS spot,
                      json_extract(l.j, '$.commerce') AS bought
                    FROM (
                      SELECT
                        l.line AS line,
                        try(json_parse(l.line)) AS j
                      FROM tributary.enriched_lines AS l
                      WHERE ((l.dt >= '2026-11-20') AND (l.dt <= '2026-11-25') AND (strpos(l.line, '"2026-11-21T') > 0))
                    ) AS l
                  ) AS p
                ) AS x
                WHERE ((regexp_like(x.stream, '^[0-9a-f]{8}$') AND regexp_like(x.shard, '^shardId-[0-9]{12}$') AND regexp_like(x.digits, '^[0-9]{1,56}$') AND regexp_like(x.place, '^[0-9]{1,5}$') AND regexp_like(x.arrived, '^[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}:[0-9]{2}\.[0-9]{3}Z$')) AND (substr(x.arrived, 1, 10) = '2026-11-21'))
              ) AS r
              WHERE ((r.tenant IS NOT NULL) AND (r.profile_key IS NOT NULL))
              UNION ALL
              SELECT
                h.tenant AS tenant,
                h.profile_key AS profile_key,
                h.line_key AS line_key,
                h.arrival_day AS arrival_day,
                h.arrived_at AS arrived_at,
                h.stub AS stub,
                h.lookups AS lookups,
                h.event_id AS event_id,
                h.kind AS kind,
                h.name AS name,
                h.happened_at AS happened_at,
                h.event_day AS event_day,
                h.order_key AS order_key,
                h.orders AS orders,
                h.revenue_micros AS revenue_micros,
                h.line AS line
              FROM tributary.events AS h
              WHERE (h.arrival_day = '2026-11-21')
            ) AS a
          ) AS k
          WHERE (k.place = 1)
        ) AS o
      ) AS p
      LEFT JOIN (
        SELECT
          b.tenant AS tenant,
          b.profile_key AS profile_key,
          b.event_id AS event_id
        FROM tributary.events AS b
        WHERE ((b.arrival_day >= '2026-10-22') AND (b.arrival_day < '2026-11-21') AND (NOT b.stub) AND (NOT b.dup) AND (b.event_id IS NOT NULL))
        GROUP BY b.tenant, b.profile_key, b.event_id
      ) AS b ON ((p.tenant = b.tenant) AND (p.profile_key = b.profile_key) AND (p.event_id = b.event_id))
    ) AS d
  ) AS p
  LEFT JOIN (
    SELECT
      b.tenant AS tenant,
      b.profile_key AS profile_key,
      b.order_key AS order_key
    FROM tributary.events AS b
    WHERE ((b.arrival_day >= '2026-10-22') AND (b.arrival_day < '2026-11-21') AND (NOT b.stub) AND (NOT b.dup) AND (NOT b.again) AND (b.order_key IS NOT NULL))
    GROUP BY b.tenant, b.profile_key, b.order_key
  ) AS b ON ((p.tenant = b.tenant) AND (p.profile_key = b.profile_key) AND (p.order_key = b.order_key))
) AS s
ON ((t.arrival_day = '2026-11-21') AND (t.line_key = s.line_key))
WHEN MATCHED AND ((t.dup IS DISTINCT FROM s.dup) OR (t.again IS DISTINCT FROM s.again) OR (t.line IS DISTINCT FROM s.line)) THEN UPDATE SET tenant = s.tenant, profile_key = s.profile_key, arrived_at = s.arrived_at, stub = s.stub, lookups = s.lookups, event_id = s.event_id, kind = s.kind, name = s.name, happened_at = s.happened_at, event_day = s.event_day, order_key = s.order_key, orders = s.orders, revenue_micros = s.revenue_micros, dup = s.dup, again = s.again, line = s.line
WHEN NOT MATCHED THEN INSERT (tenant, profile_key, line_key, arrival_day, arrived_at, stub, lookups, event_id, kind, name, happened_at, event_day, order_key, orders, revenue_micros, dup, again, line) VALUES (s.tenant, s.profile_key, s.line_key, s.arrival_day, s.arrived_at, s.stub, s.lookups, s.event_id, s.kind, s.name, s.happened_at, s.event_day, s.order_key, s.orders, s.revenue_micros, s.dup, s.again, s.line)
