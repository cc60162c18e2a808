"""The SQL of the checks: who is looked at, what is found, what follows from it.

One statement opens, closes and counts, so that findings and their counters are of one moment. Parameters: `now`,
`today` (its midnight in Shanghai), `kinds` that the check finds, and the rows and vehicles of one person (`THEIRS`), or
null for everybody: given as arrays, each statement goes by its indexes.
"""

from collections.abc import Sequence
from typing import NamedTuple
from uuid import UUID

from sqlalchemy import text

THEIRS = text("""
SELECT coalesce(array_agg(DISTINCT e.id), '{}') AS of_rows,
       coalesce(array_agg(DISTINCT rode.trip_id) FILTER (WHERE rode.trip_id IS NOT NULL), '{}') AS of_vehicles
FROM transfers.entry e
CROSS JOIN LATERAL (SELECT e.trip_id UNION SELECT trip_id FROM transfers.ride WHERE entry_id = e.id) AS rode
WHERE e.person_id = :person
""")


class Theirs(NamedTuple):
    """A person's rows, and the vehicles of their plans and rides; None for everybody's."""

    of_rows: Sequence[UUID] | None = None
    of_vehicles: Sequence[UUID] | None = None


SCOPE = """
scope AS (
    SELECT e.id AS entry_id, e.transfer_id, e.person_id, e.arrived_at, trip.id AS trip_id,
           coalesce(trip.departed_at, trip.departs_at) AS departs_at, trip.arrives_at,
           left_it.received IS TRUE AS received,
           (trip.state IN ('on_the_way', 'returning') AND (r.id IS NOT NULL OR left_it.entry_id IS NULL)) IS TRUE
               AS aboard
    FROM transfers.transfer t
    JOIN transfers.entry e ON e.transfer_id = t.id
    LEFT JOIN transfers.ride r ON r.entry_id = e.id AND r.left_at IS NULL
    LEFT JOIN transfers.trip ON trip.id = coalesce(r.trip_id, e.trip_id)
    LEFT JOIN (SELECT entry_id, trip_id, bool_or(left_as = 'handed_over') AS received FROM transfers.ride
               WHERE left_as IN ('handed_over', 'to_health')
                 AND (cast(:of_rows AS uuid[]) IS NULL OR entry_id = ANY (cast(:of_rows AS uuid[])))
               GROUP BY entry_id, trip_id) AS left_it
         ON left_it.entry_id = e.id AND left_it.trip_id = trip.id
    WHERE t.state NOT IN ('draft', 'closed', 'cancelled') AND NOT t.elsewhere
      AND (trip.id IS NULL OR trip.state NOT IN ('cancelled', 'returned'))
      AND (trip.departs_at <= cast(:now AS timestamptz) + interval '1 day'
           OR trip.departs_at IS NULL AND t.offered_at <= cast(:now AS timestamptz) + interval '1 day')
      AND (r.id IS NOT NULL OR left_it.entry_id IS NOT NULL OR trip.departed_at IS NULL
           OR NOT EXISTS (SELECT FROM transfers.ride WHERE trip_id = trip.id))
      AND (cast(:of_rows AS uuid[]) IS NULL OR e.id = ANY (cast(:of_rows AS uuid[])))
)"""
"""All rows of running transfers from a day before departure on, or one person's.

Who boarded a vehicle is known from rides: whoever was left behind doesn't travel; who left it for a health office on
the way is somewhere alone. Whoever is aboard of a vehicle under way is where it is.
"""

HEALTH = """
found AS (
    SELECT entry_id AS about, entry_id, cast(NULL AS uuid) AS trip_id, transfer_id, kind, fact
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
         CASE WHEN until <= cast(:now AS timestamptz) + :expiring
              THEN '健康码 ' || to_char(until AT TIME ZONE 'Asia/Shanghai', 'MM-DD HH24:MI') || ' 到期' END)
    ) AS judged (kind, holds, fact)
    WHERE holds
)"""
"""Sentences are made for those alone of whom something is found: to word 200,000 who are well takes longest."""

