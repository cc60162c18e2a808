"""The passenger form: before departure for the driver, and once more with the signature under it."""

import hashlib
from collections.abc import Sequence
from uuid import UUID

from backend.accounts import actions as accounts
from backend.accounts.acting import Acting
from backend.accounts.queries import get_organisation
from backend.core import clock, sealed_files
from backend.core.clock import shown
from backend.core.crypto import unseal
from backend.core.db import db
from backend.core.errors import Forbidden, NotFound
from backend.core.files import store
from backend.core.resident_id import Sex
from backend.evidence import actions as evidence
from backend.privacy import actions as privacy
from healthcode.transfers import queries
from healthcode.transfers.boarding import MARK_NAMES, Standing
from healthcode.transfers.events import HandedOver
from healthcode.transfers.evidence import HANDOVER, handover_content
from healthcode.transfers.handover import read_strokes
from healthcode.transfers.models import Handover, Receiver, Transfer, Trip
from healthcode.transfers.passenger_form import NAME, ORIGINAL, Form, Line, Signed, passenger_form
from healthcode.transfers.queries import Awaited, Passenger
from healthcode.transfers.rules import OPENED
from healthcode.transfers.watermark import Watermark

FIELDS = ("姓名", "性别", "身份证后四位", "座位", "用工企业", "体温")
COUNTS = "共核对 {} 人：接到 {} 人，移交卫健部门 {} 人，没有接到 {} 人"
SEXES = {Sex.MALE: "男", Sex.FEMALE: "女"}


def print_form(*, transfer: Transfer, trip: Trip, purpose: str, by: Acting) -> bytes:
    """The form of those who travel, as it stands now, with room to sign by hand.

    Each passenger finds the reading among who looked. Refuses: Forbidden to a destination that hasn't agreed, Invalid
    without a purpose.
    """
    _check_side(transfer, by)
    stays = {Standing.STRUCK, Standing.LEFT}
    people = [one for one in queries.list_passengers(trip) if one.standing not in stays or one.ride]
    number = _note_read(transfer, people, purpose, by, f"{NAME}-{trip.vehicle}")
    mark = Watermark(by.organisation_name, by.operator_name, clock.now(), number)
    return passenger_form(_form(transfer, trip, [_line(one) for one in people]), str(mark))


def read_form(*, transfer: Transfer, trip: Trip, purpose: str, by: Acting) -> bytes:
    """The signed form, the very bytes that are on record. Refuses: as `print_form`; NotFound until it is made."""
    _check_side(transfer, by)
    handover = queries.get_handover(trip)
    if handover is None or handover.form is None:
        raise NotFound
    people = [one.passenger for one in queries.list_awaited(trip)]
    _note_read(transfer, people, purpose, by, f"{NAME}（签收）-{trip.vehicle}")
    return sealed_files.read(handover.form)


def _check_side(transfer: Transfer, by: Acting) -> None:
    if by.organisation_id != transfer.origin_id and transfer.state not in OPENED:
        raise Forbidden("transfers.not_agreed", "确认接收这次输送以后，才能查看和导出人员的完整信息。")


def _note_read(transfer: Transfer, people: Sequence[Passenger], purpose: str, by: Acting, document: str) -> UUID:
    reason = accounts.check_purpose(purpose)
    subjects = [one.entry.resident_id_index for one in people]
    accounts.log_access(subjects=subjects, by=by, purpose=reason, fields=FIELDS)
    noted = privacy.note_export(document=document, rows=len(people), purpose=reason, by=by, transfer_id=transfer.id)
    return noted.id


def make_signed_form(event: HandedOver) -> None:
    """Make the form of a vehicle that was signed for, once, and put its digest on record."""
    handover = db.session.get(Handover, event.trip_id, with_for_update=True)
    if handover is None or handover.form is not None or handover.strokes is None:
        return
    trip = db.session.get_one(Trip, handover.trip_id)
    transfer = db.session.get_one(Transfer, trip.transfer_id)
    receiver = db.session.get_one(Receiver, handover.receiver_id)
    awaited = [one for one in queries.list_awaited(trip) if one.answer or one.due]
    form = _form(transfer, trip, [_line(one.passenger, _said(one)) for one in awaited])
    content = passenger_form(form, ORIGINAL, _signed(handover, receiver, len(awaited)))
    handover.form, handover.strokes = f"handovers/{trip.id}.pdf", None
    handover.form_digest = hashlib.sha256(content).digest()
    sealed_files.write(handover.form, content)
    evidence.record(kind=HANDOVER.name, subject=str(transfer.id), content=handover_content(handover, receiver))


def erase_forms(handovers: Sequence[Handover]) -> None:
    """Remove the signed forms' files."""
    for handover in handovers:
        if handover.form is not None:
            store().remove(handover.form)


def _signed(handover: Handover, receiver: Receiver, people: int) -> Signed:
    strokes = read_strokes(unseal(handover.strokes)) if handover.strokes else None
    return Signed(
        name=unseal(receiver.name),
        employer=receiver.employer,
        at=handover.signed_at,
        strokes=strokes or [],
        counts=COUNTS.format(people, handover.received, handover.to_health, handover.not_received),
        note=handover.note,
    )


def _said(one: Awaited) -> str:
    if one.answer is None:
        return ""
    why = one.answer.words or one.answer.place
    return MARK_NAMES[one.answer.kind] + (f"：{why}" if why else "")


def _line(one: Passenger, answer: str = "") -> Line:
    return Line(
        number=one.entry.number,
        name=unseal(one.entry.name),
        sex=SEXES.get(Sex(one.entry.sex), ""),
        last_four=one.last_four,
        seat=one.seat,
        enterprise=one.entry.enterprise,
        boarded_at=one.ride.boarded_at if one.ride else None,
        temperature=one.temperature,
        answer=answer,
    )


def _form(transfer: Transfer, trip: Trip, lines: Sequence[Line]) -> Form:
    plan = queries.get_plan(trip)
    leads = queries.list_leads(plan).values()
    return Form(
        title=transfer.title,
        origin=get_organisation(transfer.origin_id).name,
        destination=get_organisation(transfer.destination_id).name,
        vehicle=trip.vehicle,
        carrier=plan.carrier if plan else "",
        crew="、".join(str(one) for one in plan.crew_masks.values() if one) if plan else "",
        leaders="、".join(f"{one.number} 号 {one.name_mask}" for one in leads),
        departs=shown(trip.departed_at or trip.departs_at) if trip.departed_at or trip.departs_at else "未定",
        lines=lines,
        as_of=clock.now(),
    )
