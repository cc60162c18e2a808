"""Reads of partners, of what is exchanged with them, and of the rosters that they share with us."""

import hashlib
from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from sqlalchemy import ColumnElement, Row, exists, func, or_, select
from sqlalchemy.orm import aliased

from backend.accounts.acting import Acting
from backend.accounts.models import Operator, Organisation
from backend.accounts.rules import OrganisationKind, Role
from backend.core import clock
from backend.core.crypto import Sealed, unseal
from backend.core.db import db
from backend.core.errors import NotFound
from backend.partners.messages import Traveller, reference
from backend.partners.models import Link, Message, Partner, Received, Told
from backend.partners.rules import DEAD, IN_THE_WAY, PartnerState, SendState
from healthcode.codes.models import Status
from healthcode.codes.queries import verdict_of
from healthcode.codes.rules import Verdict
from healthcode.transfers.models import Entry, Step, Transfer, Trip, TripStep
from healthcode.transfers.queries import get_transfer, visible_to
from healthcode.transfers.rules import ENDED, Mode, State

PAGE = 50
UNTIL_ARRIVAL = (State.OFFERED, State.AGREED, State.ENROLLING, State.DEPARTING, State.IN_TRANSIT)


def find_client(client_id: str) -> Partner | None:
    """The partner of this client id, revoked or not."""
    return db.session.scalar(select(Partner).where(Partner.client_id == client_id))


def get_partner(partner_id: UUID) -> Partner:
    """Refuses: NotFound."""
    partner = db.session.get(Partner, partner_id)
    if partner is None:
        raise NotFound
    return partner


def find_partner_named(name: str) -> Partner | None:
    """The partner that speaks for the government of this name."""
    return db.session.scalar(
        select(Partner).join(Organisation, Organisation.id == Partner.organisation_id).where(Organisation.name == name)
    )


def list_partners() -> Sequence[Row[Partner, str]]:
    """(partner, its government's name), by name."""
    query = select(Partner, Organisation.name).join(Organisation, Organisation.id == Partner.organisation_id)
    return db.session.execute(query.order_by(Organisation.name)).all()


def acting_of(partner: Partner, region_code: str = "") -> Acting:
    """The partner as an official of its own office, for one of its regions."""
    office = db.session.get_one(Organisation, partner.organisation_id)
    operator = db.session.get_one(Operator, partner.operator_id)
    region = region_code or office.region_code
    return Acting(operator.id, operator.name, office.id, office.name, office.kind, region, Role.OFFICIAL)


def find_office(region_code: str) -> Organisation | None:
    """The government of exactly this region that works on this deployment."""
    elsewhere = exists().where(Partner.organisation_id == Organisation.id)
    here = (Organisation.kind == OrganisationKind.GOVERNMENT) & (Organisation.region_code == region_code)
    return db.session.scalars(select(Organisation).where(here, ~elsewhere).order_by(Organisation.id).limit(1)).first()


def find_partner_of(transfer: Transfer) -> Partner | None:
    """The partner whose government is one of a transfer's two."""
    return db.session.scalar(
        select(Partner).where(Partner.organisation_id.in_([transfer.origin_id, transfer.destination_id]))
    )


def find_transfer(partner: Partner, reference_: UUID) -> Row[Transfer, Link] | None:
    """A transfer that is exchanged with this very partner, by what both call it, locked."""
    query = select(Transfer, Link).join(Link, Link.transfer_id == Transfer.id)
    query = query.where(Link.partner_id == partner.id, Link.reference == reference_)
    return db.session.execute(query.with_for_update()).one_or_none()


def find_trip(transfer: Transfer, vehicle: str, mode: Mode, departs_at: datetime | None) -> Trip | None:
    """A vehicle by what the roster calls it."""
    same = Trip.departs_at.is_(None) if departs_at is None else Trip.departs_at == departs_at
    return db.session.scalar(
        select(Trip).where(Trip.transfer_id == transfer.id, Trip.vehicle == vehicle, Trip.mode == mode, same)
    )


