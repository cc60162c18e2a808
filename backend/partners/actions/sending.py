"""What partners are told: gathered from our own steps in their order, then sent one after the other."""

import hashlib
import secrets
from collections.abc import Iterable
from dataclasses import dataclass
from http import HTTPStatus
from uuid import UUID

from pydantic import BaseModel
from sqlalchemy import select

from backend.accounts.acting import Acting
from backend.core import clock
from backend.core.crypto import seal, unseal
from backend.core.db import db, new_key
from backend.core.errors import Conflict
from backend.core.transactions import enqueue
from backend.partners import keys, queries
from backend.partners.actions.offers import NOTHING_TOLD, SALT
from backend.partners.messages import (
    Arrivals,
    Colours,
    Envelope,
    Move,
    Offer,
    PersonArrival,
    PersonColour,
    Roster,
    TripMove,
    reference,
)
from backend.partners.models import Link, Message, Partner
from backend.partners.rules import (
    DEAD,
    LEASE,
    RECALLED,
    TOLD_BY_HAND,
    MessageKind,
    PartnerState,
    SendState,
    state_after,
    wait_after,
)
from healthcode.transfers.events import RosterApplied, TransferMoved, TripMoved
from healthcode.transfers.models import Step, Transfer, Trip, TripStep
from healthcode.transfers.rules import EDITABLE, TRIP_MOVES, State

SEND = "partners.send"
CONTENT = "partners.message.content"
LONGEST_ANSWER = 500


def note_change(event: TransferMoved | TripMoved | RosterApplied) -> None:
    """Something happened to a transfer: its partner, if it has one, is told what our side did."""
    gather(transfer_id=event.transfer_id)


def gather(*, transfer_id: UUID) -> None:
    """Put into messages what the partner wasn't told yet: steps in their order, then roster, colours and arrivals as
    they stand, where these changed. Twice is once.
    """
    transfer = db.session.get(Transfer, transfer_id)
    partner = queries.find_partner_of(transfer) if transfer else None
    if transfer is None or partner is None or partner.state is not PartnerState.ACTIVE or not transfer.offered_at:
        return
    link = _link(transfer, partner)
    for step in queries.list_steps_after(transfer, link.steps_until, partner.organisation_id):
        _tell_step(partner, transfer, link, step)
        link.steps_until = step.id
    _tell_standing(partner, transfer, link)


def _link(transfer: Transfer, partner: Partner) -> Link:
    """The transfer's link, locked; made with the offer of our own."""
    # The transfer's row is locked first, so that two gatherers don't both make one.
    db.session.execute(select(Transfer.id).where(Transfer.id == transfer.id).with_for_update())
    found = db.session.scalar(
        select(Link).where(Link.transfer_id == transfer.id).execution_options(populate_existing=True)
    )
    if found is not None:
        return found
    link = Link(
        transfer_id=transfer.id,
        partner_id=partner.id,
        reference=transfer.id,
        salt=seal(secrets.token_urlsafe(32), SALT),
        steps_until=NOTHING_TOLD,
    )
    db.session.add(link)
    db.session.flush()
    return link


def _tell_step(partner: Partner, transfer: Transfer, link: Link, step: Step | TripStep) -> None:
    if isinstance(step, TripStep):
        if (step.before, step.after) in TRIP_MOVES:
            trip = db.session.get_one(Trip, step.trip_id)
            body = TripMove(
                vehicle=trip.vehicle,
                mode=trip.mode,
                departs_at=trip.departs_at,
                to=step.after,
                at=step.at,
                place=step.place,
                note=step.note,
            )
            _tell(partner, transfer, link, MessageKind.TRIP, body)
    elif step.after is State.OFFERED:
        _tell_roster(partner, transfer, link)
    elif step.before is step.after:
        _tell(partner, transfer, link, MessageKind.MOVE, Move(to=RECALLED, note=step.note))
    elif step.after in TOLD_BY_HAND:
        _tell(partner, transfer, link, MessageKind.MOVE, Move(to=step.after, note=step.note))


def _tell_standing(partner: Partner, transfer: Transfer, link: Link) -> None:
    if transfer.destination_id != partner.organisation_id:
        _tell_arrivals(partner, transfer, link)
        return
    if transfer.state in EDITABLE:
        _tell_roster(partner, transfer, link)
    _tell_colours(partner, transfer, link)


def _tell_colours(partner: Partner, transfer: Transfer, link: Link) -> None:
    judged = queries.judge_colours(transfer)
    said = _digest((number.blob, verdict.colour.value, verdict.until) for number, verdict in judged)
    if not judged or said == link.colours_digest:
        return
    salt = unseal(link.salt)
    people = [
        PersonColour(person=reference(salt, unseal(number)), colour=verdict.colour, until=verdict.until)
        for number, verdict in judged
    ]
    _tell(partner, transfer, link, MessageKind.COLOURS, Colours(as_of=clock.now(), people=people))
    link.colours_digest = said


def _tell_arrivals(partner: Partner, transfer: Transfer, link: Link) -> None:
    arrived = queries.list_arrivals(transfer)
    said = _digest((number.blob, at) for number, at in arrived)
    if not arrived or said == link.arrivals_digest:
        return
    salt = unseal(link.salt)
    people = [PersonArrival(person=reference(salt, unseal(number)), at=at) for number, at in arrived]
    _tell(partner, transfer, link, MessageKind.ARRIVALS, Arrivals(people=people))
    link.arrivals_digest = said


