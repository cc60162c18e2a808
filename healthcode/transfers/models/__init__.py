"""Tables of transfers: rosters and their imports, vehicles, their plans and who is aboard."""

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
