"""What the destination's province says of its own code about travellers: asked when they declare, and on their way."""

from uuid import UUID

from sqlalchemy import text

from backend.core.db import db
from healthcode.codes import actions as codes
from healthcode.codes.events import Declared
from healthcode.codes.fact_rules import Asked

# Before the vehicles are planned nobody stands at the destination's doors yet; whoever has arrived is looked after
# there.
TRAVELLING = text("""
SELECT e.person_id, left(f.destination_region, 2) || '0000' AS province
FROM transfers.transfer f JOIN transfers.entry e ON e.transfer_id = f.id
WHERE f.state = ANY(CAST(:states AS text[])) AND e.person_id IS NOT NULL AND e.arrived_at IS NULL
  AND (CAST(:person AS uuid) IS NULL OR e.person_id = :person)
""")
ENROLLED = ("agreed", "enrolling", "departing", "in_transit", "arrived")
ON_THE_WAY = ("departing", "in_transit", "arrived")


def destinations_of(person_id: UUID) -> list[str]:
    """The provinces to which the running transfers of a person lead."""
    rows = db.session.execute(TRAVELLING, {"states": list(ENROLLED), "person": person_id})
    return sorted({row.province for row in rows})


def ask_after_declaring(event: Declared) -> None:
    """Whoever declares before or on a journey is to know what the destination's own code says."""
    provinces = destinations_of(event.person_id)
    codes.ask_provinces([(event.person_id, province) for province in provinces], why=Asked.DECLARED)


def ask_on_the_way() -> int:
    """Ask of everybody who is about to leave or on the way, whom nobody asked about for six hours; returns how many."""
    rows = db.session.execute(TRAVELLING, {"states": list(ON_THE_WAY), "person": None})
    return codes.ask_provinces([(row.person_id, row.province) for row in rows], why=Asked.TRANSFER)
