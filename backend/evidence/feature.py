from backend.core.features import Feature, every
from backend.evidence import models

feature = Feature(
    name="evidence",
    tasks=("backend.evidence.tasks",),
    schedule=(every(1, "evidence.sequence"), every(3600, "evidence.tidy")),
)
__all__ = ["feature", "models"]
