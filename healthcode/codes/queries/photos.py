"""Reads of the photos of paper certificates that officers took."""

from collections.abc import Sequence
from datetime import timedelta
from uuid import UUID

from sqlalchemy import ColumnElement, Row, false, func, or_, select

from backend.accounts.acting import Acting
from backend.accounts.models import Organisation, Person
from backend.accounts.rules import OrganisationKind
from backend.core import clock
from backend.core.db import db
from backend.core.errors import NotFound
from backend.regions.names import prefix
from healthcode.codes.models import Reading, ReadingPhoto

PAGE = 50
LOOKED_BACK = timedelta(days=9)
"""A scan may come a week late."""


def _concerns(acting: Acting) -> ColumnElement[bool]:
    """For the government where the person lives, and that of the checkpoint unless the person only passed it."""
    if acting.kind is not OrganisationKind.GOVERNMENT:
        return false()
    own = prefix(acting.region_code)
    return or_(ReadingPhoto.home_region.startswith(own), ReadingPhoto.place_region.startswith(own))


def list_photos(
    *, seen_by: Acting, after: UUID | None = None, limit: int = PAGE
) -> Sequence[Row[ReadingPhoto, Person, str]]:
    """(photo, whose, checkpoint) that concern a government, the newest first, paged by id."""
    query = (
        select(ReadingPhoto, Person, Organisation.name)
        .join(Person, Person.id == ReadingPhoto.person_id)
        .join(Organisation, Organisation.id == ReadingPhoto.organisation_id)
        .where(_concerns(seen_by))
        .order_by(ReadingPhoto.id.desc())
        .limit(limit)
    )
    return db.session.execute(query.where(ReadingPhoto.id < after) if after else query).all()


def get_photo(photo_id: UUID, *, seen_by: Acting) -> Row[ReadingPhoto, Person]:
    """Refuses: NotFound for a photo that doesn't concern this office."""
    query = select(ReadingPhoto, Person).join(Person, Person.id == ReadingPhoto.person_id)
    row = db.session.execute(query.where(ReadingPhoto.id == photo_id, _concerns(seen_by))).one_or_none()
    if row is None:
        raise NotFound
    return row


def photos_of(person: Person, limit: int = 100) -> Sequence[Row[ReadingPhoto, str]]:
    """(photo, checkpoint) of a person, the newest first."""
    query = (
        select(ReadingPhoto, Organisation.name)
        .join(Organisation, Organisation.id == ReadingPhoto.organisation_id)
        .where(ReadingPhoto.person_id == person.id)
        .order_by(ReadingPhoto.id.desc())
        .limit(limit)
    )
    return db.session.execute(query).all()


def get_own_photo(person: Person, photo_id: UUID) -> ReadingPhoto:
    """Refuses: NotFound for another person's."""
    own = (ReadingPhoto.id == photo_id) & (ReadingPhoto.person_id == person.id)
    photo = db.session.scalar(select(ReadingPhoto).where(own))
    if photo is None:
        raise NotFound
    return photo


def find_photo(by: Acting, request_key: str) -> ReadingPhoto | None:
    """The photo that this officer's key stands for."""
    own = (ReadingPhoto.operator_id == by.operator_id) & (ReadingPhoto.request_key == request_key)
    return db.session.scalar(select(ReadingPhoto).where(own))


def count_photos(reading_id: UUID) -> int:
    """How many belong to a reading."""
    return db.session.scalar(select(func.count()).where(ReadingPhoto.reading_id == reading_id)) or 0


def find_reading(by: Acting, request_key: str) -> Reading | None:
    """The reading of a code or card that this officer's key stands for, if it isn't older than a scan may come late."""
    since = clock.local(clock.now() - LOOKED_BACK).date()
    query = select(Reading).where(
        Reading.day >= since,
        Reading.operator_id == by.operator_id,
        Reading.organisation_id == by.organisation_id,
        Reading.request_key.in_([request_key, f"card:{request_key}"]),
    )
    return db.session.scalars(query.order_by(Reading.day.desc()).limit(1)).first()
