"""What is known of people's health, who read it, and by which rules and decisions it is judged."""

from datetime import date, datetime
from typing import Any
from uuid import UUID

from sqlalchemy import ForeignKey, Index, PrimaryKeyConstraint, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column

from backend.core.crypto import Sealed, SealedText
from backend.core.db import INSERT_ONLY, Key, Model, aged, choice, daily, new_key
from healthcode.codes.rules import Basis, Colour, DecisionKind, DecisionState, Outcome, ProxyKind, RuleSetState, Taker


class Declaration(Model):
    """What somebody declared about a person's health; never changed, a new one follows."""

    __tablename__ = "declaration"
    __table_args__ = (
        PrimaryKeyConstraint("day", "id"),
        UniqueConstraint("day", "person_id", "request_key"),
        Index("ix_declaration_person_id", "person_id", "at"),
        {
            "schema": "codes",
            "postgresql_partition_by": "RANGE (day)",
            "info": {**daily(30), **INSERT_ONLY},
        },
    )

    day: Mapped[date]
    id: Mapped[UUID] = mapped_column(default=new_key)
    person_id: Mapped[UUID]
    account_id: Mapped[UUID]
    at: Mapped[datetime]
    temperature: Mapped[int]
    """Tenths of a degree Celsius: 365 is 36.5 °C."""
    symptoms: Mapped[list[str]]
    contact: Mapped[bool]
    abroad: Mapped[bool]
    request_key: Mapped[str]
    proxy: Mapped[ProxyKind | None] = mapped_column(choice(ProxyKind, "proxy"))
    """Who declared it for the person, whose account is `account_id`; None for the person."""
    proxy_name: Mapped[Sealed | None] = mapped_column(SealedText("codes.declaration.proxy_name"))
    """In full for the person and the family; officials see the mask."""
    proxy_mask: Mapped[str] = mapped_column(server_default="")
    proxy_place: Mapped[str] = mapped_column(server_default="")
    """The vehicle that the leader leads."""


class Status(Model):
    """What is known about a person's health now: the reasons, from which the colour at any moment follows."""

    __tablename__ = "status"
    __table_args__ = (Index("ix_status_until", "until"), {"schema": "codes"})

    person_id: Mapped[UUID] = mapped_column(ForeignKey("accounts.person.id"), primary_key=True)
    colour: Mapped[Colour]
    reasons: Mapped[list[Any]]
    """As `rules.Reason.to_json` writes them."""
    declared_at: Mapped[datetime | None]
    temperature: Mapped[int | None]
    since: Mapped[datetime]
    until: Mapped[datetime | None]
    """When the colour would next change by itself; None where it won't."""
    judged_at: Mapped[datetime]
    issuer: Mapped[str | None]
    """The region whose government issues the person's codes, as of the last declaration."""


class ColourChange(Model):
    __tablename__ = "colour_change"
    __table_args__ = (
        Index("ix_colour_change_person_id", "person_id", "at"),
        # A day longer than what opens its record, lest the audit miss a row whose opening is still there.
        {"schema": "codes", "info": {**aged("at", 31), **INSERT_ONLY}},
    )

    id: Mapped[Key]
    person_id: Mapped[UUID]
    before: Mapped[Colour] = mapped_column(choice(Colour, "before"))
    after: Mapped[Colour] = mapped_column(choice(Colour, "after"))
    reasons: Mapped[list[Any]]
    at: Mapped[datetime]


class Reading(Model):
    """An officer scanned a code: what was seen, where, by whom."""

    __tablename__ = "reading"
    __table_args__ = (
        PrimaryKeyConstraint("day", "id"),
        UniqueConstraint("day", "operator_id", "request_key"),
        Index("ix_reading_code_id", "code_id", "day"),
        Index("ix_reading_person_id", "person_id", "at"),
        Index("ix_reading_organisation_id", "organisation_id", "at"),
        {
            "schema": "codes",
            "postgresql_partition_by": "RANGE (day)",
            "info": {**daily(14), **INSERT_ONLY},
        },
    )

    day: Mapped[date]
    id: Mapped[UUID] = mapped_column(default=new_key)
    at: Mapped[datetime]
    operator_id: Mapped[UUID]
    organisation_id: Mapped[UUID]
    place_id: Mapped[UUID | None]
    person_id: Mapped[UUID | None]
    """None where the text could not be read as one of our codes."""
    code_id: Mapped[bytes | None]
    outcome: Mapped[Outcome]
    colour: Mapped[Colour | None]
    fault: Mapped[str | None]
    seen_elsewhere: Mapped[bool]
    request_key: Mapped[str]


