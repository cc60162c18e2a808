from backend.accounts.events import OperatorLeft
from backend.core.features import Feature, every, on
from healthcode.checks import models
from healthcode.checks.data import KINDS
from healthcode.codes.events import ColourChanged, Declared
from healthcode.itinerary.events import Sighted
from healthcode.transfers.events import Claimed, TransferMoved

ACTIONS = "healthcode.checks.actions"
feature = Feature(
    name="checks",
    listeners=(
        on(Declared, f"{ACTIONS}:review_declared"),
        on(ColourChanged, f"{ACTIONS}:review_colour"),
        on(Sighted, f"{ACTIONS}:review_sighted"),
        on(Claimed, f"{ACTIONS}:review_claimed"),
        on(TransferMoved, f"{ACTIONS}:close_ended"),
        on(OperatorLeft, f"{ACTIONS}:give_back"),
    ),
    schedule=(every(600, "checks.health"), every(600, "checks.location")),
    tasks=("healthcode.checks.tasks",),
    data=KINDS,
    commands="healthcode.checks.commands:cli",
)
__all__ = ["feature", "models"]
