UNLOAD (
  SELECT
    k.tenant AS tenant,
    k.item AS item,
    max(k.weight) FILTER (WHERE (k.kind = 'count')) AS events,
    max(k.weight) FILTER (WHERE (k.kind = 'gap')) AS gap_days,
    array_agg(CAST(ROW(k.other, k.weight) AS row(item varchar, weight double)) ORDER BY k.place) FILTER (WHERE (k.kind = 'pair')) AS pairs,
    array_agg(CAST(ROW(k.other, k.weight) AS row(item varchar, weight double)) ORDER BY k.place) FILTER (WHERE (k.kind = 'like')) AS similar
  FROM (
    SELECT
      r.tenant AS tenant,
      r.item AS item,
      r.other AS other,
      r.kind AS kind,
      r.weight AS weight,
      row_number() OVER (PARTITION BY r.tenant, r.item, r.kind ORDER BY r.weight DESC, r.other) AS place
    FROM (
      SELECT
        p.tenant AS tenant,
        p.src AS item,
        p.dst AS other,
        CASE WHEN (p.dst = '') THEN 'count' ELSE 'pair' END AS kind,
        sum(((CAST(p.amount AS double) / 1e+6) * power(2e+0, ((CAST(date_diff('day', CAST((p.arrival_day || ' 00:00:00.000') AS timestamp(3)), CAST(('2026-11-21' || ' 00:00:00.000') AS timestamp(3))) AS double) * (-1e+0)) / 3e+1)))) AS weight
      FROM tributary.pairs_day AS p
      WHERE ((p.arrival_day >= '2026-08-24') AND (p.arrival_day < '2026-11-22'))
      GROUP BY p.tenant, p.src, p.dst
      UNION ALL
      SELECT
        d.tenant AS tenant,
        d.item AS item,
        d.other AS other,
        'like' AS kind,
        (CAST(d.common AS double) / nullif((sqrt((CAST(d.item_users AS double) * CAST(d.other_users AS double))) + 2e+1), 0e+0)) AS weight
      FROM (
        SELECT
          c.tenant AS tenant,
          c.item AS item,
          c.other AS other,
          c.common AS common,
          max(CASE WHEN (c.item = c.other) THEN c.common END) OVER (PARTITION BY c.tenant, c.item) AS item_users,
          max(CASE WHEN (c.item = c.other) THEN c.common END) OVER (PARTITION BY c.tenant, c.other) AS other_users
        FROM (
          SELECT
            h.tenant AS tenant,
            a.item AS item,
            b.other AS other,
            count(*) AS common
          FROM (
            SELECT
              u.tenant AS tenant,
              u.profile_key AS profile_key,
              array_agg(u.item) AS items
            FROM (
              SELECT
                n.tenant AS tenant,
                n.profile_key AS profile_key,
                n.item AS item,
                row_number() OVER (PARTITION BY n.tenant, n.profile_key ORDER BY n.newest DESC, n.item) AS place
              FROM (
                SELECT
                  p.tenant AS tenant,
                  p.profile_key AS profile_key,
                  p.item AS item,
                  max(p.arrived_at) AS newest
                FROM tributary.positives AS p
                WHERE ((p.arrival_day > '2026-08-25') AND (p.arrival_day <= '2026-11-23'))
                GROUP BY p.tenant, p.profile_key, p.item
              ) AS n
            ) AS u
            WHERE (u.place <= 500)
            GROUP BY u.tenant, u.profile_key
          ) AS h
          CROSS JOIN UNNEST(h.items) AS a (item)
          CROSS JOIN UNNEST(h.items) AS b (other)
          GROUP BY h.tenant, a.item, b.other
          HAVING (count(*) >= 2)
        ) AS c
      ) AS d
      WHERE (d.item <> d.other)
      UNION ALL
      SELECT
        m.tenant AS tenant,
        m.item AS item,
        '' AS other,
        'gap' AS kind,
        (CAST(m.gap AS double) / 8.64e+7) AS weight
      FROM (
        SELECT
          k.tenant AS tenant,
          k.item AS item,
          k.gap AS gap,
          row_number() OVER (PARTITION BY k.tenant, k.item ORDER BY k.gap) AS place,
          count(*) OVER (PARTITION BY k.tenant, k.item) AS gaps
        FROM (
          SELECT
            g.tenant AS tenant,
            g.item AS item,
            (g.arrived_at - g.before_at) AS gap
          FROM (
            SELECT
              b.tenant AS tenant,
              b.item AS item,
              b.arrived_at AS arrived_at,
              lag(b.arrived_at) OVER (PARTITION BY b.tenant, b.profile_key, b.item ORDER BY b.arrived_at) AS before_at
            FROM tributary.positives AS b
            WHERE ((b.weight = 5) AND ((b.arrival_day > '2026-08-25') AND (b.arrival_day <= '2026-11-23')))
          ) AS g
          WHERE (g.before_at IS NOT NULL)
        ) AS k
      ) AS m
      WHERE ((m.gaps >= 20) AND ((m.place * 2) > m.gaps) AND ((m.place * 2) <= (m.gaps + 2)))
    ) AS r
  ) AS k
  WHERE (k.place <= 100)
  GROUP BY k.tenant, k.item
)
TO 's3://lake/nightly/1764000000000-abcd/lists-1/'
WITH (format = 'JSON', compression = 'GZIP')