def list_steps_after(transfer: Transfer, after: UUID, not_of: UUID) -> list[Step | TripStep]:
    """What our side did with a transfer and its vehicles since one step, in order."""
    steps = select(Step).where(Step.transfer_id == transfer.id, Step.id > after, Step.organisation_id != not_of)
    trip_steps = (
        select(TripStep)
        .join(Trip, Trip.id == TripStep.trip_id)
        .where(Trip.transfer_id == transfer.id, TripStep.id > after, TripStep.organisation_id != not_of)
    )
    found: list[Step | TripStep] = [*db.session.scalars(steps), *db.session.scalars(trip_steps)]
    return sorted(found, key=lambda step: step.id)


def list_travellers(transfer: Transfer) -> list[Traveller]:
    """The roster as a partner needs it, in the order of its numbers."""
    query = select(Entry, Trip).outerjoin(Trip, Trip.id == Entry.trip_id).where(Entry.transfer_id == transfer.id)
    return [
        Traveller(
            number=entry.number,
            name=unseal(entry.name),
            resident_id=unseal(entry.resident_id),
            phone=unseal(entry.phone) if entry.phone else "",
            enterprise=entry.enterprise[:200],
            position=entry.position[:200],
            departs_at=trip.departs_at if trip else None,
            mode=trip.mode if trip else Mode.OTHER,
            vehicle=trip.vehicle if trip else "",
            seat=entry.seat,
        )
        for entry, trip in db.session.execute(query.order_by(Entry.number, Entry.id))
    ]


def references_of(transfer: Transfer, salt: str) -> dict[str, UUID]:
    """The roster's rows by what both sides call their people."""
    rows = db.session.execute(select(Entry.id, Entry.resident_id).where(Entry.transfer_id == transfer.id))
    return {reference(salt, unseal(number)): entry_id for entry_id, number in rows}


def judge_colours(transfer: Transfer) -> list[tuple[Sealed, Verdict]]:
    """(ID number, colour at this moment) of those who registered; nothing is opened."""
    query = (
        select(Entry.resident_id, Status.reasons)
        .outerjoin(Status, Status.person_id == Entry.person_id)
        .where(Entry.transfer_id == transfer.id, Entry.person_id.is_not(None))
        .order_by(Entry.id)
    )
    return [(number, verdict_of(reasons, clock.now())) for number, reasons in db.session.execute(query)]


def list_arrivals(transfer: Transfer) -> list[tuple[Sealed, datetime]]:
    """(ID number, when) of those who arrived; nothing is opened."""
    query = select(Entry.resident_id, Entry.arrived_at).where(Entry.transfer_id == transfer.id)
    rows = db.session.execute(query.where(Entry.arrived_at.is_not(None)).order_by(Entry.id))
    return [(number, at) for number, at in rows if at is not None]


def digest_roster(transfer: Transfer) -> bytes:
    """Changes when a row, a seat or who is on which vehicle does; nothing is opened for it."""
    query = select(Entry.id, Entry.content_hash, Entry.seat, Entry.trip_id).where(Entry.transfer_id == transfer.id)
    rows = db.session.execute(query.order_by(Entry.id))
    return hashlib.sha256("\n".join(str(tuple(row)) for row in rows).encode()).digest()


def list_travelling_elsewhere(numbers: dict[bytes, int], transfer_id: UUID | None) -> list[int]:
    """Which of these (blind index: place in the message) stand on another roster whose people haven't arrived yet."""
    other = select(Entry.resident_id_index).join(Transfer, Transfer.id == Entry.transfer_id)
    other = other.where(Entry.resident_id_index.in_(numbers), Transfer.state.in_(UNTIL_ARRIVAL))
    if transfer_id is not None:
        other = other.where(Entry.transfer_id != transfer_id)
    return sorted(numbers[index] for index in set(db.session.scalars(other)))


def list_running() -> Sequence[Row[Transfer, Link, Partner]]:
    """Transfers that are exchanged with a partner and haven't ended."""
    query = (
        select(Transfer, Link, Partner)
        .join(Link, Link.transfer_id == Transfer.id)
        .join(Partner, Partner.id == Link.partner_id)
        .where(Transfer.state.not_in(ENDED), Partner.state == PartnerState.ACTIVE)
    )
    return db.session.execute(query.order_by(Transfer.id)).all()


