"""Tables of transfers: rosters and their imports, vehicles, their plans, who is aboard and what was written down."""

from healthcode.transfers.models.marks import Mark
from healthcode.transfers.models.plans import Plan, SeatRule
from healthcode.transfers.models.rides import Ride
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
    "Mark",
    "Plan",
    "Ride",
    "RosterImport",
    "SeatRule",
    "Step",
    "Tally",
    "Transfer",
    "Trip",
    "TripStep",
]
