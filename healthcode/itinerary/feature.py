from backend.core.features import Feature, every
from healthcode.itinerary import models

feature = Feature(
    name="itinerary",
    tasks=("healthcode.itinerary.tasks",),
    schedule=(every(30, "itinerary.locate"), every(60, "itinerary.stays")),
    commands="healthcode.itinerary.commands:risk",
)
__all__ = ["feature", "models"]
