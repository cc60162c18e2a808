from backend.accounts.events import PersonVerified
from backend.core.features import Feature, every, on
from healthcode.codes.events import ColourChanged, Declared
from healthcode.itinerary.events import Sighted
from healthcode.transfers import evidence, models
from healthcode.transfers.data import KINDS
from healthcode.transfers.events import HandedOver, PeopleChanged, TransferMoved, TripMoved

ACTIONS = "healthcode.transfers.actions"
feature = Feature(
    name="transfers",
    listeners=(
        on(PersonVerified, f"{ACTIONS}:note_verified"),
        on(ColourChanged, f"{ACTIONS}:note_colour"),
        on(Declared, f"{ACTIONS}:ask_after_declaring"),
        on(Sighted, f"{ACTIONS}:note_sighting"),
        on(TransferMoved, f"{ACTIONS}:tell_travellers"),
        on(TripMoved, f"{ACTIONS}:tell_travellers"),
        on(PeopleChanged, f"{ACTIONS}:tell_travellers"),
        on(HandedOver, f"{ACTIONS}:make_signed_form"),
    ),
    schedule=(
        every(10, "transfers.sweep_imports"),
        every(10, "transfers.recount"),
        every(1800, "transfers.ask_provinces"),
        every(60, "transfers.carry"),
        every(1800, "transfers.carry_late"),
        every(300, "transfers.remind"),
    ),
    evidence=(evidence.STEP, evidence.TRIP_STEP, evidence.ROSTER, evidence.ABOARD, evidence.HANDOVER, evidence.START),
    tasks=("healthcode.transfers.tasks",),
    data=KINDS,
    commands="healthcode.transfers.commands:cli",
)
__all__ = ["feature", "models"]
