"""Who takes a vehicle's people over: named by the destination, with a link to the own phone, which one code opens."""

import secrets
from uuid import UUID

from backend.accounts.acting import Acting
from backend.core import clock
from backend.core.crypto import digest_of, seal, unseal
from backend.core.db import db, new_key
from backend.core.errors import Conflict, Forbidden, Invalid, NotFound
from backend.core.masks import mask_name, mask_phone
from backend.core.names import tidy_name
from backend.core.transactions import enqueue
from backend.notices.sign_in_codes import check_code, request_code
from healthcode.transfers import queries
from healthcode.transfers.handover import EMPLOYER, LINK_LIFE, MOST_RECEIVERS, NAME, TOKEN_BYTES
from healthcode.transfers.models import Receiver, Transfer, Trip
from healthcode.transfers.rows.cells import MOBILE


def name_receiver(*, transfer: Transfer, trip: Trip, name: str, phone: str, employer: str, by: Acting) -> Receiver:
    """Let somebody take the vehicle's people over; the link goes to the phone by SMS.

    Refuses: Forbidden unless the destination may do so now; Invalid with a sentence a field; Conflict beyond ten, and
    for a number that has a link already.
    """
    db.session.refresh(trip, with_for_update=True)
    _check_may_name(transfer, trip, by)
    tidy, firm = tidy_name(name), " ".join(employer.split())
    _check_receiver(tidy, phone, firm)
    others = [one for one in queries.list_receivers(trip) if one.withdrawn_at is None]
    if len(others) >= MOST_RECEIVERS:
        raise Conflict("transfers.receivers_full", f"一辆车最多安排 {MOST_RECEIVERS} 名接收人，请先撤回不来的人。")
    if any(unseal(one.phone) == phone for one in others):
        raise Conflict("transfers.receiver_known", "这个手机号已经是本车的接收人；没收到短信的，请按“重新发送”。")
    receiver = Receiver(
        id=new_key(),
        trip_id=trip.id,
        name=seal(tidy, "transfers.receiver.name"),
        name_mask=mask_name(tidy),
        phone=seal(phone, "transfers.receiver.phone"),
        phone_mask=mask_phone(phone),
        employer=firm,
        operator_id=by.operator_id,
        organisation_id=by.organisation_id,
    )
    _send_link(receiver)
    db.session.add(receiver)
    return receiver


def _check_may_name(transfer: Transfer, trip: Trip, by: Acting) -> None:
    if not queries.may_name_receivers(transfer, trip, by):
        raise Forbidden("transfers.receivers", "接收人由输入地在确认接收以后、签收以前安排，请刷新页面查看。")


def _check_receiver(name: str, phone: str, employer: str) -> None:
    faults = {}
    if len(name) not in NAME:
        faults["name"] = f"请填写姓名，{NAME.start} 到 {NAME.stop - 1} 个字。"
    if not MOBILE.fullmatch(phone):
        faults["phone"] = "请填写 11 位手机号。"
    if len(employer) not in EMPLOYER:
        faults["employer"] = f"请填写企业或车站的名称，{EMPLOYER.start} 到 {EMPLOYER.stop - 1} 个字。"
    if faults:
        raise Invalid("transfers.receiver", "请按提示修改后再提交。", fields=faults)


def _send_link(receiver: Receiver) -> None:
    """A fresh link; an older one, and a phone that opened it, no longer work."""
    token = secrets.token_urlsafe(TOKEN_BYTES)
    receiver.token, receiver.token_hash = seal(token, "transfers.receiver.token"), digest_of(token)
    receiver.device_hash = receiver.bound_at = None
    receiver.invited_at, receiver.ends_at = clock.now(), clock.now() + LINK_LIFE
    enqueue("transfers.send_link", receiver.id)


def renew_link(*, transfer: Transfer, trip: Trip, receiver_id: UUID, by: Acting) -> Receiver:
    """Send a receiver another link: the SMS didn't come, the phone was changed, or the time is up.

    Refuses: as `name_receiver`; NotFound, Conflict for who was withdrawn.
    """
    db.session.refresh(trip, with_for_update=True)
    _check_may_name(transfer, trip, by)
    receiver = queries.get_receiver(trip, receiver_id)
    if receiver.withdrawn_at is not None:
        raise Conflict("transfers.receiver_withdrawn", "这名接收人已撤回，请重新安排。")
    _send_link(receiver)
    return receiver


def withdraw_receiver(*, transfer: Transfer, trip: Trip, receiver_id: UUID, by: Acting) -> None:
    """Take the right away, at once; what the person has ticked stays. Refuses: as `name_receiver`; NotFound."""
    db.session.refresh(trip, with_for_update=True)
    _check_may_name(transfer, trip, by)
    receiver = queries.get_receiver(trip, receiver_id)
    receiver.withdrawn_at = receiver.withdrawn_at or clock.now()
    receiver.token = receiver.device_hash = None


def ask_code(*, token: str) -> int:
    """Send the link's owner a code; returns after how many seconds another may be asked for.

    Refuses: NotFound for a link that isn't one, was withdrawn or has ended; Conflict once a phone has opened it;
    TooMany as `request_code`.
    """
    return request_code(unseal(_unopened(token).phone))


def _unopened(token: str) -> Receiver:
    receiver = queries.find_link(token)
    if receiver is None:
        raise NotFound
    if receiver.bound_at is not None:
        sentence = "这个链接已经在一台手机上打开过，只能在那台手机上使用。换了手机的，请发送链接的单位重新发送。"
        raise Conflict("transfers.link_opened", sentence)
    return receiver


def open_link(*, token: str, code: str) -> tuple[Receiver, str]:
    """(receiver, the secret that this phone keeps from now on), by the code that came to the receiver's own number.

    Refuses: as `ask_code`; Invalid and TooMany as `check_code`.
    """
    receiver = _unopened(token)
    check_code(unseal(receiver.phone), code)
    db.session.refresh(receiver, with_for_update=True)
    _unopened(token)
    secret = secrets.token_urlsafe(TOKEN_BYTES)
    receiver.device_hash, receiver.bound_at, receiver.token = digest_of(secret), clock.now(), None
    return receiver, secret