def _digest(rows: Iterable[tuple[object, ...]]) -> bytes:
    return hashlib.sha256("\n".join(map(str, rows)).encode()).digest()


def _tell_roster(partner: Partner, transfer: Transfer, link: Link) -> None:
    said = queries.digest_roster(transfer)
    travellers = queries.list_travellers(transfer) if said != link.roster_digest else []
    if not travellers:
        return
    roster = Roster(salt=unseal(link.salt), travellers=travellers)
    message_id = new_key()
    offer = Offer(
        title=transfer.title,
        origin_region=transfer.origin_region,
        destination_region=transfer.destination_region,
        sealed=keys.seal(roster.model_dump_json().encode(), partner.sealing_key, str(message_id)),
    )
    _tell(partner, transfer, link, MessageKind.OFFER, offer, message_id)
    link.roster_digest = said


def _tell(
    partner: Partner,
    transfer: Transfer,
    link: Link,
    kind: MessageKind,
    body: BaseModel,
    message_id: UUID | None = None,
) -> None:
    key = message_id or new_key()
    envelope = Envelope(id=key, kind=kind, transfer=link.reference, body=body.model_dump(mode="json"))
    now = clock.now()
    db.session.add(
        Message(
            id=key,
            partner_id=partner.id,
            transfer_id=transfer.id,
            kind=kind,
            content=seal(envelope.model_dump_json(), CONTENT),
            state=SendState.WAITING,
            attempts=0,
            next_at=now,
            created_at=now,
            answer="",
        )
    )
    db.session.flush()
    enqueue(SEND, key)


@dataclass(frozen=True, slots=True)
class Attempt:
    """What the one who sends holds while no connection to the database is held."""

    message_id: UUID
    partner_id: UUID
    base_url: str
    client_id: str
    secret: str
    content: bytes


def take(*, message_id: UUID) -> Attempt | None:
    """Get hold of a message whose turn it is; None when it is done, another holds it, or an earlier one goes first."""
    now = clock.now()
    due = (Message.id == message_id) & (Message.state == SendState.WAITING) & (Message.next_at <= now)
    query = select(Message).where(due, queries.first_of_its_transfer()).with_for_update(skip_locked=True)
    message = db.session.scalar(query)
    if message is None or message.content is None:
        return None
    partner = queries.get_partner(message.partner_id)
    if partner.state is not PartnerState.ACTIVE:
        return None
    message.attempts += 1
    message.next_at = now + LEASE
    secret = unseal(partner.own_secret) if partner.own_secret else ""
    content = unseal(message.content).encode()
    return Attempt(message.id, partner.id, partner.base_url, partner.own_client_id, secret, content)


def settle(*, message_id: UUID, status: int, answer: str) -> None:
    """Keep what the partner answered (status 0: nothing came), and let the transfer's next message go."""
    message = db.session.scalar(select(Message).where(Message.id == message_id).with_for_update())
    if message is None or message.state is not SendState.WAITING:
        return
    message.state = state_after(status, message.attempts)
    message.answer = "" if status == HTTPStatus.OK else answer[:LONGEST_ANSWER]
    if message.state is SendState.WAITING:
        message.next_at = clock.now() + wait_after(message.attempts)
        return
    if message.state is not SendState.STUCK:
        message.content, message.ended_at = None, clock.now()
    _wake(message.transfer_id)


def _wake(transfer_id: UUID) -> None:
    db.session.flush()
    waiting = (Message.transfer_id == transfer_id) & (Message.state == SendState.WAITING)
    following = db.session.scalar(select(Message.id).where(waiting).order_by(Message.id).limit(1))
    if following is not None:
        enqueue(SEND, following)


def try_again(*, message: Message, by: Acting) -> None:
    """Send a message that got stuck once more, or a refused roster anew, as it stands now and with what follows it.

    Refuses: NotFound for another office's, Conflict in another state.
    """
    _lock_dead(message, by)
    if message.state is SendState.REFUSED:
        if message.kind is not MessageKind.OFFER:
            raise Conflict("partners.not_stuck", "对方已经拒绝这条消息，请改正后重新办理，系统会另发一条。")
        link = db.session.get_one(Link, message.transfer_id)
        link.roster_digest = link.colours_digest = None
        message.state = SendState.DROPPED
        gather(transfer_id=message.transfer_id)
        return
    message.state, message.attempts, message.next_at = SendState.WAITING, 0, clock.now()
    _wake(message.transfer_id)


def drop(*, message: Message, by: Acting) -> None:
    """Give up a message that got stuck or was refused, so that later ones go. Refuses: as `try_again`."""
    _lock_dead(message, by)
    message.state, message.content, message.ended_at = SendState.DROPPED, None, clock.now()
    _wake(message.transfer_id)


def _lock_dead(message: Message, by: Acting) -> None:
    db.session.refresh(queries.get_message(message.id, seen_by=by), with_for_update=True)
    if message.state not in DEAD:
        raise Conflict("partners.not_stuck", "这条消息现在不需要处理，请刷新页面查看。")
