"""The SQL of the checks: who is looked at, what is found, what follows from it.

One statement finds, opens, closes and counts, so that findings and their counters are of one moment. Parameters: `now`,
`today` (its midnight in Shanghai), `person` (or null for everybody), `kinds` that the check finds.
"""

from sqlalchemy import TextClause, text

SCOPE = """
scope AS (
    SELECT e.id AS entry_id, e.transfer_id, e.person_id, e.arrived_at, t.destination_region,
           coalesce(trip.departed_at, trip.departs_at) AS departs_at, trip.arrives_at,
           trip.state IS NOT DISTINCT FROM 'returning' AS called_back, left_it.received IS TRUE AS received
    FROM transfers.transfer t
    JOIN transfers.entry e ON e.transfer_id = t.id
    LEFT JOIN transfers.ride r ON r.entry_id = e.id AND r.left_at IS NULL
    LEFT JOIN transfers.trip ON trip.id = coalesce(r.trip_id, e.trip_id)
    LEFT JOIN (SELECT DISTINCT trip_id FROM transfers.ride) AS ticked
         ON ticked.trip_id = trip.id AND trip.departed_at IS NOT NULL
    LEFT JOIN (SELECT entry_id, trip_id, bool_or(left_as = 'handed_over') AS received FROM transfers.ride
               WHERE left_as IN ('handed_over', 'to_health') GROUP BY entry_id, trip_id) AS left_it
         ON left_it.entry_id = e.id AND left_it.trip_id = trip.id
    WHERE t.state NOT IN ('draft', 'closed', 'cancelled') AND NOT t.elsewhere
      AND coalesce(trip.state, '') NOT IN ('cancelled', 'returned')
      AND coalesce(trip.departs_at, t.offered_at) <= cast(:now AS timestamptz) + interval '1 day'
      AND (ticked.trip_id IS NULL OR r.id IS NOT NULL OR left_it.entry_id IS NOT NULL)
      AND (cast(:person AS uuid) IS NULL OR e.person_id = :person)
)"""
"""Who boarded a vehicle is known from rides: whoever was left behind doesn't travel; who left it for a health office on
the way is somewhere alone.
"""

ABOARD = """
under_way AS (
    SELECT id, transfer_id, route, coalesce(departed_at, departs_at) AS departed_at,
           coalesce(nullif(vehicle, ''), '没有车号的车辆') AS vehicle
    FROM transfers.trip
    WHERE state IN ('on_the_way', 'returning')
      AND transfer_id NOT IN (SELECT id FROM transfers.transfer WHERE elsewhere)
      AND (cast(:person AS uuid) IS NULL
           OR id IN (SELECT trip_id FROM transfers.entry WHERE person_id = :person
                     UNION SELECT r.trip_id FROM transfers.ride r JOIN transfers.entry e ON e.id = r.entry_id
                     WHERE e.person_id = :person))
), aboard AS (
    SELECT r.trip_id, r.entry_id
    FROM under_way JOIN transfers.ride r ON r.trip_id = under_way.id AND r.left_at IS NULL
    UNION ALL
    SELECT e.trip_id, e.id
    FROM under_way JOIN transfers.entry e ON e.trip_id = under_way.id
    WHERE NOT EXISTS (SELECT FROM transfers.ride r WHERE r.trip_id = e.trip_id)
      AND NOT EXISTS (SELECT FROM transfers.ride r WHERE r.entry_id = e.id AND r.left_at IS NULL)
), rider AS (
    SELECT under_way.id AS trip_id, under_way.transfer_id, vehicle, route, departed_at, e.id AS entry_id, l.sign_at,
           CASE WHEN l.at >= departed_at THEN l.at END AS at, l.lon, l.lat
    FROM under_way
    JOIN aboard ON aboard.trip_id = under_way.id
    JOIN transfers.entry e ON e.id = aboard.entry_id AND e.arrived_at IS NULL
    LEFT JOIN itinerary.last_seen l ON l.person_id = e.person_id
)"""
"""Until it arrives, a vehicle's people are where it is: whoever of them was heard of last speaks for all.

Who boarded is known from rides; a vehicle without any has its roster aboard.
"""

