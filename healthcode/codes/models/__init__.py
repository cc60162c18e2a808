"""The tables of health codes."""

from healthcode.codes.models.appeals import Appeal, AppealFile, AppealStep, Duty
from healthcode.codes.models.health import (
    ColourChange,
    Decision,
    Declaration,
    IssuerKey,
    Measurement,
    Reading,
    RuleSet,
    Status,
)

__all__ = [
    "Appeal",
    "AppealFile",
    "AppealStep",
    "ColourChange",
    "Decision",
    "Declaration",
    "Duty",
    "IssuerKey",
    "Measurement",
    "Reading",
    "RuleSet",
    "Status",
]
