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
from healthcode.codes.models.shifts import Lookup, Shift

__all__ = [
    "Appeal",
    "AppealFile",
    "AppealStep",
    "ColourChange",
    "Decision",
    "Declaration",
    "Duty",
    "IssuerKey",
    "Lookup",
    "Measurement",
    "Reading",
    "RuleSet",
    "Shift",
    "Status",
]