def first_of_its_transfer() -> ColumnElement[bool]:
    """Of a message: nothing before it of the same transfer is still to be told."""
    before = aliased(Message)
    earlier = (before.transfer_id == Message.transfer_id) & (before.id < Message.id)
    return ~exists().where(earlier, before.state.in_(IN_THE_WAY))


def list_due(limit: int = 100) -> Sequence[UUID]:
    """Messages whose turn it is."""
    due = (Message.state == SendState.WAITING) & (Message.next_at <= clock.now())
    query = select(Message.id).join(Partner, Partner.id == Message.partner_id)
    query = query.where(due, first_of_its_transfer(), Partner.state == PartnerState.ACTIVE)
    return db.session.scalars(query.order_by(Message.next_at).limit(limit)).all()


def find_received(partner: Partner, message_id: UUID) -> Received | None:
    """What this partner sent under this id before."""
    return db.session.get(Received, (partner.id, message_id))


def _visible(seen_by: Acting) -> ColumnElement[bool]:
    if seen_by.role is Role.ADMINISTRATOR:
        return Message.id.is_not(None)
    own = or_(Transfer.origin_id == seen_by.organisation_id, Transfer.destination_id == seen_by.organisation_id)
    return own if seen_by.role is Role.OFFICIAL else Message.id.is_(None)


def list_messages(
    seen_by: Acting, *, dead: bool = False, after: UUID | None = None, limit: int = PAGE
) -> Sequence[Row[Message, str, str]]:
    """(message, partner's name, transfer's title), the newest first: all for the platform, an office its own."""
    query = (
        select(Message, Organisation.name, Transfer.title)
        .join(Partner, Partner.id == Message.partner_id)
        .join(Organisation, Organisation.id == Partner.organisation_id)
        .join(Transfer, Transfer.id == Message.transfer_id)
        .where(_visible(seen_by))
        .order_by(Message.id.desc())
        .limit(limit)
    )
    if dead:
        query = query.where(Message.state.in_(DEAD))
    return db.session.execute(query.where(Message.id < after) if after else query).all()


def count_dead(seen_by: Acting) -> int:
    """How many messages somebody should look at."""
    query = select(func.count(Message.id)).join(Transfer, Transfer.id == Message.transfer_id)
    return db.session.scalar(query.where(_visible(seen_by), Message.state.in_(DEAD))) or 0


def get_message(message_id: UUID, *, seen_by: Acting) -> Message:
    """Refuses: NotFound for another office's."""
    query = select(Message).join(Transfer, Transfer.id == Message.transfer_id)
    message = db.session.scalar(query.where(Message.id == message_id, _visible(seen_by)))
    if message is None:
        raise NotFound
    return message


def list_told(transfer_id: UUID, *, seen_by: Acting) -> tuple[Transfer, Sequence[Row[Entry, Told]]]:
    """A transfer and its people's colours as the origin's government told them, worst first.

    Refuses: NotFound for other offices.
    """
    transfer = get_transfer(transfer_id, seen_by=seen_by)
    query = select(Entry, Told).join(Told, Told.entry_id == Entry.id).where(Entry.transfer_id == transfer_id)
    return transfer, db.session.execute(query.order_by(Entry.sort_key, Entry.id)).all()


def list_incoming(seen_by: Acting, limit: int = PAGE) -> Sequence[Row[Transfer, str, int]]:
    """(transfer, the partner's name, of how many people colours were told) of those that came, the newest first."""
    told = select(func.count(Told.entry_id)).where(Told.transfer_id == Transfer.id).scalar_subquery()
    query = (
        select(Transfer, Organisation.name, told)
        .join(Partner, Partner.organisation_id == Transfer.origin_id)
        .join(Organisation, Organisation.id == Transfer.origin_id)
        .where(visible_to(seen_by))
    )
    return db.session.execute(query.order_by(Transfer.id.desc()).limit(limit)).all()


def incoming_ended(before: datetime) -> Sequence[UUID]:
    """Transfers that came from a partner and ended before a moment."""
    query = select(Transfer.id).join(Link, Link.transfer_id == Transfer.id)
    query = query.join(Partner, Partner.id == Link.partner_id).where(Partner.organisation_id == Transfer.origin_id)
    return db.session.scalars(query.where(Transfer.ended_at < before)).all()
