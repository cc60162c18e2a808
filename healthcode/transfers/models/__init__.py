"""Tables of transfers: rosters and their imports, vehicles and their plans."""

from healthcode.transfers.models.plans import Plan, SeatRule
from healthcode.transfers.models.rosters import (
    Entry,
    ImportRow,
    RosterImport,
    Step,
    Tally,
    Transfer,
    Trip,
    TripStep,
)

__all__ = [
    "Entry",
    "ImportRow",
    "Plan",
    "RosterImport",
    "SeatRule",
    "Step",
    "Tally",
    "Transfer",
    "Trip",
    "TripStep",
]
