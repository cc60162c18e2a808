"""Facts that others vouch for: laboratories' results, certificates of health, what a province says of its own code."""

from datetime import date, datetime
from uuid import UUID

from sqlalchemy import ForeignKey, Index, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column

from backend.core.crypto import Sealed, SealedText
from backend.core.db import INSERT_ONLY, Key, Model, aged
from healthcode.codes.appeal_rules import FileType
from healthcode.codes.fact_rules import Asked, CertificateState, QueryState, ResultListState, Tested
from healthcode.codes.rules import Colour


class ResultList(Model):
    """Test results as an office brought them, one typed or many in a file, until a second person has confirmed them."""

    __tablename__ = "result_list"
    __table_args__ = (
        Index("ix_result_list_organisation_id", "organisation_id", "id"),
        {"schema": "codes"},
    )

    id: Mapped[Key]
    organisation_id: Mapped[UUID] = mapped_column(ForeignKey("accounts.organisation.id"))
    operator_id: Mapped[UUID] = mapped_column(ForeignKey("accounts.operator.id"))
    title: Mapped[str]
    """The file's name, or that it was typed."""
    state: Mapped[ResultListState]
    rows: Mapped[Sealed | None] = mapped_column(SealedText("codes.result_list.rows"))
    """JSON of `result_rows.ResultRow`s that wait; gone once decided."""
    faults: Mapped[Sealed | None] = mapped_column(SealedText("codes.result_list.faults"))
    """JSON of the headings and of the rows that were not taken, each with why; gone two weeks later."""
    taken: Mapped[int]
    positive: Mapped[int]
    """Of those taken."""
    faulty: Mapped[int]
    known: Mapped[int]
    """Rows whose report was here already."""
    created_at: Mapped[datetime]
    decided_by: Mapped[UUID | None] = mapped_column(ForeignKey("accounts.operator.id"))
    decided_at: Mapped[datetime | None]


class NucleicTest(Model):
    """A nucleic acid test of a person; never changed. The id is that of its record in the evidence log."""

    __tablename__ = "nucleic_test"
    __table_args__ = (
        UniqueConstraint("person_id", "laboratory", "report_number"),
        Index("ix_nucleic_test_person_id", "person_id", "sampled_at"),
        Index("ix_nucleic_test_positive", "sampled_at", postgresql_where=text("result = 'positive'")),
        # Longer than the longest rule and than what opens its record, lest the audit miss a row.
        {"schema": "codes", "info": {**aged("entered_at", 45), **INSERT_ONLY}},
    )

    id: Mapped[Key]
    person_id: Mapped[UUID] = mapped_column(ForeignKey("accounts.person.id"))
    sampled_at: Mapped[datetime]
    result: Mapped[Tested]
    laboratory: Mapped[str]
    report_number: Mapped[str]
    list_id: Mapped[UUID] = mapped_column(ForeignKey("codes.result_list.id"))
    organisation_id: Mapped[UUID] = mapped_column(ForeignKey("accounts.organisation.id"))
    entered_at: Mapped[datetime]
    """When the second person confirmed it."""


class Certificate(Model):
    """A paper certificate of health as the worker photographed it, and what an official made of it."""

    __tablename__ = "certificate"
    __table_args__ = (
        UniqueConstraint("person_id", "request_key"),
        Index("ix_certificate_person_id", "person_id", "id"),
        Index("ix_certificate_valid", "valid_until", postgresql_where=text("state = 'confirmed'")),
        Index("ix_certificate_region_code", "region_code", "id"),
        Index("ix_certificate_origin_code", "origin_code", "id"),
        {"schema": "codes"},
    )

    id: Mapped[Key]
    person_id: Mapped[UUID] = mapped_column(ForeignKey("accounts.person.id"))
    account_id: Mapped[UUID | None] = mapped_column(ForeignKey("accounts.account.id"))
    """Whose phone sent it."""
    number: Mapped[Sealed | None] = mapped_column(SealedText("codes.certificate.number"))
    institution: Mapped[str]
    issued_on: Mapped[date | None]
    valid_until: Mapped[date | None]
    """The last day on which it holds."""
    region_code: Mapped[str]
    """Where the person was when it came."""
    origin_code: Mapped[str]
    """Where the person is from: the governments of both may decide."""
    state: Mapped[CertificateState]
    kind: Mapped[FileType | None]
    size: Mapped[int | None]
    digest: Mapped[bytes | None]
    stored_as: Mapped[str | None]
    """None while the photo is still to come."""
    reason: Mapped[str]
    """Why it was refused, as the worker reads it."""
    request_key: Mapped[str]
    filed_at: Mapped[datetime]
    decided_by: Mapped[UUID | None] = mapped_column(ForeignKey("accounts.operator.id"))
    decided_office: Mapped[UUID | None] = mapped_column(ForeignKey("accounts.organisation.id"))
    decided_at: Mapped[datetime | None]
    """When it was confirmed, refused or withdrawn."""


class ProvincialQuery(Model):
    """A province was, or is to be, asked for the colour that its own code gives a person."""

    __tablename__ = "provincial_query"
    __table_args__ = (
        Index(
            "uq_provincial_query_open",
            "person_id",
            "province",
            unique=True,
            postgresql_where=text("state IN ('queued', 'asking')"),
        ),
        Index("ix_provincial_query_person_id", "person_id", "province", "asked_at"),
        Index("ix_provincial_query_answered", "answered_at", postgresql_where=text("state = 'answered'")),
        Index("ix_provincial_query_open", "asked_at", postgresql_where=text("state IN ('queued', 'asking')")),
        {"schema": "codes", "info": aged("asked_at", 35)},
    )

    id: Mapped[Key]
    person_id: Mapped[UUID] = mapped_column(ForeignKey("accounts.person.id"))
    province: Mapped[str]
    """GB/T 2260, as 320000."""
    why: Mapped[Asked]
    state: Mapped[QueryState]
    attempts: Mapped[int]
    colour: Mapped[Colour | None]
    asked_at: Mapped[datetime]
    claimed_at: Mapped[datetime | None]
    answered_at: Mapped[datetime | None]
    """The province's own time of its answer."""
    ended_at: Mapped[datetime | None]
