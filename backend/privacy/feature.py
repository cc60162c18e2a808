from backend.core.features import Feature, every
from backend.privacy import evidence, models
from backend.privacy.data import KINDS

feature = Feature(
    name="privacy",
    tasks=("backend.privacy.tasks",),
    schedule=(every(3600, "privacy.erase"),),
    commands="backend.privacy.commands:privacy",
    evidence=(evidence.ERASURE, evidence.HOLD),
    data=KINDS,
    gauges="backend.privacy.queries:get_gauges",
)
__all__ = ["feature", "models"]
