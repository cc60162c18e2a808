"""Tables of transfers: rosters and their imports, vehicles, their plans, who is aboard, what was written down,
who takes them over.
"""

from healthcode.transfers.models.employing import Employer, Start
from healthcode.transfers.models.handovers import Handover, Receiver
from healthcode.transfers.models.inspections import Inspection
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
    "Employer",
    "Entry",
    "Handover",
    "ImportRow",
    "Inspection",
    "Mark",
    "Plan",
    "Receiver",
    "Ride",
    "RosterImport",
    "SeatRule",
    "Start",
    "Step",
    "Tally",
    "Transfer",
    "Trip",
    "TripStep",
]