OUTCOME = """
known AS (
    SELECT id, coalesce(entry_id, trip_id) AS about, kind, fact
    FROM checks.finding
    WHERE closed_at IS NULL AND kind = ANY (cast(:kinds AS text[]))
      AND (cast(:of_rows AS uuid[]) IS NULL OR entry_id = ANY (cast(:of_rows AS uuid[]))
           OR trip_id = ANY (cast(:of_vehicles AS uuid[])))
), opened AS (
    INSERT INTO checks.finding (id, kind, transfer_id, entry_id, trip_id, fact, opened_at, due_at)
    SELECT gen_random_uuid(), kind, transfer_id, entry_id, trip_id, fact, :now, cast(:now AS timestamptz) + life
    FROM found
    JOIN unnest(cast(:kinds AS text[]), cast(:lives AS interval[])) AS due (due_kind, life) ON due_kind = kind
    WHERE (found.about, found.kind) NOT IN (SELECT about, kind FROM known)
    ON CONFLICT DO NOTHING
    RETURNING transfer_id, kind
), reworded AS (
    UPDATE checks.finding f SET fact = found.fact
    FROM found JOIN known ON known.about = found.about AND known.kind = found.kind AND known.fact <> found.fact
    WHERE f.id = known.id
), closed AS (
    UPDATE checks.finding f SET closed_at = :now
    FROM known
    WHERE f.id = known.id AND (known.about, known.kind) NOT IN (SELECT about, kind FROM found)
    RETURNING f.transfer_id, f.kind
), counted AS (
    INSERT INTO checks.tally AS known (transfer_id, kind, open)
    SELECT transfer_id, kind, sum(one) FROM (
        SELECT transfer_id, kind, 1 AS one FROM opened UNION ALL SELECT transfer_id, kind, -1 FROM closed
    ) AS moved GROUP BY transfer_id, kind ORDER BY transfer_id, kind
    ON CONFLICT (transfer_id, kind) DO UPDATE SET open = known.open + excluded.open
)
SELECT (SELECT count(*) FROM opened) AS opened, (SELECT count(*) FROM closed) AS closed
"""
"""NOT IN, since nothing of it is null and a hashed list stays quick where thousands are found before the table's
statistics know of them.
"""

FIND_HEALTH = text(f"""
WITH {SCOPE}, {HEALTH}, {OUTCOME}, (SELECT count(*) FROM scope) AS looked_at
""")  # noqa: S608 - constants
SETTLE = text(f"""
WITH found AS (
    SELECT coalesce(entry_id, trip_id) AS about, entry_id, trip_id, transfer_id, kind, fact
    FROM unnest(cast(:rows AS text[]), cast(:trip_ids AS uuid[]), cast(:transfer_ids AS uuid[]),
                cast(:found AS text[]), cast(:facts AS text[]))
         AS said (rows, trip_id, transfer_id, kind, fact)
    LEFT JOIN LATERAL unnest(cast(said.rows AS uuid[])) AS entry_id ON true
), {OUTCOME}
""")  # noqa: S608 - constants
"""What was found is given, each sentence with the rows or the vehicle of which it is so; what follows is the same."""

RECOUNT = text("""
INSERT INTO checks.tally AS known (transfer_id, kind, open)
SELECT transfer_id, kind, coalesce(counted.open, 0)
FROM (SELECT transfer_id, kind, count(*) AS open FROM checks.finding
      WHERE closed_at IS NULL AND kind = ANY (cast(:kinds AS text[])) GROUP BY transfer_id, kind) AS counted
FULL JOIN (SELECT transfer_id, kind, open FROM checks.tally WHERE kind = ANY (cast(:kinds AS text[]))) AS noted
     USING (transfer_id, kind)
WHERE counted.open IS DISTINCT FROM noted.open AND coalesce(counted.open, noted.open) > 0
ORDER BY transfer_id, kind
ON CONFLICT (transfer_id, kind) DO UPDATE SET open = excluded.open
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
  AND NOT EXISTS (SELECT FROM notices.message m
                  WHERE m.person_id = e.person_id AND m.topic = f.kind || ':' || cast(:day AS text))
""")
"""Whom a finding concerns that was not told of it today; of a vehicle's, its leader and deputy, else all aboard."""