HEALTH = """
found AS (
    SELECT entry_id, cast(NULL AS uuid) AS trip_id, transfer_id, kind, fact
    FROM (
        SELECT scope.*, s.until, s.declared_at >= :today AS declared,
               CASE WHEN s.until > :now THEN s.colour END AS colour
        FROM scope LEFT JOIN codes.status s ON s.person_id = scope.person_id
    ) AS known
    CROSS JOIN LATERAL (VALUES
        ('unregistered', person_id IS NULL, '花名册上有，本人还没有登记'),
        ('undeclared', person_id IS NOT NULL AND declared IS NOT TRUE, '今天还没有健康申报'),
        ('not_green', colour IN ('yellow', 'red'),
         CASE colour WHEN 'red' THEN '健康码为红码' ELSE '健康码为黄码' END),
        ('expiring', colour = 'green' AND declared AND until <= cast(:now AS timestamptz) + :expiring,
         '健康码 ' || to_char(until AT TIME ZONE 'Asia/Shanghai', 'MM-DD HH24:MI') || ' 到期')
    ) AS judged (kind, holds, fact)
    WHERE holds
)"""

RISK = """
seen_in AS (
    SELECT DISTINCT l.region_code
    FROM scope JOIN itinerary.last_seen l ON l.person_id = scope.person_id
    WHERE l.region_code IS NOT NULL
), risk AS (
    SELECT seen_in.region_code, r.level
    FROM seen_in CROSS JOIN LATERAL (
        SELECT level FROM itinerary.region_risk r
        WHERE r.region_code IN (seen_in.region_code, left(seen_in.region_code, 4) || '00')
          AND r.since <= :day AND (r.until IS NULL OR r.until >= :day)
        ORDER BY r.region_code <> seen_in.region_code, r.source <> 'official' LIMIT 1
    ) AS r
    WHERE r.level <> 'low'
)"""
"""The regions at medium or high risk today, as `codes` reads them: the county's own level stands above the city's."""

LOCATION = """
found AS (
    SELECT entry_id, cast(NULL AS uuid) AS trip_id, transfer_id, kind, fact
    FROM (
        SELECT scope.*, greatest(l.sign_at, departs_at) AS heard, l.at >= arrives_at AS seen_late,
               entry_id IN (SELECT entry_id FROM rider) AS aboard, risk.level AS level,
               l.region_code IS NOT NULL AND NOT starts_with(l.region_code,
                   CASE WHEN destination_region LIKE '%0000' THEN left(destination_region, 2)
                        WHEN destination_region LIKE '%00' THEN left(destination_region, 4)
                        ELSE destination_region END) AS outside
        FROM scope LEFT JOIN itinerary.last_seen l ON l.person_id = scope.person_id
        LEFT JOIN risk ON risk.region_code = l.region_code AND l.at >= cast(:now AS timestamptz) - :seen_within
        WHERE scope.person_id IS NOT NULL AND arrived_at IS NULL AND NOT received AND departs_at <= :now
    ) AS travelling
    CROSS JOIN LATERAL (VALUES
        ('silent', heard < cast(:now AS timestamptz) - :silent AND NOT aboard,
         '最后一次消息在 ' || to_char(heard AT TIME ZONE 'Asia/Shanghai', 'MM-DD HH24:MI')),
        ('elsewhere', seen_late AND outside AND NOT called_back, '已过计划到达时间，最后位置不在输入地'),
        ('overdue', arrives_at < cast(:now AS timestamptz) - :overdue AND (seen_late AND outside) IS NOT TRUE
                    AND NOT called_back,
         '计划 ' || to_char(arrives_at AT TIME ZONE 'Asia/Shanghai', 'MM-DD HH24:MI') || ' 到达，还没有到达记录'),
        ('risky', level IS NOT NULL AND NOT aboard,
         '最后位置在' || CASE level WHEN 'high' THEN '高' ELSE '中' END || '风险地区')
    ) AS judged (kind, holds, fact)
    WHERE holds
    UNION ALL
    SELECT NULL, trip_id, transfer_id, 'silent',
           format('%s 已 %s 小时没有消息（%s 人）', vehicle,
                  floor(extract(epoch FROM cast(:now AS timestamptz) - heard) / 3600), people)
    FROM (
        SELECT trip_id, transfer_id, vehicle, count(*) AS people, greatest(max(sign_at), departed_at) AS heard
        FROM rider GROUP BY trip_id, transfer_id, vehicle, departed_at
    ) AS vehicles
    WHERE heard < cast(:now AS timestamptz) - :silent
    UNION ALL
    SELECT scope.entry_id, NULL, scope.transfer_id, 'off_route', off.fact
    FROM unnest(cast(:off_ids AS uuid[]), cast(:off_facts AS text[])) AS off (id, fact)
    JOIN scope ON scope.entry_id = off.id
    UNION ALL
    SELECT NULL, under_way.id, under_way.transfer_id, 'off_route', off.fact
    FROM unnest(cast(:off_ids AS uuid[]), cast(:off_facts AS text[])) AS off (id, fact)
    JOIN under_way ON under_way.id = off.id
)"""

