from backend.core.features import Feature, every
from backend.evidence import models

feature = Feature(
    name="evidence",
    blueprints=("backend.evidence.web:log", "backend.evidence.web:page"),
    tasks=("backend.evidence.tasks",),
    commands="backend.evidence.commands:evidence",
    gauges="backend.evidence.queries:get_gauges",
    schedule=(every(1, "evidence.sequence"), every(3600, "evidence.tidy")),
)
__all__ = ["feature", "models"]
