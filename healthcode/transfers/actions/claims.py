"""Who of a roster is whom: a typed name and ID number that equal a row's."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy import Row, select, update

from backend.accounts import actions as accounts
from backend.accounts.events import PersonVerified
from backend.accounts.models import Account, Holding, Person
from backend.accounts.rules import ClaimReason, HoldingState, Relation
from backend.core import clock
from backend.core.crypto import blind_index
from backend.core.db import db
from backend.core.errors import Invalid
from backend.core.events import emit
from backend.core.limits import limit
from backend.core.names import tidy_name
from backend.core.resident_id import check_resident_id
from backend.regions import names
from healthcode.codes.models import Status
from healthcode.codes.rules import Colour
from healthcode.transfers.actions.counting import mark_uncounted
from healthcode.transfers.events import Claimed
from healthcode.transfers.models import Entry, Transfer
from healthcode.transfers.rules import State

TRIES, WITHIN_SECONDS = 5, 3600
TRAVELS_ALONE = 16
"""Years; younger ones travel as somebody's family (劳动法第十五条)."""
NAME_LENGTH = range(2, 51)
UNMATCHED = (
    "没有找到姓名和身份证号都一致的登记信息。请对照身份证核对；如果没有填错，请选择您户籍所在的县（市、区）再提交，"
    "由当地工作人员核实，核实前也可以先申报健康。"
)
MESSAGES = {
    None: "登记成功，请申报今天的健康状况。",
    ClaimReason.NOT_ON_ROSTER: "已提交给当地工作人员核实。核实前可以先申报健康、出示健康码。",
    ClaimReason.HELD_ALREADY: "这个人已由另一个账号登记。您的申请已交给工作人员核实，结果会通知您。",
}


@dataclass(frozen=True, slots=True)
class ClaimOutcome:
    holding: Holding
    message: str
    """What the worker reads: done, or who looks at it now."""


def claim(
    *,
    account: Account,
    name: str,
    resident_id: str,
    relation: Relation,
    until: datetime | None,
    region_code: str | None,
) -> ClaimOutcome:
    """Let an account say for whom it speaks.

    Name and number that equal a roster's row make a verified person and join the rows to it. A person whom another
    account speaks for waits for a clerk of the transfer's origin, one on no roster for a clerk of `region_code`; a
    wrong name for a known number is answered exactly like an unknown number.

    Refuses: TooMany after five tries an hour; Invalid for an impossible name or number, somebody under 16 on their
    own, and ("transfers.unmatched") when nothing fits and no region is given.
    """
    limit("transfers.claim", str(account.id), times=TRIES, seconds=WITHIN_SECONDS)
    tidy, number = _check(name, resident_id, relation)
    rows = _matching(tidy, number)
    competent = rows[0].origin_region if rows else region_code
    if competent is None or names.find(competent) is None:
        raise Invalid("transfers.unmatched", UNMATCHED, fields={"region_code": "请选择户籍所在的县（市、区）。"})
    holding = accounts.hold(
        account=account,
        name=tidy,
        resident_id=number,
        relation=relation,
        until=until,
        verified=bool(rows),
        region_code=competent,
    )
    person = db.session.get_one(Person, holding.person_id)
    if person.verified_at is not None:
        link_person(person=person)
    reason = holding.reason if holding.state is HoldingState.PENDING else None
    return ClaimOutcome(holding, MESSAGES[reason])


def _check(name: str, resident_id: str, relation: Relation) -> tuple[str, str]:
    tidy = tidy_name(name)
    if len(tidy) not in NAME_LENGTH:
        sentence = "请填写身份证上的姓名。"
        raise Invalid("transfers.claim_name", sentence, fields={"name": sentence})
    try:
        resident = check_resident_id(resident_id, today=clock.today())
    except Invalid as refusal:
        raise Invalid(refusal.code, refusal.message, fields={"resident_id": refusal.message}) from refusal
    if relation is Relation.SELF and resident.age(clock.today()) < TRAVELS_ALONE:
        sentence = "未满 16 周岁的，请由监护人用自己的账号以“家人”身份登记。"
        raise Invalid("transfers.claim_minor", sentence, fields={"relation": sentence})
    return tidy, resident.number


def _matching(name: str, number: str) -> Sequence[Row[UUID, str]]:
    """(transfer, origin's region) of the rosters that hold this very name and number, the newest first."""
    query = (
        select(Transfer.id, Transfer.origin_region)
        .join(Entry, Entry.transfer_id == Transfer.id)
        .where(
            Entry.resident_id_index == blind_index(number, "resident_id"),
            Entry.name_index == blind_index(name, "name"),
            Transfer.state != State.CANCELLED,
        )
        .order_by(Transfer.id.desc())
    )
    return db.session.execute(query).all()


def link_person(*, person: Person) -> None:
    """Join every roster's row of this name and number to a verified person, and announce it when there was one."""
    kept = select(Status.colour).where(Status.person_id == person.id, Status.until > clock.now())
    colour = db.session.scalar(kept) or Colour.GREY
    linked = db.session.scalars(
        update(Entry)
        .where(
            Entry.resident_id_index == person.resident_id_index,
            Entry.name_index == person.name_index,
            Entry.person_id.is_(None),
        )
        .values(person_id=person.id, colour=colour)
        .returning(Entry.transfer_id)
    ).all()
    if linked:
        mark_uncounted(linked)
        emit(Claimed(person.id))


def note_verified(event: PersonVerified) -> None:
    """A clerk confirmed a self-stated person: rosters that hold name and number know them now."""
    link_person(person=db.session.get_one(Person, event.person_id))