OUTCOME = """
opened AS (
    INSERT INTO checks.finding (id, kind, transfer_id, entry_id, trip_id, fact, opened_at, due_at)
    SELECT gen_random_uuid(), kind, transfer_id, entry_id, trip_id, fact, :now, cast(:now AS timestamptz) + life
    FROM found
    JOIN unnest(cast(:kinds AS text[]), cast(:lives AS interval[])) AS due (due_kind, life) ON due_kind = kind
    WHERE NOT EXISTS (SELECT FROM checks.finding f
                      WHERE f.entry_id = found.entry_id AND f.kind = found.kind AND f.closed_at IS NULL)
      AND NOT EXISTS (SELECT FROM checks.finding f
                      WHERE f.trip_id = found.trip_id AND f.kind = found.kind AND f.closed_at IS NULL)
    ON CONFLICT DO NOTHING
    RETURNING transfer_id, kind
), reworded AS (
    UPDATE checks.finding f SET fact = found.fact
    FROM found
    WHERE f.entry_id = found.entry_id AND f.kind = found.kind AND f.closed_at IS NULL AND f.fact <> found.fact
), reworded_vehicles AS (
    UPDATE checks.finding f SET fact = found.fact
    FROM found
    WHERE f.trip_id = found.trip_id AND f.kind = found.kind AND f.closed_at IS NULL AND f.fact <> found.fact
), closed AS (
    UPDATE checks.finding f SET closed_at = :now
    WHERE f.closed_at IS NULL AND f.kind = ANY (cast(:kinds AS text[]))
      AND (cast(:person AS uuid) IS NULL
           OR f.entry_id IN (SELECT id FROM transfers.entry WHERE person_id = :person)
           OR f.trip_id IN (SELECT trip_id FROM transfers.entry WHERE person_id = :person
                            UNION SELECT r.trip_id FROM transfers.ride r JOIN transfers.entry e ON e.id = r.entry_id
                            WHERE e.person_id = :person))
      AND NOT EXISTS (SELECT FROM found WHERE found.entry_id = f.entry_id AND found.kind = f.kind)
      AND NOT EXISTS (SELECT FROM found WHERE found.trip_id = f.trip_id AND found.kind = f.kind)
    RETURNING transfer_id, kind
), counted AS (
    INSERT INTO checks.tally AS known (transfer_id, kind, open)
    SELECT transfer_id, kind, sum(one) FROM (
        SELECT transfer_id, kind, 1 AS one FROM opened UNION ALL SELECT transfer_id, kind, -1 FROM closed
    ) AS moved GROUP BY transfer_id, kind ORDER BY transfer_id, kind
    ON CONFLICT (transfer_id, kind) DO UPDATE SET open = known.open + excluded.open
)
SELECT (SELECT count(*) FROM scope) AS looked_at,
       (SELECT count(*) FROM opened) AS opened,
       (SELECT count(*) FROM closed) AS closed
"""


