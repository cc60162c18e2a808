"""A partner's message, carried out once through the same actions as people here use."""

import hashlib
import hmac
from typing import Any, TypeVar
from uuid import UUID

from pydantic import ValidationError

from backend.core import clock
from backend.core.db import db
from backend.core.errors import Conflict, Forbidden, Invalid, NotFound, Refused
from backend.partners import queries
from backend.partners.actions import offers
from backend.partners.messages import BODIES, Answer, Arrivals, Colours, Envelope, Move, Offer, Part, TripMove, latest
from backend.partners.models import Link, Partner, Received, Told
from backend.partners.rules import RECALLED, SCOPE_OF, SKEW, TOLD_BY_HAND, Scope
from healthcode.transfers import actions as transfers
from healthcode.transfers.models import Transfer
from healthcode.transfers.rules import TRIP_STATE_NAMES, Side, State, TripState

Kind = TypeVar("Kind", bound=Part)
DEPARTED = "对方政府确认已发车"


def receive(*, partner: Partner, scopes: frozenset[Scope], content: bytes) -> tuple[int, dict[str, Any]]:
    """(HTTP status, answer) for a message; the same again when it comes again, carried out once.

    A message that is refused is remembered with its refusal as well: whoever mends it sends another.
    Refuses: Invalid for what is no message, Conflict("partners.id_reused") for another message under a known id.
    """
    envelope = _read(Envelope, content)
    # One at a time of a partner, so that a message that comes twice at once is still one.
    db.session.refresh(partner, with_for_update=True)
    digest = hashlib.sha256(content).digest()
    known = queries.find_received(partner, envelope.id)
    if known is not None:
        if not hmac.compare_digest(known.digest, digest):
            raise Conflict("partners.id_reused", "这个消息编号已用于另一条消息，请换一个编号。")
        return known.status, known.answer
    status, answer = _judge(partner, scopes, envelope)
    db.session.add(
        Received(
            partner_id=partner.id,
            id=envelope.id,
            kind=envelope.kind,
            digest=digest,
            status=status,
            answer=answer,
            at=clock.now(),
        )
    )
    return status, answer


def _judge(partner: Partner, scopes: frozenset[Scope], envelope: Envelope) -> tuple[int, dict[str, Any]]:
    try:
        with db.session.begin_nested():
            return 200, _carry_out(partner, scopes, envelope).model_dump(mode="json")
    except Refused as refused:
        said = {"code": refused.code, "message": refused.message, "fields": refused.fields}
        return refused.status, {"error": said}


def _carry_out(partner: Partner, scopes: frozenset[Scope], envelope: Envelope) -> Answer:
    if SCOPE_OF[envelope.kind] not in scopes:
        raise Forbidden("partners.scope", "访问令牌不包含这类消息的权限。")
    body = _read(BODIES[envelope.kind], envelope.body)
    found = queries.find_transfer(partner, envelope.transfer)
    if isinstance(body, Offer):
        offers.take(partner=partner, envelope=envelope, offer=body, known=found.Transfer if found else None)
        return Answer(id=envelope.id)
    if found is None:
        raise NotFound
    transfer, link = found
    unknown: list[str] = []
    match body:
        case Move():
            _move(partner, transfer, body)
        case TripMove():
            _move_trip(partner, transfer, body)
        case Colours():
            unknown = _keep_colours(partner, transfer, link, body)
        case Arrivals():
            unknown = _keep_arrivals(partner, transfer, link, body)
    return Answer(id=envelope.id, unknown=unknown)


def _read(kind: type[Kind], content: bytes | dict[str, Any]) -> Kind:
    try:
        return kind.model_validate_json(content) if isinstance(content, bytes) else kind.model_validate(content)
    except ValidationError as wrong:
        fields = {".".join(map(str, error["loc"])): error["msg"] for error in wrong.errors()[:20]}
        raise Invalid("partners.message", "消息的格式不对，请对照接口文档。", fields=fields) from wrong


def _move(partner: Partner, transfer: Transfer, body: Move) -> None:
    by = queries.acting_of(partner)
    if body.to == RECALLED:
        if transfer.recalled_at is None:
            transfers.recall_transfer(transfer=transfer, note=body.note, by=by)
        return
    if body.to not in TOLD_BY_HAND:
        raise Invalid("partners.state", "没有这样的状态。", fields={"body.to": "没有这样的状态。"})
    if transfer.state is not State(body.to):
        transfers.move_transfer(transfer=transfer, to=State(body.to), note=body.note, by=by)


def _move_trip(partner: Partner, transfer: Transfer, body: TripMove) -> None:
    trip = queries.find_trip(transfer, body.vehicle, body.mode, body.departs_at)
    if trip is None:
        raise NotFound("partners.no_such_vehicle", "花名册里没有这个车次。")
    if body.to not in set(TRIP_STATE_NAMES):
        raise Invalid("partners.state", "没有这样的状态。", fields={"body.to": "没有这样的状态。"})
    to = TripState(body.to)
    if trip.state is to:
        return
    at = latest(body.at, clock.now(), SKEW.total_seconds())
    note = f"{DEPARTED}：{body.note}" if to is TripState.ON_THE_WAY else body.note
    by = queries.acting_of(partner)
    transfers.move_trip(transfer=transfer, trip=trip, to=to, by=by, note=note, place=body.place, at=at)


def _side(partner: Partner, transfer: Transfer) -> Side:
    return Side.ORIGIN if transfer.origin_id == partner.organisation_id else Side.DESTINATION


def _keep_colours(partner: Partner, transfer: Transfer, link: Link, body: Colours) -> list[str]:
    if _side(partner, transfer) is not Side.ORIGIN:
        raise Forbidden("partners.origin_only", "健康码由输出地告知。")
    as_of = latest(body.as_of, clock.now(), SKEW.total_seconds())
    if as_of > clock.now():
        raise Invalid("partners.moment", "时间不能晚于现在。", fields={"body.as_of": "时间不能晚于现在。"})
    rows = offers.rows_of(transfer, link)
    for person in body.people:
        if person.person in rows:
            told = Told(
                entry_id=rows[person.person],
                transfer_id=transfer.id,
                colour=person.colour,
                until=person.until,
                as_of=as_of,
            )
            db.session.merge(told)
    return [person.person for person in body.people if person.person not in rows]


def _keep_arrivals(partner: Partner, transfer: Transfer, link: Link, body: Arrivals) -> list[str]:
    rows, now = offers.rows_of(transfer, link), clock.now()
    arrived: dict[UUID, Any] = {}
    for at, person in enumerate(body.people):
        moment = latest(person.at, now, SKEW.total_seconds())
        if moment > now or (transfer.offered_at and moment < transfer.offered_at):
            fields = {f"body.people.{at}.at": "到达时间不能晚于现在，也不能早于输送开始办理。"}
            raise Invalid("partners.moment", "到达时间不对。", fields=fields)
        if person.person in rows:
            arrived[rows[person.person]] = moment
    transfers.tell_arrivals(transfer=transfer, arrived=arrived, by=queries.acting_of(partner))
    return [person.person for person in body.people if person.person not in rows]
