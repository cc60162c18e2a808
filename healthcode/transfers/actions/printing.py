"""Identity cards for people of a roster who have no phone, printed by either of the transfer's two offices."""

from collections.abc import Sequence

from backend.accounts import actions as accounts
from backend.accounts.acting import Acting
from backend.accounts.models import Person
from backend.core import clock
from backend.core.config import settings
from backend.core.errors import Conflict, Forbidden, Invalid
from backend.privacy import actions as privacy
from healthcode.codes import actions as codes
from healthcode.codes.actions import Issued
from healthcode.codes.card_rules import MOST_PRINTED, spaced
from healthcode.codes.card_sheet import NAME, Face, PerPage, card_sheet
from healthcode.transfers import queries
from healthcode.transfers.actions.proxies import recognise
from healthcode.transfers.models import Transfer
from healthcode.transfers.queries import Line
from healthcode.transfers.rules import ENDED
from healthcode.transfers.watermark import Watermark

FIELDS = ("姓名首字", "身份证后四位")
NOBODY = "列表里的人都有自己的手机账号，或已有有效的身份卡。要给他们重新打印，请选“换新卡”，原来的卡随即作废。"


def print_cards(
    *, transfer: Transfer, lines: Sequence[Line], renew: bool, per_page: PerPage, purpose: str, by: Acting
) -> bytes:
    """The PDF of cards for these rows, as `as_seen_by` shows them to the office that asks.

    Whoever has an account of their own or a card that counts is left out, unless `renew`: then everybody gets a new
    card and the one before counts no more. Each person finds the printing among who looked, and it is in the office's
    export log. Refuses: Invalid without a purpose or beyond 100 cards; Forbidden to a destination that hasn't agreed;
    Conflict for a transfer that has ended or whose people register in another deployment, where nobody is left to print
    for, and for a number that was verified under another name.
    """
    reason = accounts.check_purpose(purpose)
    _check_transfer(transfer)
    if not all(line.needed.details for line in lines):
        raise Forbidden("transfers.not_agreed", "确认接收这次输送以后，才能打印身份卡。")
    wanted = [line for line in (lines if renew else queries.without_card(lines)) if not line.withheld]
    if not wanted:
        raise Conflict("transfers.no_cards", NOBODY)
    if len(wanted) > MOST_PRINTED:
        raise Invalid("transfers.many_cards", f"一次最多打印 {MOST_PRINTED} 张，请先用车次或其他条件缩小范围。")
    holders = _people(wanted)
    issued = codes.issue_cards(people=holders, by=by)
    accounts.log_access(
        subjects=[person.resident_id_index for person in holders], by=by, purpose=f"打印身份卡：{reason}", fields=FIELDS
    )
    noted = privacy.note_export(
        document=f"{NAME}：{transfer.title}", rows=len(issued), purpose=reason, by=by, transfer_id=transfer.id
    )
    mark = Watermark(by.organisation_name, by.operator_name, clock.now(), noted.id)
    faces = [_face(one, person, by) for one, person in zip(issued, holders, strict=True)]
    return card_sheet(faces, mark=str(mark), per_page=per_page)


def _check_transfer(transfer: Transfer) -> None:
    if transfer.state in ENDED:
        raise Conflict("transfers.ended", "这次输送已经结束，不能再打印身份卡。")
    if transfer.elsewhere:
        raise Conflict("transfers.elsewhere", "这些人在输出地的系统里登记，身份卡请输出地的经办人打印。")


def _people(lines: Sequence[Line]) -> list[Person]:
    """Whose rows these are, in their order.

    Whoever is recognised is locked until the end: in one order for all, lest two printings wait for each other.
    """
    known = {line.entry.id: _person(line) for line in sorted(lines, key=lambda line: line.entry.resident_id_index)}
    return [known[line.entry.id] for line in lines]


def _person(line: Line) -> Person:
    try:
        return recognise(line.entry)
    except Conflict as refused:
        raise Conflict(refused.code, f"{line.entry.number} 号：{refused.message}") from refused


def _face(issued: Issued, person: Person, by: Acting) -> Face:
    card = issued.card
    return Face(
        text=issued.text,
        name_mask=person.name_mask,
        last_four=person.resident_id_mask[-4:],
        number=spaced(card.number),
        version=card.version,
        ends=f"{clock.local(card.ends_at):%Y-%m-%d}",
        office=by.organisation_name,
        phone=settings().service_phone,
    )
