from backend.core.features import Feature, every
from healthcode.reports import models
from healthcode.reports.data import KINDS

feature = Feature(
    name="reports",
    schedule=(every(20, "reports.sweep"),),
    tasks=("healthcode.reports.tasks",),
    data=KINDS,
)
__all__ = ["feature", "models"]
