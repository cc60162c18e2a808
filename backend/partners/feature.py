from backend.core.features import Feature, every, on
from backend.partners import models
from backend.partners.data import KINDS
from healthcode.transfers.events import RosterApplied, TransferMoved, TripMoved

NOTE = "backend.partners.actions:note_change"
feature = Feature(
    name="partners",
    listeners=(on(TransferMoved, NOTE), on(TripMoved, NOTE), on(RosterApplied, NOTE)),
    schedule=(every(10, "partners.sweep"), every(60, "partners.gather")),
    tasks=("backend.partners.tasks",),
    commands="backend.partners.commands:partners",
    blueprints=("backend.partners.api:public", "backend.partners.api:blueprint"),
    data=KINDS,
)
__all__ = ["feature", "models"]