class Measurement(Model):
    """A temperature that an officer or a vehicle's leader took; never changed, another one follows."""

    __tablename__ = "measurement"
    __table_args__ = (
        PrimaryKeyConstraint("day", "id"),
        UniqueConstraint("day", "taker_id", "request_key"),
        Index("ix_measurement_person_id", "person_id", "at"),
        {
            "schema": "codes",
            "postgresql_partition_by": "RANGE (day)",
            "info": {**daily(30), **INSERT_ONLY},
        },
    )

    day: Mapped[date]
    id: Mapped[UUID] = mapped_column(default=new_key)
    person_id: Mapped[UUID]
    at: Mapped[datetime]
    temperature: Mapped[int]
    """Tenths of a degree Celsius: 365 is 36.5 °C."""
    taker: Mapped[Taker]
    taker_id: Mapped[UUID]
    """The officer's operator, or the leader's account."""
    organisation_id: Mapped[UUID | None]
    """The officer's office."""
    place: Mapped[str]
    """As the person is told: 铜仁站东门, 贵D12345 第 2 次测温."""
    request_key: Mapped[str]


class RuleSet(Model):
    """A version of the colour rules: a draft that was tried on the population, or what was or is in force."""

    __tablename__ = "rule_set"
    __table_args__ = (
        Index("uq_rule_set_in_force", "state", unique=True, postgresql_where=text("state = 'in_force'")),
        {"schema": "codes"},
    )

    id: Mapped[Key]
    version: Mapped[int | None] = mapped_column(unique=True)
    """Given when it comes into force."""
    state: Mapped[RuleSetState]
    title: Mapped[str]
    """What it changes and why, in a sentence."""
    rules: Mapped[list[Any]]
    """As `colour_rules.Rule.to_json` writes them."""
    organisation_id: Mapped[UUID] = mapped_column(ForeignKey("accounts.organisation.id"))
    proposed_by: Mapped[UUID] = mapped_column(ForeignKey("accounts.operator.id"))
    created_at: Mapped[datetime]
    decided_by: Mapped[UUID | None] = mapped_column(ForeignKey("accounts.operator.id"))
    """The second person."""
    decided_at: Mapped[datetime | None]
    ended_at: Mapped[datetime | None]
    """When a newer version took its place."""
    tried_at: Mapped[datetime | None]
    changes: Mapped[list[Any]]
    """Whom the trial found: [person id, colour before, colour after, why]; emptied once it is decided."""


class Decision(Model):
    """What officials decided about one person: two people, a legal basis, an end."""

    __tablename__ = "decision"
    __table_args__ = (
        Index("uq_decision_proposed", "person_id", unique=True, postgresql_where=text("state = 'proposed'")),
        Index("ix_decision_person_id", "person_id", "ends_at", postgresql_where=text("state = 'in_force'")),
        Index("ix_decision_region_code", "region_code", "id"),
        {"schema": "codes"},
    )

    id: Mapped[Key]
    person_id: Mapped[UUID] = mapped_column(ForeignKey("accounts.person.id"))
    kind: Mapped[DecisionKind]
    colour: Mapped[Colour | None]
    """Of an order."""
    rule: Mapped[str | None]
    """Of a lift: the rule whose findings up to then count no more."""
    basis: Mapped[Basis]
    reason: Mapped[str]
    region_code: Mapped[str]
    """Where the person was when it was proposed: that region's government decides."""
    state: Mapped[DecisionState]
    proposed_by: Mapped[UUID] = mapped_column(ForeignKey("accounts.operator.id"))
    proposed_office: Mapped[UUID] = mapped_column(ForeignKey("accounts.organisation.id"))
    proposed_at: Mapped[datetime]
    ends_at: Mapped[datetime]
    decided_by: Mapped[UUID | None] = mapped_column(ForeignKey("accounts.operator.id"))
    decided_office: Mapped[UUID | None] = mapped_column(ForeignKey("accounts.organisation.id"))
    decided_at: Mapped[datetime | None]
