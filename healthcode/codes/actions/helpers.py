"""Temporary officers: invited by a QR, joined by an SMS code on one phone, ended by themselves or by an officer."""

import secrets
from uuid import UUID

from sqlalchemy import select

from backend.accounts import actions as accounts
from backend.accounts.acting import Acting
from backend.accounts.events import OperatorLeft
from backend.accounts.models import Operator
from backend.core import clock
from backend.core.crypto import digest_of, seal
from backend.core.db import db, new_key
from backend.core.errors import Conflict, Invalid, NotFound, TooMany
from backend.core.masks import mask_name, mask_phone
from backend.core.names import tidy_name
from backend.notices.sign_in_codes import check_code, request_code
from healthcode.codes import queries
from healthcode.codes.actions.duty import MOBILE
from healthcode.codes.helper_rules import MOST_CODES, MOST_HELPERS, NAME, TOKEN_BYTES
from healthcode.codes.models import Helper

USED = "这个二维码已经用过或已过期，请当班查验员重新出示一个。"


def invite_helper(*, by: Acting) -> Helper:
    """A QR for one phone, for the rest of the officer's own shift and at its place; an unused one is void from now on.

    Refuses: Conflict without a shift, and beyond ten helpers of one.
    """
    shift = queries.find_shift(by, lock=True)
    if shift is None:
        raise Conflict("codes.no_shift", "您还没有上岗，或这一班已经结束，请先上岗再邀请。")
    running = queries.helpers_of(shift.id)
    for helper in running:
        helper.token = None
    if sum(helper.joined_at is not None for helper in running) >= MOST_HELPERS:
        raise Conflict("codes.helpers", f"一班最多 {MOST_HELPERS} 名临时查验员，请先结束不再需要的人。")
    token = secrets.token_urlsafe(TOKEN_BYTES)
    helper = Helper(
        id=new_key(),
        shift_id=shift.id,
        place_id=shift.place_id,
        operator_id=by.operator_id,
        organisation_id=by.organisation_id,
        invited_at=clock.now(),
        until=shift.until,
        token=seal(token, "codes.helper.token"),
        token_hash=digest_of(token),
    )
    db.session.add(helper)
    db.session.flush()
    return helper


def ask_helper_code(*, token: str, name: str, phone: str) -> int:
    """Send a code to the phone that somebody typed; returns after how many seconds another may be asked for.

    Refuses: NotFound for a QR that is used or over; Invalid with a sentence a field; TooMany beyond five of one QR, and
    as `request_code`.
    """
    helper = _open(token)
    _check(tidy_name(name), phone)
    if helper.codes_sent >= MOST_CODES:
        raise TooMany("codes.helper_codes", "这个二维码发过太多验证码，请当班查验员重新出示一个。", retry_after=60)
    wait = request_code(phone)
    helper.codes_sent += 1
    return wait


def join(*, token: str, name: str, phone: str, code: str, device_key: bytes) -> Operator:
    """The temporary officer whom this phone becomes until the shift's end; the QR is used from now on.

    `device_key` is the public half of a key that the phone's browser keeps and nobody can take out. Refuses: as
    `ask_helper_code`; Invalid and TooMany as `check_code`.
    """
    _open(token)
    tidy = tidy_name(name)
    _check(tidy, phone)
    check_code(phone, code)
    helper = _open(token)
    operator = accounts.add_helper(
        name=mask_name(tidy), organisation_id=helper.organisation_id, until=helper.until, device_key=device_key
    )
    helper.token, helper.helper_id, helper.joined_at = None, operator.id, clock.now()
    helper.name, helper.name_mask = seal(tidy, "codes.helper.name"), mask_name(tidy)
    helper.phone, helper.phone_mask = seal(phone, "codes.helper.phone"), mask_phone(phone)
    return operator


def _open(token: str) -> Helper:
    """The QR's invitation, held. Refuses: NotFound with what to do."""
    helper = queries.find_invitation(token, lock=True)
    if helper is None:
        raise NotFound("codes.helper_used", USED)
    return helper


def _check(name: str, phone: str) -> None:
    faults = {}
    if len(name) not in NAME:
        faults["name"] = f"请填写姓名，{NAME.start} 到 {NAME.stop - 1} 个字。"
    if not MOBILE.fullmatch(phone):
        faults["phone"] = "请填写 11 位手机号。"
    if faults:
        raise Invalid("codes.helper", "请按提示修改后再提交。", fields=faults)


def end_helper(*, helper_id: UUID, by: Acting) -> Helper:
    """End a temporary officer at once; what the person scanned stays. Any officer of the office may.

    Ending twice is ending once. Refuses: NotFound for another office's.
    """
    helper = queries.get_helper(helper_id, seen_by=by, lock=True)
    _end(helper)
    return helper


def end_helpers(*, shift_id: UUID) -> None:
    """End all whom a shift invited: nobody answers for them any more."""
    for helper in queries.helpers_of(shift_id):
        _end(helper)


def note_operator_left(event: OperatorLeft) -> None:
    """Whoever invited doesn't sign in any more: those who help on their answer end as well."""
    running = (Helper.operator_id == event.operator_id) & (Helper.until > clock.now())
    for helper in db.session.scalars(select(Helper).where(running).with_for_update()):
        _end(helper)


def _end(helper: Helper) -> None:
    now = clock.now()
    if helper.until <= now:
        return
    helper.until, helper.token = now, None
    if helper.helper_id is not None:
        accounts.end_helper(operator_id=helper.helper_id)
