from backend.core.features import Feature, every
from healthcode.itinerary import models
from healthcode.itinerary.data import KINDS

feature = Feature(
    name="itinerary",
    tasks=("healthcode.itinerary.tasks",),
    schedule=(every(30, "itinerary.locate"), every(60, "itinerary.stays")),
    data=KINDS,
    commands="healthcode.itinerary.commands:risk",
)
__all__ = ["feature", "models"]
