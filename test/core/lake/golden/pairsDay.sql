MERGE INTO tributary.pairs_day AS t
USING (
  SELECT
    coalesce(f.tenant, o.tenant) AS tenant,
    coalesce(f.src, o.src) AS src,
    coalesce(f.dst, o.dst) AS dst,
    f.amount AS amount,
    (f.tenant IS NULL) AS gone
  FROM (
    SELECT
      s.tenant AS tenant,
      s.src AS src,
      s.dst AS dst,
      CAST(sum(CAST(s.amount AS decimal(38, 0))) AS bigint) AS amount
    FROM (
      SELECT
        r.tenant AS tenant,
        CASE WHEN (w.way = 1) THEN r.other ELSE r.item END AS src,
        CASE WHEN (w.way = 1) THEN r.item ELSE r.other END AS dst,
        CASE WHEN (w.way = 1) THEN CASE WHEN (r.weight = 1) THEN element_at(ARRAY[1000000, 500000, 333333, 250000, 200000, 166667, 142857, 125000, 111111, 100000], r.rank) WHEN (r.weight = 3) THEN element_at(ARRAY[3000000, 1500000, 1000000, 750000, 600000, 500000, 428571, 375000, 333333, 300000], r.rank) WHEN (r.weight = 5) THEN element_at(ARRAY[5000000, 2500000, 1666667, 1250000, 1000000, 833333, 714286, 625000, 555556, 500000], r.rank) END ELSE CASE WHEN (r.weight = 1) THEN element_at(ARRAY[300000, 150000, 100000, 75000, 60000, 50000, 42857, 37500, 33333, 30000], r.rank) WHEN (r.weight = 3) THEN element_at(ARRAY[900000, 450000, 300000, 225000, 180000, 150000, 128571, 112500, 100000, 90000], r.rank) WHEN (r.weight = 5) THEN element_at(ARRAY[1500000, 750000, 500000, 375000, 300000, 250000, 214286, 187500, 166667, 150000], r.rank) END END AS amount
      FROM (
        SELECT
          m.tenant AS tenant,
          m.profile_key AS profile_key,
          m.line_key AS line_key,
          m.item AS item,
          m.weight AS weight,
          m.other AS other,
          row_number() OVER (PARTITION BY m.tenant, m.profile_key, m.line_key, m.item ORDER BY m.back) AS rank
        FROM (
          SELECT
            a.tenant AS tenant,
            a.profile_key AS profile_key,
            a.line_key AS line_key,
            a.item AS item,
            a.weight AS weight,
            b.item AS other,
            min(a.back) AS back
          FROM (
            SELECT
              f.tenant AS tenant,
              f.profile_key AS profile_key,
              f.line_key AS line_key,
              f.item AS item,
              f.arrived_at AS arrived_at,
              f.weight AS weight,
              k.back AS back,
              (f.turn - k.back) AS earlier
            FROM (
              SELECT
                q.tenant AS tenant,
                q.profile_key AS profile_key,
                q.line_key AS line_key,
                q.item AS item,
                q.arrived_at AS arrived_at,
                q.weight AS weight,
                q.lines AS lines,
                q.turn AS turn
              FROM (
                SELECT
                  p.tenant AS tenant,
                  p.profile_key AS profile_key,
                  p.line_key AS line_key,
                  p.item AS item,
                  p.arrival_day AS arrival_day,
                  p.arrived_at AS arrived_at,
                  p.place AS place,
                  p.weight AS weight,
                  p.lines AS lines,
                  row_number() OVER (PARTITION BY p.tenant, p.profile_key ORDER BY p.arrived_at, p.line_key, p.place) AS turn,
                  lag(p.arrived_at) OVER (PARTITION BY p.tenant, p.profile_key, p.item ORDER BY p.arrived_at, p.line_key, p.place) AS before_at
                FROM tributary.positives AS p
                WHERE ((p.arrival_day >= '2026-10-22') AND (p.arrival_day <= '2026-11-21'))
              ) AS q
              WHERE ((q.arrival_day = '2026-11-21') AND ((q.before_at IS NULL) OR ((q.arrived_at - q.before_at) >= 1800000)))
            ) AS f
            CROSS JOIN UNNEST(sequence(1, 64)) AS k (back)
            WHERE (k.back < f.turn)
          ) AS a
          INNER JOIN (
            SELECT
              p.tenant AS tenant,
              p.profile_key AS profile_key,
              p.line_key AS line_key,
              p.item AS item,
              p.arrival_day AS arrival_day,
              p.arrived_at AS arrived_at,
              p.place AS place,
              p.weight AS weight,
              p.lines AS lines,
              row_number() OVER (PARTITION BY p.tenant, p.profile_key ORDER BY p.arrived_at, p.line_key, p.place) AS turn,
              lag(p.arrived_at) OVER (PARTITION BY p.tenant, p.profile_key, p.item ORDER BY p.arrived_at, p.line_key, p.place) AS before_at
            FROM tributary.positives AS p
            WHERE ((p.arrival_day >= '2026-10-22') AND (p.arrival_day <= '2026-11-21'))
          ) AS b ON ((a.tenant = b.tenant) AND (a.profile_key = b.profile_key) AND (b.turn = a.earlier) AND (b.line_key <> a.line_key) AND (b.arrived_at >= (a.arrived_at - 2592000000)))
          GROUP BY a.tenant, a.profile_key, a.line_key, a.item, a.weight, b.item
        ) AS m
      ) AS r
      LEFT JOIN (
        SELECT
          o.tenant AS tenant,
          o.profile_key AS profile_key,
          o.line_key AS line_key,
          o.item AS item
        FROM tributary.positives AS o
        WHERE (o.arrival_day = '2026-11-21')
      ) AS o ON (((r.tenant = o.tenant) AND (r.profile_key = o.profile_key) AND (r.line_key = o.line_key)) AND (r.other = o.item))
      CROSS JOIN UNNEST(ARRAY[1, 2]) AS w (way)
      WHERE ((r.rank <= 10) AND (o.item IS NULL))
      UNION ALL
      SELECT
        i.tenant AS tenant,
        i.item AS src,
        j.item AS dst,
        CASE WHEN (j.weight = 1) THEN element_at(ARRAY[1000000, 630930, 500000, 430677, 386853, 356207, 333333, 315465, 301030, 289065, 278943, 270238, 262650, 255958, 250000, 244651, 239812, 235409, 231378, 227670, 224244, 221065, 218104, 215338, 212746, 210310, 208015, 205847, 203795, 201849, 200000, 198240, 196562, 194959, 193426, 191959, 190551, 189200, 187902, 186652, 185449, 184289, 183169, 182088, 181043, 180031, 179052, 178104, 177184, 176291, 175425, 174583, 173765, 172970, 172195, 171442, 170707, 169992, 169294, 168613], j.lines) WHEN (j.weight = 3) THEN element_at(ARRAY[3000000, 1892789, 1500000, 1292030, 1160558, 1068622, 1000000, 946395, 903090, 867194, 836829, 810714, 787949, 767874, 750000, 733952, 719437, 706227, 694135, 683011, 672731, 663194, 654313, 646015, 638238, 630930, 624044, 617540, 611385, 605547, 600000, 594720, 589685, 584877, 580279, 575876, 571654, 567601, 563705, 559957, 556347, 552866, 549508, 546264, 543128, 540094, 537157, 534311, 531551, 528874, 526275, 523750, 521296, 518909, 516586, 514325, 512122, 509975, 507881, 505839], j.lines) WHEN (j.weight = 5) THEN element_at(ARRAY[5000000, 3154649, 2500000, 2153383, 1934264, 1781036, 1666667, 1577324, 1505150, 1445324, 1394715, 1351191, 1313248, 1279790, 1250000, 1223253, 1199062, 1177045, 1156891, 1138351, 1121219, 1105324, 1090521, 1076691, 1063730, 1051550, 1040073, 1029234, 1018975, 1009245, 1000000, 991199, 982808, 974795, 967132, 959794, 952757, 946002, 939509, 933262, 927245, 921444, 915846, 910440, 905213, 900157, 895261, 890518, 885919, 881457, 877125, 872917, 868827, 864848, 860977, 857208, 853536, 849958, 846469, 843065], j.lines) END AS amount
      FROM tributary.positives AS i
      INNER JOIN (
        SELECT
          q.tenant AS tenant,
          q.profile_key AS profile_key,
          q.line_key AS line_key,
          q.item AS item,
          q.arrived_at AS arrived_at,
          q.weight AS weight,
          q.lines AS lines,
          q.turn AS turn
        FROM (
          SELECT
            p.tenant AS tenant,
            p.profile_key AS profile_key,
            p.line_key AS line_key,
            p.item AS item,
            p.arrival_day AS arrival_day,
            p.arrived_at AS arrived_at,
            p.place AS place,
            p.weight AS weight,
            p.lines AS lines,
            row_number() OVER (PARTITION BY p.tenant, p.profile_key ORDER BY p.arrived_at, p.line_key, p.place) AS turn,
            lag(p.arrived_at) OVER (PARTITION BY p.tenant, p.profile_key, p.item ORDER BY p.arrived_at, p.line_key, p.place) AS before_at
          FROM tributary.positives AS p
          WHERE ((p.arrival_day >= '2026-11-20') AND (p.arrival_day <= '2026-11-21'))
        ) AS q
        WHERE ((q.arrival_day = '2026-11-21') AND ((q.before_at IS NULL) OR ((q.arrived_at - q.before_at) >= 1800000)))
      ) AS j ON (((i.tenant = j.tenant) AND (i.profile_key = j.profile_key) AND (i.line_key = j.line_key)) AND (i.item <> j.item))
      WHERE (i.arrival_day = '2026-11-21')
      UNION ALL
      SELECT
        c.tenant AS tenant,
        c.item AS src,
        '' AS dst,
        1000000 AS amount
      FROM (
        SELECT
          q.tenant AS tenant,
          q.profile_key AS profile_key,
          q.line_key AS line_key,
          q.item AS item,
          q.arrived_at AS arrived_at,
          q.weight AS weight,
          q.lines AS lines,
          q.turn AS turn
        FROM (
          SELECT
            p.tenant AS tenant,
            p.profile_key AS profile_key,
            p.line_key AS line_key,
            p.item AS item,
            p.arrival_day AS arrival_day,
            p.arrived_at AS arrived_at,
            p.place AS place,
            p.weight AS weight,
            p.lines AS lines,
            row_number() OVER (PARTITION BY p.tenant, p.profile_key ORDER BY p.arrived_at, p.line_key, p.place) AS turn,
            lag(p.arrived_at) OVER (PARTITION BY p.tenant, p.profile_key, p.item ORDER BY p.arrived_at, p.line_key, p.place) AS before_at
          FROM tributary.positives AS p
          WHERE ((p.arrival_day >= '2026-11-20') AND (p.arrival_day <= '2026-11-21'))
        ) AS q
        WHERE ((q.arrival_day = '2026-11-21') AND ((q.before_at IS NULL) OR ((q.arrived_at - q.before_at) >= 1800000)))
      ) AS c
    ) AS s
    GROUP BY s.tenant, s.src, s.dst
  ) AS f
  FULL OUTER JOIN (
    SELECT
      h.tenant AS tenant,
      h.src AS src,
      h.dst AS dst
    FROM tributary.pairs_day AS h
    WHERE (h.arrival_day = '2026-11-21')
  ) AS o ON ((f.tenant = o.tenant) AND (f.src = o.src) AND (f.dst = o.dst))
) AS s
ON ((t.arrival_day = '2026-11-21') AND ((t.tenant = s.tenant) AND (t.src = s.src) AND (t.dst = s.dst)))
WHEN MATCHED AND s.gone THEN DELETE
WHEN MATCHED AND ((t.amount IS DISTINCT FROM s.amount)) THEN UPDATE SET amount = s.amount
WHEN NOT MATCHED AND (NOT s.gone) THEN INSERT (tenant, src, dst, arrival_day, amount) VALUES (s.tenant, s.src, s.dst, '2026-11-21', s.amount)