def _statement(found: str) -> TextClause:
    return text(f"WITH {SCOPE}, {found}, {OUTCOME}")


FIND_HEALTH = _statement(HEALTH)
FIND_LOCATION = _statement(f"{ABOARD}, {RISK}, {LOCATION}")

ON_THE_WAY = text(f"""
WITH {SCOPE}, {ABOARD}
SELECT scope.entry_id AS id, '' AS vehicle, trip.route, l.lon, l.lat
FROM scope
JOIN transfers.entry e ON e.id = scope.entry_id
JOIN transfers.trip ON trip.id = e.trip_id
JOIN itinerary.last_seen l ON l.person_id = scope.person_id
WHERE scope.arrived_at IS NULL AND NOT scope.received AND scope.departs_at <= :now AND l.lon IS NOT NULL
  AND l.at BETWEEN scope.departs_at AND scope.arrives_at AND jsonb_array_length(trip.route) > 0
  AND scope.entry_id NOT IN (SELECT entry_id FROM rider)
UNION ALL
SELECT * FROM (
    SELECT DISTINCT ON (trip_id) trip_id, vehicle, route, lon, lat
    FROM rider
    WHERE at IS NOT NULL AND lon IS NOT NULL AND jsonb_array_length(route) > 0
    ORDER BY trip_id, at DESC, entry_id
) AS vehicles
""")  # noqa: S608 - constants
"""Where vehicles under way are, by the newest proven position aboard since departure; and so travellers without one,
until their planned arrival.
"""

RECOUNT = text("""
INSERT INTO checks.tally AS known (transfer_id, kind, open)
SELECT t.transfer_id, t.kind, count(f.id)
FROM (SELECT transfer_id, kind FROM checks.tally
      UNION SELECT transfer_id, kind FROM checks.finding WHERE closed_at IS NULL) AS t
LEFT JOIN checks.finding f ON f.transfer_id = t.transfer_id AND f.kind = t.kind AND f.closed_at IS NULL
WHERE t.kind = ANY (cast(:kinds AS text[]))
GROUP BY t.transfer_id, t.kind ORDER BY t.transfer_id, t.kind
ON CONFLICT (transfer_id, kind) DO UPDATE SET open = excluded.open WHERE known.open <> excluded.open
""")
"""Counted anew: rows that left a roster took their findings along."""

UNTOLD = text("""
WITH concerned AS (
    SELECT kind, entry_id FROM checks.finding WHERE entry_id IS NOT NULL AND closed_at IS NULL
    UNION ALL
    SELECT f.kind, named.entry_id
    FROM checks.finding f
    JOIN transfers.plan p ON p.trip_id = f.trip_id
    CROSS JOIN LATERAL (VALUES (p.leader_id), (p.deputy_id)) AS named (entry_id)
    WHERE f.closed_at IS NULL
    UNION ALL
    SELECT f.kind, e.id
    FROM checks.finding f
    LEFT JOIN transfers.plan p ON p.trip_id = f.trip_id
    CROSS JOIN LATERAL (
        SELECT entry_id AS id FROM transfers.ride WHERE trip_id = f.trip_id AND left_at IS NULL
        UNION ALL
        SELECT id FROM transfers.entry
        WHERE trip_id = f.trip_id AND NOT EXISTS (SELECT FROM transfers.ride r WHERE r.trip_id = f.trip_id)
    ) AS e
    WHERE f.closed_at IS NULL AND p.leader_id IS NULL AND p.deputy_id IS NULL
)
SELECT DISTINCT e.person_id, f.kind
FROM concerned f JOIN transfers.entry e ON e.id = f.entry_id
WHERE f.kind = ANY (cast(:kinds AS text[])) AND e.person_id IS NOT NULL
  AND (cast(:person AS uuid) IS NULL OR e.person_id = :person)
  AND NOT EXISTS (SELECT FROM notices.message m
                  WHERE m.person_id = e.person_id AND m.topic = f.kind || ':' || cast(:day AS text))
""")
"""Whom a finding concerns that was not told of it today; of a vehicle's, its leader and deputy, else all aboard."""
