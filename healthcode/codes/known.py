"""What is known about one person when a colour is judged: pure values, each a fact that a rule may look at."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime

from healthcode.codes.rules import Reason, Symptom


@dataclass(frozen=True, slots=True)
class Stayed:
    """How long somebody was in regions of a level, the last of them, and until when."""

    hours: float
    region: str
    until: datetime


@dataclass(frozen=True, slots=True)
class Measured:
    """A temperature that somebody else took, in tenths of a degree."""

    at: datetime
    temperature: int
    place: str


@dataclass(frozen=True, slots=True)
class Positive:
    """A sample of this moment was positive."""

    at: datetime
    laboratory: str


@dataclass(frozen=True, slots=True)
class Certified:
    """A certificate of health that an official has confirmed, good to the end of its last day."""

    issued_on: date
    valid_until: date
    institution: str


@dataclass(frozen=True, slots=True)
class Provincial:
    """What a province said at a moment of its own code: 320000, 江苏省, 江苏省苏康码."""

    at: datetime
    province: str
    code: str


@dataclass(frozen=True, slots=True)
class Known:
    """The facts about one person that a rule may look at; None where there is none.

    The declared ones are the newest of their kind: the newest contact, the newest fever, the newest symptoms.
    """

    contact_at: datetime | None = None
    abroad_at: datetime | None = None
    fever: tuple[datetime, int] | None = None
    symptoms: tuple[datetime, tuple[Symptom, ...]] | None = None
    measured: Measured | None = None
    """The newest fever that was measured."""
    normal: tuple[datetime, datetime] | None = None
    """The first and the last temperature without fever that officers took after the newest fever of either kind."""
    high: Stayed | None = None
    medium: Stayed | None = None
    """In medium-risk regions; time in high-risk ones too short to count as such is counted here."""
    positive: Positive | None = None
    """The newest positive test."""
    negative: tuple[datetime, datetime] | None = None
    """The first and the last sample after it that was negative."""
    certified: Certified | None = None
    """The certificate that holds longest."""
    province_red: Provincial | None = None
    province_yellow: Provincial | None = None
    """Of each province its newest answer alone counts."""
    ordered: tuple[Reason, ...] = ()
    """What officials ordered."""
    lifted: Mapping[str, datetime] = field(default_factory=dict)
    """The rules whose findings up to a moment two officials found wrong."""
