"""Reads of certificates of health."""

from collections.abc import Sequence
from uuid import UUID

from sqlalchemy import ColumnElement, Row, func, or_, select

from backend.accounts.acting import Acting
from backend.accounts.models import Holding, Organisation, Person
from backend.accounts.rules import HoldingState, OrganisationKind
from backend.core.db import db
from backend.core.errors import NotFound
from backend.regions import names
from backend.regions.names import prefix
from healthcode.codes.fact_rules import CertificateState
from healthcode.codes.models import Certificate


def origin_of(person: Person) -> str:
    """Where a person is from: where the person said to live, else the region of the ID number, or its province."""
    lived = select(Holding.region_code).where(Holding.person_id == person.id, Holding.state != HoldingState.ENDED)
    code = db.session.scalar(lived.order_by(Holding.claimed_at).limit(1)) or person.region_code
    known = names.lineage(code)
    return known[-1] if known else code


def _decided_by(acting: Acting) -> ColumnElement[bool]:
    """Of a certificate: this government's region is where the person was when it came, or is from."""
    if acting.kind is not OrganisationKind.GOVERNMENT:
        return Certificate.id.is_(None)
    here = prefix(acting.region_code)
    return or_(Certificate.region_code.startswith(here), Certificate.origin_code.startswith(here))


def list_certificates(
    *, seen_by: Acting, state: CertificateState, after: UUID | None = None, limit: int = 50
) -> Sequence[Row[Certificate, Person]]:
    """Those of a state that this office may decide, paged by id: what waits the oldest first, else the newest."""
    oldest_first = state is CertificateState.WAITING
    query = (
        select(Certificate, Person)
        .join(Person, Person.id == Certificate.person_id)
        .where(_decided_by(seen_by), Certificate.state == state)
        .order_by(Certificate.id if oldest_first else Certificate.id.desc())
        .limit(limit)
    )
    if after:
        query = query.where(Certificate.id > after if oldest_first else Certificate.id < after)
    return db.session.execute(query).all()


def count_certificates(*, seen_by: Acting) -> dict[CertificateState, int]:
    """How many of each state this office may decide."""
    query = select(Certificate.state, func.count()).where(_decided_by(seen_by)).group_by(Certificate.state)
    counted = dict.fromkeys(CertificateState, 0)
    for state, count in db.session.execute(query):
        counted[state] = count
    return counted


def get_certificate(certificate_id: UUID, *, seen_by: Acting) -> tuple[Certificate, Person]:
    """Refuses: NotFound for other regions' offices, and while the photo is still to come."""
    query = select(Certificate, Person).join(Person, Person.id == Certificate.person_id)
    row = db.session.execute(
        query.where(Certificate.id == certificate_id, Certificate.stored_as.is_not(None), _decided_by(seen_by))
    ).one_or_none()
    if row is None:
        raise NotFound
    return row[0], row[1]


def certificates_of(person: Person) -> Sequence[Row[Certificate, str | None]]:
    """A person's certificates, the newest first: (certificate, office that decided)."""
    query = (
        select(Certificate, Organisation.name)
        .outerjoin(Organisation, Organisation.id == Certificate.decided_office)
        .where(Certificate.person_id == person.id)
        .order_by(Certificate.id.desc())
    )
    return db.session.execute(query).all()


def find_filed(person_id: UUID, request_key: str) -> Certificate | None:
    """The certificate that a sender's key stands for."""
    return db.session.scalar(
        select(Certificate).where(Certificate.person_id == person_id, Certificate.request_key == request_key)
    )


def count_open_of(person_id: UUID, states: Sequence[CertificateState]) -> int:
    """How many of a person's certificates are in one of these states."""
    query = select(func.count()).select_from(Certificate)
    return db.session.scalar(query.where(Certificate.person_id == person_id, Certificate.state.in_(states))) or 0


def lock_certificate(certificate_id: UUID) -> Certificate:
    """A certificate, held until the transaction ends. Refuses: NotFound."""
    query = select(Certificate).where(Certificate.id == certificate_id).with_for_update()
    found = db.session.scalar(query.execution_options(populate_existing=True))
    if found is None:
        raise NotFound
    return found
