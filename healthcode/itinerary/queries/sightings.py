"""Reads of places, posters and where somebody was."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy import ColumnElement, Row, bindparam, or_, select

from backend.accounts.acting import Acting
from backend.accounts.models import Person
from backend.accounts.rules import OrganisationKind
from backend.core import clock
from backend.core.config import settings
from backend.core.db import db
from backend.core.errors import NotFound
from backend.regions.names import prefix
from healthcode.itinerary import poster_text
from healthcode.itinerary.models import Place, Poster, Sighting
from healthcode.itinerary.rules import ITINERARY, REPEATS, Presence, Source

PAGE = 50
WITH_JURISDICTION = frozenset({OrganisationKind.GOVERNMENT, OrganisationKind.CHECKPOINT})


def _open_to(acting: Acting) -> ColumnElement[bool]:
    """An office's own places; for governments and checkpoints those of their region as well."""
    own = Place.organisation_id == acting.organisation_id
    if acting.kind not in WITH_JURISDICTION:
        return own
    return or_(own, Place.region_code.startswith(prefix(acting.region_code)))


NOBODYS_REGION = "-"


def open_to_bound() -> ColumnElement[bool]:
    """The same rule for statements that are built once, on the bare table; `open_to_values` fills it in."""
    place = Place.__table__.c
    return or_(
        place.organisation_id == bindparam("organisation_id"), place.region_code.startswith(bindparam("region_prefix"))
    )


def open_to_values(acting: Acting) -> dict[str, object]:
    """What `open_to_bound` is asked with."""
    within = prefix(acting.region_code) if acting.kind in WITH_JURISDICTION else NOBODYS_REGION
    return {"organisation_id": acting.organisation_id, "region_prefix": within}


def list_places(
    *, seen_by: Acting, search: str = "", after: UUID | None = None, limit: int = PAGE
) -> Sequence[Row[Place, Poster]]:
    """Places with the poster in force, oldest first, paged by the place's id."""
    query = (
        select(Place, Poster)
        .join(Poster, (Poster.place_id == Place.id) & Poster.revoked_at.is_(None))
        .where(_open_to(seen_by))
        .order_by(Place.id)
        .limit(limit)
    )
    if search:
        query = query.where(Place.name.contains(search, autoescape=True))
    if after:
        query = query.where(Place.id > after)
    return db.session.execute(query).all()


def get_place(place_id: UUID, *, seen_by: Acting) -> Place:
    """Refuses: NotFound for a place of another office outside the own region."""
    place = db.session.scalar(select(Place).where(Place.id == place_id, _open_to(seen_by)))
    if place is None:
        raise NotFound
    return place


def place_name(place_id: UUID) -> str:
    """What people call a place. Refuses: NotFound."""
    name = db.session.scalar(select(Place.name).where(Place.id == place_id))
    if name is None:
        raise NotFound
    return name


def place_of(sighting: Sighting) -> Place:
    """The place whose code a person scanned. Refuses: NotFound for a sighting without one."""
    place = db.session.get(Place, sighting.place_id) if sighting.place_id else None
    if place is None:
        raise NotFound
    return place


def list_posters(place: Place) -> Sequence[Poster]:
    """All versions of a place's poster, the newest first."""
    return db.session.scalars(select(Poster).where(Poster.place_id == place.id).order_by(Poster.version.desc())).all()


def get_poster(place: Place) -> Poster:
    """The version in force."""
    return db.session.scalars(
        select(Poster).where(Poster.place_id == place.id, Poster.revoked_at.is_(None)).order_by(Poster.version.desc())
    ).one()


def find_poster(token: str) -> Row[Poster, Place] | None:
    """The poster with this token, revoked or not, and its place."""
    query = select(Poster, Place).join(Place, Place.id == Poster.place_id).where(Poster.token == token)
    return db.session.execute(query).one_or_none()


def poster_url(poster: Poster) -> str:
    """What the poster's QR holds: an ordinary https link that opens the mini program."""
    return poster_text.poster_url(settings().base_url, poster.token)


def find_sighting(person_id: UUID, request_key: str) -> Sighting | None:
    """The sighting that this sender's key stands for."""
    since = clock.local(clock.now() - REPEATS).date()
    return db.session.scalar(
        select(Sighting).where(
            Sighting.day >= since, Sighting.person_id == person_id, Sighting.request_key == request_key
        )
    )


@dataclass(frozen=True, slots=True)
class Point:
    """Where somebody was at a time. `region_code` is None until it is looked up, and where a border is too near."""

    at: datetime
    source: Source
    presence: Presence
    doubt: str | None
    place_name: str | None
    region_code: str | None
    located: bool
    lon: float | None
    lat: float | None
    accuracy_m: float | None


def itinerary_of(person: Person, *, days: int = ITINERARY.days, limit: int = 500) -> list[Point]:
    """Where a person was, the newest first. Only the proven points make the itinerary; the others say their doubt."""
    first = clock.today().toordinal() - days
    query = (
        select(Sighting, Place.name)
        .outerjoin(Place, Place.id == Sighting.place_id)
        .where(Sighting.person_id == person.id, Sighting.day >= clock.today().fromordinal(first))
        .order_by(Sighting.at.desc())
        .limit(limit)
    )
    return [
        Point(s.at, s.source, s.presence, s.doubt, name, s.region_code, s.located, s.lon, s.lat, s.accuracy_m)
        for s, name in db.session.execute(query)
    ]
