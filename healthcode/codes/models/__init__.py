"""The tables of health codes."""

from healthcode.codes.models.appeals import Appeal, AppealFile, AppealStep, Duty
from healthcode.codes.models.cards import Card
from healthcode.codes.models.facts import Certificate, NucleicTest, ProvincialQuery, ResultList
from healthcode.codes.models.health import (
    ColourChange,
    Decision,
    Declaration,
    Measurement,
    Reading,
    RuleSet,
    Status,
)
from healthcode.codes.models.helpers import Helper
from healthcode.codes.models.issuing import IssuerKey, ListKey, Pack
from healthcode.codes.models.photos import ReadingPhoto
from healthcode.codes.models.shifts import Lookup, Shift

__all__ = [
    "Appeal",
    "AppealFile",
    "AppealStep",
    "Card",
    "Certificate",
    "ColourChange",
    "Decision",
    "Declaration",
    "Duty",
    "Helper",
    "IssuerKey",
    "ListKey",
    "Lookup",
    "Measurement",
    "NucleicTest",
    "Pack",
    "ProvincialQuery",
    "Reading",
    "ReadingPhoto",
    "ResultList",
    "RuleSet",
    "Shift",
    "Status",
]
