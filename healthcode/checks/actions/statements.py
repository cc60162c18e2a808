"""The SQL of the checks: who is looked at, what is found, what follows from it.

One statement finds, opens, closes and counts, so that findings and their counters are of one moment. Parameters: `now`,
`today` (its midnight in Shanghai), `person` (or null for everybody), `kinds` that the check finds.
"""

from sqlalchemy import TextClause, text

SCOPE = """
scope AS (
    SELECT e.id AS entry_id, e.transfer_id, e.person_id, e.arrived_at, t.destination_region,
           coalesce(trip.departed_at, trip.departs_at) AS departs_at, trip.arrives_at,
           trip.state IS NOT DISTINCT FROM 'returning' AS called_back
    FROM transfers.transfer t
    JOIN transfers.entry e ON e.transfer_id = t.id
    LEFT JOIN transfers.trip ON trip.id = e.trip_id
    WHERE t.state NOT IN ('draft', 'closed', 'cancelled')
      AND coalesce(trip.state, '') NOT IN ('cancelled', 'returned')
      AND coalesce(trip.departs_at, t.offered_at) <= cast(:now AS timestamptz) + interval '1 day'
      AND (cast(:person AS uuid) IS NULL OR e.person_id = :person)
)"""

HEALTH = """
found AS (
    SELECT entry_id, transfer_id, kind, fact
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

LOCATION = """
found AS (
    SELECT entry_id, transfer_id, kind, fact
    FROM (
        SELECT scope.*, greatest(l.sign_at, departs_at) AS heard, l.at >= arrives_at AS seen_late,
               l.region_code IS NOT NULL AND NOT starts_with(l.region_code,
                   CASE WHEN destination_region LIKE '%0000' THEN left(destination_region, 2)
                        WHEN destination_region LIKE '%00' THEN left(destination_region, 4)
                        ELSE destination_region END) AS outside
        FROM scope LEFT JOIN itinerary.last_seen l ON l.person_id = scope.person_id
        WHERE scope.person_id IS NOT NULL AND arrived_at IS NULL AND departs_at <= :now
    ) AS travelling
    CROSS JOIN LATERAL (VALUES
        ('silent', heard < cast(:now AS timestamptz) - :silent,
         '最后一次消息在 ' || to_char(heard AT TIME ZONE 'Asia/Shanghai', 'MM-DD HH24:MI')),
        ('elsewhere', seen_late AND outside AND NOT called_back, '已过计划到达时间，最后位置不在输入地'),
        ('overdue', arrives_at < cast(:now AS timestamptz) - :overdue AND (seen_late AND outside) IS NOT TRUE
                    AND NOT called_back,
         '计划 ' || to_char(arrives_at AT TIME ZONE 'Asia/Shanghai', 'MM-DD HH24:MI') || ' 到达，还没有到达记录')
    ) AS judged (kind, holds, fact)
    WHERE holds
    UNION ALL
    SELECT scope.entry_id, scope.transfer_id, 'off_route', off.fact
    FROM unnest(cast(:off_entries AS uuid[]), cast(:off_facts AS text[])) AS off (entry_id, fact)
    JOIN scope ON scope.entry_id = off.entry_id
)"""

OUTCOME = """
opened AS (
    INSERT INTO checks.finding (id, kind, transfer_id, entry_id, fact, opened_at)
    SELECT gen_random_uuid(), kind, transfer_id, entry_id, fact, :now
    FROM found
    WHERE NOT EXISTS (SELECT FROM checks.finding f
                      WHERE f.entry_id = found.entry_id AND f.kind = found.kind AND f.closed_at IS NULL)
    ON CONFLICT (entry_id, kind) WHERE closed_at IS NULL DO NOTHING
    RETURNING transfer_id, kind
), reworded AS (
    UPDATE checks.finding f SET fact = found.fact
    FROM found
    WHERE f.entry_id = found.entry_id AND f.kind = found.kind AND f.closed_at IS NULL AND f.fact <> found.fact
), closed AS (
    UPDATE checks.finding f SET closed_at = :now
    WHERE f.closed_at IS NULL AND f.kind = ANY (cast(:kinds AS text[]))
      AND (cast(:person AS uuid) IS NULL
           OR f.entry_id IN (SELECT id FROM transfers.entry WHERE person_id = :person))
      AND NOT EXISTS (SELECT FROM found WHERE found.entry_id = f.entry_id AND found.kind = f.kind)
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
FIND_LOCATION = _statement(LOCATION)

ON_THE_WAY = text(f"""
WITH {SCOPE}
SELECT scope.entry_id, trip.id AS trip_id, trip.route, l.lon, l.lat
FROM scope
JOIN transfers.entry e ON e.id = scope.entry_id
JOIN transfers.trip ON trip.id = e.trip_id
JOIN itinerary.last_seen l ON l.person_id = scope.person_id
WHERE scope.arrived_at IS NULL AND scope.departs_at <= :now AND l.lon IS NOT NULL
  AND l.at BETWEEN scope.departs_at AND scope.arrives_at AND jsonb_array_length(trip.route) > 0
""")  # noqa: S608 - constants
"""Travellers with a proven position since departure and before the planned arrival, and their route."""

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
SELECT DISTINCT e.person_id, f.kind
FROM checks.finding f JOIN transfers.entry e ON e.id = f.entry_id
WHERE f.closed_at IS NULL AND f.kind = ANY (cast(:kinds AS text[])) AND e.person_id IS NOT NULL
  AND (cast(:person AS uuid) IS NULL OR e.person_id = :person)
  AND NOT EXISTS (SELECT FROM notices.message m
                  WHERE m.person_id = e.person_id AND m.topic = f.kind || ':' || cast(:day AS text))
""")
"""Whom a finding concerns that was not told of it today."""
